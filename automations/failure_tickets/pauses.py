"""Pauses: an automation, or one source, acts on nothing for a while; its events are recorded. They end by themselves.

A pause counts until its end whether or not that was noticed yet. At the end, by the clock or by a person, the channel
is told once, with how many events were only recorded meanwhile.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.errors import Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import identity
from automations.failure_tickets.settled import bounded, day_and_time, lead_only, tell, write_down
from automations.failure_tickets.team_types import PauseLine
from automations.words import person, typed, who
from storage import audit
from storage.models import FailureEventRow, Pause

AUTOMATIONS: Final = ("failure_tickets",)
"""The automations that can be paused."""
MOST_NAMES: Final = 50
"""Sources that are listed where a name is not known."""


def paused_sources(session: Session, ctx: Context) -> frozenset[str]:
    """The sources whose events act on nothing now. One small look, meant for once per transaction."""
    return frozenset(session.connection().execute(_in_force(ctx, "source")).scalars())


def paused(session: Session, ctx: Context, source: str) -> bool:
    """Say whether the events of this source act on nothing now."""
    return source in paused_sources(session, ctx)


def automation_paused(session: Session, ctx: Context, name: str = AUTOMATIONS[0]) -> bool:
    """Say whether the automation acts on nothing now."""
    return name in session.connection().execute(_in_force(ctx, "automation")).scalars().all()


def pause(session: Session, name: str, until: datetime, because: str, actor: Actor, ctx: Context) -> str:
    """Pause an automation or a source, or give an open pause another end. Returns what is true now, in words.

    Raises: Refused if the actor is no lead, the name is not known (with the known ones), a reason is missing, or the
    time is empty or over a year.
    """
    lead_only(actor, "pause an automation or a source")
    if not (why := typed(because, ctx)):
        raise Refused("A pause needs a reason: … until TIME because REASON. Nothing was changed.")
    now = ctx.clock.now()
    bounded(now, until, "A pause")
    kind, target = _known(session, name, ctx)
    audit.hold(session)
    row = _open(session, kind, target)
    if row is not None and row.until <= now:
        _finish(session, row, HANDOFF, ctx)
        row = None
    before = _told(row) if row else None
    if row is None:
        newest = session.scalar(select(func.max(FailureEventRow.id))) or 0
        row = Pause(kind=kind, target=target, start=now, after_event=newest)
        session.add(row)
    row.until, row.because, row.set_by, row.set_at = until, why, identity(actor), now
    session.flush()
    write_down(session, ctx, actor=actor, action="pause.began", target=target, before=before, after=_told(row))
    text = f"{_named(row)} is paused until {day_and_time(until, ctx)}"
    closing = f"{text} by {actor.name}: {why.rstrip('.')}. {_meaning(kind)}"
    tell(session, ctx, key=f"pause/{row.id}/began/{now.isoformat()}", text=closing)
    return f"{text}: {why.rstrip('.')}. {_meaning(kind)}"


def resume(session: Session, name: str, actor: Actor, ctx: Context) -> str:
    """End a pause before its time. Returns what is true now, in words.

    Raises: Refused if the actor is no lead, or nothing of this name is paused (with what is).
    """
    lead_only(actor, "end a pause")
    audit.hold(session)
    wanted = _plain(name)
    rows = list(session.scalars(select(Pause).where(Pause.ended_at.is_(None)).order_by(Pause.id)))
    row = next((one for one in rows if _plain(one.target) == wanted), None)
    if row is None:
        known = ", ".join(one.target for one in rows) or "nothing"
        raise Refused(f"{name.strip() or 'That'} is not paused. Paused now: {known}. Nothing was changed.")
    return _finish(session, row, actor, ctx)


def open_pauses(session: Session, ctx: Context) -> list[PauseLine]:
    """List what is paused now, what ends first at the top."""
    now = ctx.clock.now()
    wanted = select(Pause).where(Pause.ended_at.is_(None), Pause.until > now).order_by(Pause.until, Pause.id)
    return [
        PauseLine(row.kind, row.target, row.start, row.until, row.because, person(row.set_by, ctx))
        for row in session.scalars(wanted)
    ]


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, str | int]]]:
    """List the pauses whose end has come and was not told yet: a job's key with that end, and its arguments."""
    over = select(Pause.id, Pause.until).where(Pause.ended_at.is_(None), Pause.until <= ctx.clock.now())
    rows = session.execute(over.order_by(Pause.until, Pause.id))
    return [(f"{row.id}/{row.until.isoformat()}", {"pause_id": row.id, "until": row.until.isoformat()}) for row in rows]


