"""Asking for a run of access from the terminal, and following it. Where two people are needed, it only proposes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from automations.access.blocks import blocked
from automations.access.context import AccessContext
from automations.access.listing import findings_card
from automations.domain import Actor, Role
from automations.errors import Refused
from automations.plan import Plan, RunState
from automations.runs.ask import ask
from automations.runs.card_types import RunCard
from automations.runs.journal import RECONCILE
from automations.runs.propose import APPROVED_BY, DIGEST
from automations.runs.rows import run_ref
from automations.words import identity
from bot.cli.deciders import deciders
from bot.cli.deciding import deciding, unnamed
from bot.cli.options import Opened, os_user
from bot.cli.output import as_json, note, say
from bot.cli.run_follow import NOT_APPLIED, exit_code, follow_run
from bot.cli.run_opened import runs_of
from bot.cli.run_shown import plain_run, show_run
from bot.cli.run_verbs import ONLY_IN_SLACK, asked
from bot.cli.slack_look import reached, slack_look


def apply(
    here: Opened,
    plan: Plan,
    options: Mapping[str, Any],
    email: str | None,
    wait_s: float,
    *,
    yes: bool,
    json: bool,
) -> int:
    """Ask for what was printed, confirmed by who asks where one person may; the command's exit code.

    Raises: Refused, which is written down.
    """
    context, actor = runs_of(here), Actor(os_user(), os_user())
    if email is not None:
        actor = _lead(here, plan.kind, email)
    alone = email is not None and plan.approvals == 1
    if alone and not yes:
        if json:
            raise Refused("--json prints no plan that you could confirm: give --yes as well. Nothing was changed.")
        if not asked("Confirm this plan?"):
            return NOT_APPLIED
    confirmed = {APPROVED_BY: identity(actor), DIGEST: plan.digest} if alone else {}
    card = _asked_for(here, context, plan.kind, plan.subject, {**options, **confirmed}, actor, email, wait_s)
    return told(here, card, context, json=json)


def reconcile_now(here: Opened, email: str | None, wait_s: float, *, json: bool = False) -> int:
    """Have the bot compare everybody now, and show what it found. The command's exit code; 2 with open findings."""
    context, actor = runs_of(here), Actor(os_user(), os_user())
    if email is not None:
        actor = _lead(here, RECONCILE, email)
    card = _asked_for(here, context, RECONCILE, "", {}, actor, email, wait_s)
    if card.state == RunState.DONE:
        with here.database.read() as session:
            found = findings_card(session, card.id, 1, context)
        counted = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in found.counts)
        words = f"{counted}. Its card in Slack shows each, to be confirmed, kept or passed on" if counted else "nothing"
        if json:
            as_json({**plain_run(card), "counts": dict(found.counts), "kept": found.kept})
        else:
            say(f"{run_ref(card.id)} found {words}.")
        return NOT_APPLIED if found.counts else 0
    return told(here, card, context, json=json)


def told(here: Opened, card: RunCard, context: AccessContext, *, json: bool) -> int:
    """Print how far a run is and who has to say yes to it; the command's exit code."""
    if json:
        as_json(plain_run(card))
    elif card.state == RunState.ASKED:
        say(f"{run_ref(card.id)} is asked for.")
    else:
        show_run(card, here.settings.team.zone)
    if card.state == RunState.PROPOSED:
        who = ", ".join(_who_confirms(here, context)) or "nobody yet: name leads under [roles]"
        two = f" {ONLY_IN_SLACK}" if card.needed > 1 else ""
        note(f"{card.needed} of these have to confirm {run_ref(card.id)}: {who}.{two}")
    return exit_code(card)


def _lead(here: Opened, kind: str, email: str) -> Actor:
    """The person of `--as`, if they are a lead. Raises: Refused, which is written down."""
    with _written_down(here, kind, email):
        actor = deciding(here, email)
        if not actor.may(Role.LEAD):
            raise Refused(f"--as {email}: this needs the role lead. Nothing was asked for.")
    return actor


def _asked_for(
    here: Opened,
    context: AccessContext,
    kind: str,
    subject: str,
    options: Mapping[str, Any],
    actor: Actor,
    email: str | None,
    wait_s: float,
) -> RunCard:
    """Ask, write down who typed it, and follow the run until it rests. Whoever only asks here has said no yes yet."""
    asking = actor if APPROVED_BY in options else unnamed(actor)
    with _written_down(here, kind, email or os_user()), here.database.begin() as session:
        run = ask(session, kind, subject, options, asking, context)
        here.typed(session, f"access.{kind}", run_ref(run.id), email or os_user(), "asked")
        run_id = run.id
    return follow_run(here, run_id, context, wait_s)


@contextmanager
def _written_down(here: Opened, kind: str, email: str) -> Iterator[None]:
    """Write a refusal down before it is told."""
    try:
        yield
    except Refused as exc:
        with here.database.begin() as session:
            here.typed(session, f"access.{kind}", "access", email, "refused", str(exc))
        raise


def _who_confirms(here: Opened, context: AccessContext) -> tuple[str, ...]:
    slack, team, _ = reached(slack_look(here.settings))
    with here.database.read() as session:
        gone = blocked(session)
    return deciders(here.settings.roles, context.roster, slack, team, gone).names
