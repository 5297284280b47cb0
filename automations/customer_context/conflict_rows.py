"""The conflict ledger as rows: what a sync or a run came upon is written down, what is not so any more is closed.

At most one row stands for each account, field and kind. Seen again it is the same conflict with the same `since`; what
people settled stays settled while both values are as they were, and opens again after `until`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.conflict_state import (
    GONE,
    OPEN,
    SETTLED,
    STANDING,
    TAKEN,
    TAKING,
    UNDECIDED,
    conflict_ref,
)
from automations.customer_context.context import SYNC, CustomerContext
from automations.customer_context.ledger_message import follow
from automations.customer_context.settled_values import moved_on
from automations.customer_context.values import Conflict, ConflictKind
from automations.domain import HANDOFF
from automations.runs.journal import write_down
from storage import audit
from storage.models import CustomerConflict, Run
from storage.upsert import insert_into

_TABLE: Final = cast("Table", CustomerConflict.__table__)
_SHOWN: Final = ("name", "source", "source_value", "desk_value", "desk_id", "url", "others", "winner")
_VALUES: Final = ("source_value", "desk_value", "others")
_READ: Final = ("id", "account", "field", "kind", "state", "until", "run_id", *_SHOWN)

Key = tuple[str, str, str]
Standing = Row[Any]


@dataclass(slots=True)
class _Moves:
    """What becomes of the rows: ids, and whole rows where what they show is another now."""

    new: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    returned: int = 0

    def change(self, row: Standing, values: Mapping[str, Any]) -> None:
        """Show it with these values, open."""
        self.shown.append({"b_id": row.id, **values})
        self.returned += row.state != OPEN


def record(
    session: Session,
    run: Run,
    conflicts: Iterable[Conflict],
    now: datetime,
    ctx: CustomerContext,
    *,
    unread: Collection[str] = (),
    twice: Collection[tuple[str, str]] | None = None,
) -> None:
    """Write down what a run came upon, and let the living list follow.

    A sync that was not stopped also closes what it did not come upon any more, but for the accounts in `unread`: those
    whose rows were rejected, so that nobody knows. Call it after the sync's records were kept: what people settled is
    closed once the customer's values are others. `twice` are all accounts and fields that were told twice, settled or
    not; None where that is not known.
    """
    audit.hold(session)
    session.flush()
    seen = {_key(one): _columns(one) for one in conflicts}
    closes = run.kind == SYNC and not run.plan.get("brake")
    standing = _standing(session, None if closes else {account for account, _, _ in seen})
    under_way = _under_way(session)
    for key, values in seen.items():
        if key not in standing or standing[key].name != values["name"]:  # what is stored was redacted before
            values["name"] = ctx.redactor.text(values["name"])
    moves = _seen(seen, standing, under_way, now)
    _other_kind(seen, standing, moves)
    if closes:
        rest = [row for key, row in standing.items() if key not in seen and row.account not in unread]
        moves.gone += _over_and_done(session, rest, under_way, set(moves.gone), twice, now)
    _write(session, moves, now)
    counts = {"new": len(moves.new), "changed": len(moves.shown), "returned": moves.returned, "gone": len(moves.gone)}
    if any(counts.values()):
        first = {"first_gone": [conflict_ref(number) for number in sorted(moves.gone)[:100]]}
        write_down(session, run, HANDOFF, "conflicts.recorded", "recorded", ctx, after={**counts, **first})
        follow(session, ctx)


def close(session: Session, ids: Iterable[int]) -> None:
    """Close conflicts that stand, since they are not so any more."""
    for some in batches(sorted(ids)):
        standing = CustomerConflict.id.in_(some), CustomerConflict.state.in_(STANDING)
        session.execute(
            update(CustomerConflict).where(*standing).values(state=GONE, version=CustomerConflict.version + 1),
            execution_options={"synchronize_session": False},
        )


def _key(one: Conflict) -> Key:
    return one.account, one.field, one.kind.value


def _columns(one: Conflict) -> dict[str, Any]:
    """What a row shows. Values are what a run goes by, so they are as they were read; whoever shows them redacts."""
    return {
        "name": one.name,
        "source": one.source,
        "source_value": one.source_value,
        "desk_value": one.desk_value,
        "desk_id": one.desk_id,
        "url": one.url,
        "others": list(one.others),
        "winner": one.winner,
    }


def _standing(session: Session, accounts: set[str] | None) -> dict[Key, Standing]:
    """The rows that stand, of these accounts or of all."""
    table = _TABLE.c
    rows = select(*(table[name] for name in _READ)).where(table.state.in_(STANDING))
    asked = [rows] if accounts is None else [rows.where(table.account.in_(some)) for some in batches(sorted(accounts))]
    return {(row.account, row.field, row.kind): row for one in asked for row in session.execute(one)}


def _under_way(session: Session) -> set[int]:
    """The runs that may still take a source's value."""
    taking = select(CustomerConflict.run_id).where(CustomerConflict.state == TAKING)
    return set(session.scalars(select(Run.id).where(Run.id.in_(taking), Run.open_key.is_not(None))))


