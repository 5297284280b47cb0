"""What `handoff doctor` finds about triage and escalation: where they post, whom they reach, what can never happen."""

from collections.abc import Iterator
from contextlib import closing

from automations.desks import Capability
from automations.domain import Mode
from automations.errors import AdapterError, ConfigError
from automations.escalation import watch
from automations.escalation.context import NAME as ESCALATION
from automations.escalation.context import EscalationContext
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.people import Roster
from automations.triage import decisions
from automations.triage.bar import why_not_auto
from automations.triage.context import NAME as TRIAGE
from automations.triage.context import TriageContext
from bot.cli.finding import Finding, ok, problem, warning
from bot.cli.slack_look import SlackLook
from bot.desk import limits_of, open_desk
from bot.engine import EngineClient
from bot.escalation_parts import make_escalation_context
from bot.parts import SystemClock, make_context
from bot.report_preflight import channel_problem
from bot.settings import Settings
from bot.triage_parts import make_triage_context
from storage.engine import Database


def check_watch(settings: Settings, database: Database, look: SlackLook | None) -> Iterator[Finding]:
    """Everything that triage and escalation need beside what desk and Slack need anyway. Nothing is changed."""
    title = limits_of()[settings.desk.kind].TITLE
    with closing(EngineClient(database, ())) as jobs:
        try:
            given = make_context(settings, database, settings.desk.kind, jobs=jobs)
        except ConfigError:  # told already, with what it is about
            return
        with database.read() as session:
            team = present(session, given)
        for area, check in ((TRIAGE, _triage), (ESCALATION, _escalation)):
            try:
                yield from check(settings, database, team, title, look)
            except ConfigError as exc:
                yield problem(area, str(exc), f"Correct it under [{area}].")


def _triage(
    settings: Settings, database: Database, team: Context, title: str, look: SlackLook | None
) -> Iterator[Finding]:
    ctx = make_triage_context(settings, team, desk_title=title)
    with database.read() as session:
        mode, why = decisions.mode(session, ctx), why_not_auto(session, ctx)
    if mode is Mode.OFF:
        yield ok(TRIAGE, "It is off: no ticket is decided about.")
        return
    yield ok(TRIAGE, f"It is in mode {mode}, with {len(ctx.rules.rules)} rules for {len(ctx.rules.intents)} intents.")
    yield from _channel(TRIAGE, settings.triage.channel, ctx.channel, look)
    yield from _in_slack(TRIAGE, {"owner": ctx.owner}, team.roster)
    if mode is Mode.AUTO and why:
        yield warning(
            TRIAGE, f"It acts as in mode ask: {why}.", "`handoff triage evaluate FILE` measures it against its bar."
        )
    yield from _queues(settings, database, ctx)


def _queues(settings: Settings, database: Database, ctx: TriageContext) -> Iterator[Finding]:
    """Queues that the desk does not have: a decision for one of them could not be applied."""
    wanted = {ctx.rules.default_queue, *(one.queue for one in ctx.rules.intents)}
    try:
        desk = open_desk(settings, database, SystemClock())
        if Capability.GROUPS not in desk.capabilities:
            words = f"{desk.title} has no groups, so triage sets priorities alone."
            yield warning(TRIAGE, words, "Sort by priority there.")
            return
        lacking = sorted(wanted - set(desk.groups()))
    except (ConfigError, AdapterError):  # told already with the desk
        return
    if lacking and desk.system == "builtin":
        yield warning(TRIAGE, f"Not in the desk yet: {', '.join(lacking)}.", "The bot adds them when it starts.")
    elif lacking:
        words = f"{desk.title} has no group {', '.join(lacking)}, or shows it to our credential."
        yield problem(TRIAGE, words, "Make it there, or name another under [[triage.intents]] or triage.default_queue.")


def _escalation(
    settings: Settings, database: Database, team: Context, title: str, look: SlackLook | None
) -> Iterator[Finding]:
    ctx = make_escalation_context(settings, team, desk_title=title)
    for later, earlier in ctx.policy.shadowed():
        words = f"[[sla]] {later}: no ticket comes to it, since {earlier} above it matches every one of them."
        yield warning(ESCALATION, words, f"Put {later} above {earlier}, or take it out.")
    with database.read() as session:
        mode = watch.mode(session, ctx)
        off_without_channel = mode is Mode.OFF and not ctx.channel and watch.wished(session, ctx) is not Mode.OFF
    if off_without_channel:
        yield from _channel(ESCALATION, settings.escalation.channel, "", look)
        return
    if mode is Mode.OFF:
        yield ok(ESCALATION, "It is off: no ticket escalates; cases do as [failure_tickets] says.")
        return
    targets = len(ctx.policy.targets)
    yield ok(
        ESCALATION, f"It is in mode {mode}, with {targets} SLA targets and a chain of {len(ctx.rules.steps)} steps."
    )
    if not targets:
        words = "There is no [[sla]], so no deadline is watched: only rules and people escalate."
        yield warning(ESCALATION, words, "handoff.example.toml shows one.")
    yield from _channel(ESCALATION, settings.escalation.channel, ctx.channel, look)
    yield from _chain(ctx)
    named = {"owner": ctx.owner, "lead": ctx.lead, **({"manager": ctx.manager} if ctx.manager else {})}
    yield from _in_slack(ESCALATION, named, team.roster)


def _chain(ctx: EscalationContext) -> Iterator[Finding]:
    """Steps that reach nobody, and so are passed over."""
    called = [step.call for step in ctx.rules.steps]
    if "manager" in called and not ctx.manager:
        yield warning(
            ESCALATION, "The step manager reaches nobody.", "Name one in escalation.manager, or leave it out."
        )
    if "group" in called and ctx.duty is None:
        some = f" but for tickets of {', '.join(sorted(ctx.queues))}" if ctx.queues else ""
        todo = "Name a rotation or group in escalation.duty, or leave the step out."
        yield warning(ESCALATION, f"The step group reaches nobody{some}.", todo)


def _channel(area: str, name: str, channel: str, look: SlackLook | None) -> Iterator[Finding]:
    if not channel:
        words = f"There is no channel {name!r} under [channels], so it stays off."
        yield problem(area, words, f"Name it there, or another one in {area}.channel.")
        return
    if look is None:
        return
    try:
        found = channel_problem(look, channel)
    except AdapterError as exc:
        yield warning(area, f"Slack could not be asked: {exc}")
        return
    if found is not None:
        yield problem(area, *found)


def _in_slack(area: str, named: dict[str, str], roster: Roster) -> Iterator[Finding]:
    """People whom nobody can call, since Slack does not know them."""
    for key, email in named.items():
        person = roster.by_email(email)
        if person is None or person.slack is None:
            words = f"{roster.name(email)}, its {key}, has no Slack user here and cannot be called."
            yield problem(area, words, f"`handoff people link {email} --slack U…`, or name another {area}.{key}.")