def end_by_the_clock(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Write down and tell that a pause ended, as `due` asked for. False if that was done, or its end was moved since.

    Whether its time has come was judged by who asked: clocks differ a little between replicas.
    """
    audit.hold(session)
    row = session.get(Pause, int(args["pause_id"]), populate_existing=True)
    if row is None or row.ended_at is not None or row.until != datetime.fromisoformat(str(args["until"])):
        return False
    _finish(session, row, HANDOFF, ctx)
    return True


def last_end(session: Session) -> datetime | None:
    """When a pause of an automation ended last: what could not be done before then may be asked for again."""
    ended = select(func.max(Pause.ended_at)).where(Pause.kind == "automation")
    return session.scalar(ended)


def known_sources(session: Session, ctx: Context) -> list[str]:
    """The sources we have heard of, and those that rules or settings name in full; at most fifty heard ones."""
    named = {source for rule in ctx.book.rules for source in rule.source if not set(source) & set("*?[")}
    return sorted(named | set(ctx.timing.expect_every) | set(_heard(session)))


def _heard(session: Session) -> Iterator[str]:
    """Jump from source to source along the index, since the events themselves may be millions."""
    last = ""
    for _ in range(MOST_NAMES):
        following = session.scalar(select(func.min(FailureEventRow.source)).where(FailureEventRow.source > last))
        if following is None:
            return
        yield following
        last = following


def _known(session: Session, name: str, ctx: Context) -> tuple[str, str]:
    """Find what a name means: an automation, or a source as it reports itself. Raises Refused with what is known."""
    said = name.strip()
    if _plain(said) in AUTOMATIONS:
        return "automation", _plain(said)
    heard = select(FailureEventRow.source).where(FailureEventRow.source == said).limit(1)
    if said and session.scalar(heard) is not None:
        return "source", said
    sources = known_sources(session, ctx)
    fitting = [source for source in sources if _plain(source) == _plain(said)]
    if len(fitting) == 1:
        return "source", fitting[0]
    listed = ", ".join([*AUTOMATIONS, *sources])
    raise Refused(f"I know no automation or source “{said[:60]}”. Known: {listed}. Nothing was paused.")


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _open(session: Session, kind: str, target: str) -> Pause | None:
    wanted = select(Pause).where(Pause.kind == kind, Pause.target == target, Pause.ended_at.is_(None))
    return session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def _finish(session: Session, row: Pause, actor: Actor, ctx: Context) -> str:
    """End an open pause once, audit it, and tell the channel what happened meanwhile. The audit head is held."""
    ended = update(Pause).where(Pause.id == row.id, Pause.ended_at.is_(None))
    values = {"ended_at": ctx.clock.now(), "ended_by": identity(actor)}
    session.execute(ended.values(values), execution_options={"synchronize_session": False})
    count = _only_recorded(session, row)
    after = {"events_only_recorded": count}
    write_down(session, ctx, actor=actor, action="pause.ended", target=row.target, before=_told(row), after=after)
    events = "1 event was" if count == 1 else f"{count:,} events were"
    early = "" if actor is HANDOFF else f" early, by {who(identity(actor), ctx)}"
    text = f"The pause of {row.target} ended{early}; {events} only recorded meanwhile."
    tell(session, ctx, key=f"pause/{row.id}/ended", text=text)
    return text


def _only_recorded(session: Session, row: Pause) -> int:
    counted = (
        select(func.count())
        .select_from(FailureEventRow)
        .where(
            FailureEventRow.id > row.after_event,
            FailureEventRow.received_at >= row.start,
            FailureEventRow.received_at < row.until,
            FailureEventRow.outcome == "recorded",
        )
    )
    if row.kind == "source":
        counted = counted.where(FailureEventRow.source == row.target)
    return session.scalar(counted) or 0


def _named(row: Pause) -> str:
    return row.target if row.kind == "automation" else f"The source {row.target}"


def _meaning(kind: str) -> str:
    if kind == "automation":
        return "Failures are recorded meanwhile; no case, ticket or escalation comes of them."
    return "Its events are recorded meanwhile and act on nothing."


def _told(row: Pause) -> dict[str, str]:
    return {"until": row.until.isoformat(), "because": row.because, "by": row.set_by}


def _in_force(ctx: Context, kind: str) -> Select[str]:
    now = ctx.clock.now()
    return select(Pause.target).where(
        Pause.ended_at.is_(None), Pause.kind == kind, Pause.start <= now, Pause.until > now
    )
