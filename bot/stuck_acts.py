"""What a person can do to stuck work: have it tried again, or give it up with a reason. In the caller's transaction."""

from typing import Final

from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.errors import NotFound, Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import identity
from automations.runs.approve import may_decide
from automations.words import typed, when, who
from bot.engine import retry_key
from bot.run_jobs import OF_NO_RUN, ROUTES
from storage import audit, stuck
from storage.models import Run, StuckItem

MOST_REASON: Final = 1_000
RUN_JOBS: Final = frozenset(route.name for route in ROUTES) - OF_NO_RUN
"""Jobs whose work belongs to a run."""


def retry(session: Session, number: int, actor: Actor, ctx: Context) -> StuckItem:
    """Have it tried again from the step that failed.

    Raises: NotFound; Refused if it is settled already, or is somebody else's and the actor is no lead.
    """
    _may(session, number, actor, ctx)
    audit.hold(session)
    taken = stuck.retried(session, number, by=_name(actor), at=ctx.clock.now())
    if taken is None:
        raise not_open(session, number, ctx)
    ctx.jobs.enqueue(session, taken.job, retry_key(taken), taken.args)
    _write_down(session, taken, actor, ctx, "retry", "retried")
    return taken


def discard(session: Session, number: int, actor: Actor, reason: str, ctx: Context) -> StuckItem:
    """Give it up for good.

    Raises: NotFound; Refused without a reason, if it is settled already, or is somebody else's and the actor no lead.
    """
    if not (words := typed(reason, ctx)[:MOST_REASON]):
        raise Refused("Please say in a sentence why this is given up.")
    _may(session, number, actor, ctx)
    audit.hold(session)
    gone = stuck.discard(session, number, by=_name(actor), note=words, at=ctx.clock.now())
    if gone is None:
        raise not_open(session, number, ctx)
    _write_down(session, gone, actor, ctx, "discard", "discarded", words)
    return gone


def opened(session: Session, number: int, actor: Actor, ctx: Context) -> StuckItem:
    """The item, if it still waits and the actor may settle it. Raises: NotFound; Refused."""
    item = _may(session, number, actor, ctx)
    if item.state != "open":
        raise not_open(session, number, ctx)
    return item


def is_theirs(item: StuckItem, actor: Actor) -> bool:
    """Say whether this person may settle it: their own, or anybody's for a lead. The terminal may, having no role."""
    return actor.id.startswith("os:") or item.owner == identity(actor) or actor.may(Role.LEAD)


def not_open(session: Session, number: int, ctx: Context) -> NotFound | Refused:
    """Say why there is nothing to settle."""
    item = stuck.get(session, number)
    if item is None:
        return NotFound(f"There is no item {number} in the failure queue. `handoff stuck list` shows what waits.")
    at = f" at {when(item.settled_at, ctx)}" if item.settled_at else ""
    return Refused(f"Item {number} was {item.state} by {who(item.settled_by, ctx)}{at}. Nothing was changed.")


def _may(session: Session, number: int, actor: Actor, ctx: Context) -> StuckItem:
    item = stuck.get(session, number)
    if item is None:
        raise not_open(session, number, ctx)
    if not is_theirs(item, actor):
        owner = ctx.roster.name(item.owner)
        raise Refused(f"This stuck work is {owner}'s. {owner} or a lead can settle it. Nothing was changed.")
    if (run := run_of(session, item)) is not None and not actor.id.startswith("os:"):
        may_decide(session, run, actor, ctx)
    return item


def run_of(session: Session, item: StuckItem) -> Run | None:
    """The run that this work belongs to, None for other work. Only who may decide about it settles it."""
    return session.get(Run, item.args["run_id"]) if item.job in RUN_JOBS else None


def _name(actor: Actor) -> str:
    return actor.id if actor.id.startswith("os:") else identity(actor)


def _write_down(
    session: Session, item: StuckItem, actor: Actor, ctx: Context, verb: str, outcome: str, reason: str = ""
) -> None:
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=_name(actor),
        action=f"stuck.{verb}",
        target=item.target,
        outcome=outcome,
        correlation_id=f"stuck-{item.id}",
        before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
        after={"state": item.state} | ({"reason": reason} if reason else {}),
    )
