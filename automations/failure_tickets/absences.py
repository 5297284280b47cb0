"""Who is away: settled by a person for themselves, or by a lead for somebody else, with an end, and ended early.

A newer word about the same time replaces the older one. What the settings say can be changed in the settings only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.duty import turn
from automations.errors import Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import identity
from automations.failure_tickets.present import present
from automations.failure_tickets.settled import bounded, day_and_time, own_or_lead, write_down
from automations.failure_tickets.team_types import AwayLine
from automations.people import Absence, Person
from automations.words import person as reference
from storage import audit
from storage.models import AbsenceRow, Case


def set_away(
    session: Session, person: Person, until: datetime, actor: Actor, ctx: Context, *, start: datetime | None = None
) -> str:
    """Write down that somebody is away from `start` (now) to `until`. Returns what is true now, in words.

    Raises: Refused if the actor may not say so of this person, or the time is empty or longer than a year.
    """
    own_or_lead(person, actor, "say that somebody else is away")
    now = ctx.clock.now()
    start = max(start or now, now)
    bounded(start, until, "An absence")
    audit.hold(session)
    email = person.email.lower()
    replaced = _end(session, email, actor, now, AbsenceRow.start < until, AbsenceRow.until > start)
    row = AbsenceRow(email=email, start=start, until=until, set_by=identity(actor), set_at=now)
    session.add(row)
    session.flush()
    before = {"absences": [_told(one) for one in replaced]} if replaced else None
    write_down(session, ctx, actor=actor, action="absence.set", target=email, before=before, after=_told(row))
    said = f"{_subject(person, actor)} away {_span(start, until, ctx)}."
    return " ".join([said, *_follows(session, person, row, ctx)])


def back(session: Session, person: Person, actor: Actor, ctx: Context) -> str:
    """End what was settled of somebody's absence, now or to come. Returns what is true now, in words.

    Raises: Refused if the actor may not, or nothing was settled; an absence of the settings is named with its place.
    """
    own_or_lead(person, actor, "say that somebody else is back")
    now, email = ctx.clock.now(), person.email.lower()
    audit.hold(session)
    ended = _end(session, email, actor, now, AbsenceRow.until > now)
    rows = {(row.start, row.until) for row in ended}
    standing = [one for one in person.away if (one.start, one.end) not in rows and one.end > now]
    if not ended:
        if standing:
            raise Refused(f"{person.name} is away {_spans(standing, ctx)} by the settings. An admin changes it there.")
        raise Refused(f"{person.name} is not away. Nothing was changed.")
    told = {"absences": [_told(one) for one in ended]}
    write_down(session, ctx, actor=actor, action="absence.ended", target=email, before=told)
    if standing:
        return f"Ended, but the settings still say that {person.name} is away {_spans(standing, ctx)}."
    return f"{_subject(person, actor)} back: not away any more from now on."


def away_lines(session: Session, ctx: Context, *, ahead: bool = False) -> list[AwayLine]:
    """List who is away now, with `ahead` also who will be; soonest back first. Each stretch is a line of its own."""
    now = ctx.clock.now()
    ctx = present(session, ctx)
    standing = select(AbsenceRow).where(AbsenceRow.ended_at.is_(None), AbsenceRow.until > now)
    by = {(row.email, row.start, row.until): row.set_by for row in session.scalars(standing)}
    lines = [
        AwayLine(
            reference(one.email, ctx),
            absence.start,
            absence.end,
            reference(who, ctx) if who else None,
            ahead=absence.start > now,
        )
        for one in ctx.roster.people
        for absence in one.away
        if absence.end > now and (ahead or absence.covers(now))
        for who in (by.get((one.email.lower(), absence.start, absence.end)),)
    ]
    return sorted(lines, key=lambda line: (line.start > now, line.until, line.person.name))


def _end(session: Session, email: str, actor: Actor, now: datetime, *where: Any) -> list[AbsenceRow]:
    """End the open rows of somebody that meet all conditions; returns them."""
    ended = (
        update(AbsenceRow)
        .where(AbsenceRow.email == email, AbsenceRow.ended_at.is_(None), AbsenceRow.until > now, *where)
        .values(ended_at=now, ended_by=identity(actor))
        .returning(AbsenceRow)
    )
    found = session.scalars(ended, execution_options={"synchronize_session": False}).all()
    return sorted(found, key=lambda row: row.id)


def _follows(session: Session, person: Person, row: AbsenceRow, ctx: Context) -> list[str]:
    """What follows from an absence that begins at once: who stands in on duty, which open cases are left behind."""
    now, email = ctx.clock.now(), row.email
    if row.start > now:
        return []
    later = present(session, ctx)
    told = []
    for rotation in later.book.rotations:
        found = turn(rotation, later.roster, now)
        if email in found.skipped:
            stands_in = f"{later.roster.name(found.email)} stands in" if found.email else "nobody is left to stand in"
            told.append(f"On duty in {rotation.name}: {stands_in}.")
    mine = select(func.count()).where(Case.owner == email, Case.open_key.is_not(None))
    if count := session.scalar(mine) or 0:
        told.append(f"Still with {person.name}: {count} open {'case' if count == 1 else 'cases'}.")
        if (moves_at := row.start + ctx.timing.away_after) < row.until:
            told.append(f"What is open still after {day_and_time(moves_at, ctx)} goes to whom its rule names.")
    return told


def _subject(person: Person, actor: Actor) -> str:
    return "You are" if person.email.lower() == identity(actor) else f"{person.name} is"


def _span(start: datetime, until: datetime, ctx: Context) -> str:
    begins = f"from {day_and_time(start, ctx)} " if start > ctx.clock.now() else ""
    return f"{begins}until {day_and_time(until, ctx)}"


def _spans(absences: list[Absence], ctx: Context) -> str:
    return ", ".join(_span(one.start, one.end, ctx) for one in absences)


def _told(row: AbsenceRow) -> dict[str, str]:
    return {"from": row.start.isoformat(), "until": row.until.isoformat(), "by": row.set_by}
