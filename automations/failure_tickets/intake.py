"""From events to cases: each event is stored once, and opens a case, joins one, ends one, or is only recorded.

Everything happens in the caller's transaction; nothing may be acknowledged before that is committed.

- An event id of a source that was seen before has no effect; the answer names the case of the first delivery.
- Below the threshold (`retrying`, `warning`, `info`) an event is recorded. If a case of its key is open, the row
  carries the case's number so that it can be found from there; the case's count is of failures and does not grow.
- While the automation is off or in shadow, events are recorded and act on nothing (`shadow`); so are those of a source
  that is paused (`pauses`).
- A failure joins the open case of its key; else it reopens the one that its source closed a short while ago, or opens
  a new one that follows the last closed one.
- A `resolved` event closes the open case if the rule says so, else the case's thread is told, once until the failure
  comes again. One that is older than the case's last failure is recorded: the failure came back after it. One for a
  key with no open case is recorded beside the last closed one and audited, and changes nothing.

Locks are taken in the order of `journal`: audit head, then cases. The common event, one failure that joins an open
case, writes no audit row and so never stands in line for the head; everything else holds the head first. Without the
head it locks one case and that case's own message, and nothing that other cases share.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode, case_ref
from automations.failure_tickets import endings, hearing, journal, occurrences, pauses, placing, shadow
from automations.failure_tickets.accepted import Screened, screen
from automations.failure_tickets.admission import admit, routed
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.occurrences import Joined
from storage import audit
from storage.models import Case

Status = Literal["opened", "joined", "recorded", "resolved", "duplicate"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one event. `event_id` is as sent; `case_id` (`CASE-42`) names its case, None without one."""

    event_id: str
    case_id: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class _Fresh:
    """An event seen for the first time, with the number of its row."""

    row: int
    screened: Screened
    paused: bool = False

    @property
    def event(self) -> FailureEvent:
        return self.screened.accepted.event

    @property
    def number(self) -> int:
        return self.screened.accepted.number


@dataclass(frozen=True, slots=True)
class _Fate:
    status: Status
    case_id: int | None


def receive(session: Session, events: Sequence[FailureEvent], ctx: Context) -> list[Receipt]:
    """Take events in, in the order given. Returns one receipt for each, in the same order."""
    return take_in(session, screen(events, ctx), ctx)


def take_in(session: Session, screened: Sequence[Screened], ctx: Context) -> list[Receipt]:
    """Store screened events and act on the new ones. Returns one receipt for each, in the same order."""
    ctx = replace(ctx, mode=shadow.mode(session, ctx))
    first: dict[tuple[str, str], Screened] = {}
    for one in screened:
        first.setdefault(one.name, one)
    rows = occurrences.store(session, [one.accepted for one in first.values()], ctx.clock.now())
    silent = pauses.paused_sources(session, ctx)
    new = [_Fresh(rows[name], one, name[0] in silent) for name, one in first.items() if name in rows]
    held = hearing.hear(session, {one.event.source: one.event.summary for one in new if not one.paused}, ctx)
    fates = _take(session, new, ctx, held=held)
    seen = occurrences.first_cases(session, [name for name in first if name not in rows])
    receipts = []
    for one in screened:
        fate = fates.get(one.accepted.number)
        if fate is None:
            earlier = fates[first[one.name].accepted.number].case_id if one.name in rows else seen.get(one.name)
            fate = _Fate("duplicate", earlier)
        receipts.append(Receipt(one.sent_id, None if fate.case_id is None else case_ref(fate.case_id), fate.status))
    return receipts


def _take(session: Session, fresh: Sequence[_Fresh], ctx: Context, *, held: bool) -> dict[int, _Fate]:
    """Give every new event its fate, key by key in one fixed order; within a key in the order of arrival."""
    by_key: dict[str, list[_Fresh]] = {}
    for one in fresh:
        by_key.setdefault(one.event.case_key, []).append(one)
    stretches = [(key, run) for key in sorted(by_key) for run in _runs(by_key[key])]
    if not held and len(stretches) > 1:
        audit.hold(session)
        held = True
    fates: dict[int, _Fate] = {}
    for key, run in stretches:
        held |= _take_run(session, key, run, ctx, fates, held=held)
    return fates


