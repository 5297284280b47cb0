"""What a person can do to stuck work: have it tried again, also corrected, or give it up with a reason.

In the caller's transaction, which also tells those concerned that it has left the failure queue.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.errors import NotFound, Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import identity
from automations.runs.approve import may_decide
from automations.words import typed, when, who
from bot import stuck_edits, stuck_told
from bot.engine import retry_key
from bot.run_jobs import RUN_JOBS
from storage import audit, stuck
from storage.models import Run, StuckItem

MOST_REASON: Final = 1_000


def retry(session: Session, number: int, actor: Actor, ctx: Context, *, quietly: bool = False) -> StuckItem:
    """Have it tried again from the step that failed. `quietly`: as one of many, so that no thread hears of each.

    Raises: NotFound; Refused if it is settled already, or is somebody else's and the actor is no lead.
    """
    _may(session, number, actor, ctx)
    audit.hold(session)
    taken = stuck.retried(session, number, by=_name(actor), at=ctx.clock.now())
    if taken is None:
        raise not_open(session, number, ctx)
    ctx.jobs.enqueue(session, taken.job, retry_key(taken), taken.args)
    _write_down(session, taken, actor, ctx, "retry", "retried")
    stuck_told.left(session, taken, actor, ctx, quietly=quietly)
    return taken


def discard(
    session: Session, number: int, actor: Actor, reason: str, ctx: Context, *, quietly: bool = False
) -> StuckItem:
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
    _write_down(session, gone, actor, ctx, "discard", "discarded", {"reason": words})
    stuck_told.left(session, gone, actor, ctx, quietly=quietly)
    return gone


def edit(
    session: Session, number: int, actor: Actor, value: str, ctx: Context, channels: Mapping[str, str]
) -> StuckItem:
    """Correct what was wrong and have it tried again, in one transaction. `channels` are the team's, id by name.

    Raises: NotFound; Refused as `retry`, and if nothing can be corrected or the value is none.
    """
    item = opened(session, number, actor, ctx)
    audit.hold(session)
    before = stuck_edits.correct(session, item, value, actor, ctx, channels)
    taken = stuck.retried(session, number, by=_name(actor), at=ctx.clock.now())
    if taken is None:
        raise not_open(session, number, ctx)
    ctx.jobs.enqueue(session, taken.job, retry_key(taken), taken.args)
    changed = {"from": before, "to": ctx.redactor.text(value)[:MOST_REASON]}
    _write_down(session, taken, actor, ctx, "edit", "retried", changed)
    stuck_told.left(session, taken, actor, ctx)
    return taken


def opened(session: Session, number: int, actor: Actor, ctx: Context) -> StuckItem:
    """The item, if it still waits and the actor may settle it. Raises: NotFound; Refused."""
    item = _may(session, number, actor, ctx)
    if item.state != "open":
        raise not_open(session, number, ctx)
    return item


def seen(session: Session, number: int) -> StuckItem:
    """The item, whatever became of it. Raises: NotFound."""
    item = stuck.get(session, number)
    if item is None:
        raise not_there(number)
    return item


def is_theirs(item: StuckItem, actor: Actor) -> bool:
    """Say whether this person may settle it: their own, or anybody's for a lead. The terminal may, having no role."""
    return is_terminal(actor) or is_owner(item.owner, actor) or actor.may(Role.LEAD)


def is_terminal(actor: Actor) -> bool:
    """Whether this is the operating system's user in their own name, on the machine itself; not on behalf of others."""
    return actor.id.startswith("os:") and actor.email is None


def is_owner(owner: str, actor: Actor) -> bool:
    """Whether stuck work of this owner is the actor's own."""
    return owner == identity(actor)


def lets(check: Callable[[], object]) -> bool:
    """Whether a check lets somebody."""
    try:
        check()
    except Refused:
        return False
    return True


def not_open(session: Session, number: int, ctx: Context) -> NotFound | Refused:
    """Say why there is nothing to settle."""
    item = stuck.get(session, number)
    if item is None:
        return not_there(number)
    at = f" at {when(item.settled_at, ctx)}" if item.settled_at else ""
    return Refused(f"Item {number} was {item.state} by {who(item.settled_by, ctx)}{at}. Nothing was changed.")


def not_there(number: int) -> NotFound:
    """Say that there is no such item."""
    return NotFound(f"There is no item {number} in the failure queue. `handoff stuck list` shows what waits.")


def _may(session: Session, number: int, actor: Actor, ctx: Context) -> StuckItem:
    item = seen(session, number)
    if not is_theirs(item, actor):
        owner = ctx.roster.name(item.owner)
        raise Refused(f"This stuck work is {owner}'s. {owner} or a lead can settle it. Nothing was changed.")
    if (run := run_of(session, item)) is not None and not is_terminal(actor):
        may_decide(session, run, actor, ctx)
    return item


def run_of(session: Session, item: StuckItem) -> Run | None:
    """The run that this work belongs to, None for other work. Only who may decide about it settles it."""
    return session.get(Run, item.args["run_id"]) if item.job in RUN_JOBS else None


def _name(actor: Actor) -> str:
    return actor.id if is_terminal(actor) else identity(actor)


def _write_down(
    session: Session,
    item: StuckItem,
    actor: Actor,
    ctx: Context,
    verb: str,
    outcome: str,
    after: Mapping[str, str] | None = None,
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
        after={"state": item.state, **(after or {})},
    )
