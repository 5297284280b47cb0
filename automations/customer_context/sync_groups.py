"""The groups of a sync as rows: they take the place of what older syncs found, and what is held stays held."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import Row, Table, insert, select, update
from sqlalchemy.orm import Session

from automations.customer_context.context import CustomerContext, Effects, EffectsOf
from automations.customer_context.group_rows import BY_PEOPLE, HELD, OPEN, PLANNED
from automations.customer_context.values import Change, Group
from storage.models import CustomerChange as ChangeRow
from storage.models import CustomerGroup as GroupRow
from storage.models import Run

SUPERSEDED: Final = "superseded"
UNDECIDED: Final = (OPEN, HELD)

PER_STATEMENT: Final = 5_000
_CHANGE: Final = cast("Table", ChangeRow.__table__)
_Standing = Row[Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """How many groups are new, of these held since their key is; how many were seen again, and how many superseded."""

    new: int = 0
    held: int = 0
    again: int = 0
    superseded: int = 0


def store(session: Session, run: Run, groups: Sequence[Group], ctx: CustomerContext, effects: EffectsOf) -> Placed:
    """Let these groups be what people decide about. The caller holds the audit log's head.

    One that is just as an undecided one of an older sync is that one, whose changes are not written again. One under
    the key of a held one is held for the same reason, whoever joined or left it.
    """
    standing = _undecided(session)
    again: list[_Standing] = []
    held = 0
    new: list[tuple[Group, dict[str, Any]]] = []
    for group in groups:
        known = ctx.redactor.tree(asdict(effects(session, group)))
        there = standing[group.key]
        if (same := next((row for row in there if row.digest == group.digest), None)) is not None:
            there.remove(same)
            again.append(same)
            _see_again(session, run, same, known)
            continue
        like = next((row for row in there if row.state == HELD), None)
        held += like is not None
        new.append((group, _columns(group, run, known, like)))
    # What a stopped sync does not show may be what its source lost, so that nothing held is given up for it yet.
    stays = {HELD} if run.plan.get("brake") else set()
    gone = [row.id for rows in standing.values() for row in rows if row.state not in stays]
    supersede(session, gone)
    for group, columns in new:
        _insert(session, group, columns)
    return Placed(len(new), held, len(again), len(gone))


def supersede(session: Session, ids: Sequence[int]) -> None:
    """Let nobody decide about these groups any more, as far as nobody did."""
    if ids:
        undecided = GroupRow.id.in_(ids), GroupRow.state.in_(UNDECIDED)
        values = {"state": SUPERSEDED, "version": GroupRow.version + 1}
        session.execute(
            update(GroupRow).where(*undecided).values(values), execution_options={"synchronize_session": False}
        )


def supersede_of(session: Session, run: Run) -> None:
    """Let nobody decide about the open groups of a sync that people did not let go on. What is held stays held."""
    of_run = select(GroupRow.id).where(GroupRow.run_id == run.id, GroupRow.state == OPEN)
    supersede(session, list(session.scalars(of_run)))


def supersede_older(session: Session, run: Run) -> None:
    """People go by this sync: what older ones found and it did not is not so any more, also where it was held."""
    older = GroupRow.run_id < run.id, GroupRow.state.in_(UNDECIDED), GroupRow.kind.not_in(BY_PEOPLE)
    supersede(session, list(session.scalars(select(GroupRow.id).where(*older))))


def effects_of(document: Mapping[str, Any]) -> Effects:
    """What a group's column `effects` says."""
    samples = tuple((str(number), str(url), str(words)) for number, url, words in document.get("samples", ()))
    return Effects(**{**document, "samples": samples})


def _undecided(session: Session) -> defaultdict[str, list[_Standing]]:
    columns = (
        GroupRow.id,
        GroupRow.key,
        GroupRow.digest,
        GroupRow.state,
        GroupRow.run_id,
        GroupRow.effects,
        GroupRow.decided_by,
        GroupRow.decided_at,
        GroupRow.reason,
    )
    rows = select(*columns).where(GroupRow.state.in_(UNDECIDED), GroupRow.kind.not_in(BY_PEOPLE))
    standing: defaultdict[str, list[_Standing]] = defaultdict(list)
    for row in session.execute(rows.order_by(GroupRow.id)):
        standing[row.key].append(cast("_Standing", row))
    return standing


def _see_again(session: Session, run: Run, row: _Standing, known: Mapping[str, Any]) -> None:
    """The newest sync shows it, with what it would do to the tickets that are open now."""
    values: dict[str, Any] = {"run_id": run.id}
    if effects_of(known) != effects_of(row.effects):
        values["effects"] = dict(known)
    same = GroupRow.id == row.id, GroupRow.state.in_(UNDECIDED)
    session.execute(update(GroupRow).where(*same).values(values), execution_options={"synchronize_session": False})


def _columns(group: Group, run: Run, known: Mapping[str, Any], like: _Standing | None) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "key": group.key,
        "kind": group.kind.value,
        "field": group.field,
        "before": group.before,
        "after": group.after,
        "size": len(group.changes),
        "digest": group.digest,
        "state": HELD if like is not None else OPEN,
        "open_too": False,
        "effects": dict(known),
        "version": 1,
        "decided_by": like.decided_by if like is not None else None,
        "decided_at": like.decided_at if like is not None else None,
        "reason": like.reason if like is not None else "",
        "applied_by": None,
    }


def _insert(session: Session, group: Group, columns: Mapping[str, Any]) -> None:
    number = session.execute(insert(GroupRow).values(columns).returning(GroupRow.id)).scalar_one()
    rows = (_change(number, place, change) for place, change in enumerate(group.changes, start=1))
    for some in _some(rows):
        session.connection().execute(insert(_CHANGE), some)


def _change(group: int, number: int, change: Change) -> dict[str, Any]:
    return {
        "group_id": group,
        "number": number,
        "account": change.account,
        "name": change.name,
        "desk_id": change.desk_id,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "values": dict(change.values),
        "conflict": None,
        "state": PLANNED,
        "error": "",
        "changed_at": None,
    }


def _some(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in their order, as many as one statement takes."""
    left = iter(rows)
    while some := list(islice(left, PER_STATEMENT)):
        yield some