def _runs(events: Sequence[_Fresh]) -> list[list[_Fresh]]:
    """Split into stretches that are treated alike."""
    runs: list[list[_Fresh]] = []
    for one in events:
        if runs and _kind(runs[-1][0]) == _kind(one) != "resolved":
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _kind(one: _Fresh) -> str:
    event = one.event
    if one.paused:
        return "recorded"
    if event.status == "resolved":
        return "resolved"
    return "failed" if event.opens_a_case else "recorded"


def _take_run(
    session: Session, key: str, run: list[_Fresh], ctx: Context, fates: dict[int, _Fate], *, held: bool
) -> bool:
    """Treat one stretch. Returns True if the audit head is held now."""
    match _kind(run[0]):
        case "recorded":
            number = occurrences.link_to_open(session, key, [one.row for one in run])
            fates.update({one.number: _Fate("recorded", number) for one in run})
            return held
        case "resolved":
            audit.hold(session)
            fates[run[0].number] = _Fate(*endings.end(session, run[0].row, run[0].screened.accepted, ctx))
            return True
        case _ if ctx.mode is not Mode.AUTO:
            return _look_on(session, key, run, ctx, fates, held=held)
        case _:
            return _fail(session, key, run, ctx, fates, held=held)


def _look_on(
    session: Session, key: str, run: list[_Fresh], ctx: Context, fates: dict[int, _Fate], *, held: bool
) -> bool:
    """Record failures without acting on them; in shadow say what would have been done."""
    number = occurrences.link_to_open(session, key, [one.row for one in run])
    fates.update({one.number: _Fate("recorded", number) for one in run})
    if ctx.mode is not Mode.SHADOW:
        return held
    audit.hold(session)
    last = run[-1]
    shadow.say(session, last.event, routed(session, last.event, ctx, last.screened.rule), len(run), ctx)
    return True


def _fail(session: Session, key: str, run: list[_Fresh], ctx: Context, fates: dict[int, _Fate], *, held: bool) -> bool:
    """Join the open case, or open one with the first event and let the others join it."""
    joined = None if held else occurrences.join_quietly(session, key, _times(run))
    if joined is None and not held:
        audit.hold(session)
        held = True
    while joined is None:
        admitted = admit(session, run[0].event, _times(run), ctx, rule=run[0].screened.rule)
        if isinstance(admitted, Joined):
            joined = admitted
            break
        fates[run[0].number] = _Fate("opened", admitted.case_id)
        occurrences.settle(session, [run[0].row], admitted.case_id, "opened")
        run = run[1:]
        if not run:
            return held
    occurrences.settle(session, [one.row for one in run], joined.case_id, "joined")
    fates.update({one.number: _Fate("joined", joined.case_id) for one in run})
    show(session, joined, len(run), ctx)
    return held


def _times(run: Sequence[_Fresh]) -> list[datetime]:
    return [one.event.occurred_at for one in run]


def show(session: Session, joined: Joined, more: int, ctx: Context) -> None:
    """Let the case's own message follow the count; at a milestone tell ticket and thread too.

    The message of a group counts cases, not occurrences, and is left alone: it is shared, and the head may not be held.
    """
    if occurrences.reached(joined.count, more):
        case = session.get_one(Case, joined.case_id, populate_existing=True)
        text = f"saw this failure {joined.count:,} times"
        journal.note(session, case, verb="counted", actor=HANDOFF, text=text, to_desk=True, mention=None, ctx=ctx)
        return
    where = placing.placed(session, joined.case_id, joined.group_id, joined.channel)
    if where.group_id is None:
        placing.show(session, where, ctx, ctx.clock.now())
