"""Silence is not health: a source that is expected to be heard from and is not gets a case of its own.

Any event counts as heard, an `info` too, so a heartbeat is enough. Before a source's first event its time runs from
when it was first expected. What a person closed comes again, as a case that follows, if the source stays silent for as
long once more. Nothing of this happens while the automation is off, in shadow or paused, or the source is paused. A bot
that was away itself first listens for as long as the source has, at most an hour: what it could not hear was no
silence, and a bot that is started anew each day notices one all the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.durations import in_words
from automations.failure_tickets import occurrences, pauses, shadow
from automations.failure_tickets.admission import admit
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent, Reason
from automations.failure_tickets.hearing import over, silence_key
from automations.failure_tickets.intake import show
from automations.failure_tickets.occurrences import Joined
from automations.people import moment_in_words
from storage import audit
from storage.models import Case, FailureEventRow, SourceWatch
from storage.upsert import insert_into

LISTENS: Final = timedelta(hours=1)


class Silence(FailureEvent):
    """What Handoff noticed by itself. Built without validation: no sender could send its reason."""

    @property
    def case_key(self) -> str:
        """The key of the source's silence, which no event's key can equal."""
        return silence_key(self.source)


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, str | int]]]:
    """List what is to be looked at now, each with a key: that of ten minutes, since a look may come to nothing."""
    now = ctx.clock.now()
    slot = now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0).isoformat()
    return [(f"{silence_key(source)}/{slot}", {"source": source}) for source in sources_due(session, ctx)]


def perform(session: Session, args: Mapping[str, str | int], ctx: Context) -> None:
    """Look at one source, as `due` asked for."""
    look(session, str(args["source"]), ctx)


def sources_due(session: Session, ctx: Context) -> list[str]:
    """List the sources that `look` has something to do for. None while the automation may not act."""
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return []
    watches = {row.source: row for row in session.scalars(select(SourceWatch))}
    expected, paused = ctx.timing.expect_every, pauses.paused_sources(session, ctx)
    listed = {source for source in watches if source not in expected}
    for source in expected.keys() - paused:
        watch = watches.get(source)
        if watch is None or _wanted(session, watch, ctx) is not None:
            listed.add(source)
    return sorted(listed)


def look(session: Session, source: str, ctx: Context) -> None:
    """Watch a source that is newly expected, forget one that is not, open its case, or close one whose end was missed.

    Does nothing if nothing needs to be done any more.
    """
    if shadow.mode(session, ctx) is not Mode.AUTO or pauses.paused(session, ctx, source):
        return
    if source not in ctx.timing.expect_every:
        session.execute(delete(SourceWatch).where(SourceWatch.source == source))
        return
    audit.hold(session)
    fresh = insert_into(session, SourceWatch).values(source=source, since=ctx.clock.now(), told_at=None)
    session.execute(fresh.on_conflict_do_nothing(index_elements=["source"]))
    watch = session.get_one(SourceWatch, source, populate_existing=True)
    match _wanted(session, watch, ctx):
        case "open":
            _open(session, watch, ctx)
        case "close":
            over(session, source, f"{source} was heard from {_moment(_last_heard(session, source), ctx)}", ctx)


def _wanted(session: Session, watch: SourceWatch, ctx: Context) -> Literal["open", "close"] | None:
    """Say what the present state asks for."""
    every, now, key = ctx.timing.expect_every[watch.source], ctx.clock.now(), silence_key(watch.source)
    if now - max(_last_heard(session, watch.source) or watch.since, watch.since) < every:
        return None if watch.told_at is None else "close"
    if ctx.listening_since is not None and now - ctx.listening_since < min(every, LISTENS):
        return None
    if session.scalar(select(Case.id).where(Case.open_key == key)) is not None:
        return None
    closed = occurrences.last_closed_of(session, key) if watch.told_at is not None else None
    waits = closed is not None and closed.closed_at is not None and now - closed.closed_at < every
    return None if waits else "open"


def _open(session: Session, watch: SourceWatch, ctx: Context) -> None:
    """Let the silence open its case, which is routed like an event of that source. The audit head is held."""
    now, source, every = ctx.clock.now(), watch.source, _span(ctx.timing.expect_every[watch.source])
    heard = _last_heard(session, source)
    last = f"last heard {_moment(heard, ctx)}" if heard else f"watched since {_moment(watch.since, ctx)}"
    silent = _span(now - max(heard or watch.since, watch.since))
    event = Silence.model_construct(
        id=f"silence-{now.isoformat()}",
        source=source,
        occurred_at=now,
        status="failed",
        reason=Reason.SILENT,
        summary=ctx.redactor.text(f"{source} has been silent for {silent} (expected every {every}; {last})"),
        details="Nothing at all was received from it, no failure and no heartbeat. Its next event closes this case.",
    )
    admitted = admit(session, event, [now], ctx)
    if isinstance(admitted, Joined):
        show(session, admitted, 1, ctx)
    told = update(SourceWatch).where(SourceWatch.source == source).values(told_at=now)
    session.execute(told, execution_options={"synchronize_session": False})


def _last_heard(session: Session, source: str) -> datetime | None:
    newest = select(FailureEventRow.received_at).where(FailureEventRow.source == source)
    return session.scalar(newest.order_by(FailureEventRow.id.desc()).limit(1))


def _moment(at: datetime | None, ctx: Context) -> str:
    return moment_in_words(at, ZoneInfo(ctx.book.zone)) if at else ""


def _span(span: timedelta) -> str:
    """Say a length of time in hours up to two days, since that is how people state what they expect."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 60 or minutes >= 48 * 60:
        return in_words(timedelta(minutes=minutes) if minutes else span)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