def _seen(
    seen: Mapping[Key, dict[str, Any]], standing: Mapping[Key, Standing], under_way: set[int], now: datetime
) -> _Moves:
    moves = _Moves()
    for key, values in seen.items():
        row = standing.get(key)
        if row is None:
            moves.new.append(_new(key, values, now))
        elif row.state in SETTLED and any(getattr(row, name) != values[name] for name in _VALUES):
            moves.gone.append(row.id)
            moves.new.append(_new(key, values, now))
        elif _as_it_was(row, values, under_way, now):
            moves.again.append(row.id)
        else:
            moves.change(row, values)
    return moves


def _as_it_was(row: Standing, values: Mapping[str, Any], under_way: set[int], now: datetime) -> bool:
    if row.state in SETTLED:
        return not _over(row, now)
    if row.state == TAKING:
        return row.run_id in under_way and all(getattr(row, name) == values[name] for name in _VALUES)
    return all(getattr(row, name) == values[name] for name in _SHOWN)


def _other_kind(seen: Mapping[Key, Any], standing: Mapping[Key, Standing], moves: _Moves) -> None:
    """A field whose conflict is of another kind now was settled for values it has no longer."""
    about = {(account, name) for account, name, _ in seen if name}
    moves.gone += [
        row.id
        for key, row in standing.items()
        if key not in seen and row.state in SETTLED and (row.account, row.field) in about
    ]


def _over_and_done(
    session: Session,
    unseen: Sequence[Standing],
    under_way: set[int],
    closed: set[int],
    twice: Collection[tuple[str, str]] | None,
    now: datetime,
) -> list[int]:
    """Of what a sync did not come upon: what is not so any more. What is settled and still so is no part of a plan."""
    rest = [row for row in unseen if row.id not in closed and row.run_id not in under_way]
    settled = [row for row in rest if row.state in SETTLED and not _over(row, now)]
    told_once = {
        row.id
        for row in settled
        if twice is not None and row.kind == ConflictKind.TWO_ROWS and (row.account, row.field) not in twice
    }
    stays = {row.id for row in settled} - told_once - moved_on(session, settled)
    return [row.id for row in rest if row.id not in stays]


def _over(row: Standing, now: datetime) -> bool:
    return row.until is not None and row.until <= now


def _new(key: Key, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    account, name, kind = key
    first = {"since": now, "last_seen": now, "state": OPEN, "version": 1, "run_id": None, **UNDECIDED}
    return {"account": account, "field": name, "kind": kind, **values, **first}


def _write(session: Session, moves: _Moves, now: datetime) -> None:
    """Closed first, so that a new row may stand in its place."""
    close(session, moves.gone)
    if moves.new:
        session.execute(insert_into(session, CustomerConflict).on_conflict_do_nothing(), moves.new)
    if moves.shown:
        columns: dict[str, Any] = {name: bindparam(name) for name in _SHOWN}
        undecided: dict[str, Any] = {**UNDECIDED, "state": OPEN, "version": _TABLE.c.version + 1, "last_seen": now}
        standing = _TABLE.c.id == bindparam("b_id"), _TABLE.c.state != GONE, _TABLE.c.state != TAKEN
        session.connection().execute(update(_TABLE).where(*standing).values({**undecided, **columns}), moves.shown)
    for some in batches(moves.again):
        session.execute(
            update(CustomerConflict).where(CustomerConflict.id.in_(some)).values(last_seen=now),
            execution_options={"synchronize_session": False},
        )
