"""Findings as rows: what a reconciliation saw is written down, what it did not see any more is closed.

At most one row for each desk, kind and subject is unsettled. Seen again it is the same finding: whoever decided to keep
it decided for as long as they said and for what they saw, and a run that mends it goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Table, bindparam, select, update
from sqlalchemy.orm import Session

from automations.access import fixes
from automations.access.card_types import FindingKind
from automations.access.context import AccessContext
from automations.access.found import MANY, ONE, Found
from automations.domain import HANDOFF
from automations.plan import digest_of
from automations.runs.journal import write_down
from automations.words import when
from storage.models import Finding, Run
from storage.upsert import insert_into

OPEN: Final = "open"
CONFIRMED: Final = "confirmed"
KEPT: Final = "kept"
FIXED: Final = "fixed"
GONE: Final = "gone"
UNSETTLED: Final = (OPEN, CONFIRMED, KEPT)

IDS: Final = "finding_ids"
"""The option of a run that names the findings it mends."""

_TABLE: Final = cast("Table", Finding.__table__)
_LONGEST: Final = 255
_UNDECIDED: Final = {"fixed_by": None, "decided_by": None, "decided_at": None, "reason": "", "until": None}


def finding_ref(number: int) -> str:
    """The name people and the audit log use for a finding: `FINDING-31`."""
    return f"FINDING-{number}"


def key_of(desk: str, found: Found) -> str:
    """Desk, kind and subject, in at most 255 characters."""
    key = f"{desk}/{found.kind.value}/{found.subject}"
    return key if len(key) <= _LONGEST else f"{key[:230]}…{digest_of(key)}"


def found_of(row: Finding) -> Found:
    """The finding a row stands for."""
    fix = tuple(fixes.from_row(step) for step in row.fix)
    return Found(FindingKind(row.kind), row.subject, row.name, row.words, fix, row.privileged)


def record(session: Session, run: Run, found: Iterable[Found], desk: str, ctx: AccessContext) -> None:
    """Write down what this reconciliation found. The caller holds the audit log's head.

    An invitation is first kept for as long as people may take to accept one: lists do not tell how old it is.
    """
    now, by_key = ctx.clock.now(), {key_of(desk, one): one for one in found}
    known = {row.key: row for row in session.scalars(select(Finding).where(_of(desk), Finding.state.in_(UNSETTLED)))}
    open_ids = under_way(session)
    new = [_new(key, one, run, now, ctx) for key, one in by_key.items() if key not in known]
    if new:
        session.execute(insert_into(session, Finding).on_conflict_do_nothing(), new)
    again: dict[str, list[dict[str, Any]]] = {OPEN: [], KEPT: [], CONFIRMED: []}
    for key, one in by_key.items():
        if (row := known.get(key)) is not None:
            again[_state_after(row, one, open_ids, now)].append(_same(row, one, run, now, ctx))
    _move(session, again[OPEN], {"state": OPEN, **_UNDECIDED}, ("name", "words", "fix", "digest", "privileged"))
    _move(session, again[KEPT], {}, ("words",))
    _move(session, again[CONFIRMED], {}, ())
    session.expire_all()
    returned = sum(known[one["b_key"]].state != OPEN for one in again[OPEN]) if known else 0
    counts = {"new": len(new), "open": len(again[OPEN]), "kept": len(again[KEPT]), "confirmed": len(again[CONFIRMED])}
    after = {**counts, "returned": returned, "digest": digest_of(sorted((key, by_key[key].digest) for key in by_key))}
    write_down(session, run, HANDOFF, "findings.recorded", "recorded", ctx, after=after)


def close(session: Session, run: Run, desk: str, ctx: AccessContext) -> None:
    """Close what this reconciliation, which people may go by, did not see any more."""
    settled = Finding.state.in_((OPEN, KEPT)) | ((Finding.state == CONFIRMED) & Finding.id.not_in(under_way(session)))
    closed = session.execute(
        update(Finding).where(_of(desk), Finding.run_id < run.id, settled).values(state=GONE).returning(Finding.id),
        execution_options={"synchronize_session": False},
    ).all()
    if closed:
        refs = sorted(row.id for row in closed)
        after = {"findings": len(refs), "first": [finding_ref(number) for number in refs[:100]]}
        write_down(session, run, HANDOFF, "findings.gone", "gone", ctx, after=after)


def under_way(session: Session) -> set[int]:
    """The findings that an open run is mending, or waits for people to let it."""
    asked = session.scalars(select(Run.asked).where(Run.kind.in_((ONE, MANY)), Run.open_key.is_not(None)))
    return {int(number) for options in asked for number in options.get(IDS, ())}


def _of(desk: str) -> ColumnElement[bool]:
    return Finding.key.startswith(f"{desk}/", autoescape=True)


def _state_after(row: Finding, found: Found, open_ids: set[int], now: datetime) -> str:
    if row.state == CONFIRMED:
        return CONFIRMED if row.id in open_ids else OPEN
    if row.state == KEPT and row.until is not None and now < row.until and row.digest == found.digest:
        return KEPT
    return OPEN


def _shown(found: Found, ctx: AccessContext) -> dict[str, Any]:
    return {
        "name": ctx.redactor.text(found.name),
        "words": ctx.redactor.text(found.words),
        "fix": [{**fixes.as_row(step), "words": ctx.redactor.text(step.words)} for step in found.fix],
        "digest": found.digest,
        "privileged": found.privileged,
    }


def _new(key: str, found: Found, run: Run, now: datetime, ctx: AccessContext) -> dict[str, Any]:
    row = {
        "key": key,
        "kind": found.kind.value,
        "subject": found.subject[:_LONGEST],
        "state": OPEN,
        "first_seen": now,
        "last_seen": now,
        "run_id": run.id,
        "owner": "",
        **_UNDECIDED,
        **_shown(found, ctx),
    }
    if found.kind is FindingKind.INVITATION:
        until = now + ctx.waits_for
        reason = f"First seen now; an invitation may be accepted until {when(until, ctx)}."
        row |= {"state": KEPT, "decided_by": HANDOFF.id, "decided_at": now, "reason": reason, "until": until}
    return row


def _same(row: Finding, found: Found, run: Run, now: datetime, ctx: AccessContext) -> dict[str, Any]:
    seen = {"b_id": row.id, "b_key": row.key, "b_state": row.state, "run_id": run.id, "last_seen": now}
    return seen | _shown(found, ctx)


def _move(
    session: Session, rows: Sequence[Mapping[str, Any]], values: Mapping[str, Any], columns: tuple[str, ...]
) -> None:
    """Change many rows that are still in the state they were read in."""
    if not rows:
        return
    taken = (*columns, "run_id", "last_seen")
    statement = (
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("b_id"), _TABLE.c.state == bindparam("b_state"))
        .values({**values, **{name: bindparam(name) for name in taken}})
    )
    wanted = {"b_id", "b_state", *taken}
    session.connection().execute(statement, [{name: row[name] for name in wanted} for row in rows])
