"""The conflict ledger: what source and desk disagree on, and what people decide about it.

Everything happens in the caller's transaction and is written down in it; each function returns what is true now, in
words. A decision is to a version, or to the digest of all open conflicts of a field, which is what the person saw.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from automations.customer_context.conflict_rows import record
from automations.customer_context.conflict_state import IGNORED, KEPT
from automations.customer_context.context import CustomerContext
from automations.customer_context.deciding import Seen, about, customers, decide, of_field, to_decide, write
from automations.customer_context.ledger_message import follow
from automations.customer_context.settling import Pair, rested, settle, settle_all
from automations.customer_context.taking import take_source, take_source_field
from automations.domain import Actor
from automations.durations import in_words
from automations.errors import Refused
from automations.words import typed, when

__all__ = [
    "Pair",
    "follow",
    "ignore",
    "ignore_field",
    "keep_desk",
    "keep_desk_field",
    "record",
    "rested",
    "settle",
    "settle_all",
    "take_source",
    "take_source_field",
]


def keep_desk(
    session: Session,
    conflict_id: int,
    version: int,
    actor: Actor,
    reason: str,
    until: datetime,
    ctx: CustomerContext,
) -> str:
    """Leave the desk's value as it is until then; the first sync after that shows the conflict again.

    Raises: NotFound; Refused if it is decided, has changed, is not the actor's to decide, or without a reason or an end
    that is near enough.
    """
    row = to_decide(session, conflict_id, version, actor, ctx)
    _keep(session, [row], actor, reason, until, ctx)
    return f"{about(row, ctx)}: {ctx.desk_title} keeps its value until {when(until, ctx)}. {_AGAIN}"


def keep_desk_field(
    session: Session, field: str, digest: str, actor: Actor, reason: str, until: datetime, ctx: CustomerContext
) -> str:
    """Leave the desk's values as they are for all open conflicts of a field.

    Raises: Refused as for `keep_desk`, or if there is none.
    """
    rows = of_field(session, field, digest, actor)
    _keep(session, rows, actor, reason, until, ctx)
    words = f"{ctx.desk_title} keeps {field} of {customers(len(rows))}"
    return f"{words} until {when(until, ctx)}. {_AGAIN}"


def ignore(
    session: Session, conflict_id: int, version: int, actor: Actor, ctx: CustomerContext, *, reason: str = ""
) -> str:
    """Leave both values as they are, for as long as neither changes.

    Raises: NotFound; Refused if it is decided, has changed, or is not the actor's to decide.
    """
    row = to_decide(session, conflict_id, version, actor, ctx)
    _ignore(session, [row], actor, reason, ctx)
    return f"{about(row, ctx)}: ignored. It comes back once a value changes."


def ignore_field(
    session: Session, field: str, digest: str, actor: Actor, ctx: CustomerContext, *, reason: str = ""
) -> str:
    """Leave both values as they are for all open conflicts of a field. Raises: Refused as for `ignore`."""
    rows = of_field(session, field, digest, actor)
    _ignore(session, rows, actor, reason, ctx)
    return f"{field} of {customers(len(rows))}: ignored. Each comes back once a value of it changes."


_AGAIN = "The first sync after that shows it again, or one that finds another value."


def _keep(
    session: Session, rows: Sequence[Seen], actor: Actor, reason: str, until: datetime, ctx: CustomerContext
) -> None:
    now, why = ctx.clock.now(), typed(reason, ctx)
    if not why:
        raise Refused("Keeping the desk's value needs a reason. Nothing was changed.")
    if not now < until <= now + ctx.rules.keep_at_most:
        longest = in_words(ctx.rules.keep_at_most)
        raise Refused(f"It is kept until a time to come, at most {longest} from now. Nothing was changed.")
    decide(session, rows, KEPT, actor, ctx, reason=why, until=until)
    write(session, rows, KEPT, actor, ctx, {"reason": why, "until": until.isoformat()})
    follow(session, ctx)


def _ignore(session: Session, rows: Sequence[Seen], actor: Actor, reason: str, ctx: CustomerContext) -> None:
    why = typed(reason, ctx)
    decide(session, rows, IGNORED, actor, ctx, reason=why, until=None)
    write(session, rows, IGNORED, actor, ctx, {"reason": why})
    follow(session, ctx)
