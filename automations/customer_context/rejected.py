"""Rows and changes that could not be taken, with why: kept until they are fixed, or somebody dismisses them.

At most one entry stands for each row of a source. Every sync tries it again; one that was dismissed comes back when the
row says something else. A change that the desk refused stands under a source that is none of those that are read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.context import SYNC, CustomerContext
from automations.customer_context.deciding import may_decide
from automations.customer_context.rules import DESK
from automations.customer_context.values import RejectedRow
from automations.domain import HANDOFF, Actor
from automations.errors import NotFound, Refused
from automations.plan import digest_of
from automations.runs.journal import write_down
from automations.words import identity, when, who
from storage import audit
from storage.models import CustomerChange, CustomerGroup, CustomerRejected, Run
from storage.upsert import insert_into

OPEN: Final = "open"
FIXED: Final = "fixed"
DISMISSED: Final = "dismissed"
STANDING: Final = (OPEN, DISMISSED)

TO_COME: Final = ("open", "held", "confirmed")
"""States of a group that may still bring its changes to the desk, so that nobody knows whether the desk takes them."""

_TABLE: Final = cast("Table", CustomerRejected.__table__)
_SAID: Final = ("reason", "row", "hash")
_LONGEST: Final = 255

Key = tuple[str, str]


@dataclass(slots=True)
class _Moves:
    """What becomes of the entries: ids, and whole rows where what they say is another now."""

    new: list[dict[str, Any]] = field(default_factory=list)
    other: list[dict[str, Any]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    fixed: list[int] = field(default_factory=list)
    returned: int = 0


def rejected_ref(number: int) -> str:
    """The name people and the audit log use for an entry: `REJECTED-31`."""
    return f"REJECTED-{number}"


def record(session: Session, run: Run, rows: Iterable[RejectedRow], ctx: CustomerContext) -> None:
    """Write down what a run could not take; what is seen again counts one try more.

    A sync that was not stopped also says that the rest is fixed. Call it after the sync's groups were stored: a change
    that the desk refused is fixed once no group is to bring one to that customer any more.
    """
    audit.hold(session)
    session.flush()
    seen: dict[Key, dict[str, Any]] = {}
    for one in rows:
        seen.setdefault((one.source, _cut(one.row_key)), _said(one))
    closes = run.kind == SYNC and not run.plan.get("brake")
    standing = _standing(session, None if closes else {key for _, key in seen})
    now, moves = ctx.clock.now(), _Moves()
    for key, said in seen.items():
        row = standing.get(key)
        if row is None or (row.reason, row.row) != (said["reason"], said["row"]):  # what is stored was redacted before
            said |= ctx.redactor.tree({"reason": said["reason"], "row": said["row"]})
        _see(key, said, row, now, moves)
    if closes:
        moves.fixed = _unseen(session, [row for key, row in standing.items() if key not in seen], ctx)
    _write(session, moves, now)
    counts = {"new": len(moves.new), "again": len(moves.again), "other": len(moves.other), "fixed": len(moves.fixed)}
    if any(counts.values()):
        after = {**counts, "returned": moves.returned}
        write_down(session, run, HANDOFF, "rejected.recorded", "recorded", ctx, after=after)


def carried_out(session: Session, run: Run, ctx: CustomerContext) -> None:
    """A run that carries groups out came to rest: what the desk had refused and has taken now is fixed."""
    of_run = (
        select(CustomerChange.account)
        .join(CustomerGroup, CustomerGroup.id == CustomerChange.group_id)
        .where(CustomerGroup.applied_by == run.id)
    )
    open_ones = CustomerRejected.state == OPEN, CustomerRejected.source.not_in(_sources(ctx))
    taken = select(CustomerRejected.id).where(
        *open_ones,
        CustomerRejected.row_key.in_(of_run.where(CustomerChange.state == "verified")),
        CustomerRejected.row_key.not_in(of_run.where(CustomerChange.state == "refused")),
    )
    if ids := list(session.scalars(taken.order_by(CustomerRejected.id))):
        _fix(session, ids)
        write_down(session, run, HANDOFF, "rejected.fixed", FIXED, ctx, after={"fixed": len(ids)})


def dismiss(session: Session, rejected_id: int, actor: Actor, ctx: CustomerContext) -> str:
    """Let an entry be: it comes back once the row says something else. Returns what is true now, in words.

    Raises: NotFound; Refused if it is dismissed or fixed already, or not the actor's to decide.
    """
    audit.hold(session)
    row = session.get(CustomerRejected, rejected_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {rejected_ref(rejected_id)}. Nothing was changed.")
    may_decide(session, actor)
    named = ctx.redactor.text(f"{row.source}, {row.row_key}")
    decided = {"state": DISMISSED, "decided_by": identity(actor), "decided_at": ctx.clock.now()}
    still = CustomerRejected.id == rejected_id, CustomerRejected.state == OPEN
    moved = session.execute(
        update(CustomerRejected).where(*still).values(decided).returning(CustomerRejected.id),
        execution_options={"synchronize_session": False},
    ).scalar()
    if moved is None:
        by = f" by {who(row.decided_by, ctx)} at {when(row.decided_at, ctx)}" if row.decided_by else ""
        raise Refused(f"{named}: it is {row.state}{by} already. Nothing was changed by you.")
    session.refresh(row)
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=f"rejected.{DISMISSED}",
        target=rejected_ref(row.id),
        outcome=DISMISSED,
        correlation_id=f"rejected/{row.id}",
        before={"state": OPEN},
        after=ctx.redactor.tree({"source": row.source, "row": row.row_key, "reason": row.reason, "tries": row.tries}),
    )
    return f"{named}: dismissed. It comes back once the row says something else."


def _cut(key: str) -> str:
    return key if len(key) <= _LONGEST else f"{key[:230]}…{digest_of(key)}"


def _said(one: RejectedRow) -> dict[str, Any]:
    """What an entry says. The hash is that of the row as it stood, before anything is redacted."""
    row = dict(one.row)
    return {"reason": one.reason, "row": row, "hash": digest_of(row)}


def _standing(session: Session, keys: set[str] | None) -> dict[Key, Row[Any]]:
    """The entries that stand, under these keys or all."""
    columns = (_TABLE.c[name] for name in ("id", "source", "row_key", "state", *_SAID))
    rows = select(*columns).where(_TABLE.c.state.in_(STANDING))
    asked = [rows] if keys is None else [rows.where(_TABLE.c.row_key.in_(some)) for some in batches(sorted(keys))]
    return {(row.source, row.row_key): row for one in asked for row in session.execute(one)}


def _see(key: Key, said: dict[str, Any], row: Row[Any] | None, now: datetime, moves: _Moves) -> None:
    source, row_key = key
    if row is None:
        first = {"first_seen": now, "last_seen": now, "tries": 1, "state": OPEN, "decided_by": None, "decided_at": None}
        moves.new.append({"source": source, "row_key": row_key, **said, **first})
    elif row.state == DISMISSED and row.hash == said["hash"]:
        return
    elif row.state == OPEN and all(getattr(row, name) == said[name] for name in _SAID):
        moves.again.append(row.id)
    else:
        moves.other.append({"b_id": row.id, **said})
        moves.returned += row.state == DISMISSED


def _unseen(session: Session, rows: Iterable[Row[Any]], ctx: CustomerContext) -> list[int]:
    """Which of these are fixed. One that was dismissed stays so: nobody knows whether its row was read."""
    open_ones, sources = [row for row in rows if row.state == OPEN], _sources(ctx)
    refused = {row.row_key for row in open_ones if row.source not in sources}
    waiting: set[str] = set()
    to_come = select(CustomerChange.account).join(CustomerGroup, CustomerGroup.id == CustomerChange.group_id)
    to_come = to_come.where(CustomerGroup.state.in_(TO_COME), CustomerChange.state != "verified")
    for some in batches(sorted(refused)):
        waiting |= set(session.scalars(to_come.where(CustomerChange.account.in_(some))))
    return [row.id for row in open_ones if row.source in sources or row.row_key not in waiting]


def _sources(ctx: CustomerContext) -> set[str]:
    """The sources that syncs read."""
    return {one.source for one in ctx.rules.fields} - {DESK}


def _write(session: Session, moves: _Moves, now: datetime) -> None:
    if moves.new:
        session.execute(insert_into(session, CustomerRejected).on_conflict_do_nothing(), moves.new)
    tried: Mapping[str, Any] = {"last_seen": now, "tries": _TABLE.c.tries + 1}
    for some in batches(moves.again):
        session.execute(update(_TABLE).where(_TABLE.c.id.in_(some)).values(tried))
    if moves.other:
        said: dict[str, Any] = {name: bindparam(name) for name in _SAID}
        undecided = {"state": OPEN, "decided_by": None, "decided_at": None}
        standing = _TABLE.c.id == bindparam("b_id"), _TABLE.c.state != FIXED
        changed = update(_TABLE).where(*standing).values({**tried, **undecided, **said})
        session.connection().execute(changed, moves.other)
    _fix(session, moves.fixed)


def _fix(session: Session, ids: Iterable[int]) -> None:
    for some in batches(ids):
        session.execute(update(_TABLE).where(_TABLE.c.id.in_(some), _TABLE.c.state == OPEN).values(state=FIXED))
