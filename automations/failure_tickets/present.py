"""The team as it is now: the settings, and what people have settled since in Slack or on the command line.

Absences, covers, links between accounts and blocks are rows, so every replica sees them in its next transaction.
"""

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.duty import Cover
from automations.failure_tickets.context import Context
from automations.people import Absence, Person, Roster
from storage.models import AbsenceRow, AccessBlock, DutyCover, PeopleLink


def present(session: Session, ctx: Context) -> Context:
    """The context with what holds now or later. Applied once more it changes nothing that matters."""
    links = {row.email: row for row in session.scalars(select(PeopleLink))}
    away = _absences(session, ctx)
    covers = _covers(session, ctx)
    gone = frozenset(session.scalars(select(AccessBlock.email).where(AccessBlock.lifted_at.is_(None))))
    if links or away or gone:
        people = (_joined(one, links.get(one.email.lower()), away[one.email.lower()]) for one in ctx.roster.people)
        ctx = replace(ctx, roster=Roster(tuple(replace(one, blocked=one.email.lower() in gone) for one in people)))
    if covers:
        rotations = tuple(replace(one, covers=tuple(covers[one.name])) for one in ctx.book.rotations)
        ctx = replace(ctx, book=replace(ctx.book, rotations=rotations))
    return ctx


def _absences(session: Session, ctx: Context) -> defaultdict[str, list[Absence]]:
    standing = AbsenceRow.ended_at.is_(None), AbsenceRow.until > ctx.clock.now()
    found: defaultdict[str, list[Absence]] = defaultdict(list)
    for row in session.scalars(select(AbsenceRow).where(*standing).order_by(AbsenceRow.id)):
        found[row.email].append(Absence(row.start, row.until))
    return found


def _covers(session: Session, ctx: Context) -> defaultdict[str, list[Cover]]:
    standing = DutyCover.ended_at.is_(None), DutyCover.until > ctx.clock.now()
    found: defaultdict[str, list[Cover]] = defaultdict(list)
    for row in session.scalars(select(DutyCover).where(*standing).order_by(DutyCover.id)):
        found[row.rotation].append(Cover(row.email, row.start, row.until))
    return found


def _joined(person: Person, link: PeopleLink | None, away: list[Absence]) -> Person:
    kept = tuple(absence for absence in away if absence not in person.away)
    slack = link.slack if link and link.slack else person.slack
    desk = link.desk if link and link.desk else person.desk
    return replace(person, slack=slack, desk=desk, away=person.away + kept)
