"""Plans on paper: what would be done about somebody's access, looked at here and now. Nothing is stored or changed."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from automations.access.blocks import blocked
from automations.access.context import AccessContext
from automations.access.doors import Doors
from automations.access.found import Comparison
from automations.access.reconcile import Reconciling, access_of, identity_of
from automations.access.reconcile_plan import compare
from automations.desks import AgentAccess
from automations.errors import Refused, Unavailable
from automations.plan import Plan, StepState
from automations.runs.card_types import StepLine
from automations.runs.kinds import Asked
from automations.words import person
from bot.access_parts import open_doors, run_kinds
from bot.cli.deciders import Deciders, deciders
from bot.cli.options import Opened
from bot.cli.output import facts, progress, say, table
from bot.cli.run_opened import open_all, runs_of
from bot.cli.run_shown import plain, show_steps, show_warnings
from bot.cli.slack_look import SlackLook, reached, slack_look
from bot.parts import make_terms

BY_A_PERSON = "only a person can settle it"


@dataclass(frozen=True, slots=True)
class SlackOnPaper:
    """Slack as a plan asks it: who is in which group, who may confirm. It is only read."""

    slack: SlackLook | None
    able: Deciders

    def usergroup_users(self, group: str) -> frozenset[str]:
        """The user ids in a group. Raises: AdapterError."""
        if self.slack is None:
            words = f"Who is in {group} only Slack knows, and there is no bot token (HANDOFF_SLACK__BOT_TOKEN)"
            raise Unavailable(words, system="slack")
        return frozenset(self.slack.usergroup_members(group))

    def usergroup_set(self, group: str, users: Collection[str]) -> None:
        """Raises Refused: a plan on paper changes nothing."""
        raise Refused(f"A plan on paper changes nothing, so {group} stays as it is.")

    def leads(self) -> tuple[str, ...]:
        """Everybody who may confirm. Raises: AdapterError where that rests on a group that cannot be asked for."""
        if self.able.unasked:
            words = f"Who may confirm only Slack knows, and it could not be asked: {', '.join(self.able.unasked)}"
            raise Unavailable(words, system="slack")
        return self.able.users

    def is_member(self, channel: str, user: str) -> bool:
        """Raises Refused: a plan on paper is posted nowhere, so nobody needs to know who reads there."""
        raise Refused(f"A plan on paper is not posted in {channel}.")


def on_paper(here: Opened, kind: str, subject: str, options: Mapping[str, Any], requested_by: str) -> Plan:
    """What a run of this kind would do now. Raises: Refused, in words; AdapterError; ConfigError."""
    doors, context = _opened(here)
    with progress(f"Looking at {doors.desk.title}"):
        return run_kinds(doors)[kind].plan(Asked(0, kind, subject, requested_by, options), context)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison on paper found, between which two lists, and in words why it would be stopped."""

    found: Comparison
    source: str
    desk: str
    brake: str


def compare_on_paper(here: Opened) -> Compared:
    """Read everybody upstream and in the desk and compare. Raises: Refused; AdapterError; ConfigError."""
    doors, context = _opened(here)
    identity, access = identity_of(doors), access_of(doors)
    with progress("Reading") as bar:

        def told(what: str, read: int, total: int | None) -> None:
            bar.told(f"{what}, {read:,} read")
            bar.at(read, total or read)

        people = identity.people(progress=lambda read, total: told(identity.title, read, total))
        everybody: list[AgentAccess] = []
        for one in access.everybody():
            everybody.append(one)
            told(access.title, len(everybody), None)
    comparing = Reconciling(here.database, doors, integration=lambda: (doors.desk.me().email,))
    found = compare(people, tuple(everybody), comparing.terms(context))
    brake = context.rules.brake.stops(found.cut, found.working)
    return Compared(found, identity.title, access.title, brake)


def _opened(here: Opened) -> tuple[Doors, AccessContext]:
    """All doors of access, with Slack as it is on paper, and the context of access made for them."""
    outside = open_all(here)
    context, terms = runs_of(here, outside), make_terms(here.settings, here.context, doors=outside)
    slack = slack_on_paper(here)
    doors = open_doors(outside, here.database, lambda: terms, lambda: context, slack, slack)
    return doors, context


def slack_on_paper(here: Opened) -> SlackOnPaper:
    """Slack as far as it can be asked; without it, only those whom the settings name themselves may confirm."""
    slack, team, _ = reached(slack_look(here.settings))
    with here.database.read() as session:
        gone = blocked(session)
    return SlackOnPaper(slack, deciders(here.settings.roles, here.context.roster, slack, team, gone))


def show_plan(plan: Plan, context: AccessContext) -> None:
    """Print a plan as people read it before they say yes."""
    say(plan.title)
    facts(plan.facts)
    if plan.approvals > 1:
        facts([("Two people", plan.why_two), ("Stopped", plan.brake)])
    show_warnings(plan.warnings)
    if plan.steps:
        say("")
        show_steps(_lines(plan, context), context.zone)


def plain_plan(plan: Plan) -> dict[str, Any]:
    """A plan as plain JSON values."""
    steps = [{**asdict(step), "args": step.arg, "already": step.already} for step in plan.steps]
    made: dict[str, Any] = plain({**asdict(plan), "steps": steps, "changes": len(plan.changes), "digest": plan.digest})
    return made


def show_comparison(compared: Compared) -> None:
    """Print what differs, and what would mend it."""
    found, brake = compared.found, compared.brake
    facts(
        [
            (compared.source, f"{found.people:,} people, {found.population:,} of them active"),
            (compared.desk, f"{found.agents:,} people, {found.working:,} of them not suspended"),
            ("Stopped", brake and f"{brake}: two people have to let it go on"),
        ]
    )
    if not found.findings:
        say("Nobody's access differs from what it should be.")
        return
    table(
        ("Finding", "Who", "What", "Would be done"),
        [
            (
                one.kind.replace("_", " "),
                one.name,
                one.words,
                "; ".join(step.words for step in one.fix) or "by a person",
            )
            for one in found.findings
        ],
    )
    say(", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in found.counts) + ".")


def plain_comparison(compared: Compared) -> dict[str, Any]:
    """A comparison as plain JSON values."""
    found = compared.found
    findings = [
        {"kind": one.kind.value, "subject": one.subject, "name": one.name, "words": one.words, "digest": one.digest,
         "privileged": one.privileged, "steps": [step.words for step in one.fix]}
        for one in found.findings
    ]  # fmt: skip
    counted = {str(kind): number for kind, number in found.counts}
    return {
        "source": compared.source, "desk": compared.desk, "people": found.people, "population": found.population,
        "agents": found.agents, "working": found.working, "brake": compared.brake, "counts": counted,
        "findings": findings,
    }  # fmt: skip


def _lines(plan: Plan, context: AccessContext) -> list[StepLine]:
    return [
        StepLine(
            number=number,
            kind=step.kind,
            words=step.words,
            state=(StepState.VERIFIED if step.already else StepState.PLANNED).value,
            before=step.before,
            after=step.after,
            already=step.already,
            undo=step.undo,
            by_hand=step.by_hand,
            owner=person(step.owner, context) if step.owner else None,
        )
        for number, step in enumerate(plan.steps, start=1)
    ]
