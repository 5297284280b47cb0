"""Who has a rotation's duty in place of whose turn it is: a cover until some time, or two shifts that are swapped.

Everybody may take a duty upon themselves and swap a shift of their own; giving it to somebody else needs a lead. Each
cover is told in the channel, so that nobody has a duty without knowing. Of several at one moment the newest counts.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.duty import Rotation, next_hand_over, shift_of, turn
from automations.errors import Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import identity
from automations.failure_tickets.plan import absence_words
from automations.failure_tickets.settled import bounded, day_and_time, lead_only, own_or_lead, tell, write_down
from automations.failure_tickets.team_types import CoverLine, DutyLine
from automations.people import Person
from automations.words import PersonRef, who
from automations.words import person as reference
from storage import audit
from storage.models import DutyCover


def cover(
    session: Session,
    rotation: Rotation,
    person: Person,
    actor: Actor,
    ctx: Context,
    *,
    until: datetime | None = None,
    start: datetime | None = None,
) -> str:
    """Give somebody the duty from `start` (now) to `until` (the next hand-over). Returns what is true now, in words.

    Raises: Refused if the actor may not, the person is away when it begins, or the time is empty or over a year.
    """
    own_or_lead(person, actor, "give somebody else the duty")
    now = ctx.clock.now()
    start = max(start or now, now)
    until = until or next_hand_over(rotation, start)
    bounded(start, until, "A cover")
    _present(person, start, ctx)
    audit.hold(session)
    shift = turn(rotation, ctx.roster, start)
    if shift.email == person.email.lower() and until <= shift.until:
        raise Refused(
            f"{person.name} has the duty {rotation.name} already, until {day_and_time(shift.until, ctx)}. "
            "Nothing was changed."
        )
    before = shift.email
    row = _add(session, rotation, person.email, "cover", start, until, actor, ctx)
    write_down(session, ctx, actor=actor, action="duty.covered", target=rotation.name, after=_told(row))
    begins = f"from {day_and_time(start, ctx)} " if start > now else ""
    instead = f", in place of {who(before, ctx)}" if before and before != row.email else ""
    text = f"{person.name} has the duty {rotation.name} {begins}until {day_and_time(until, ctx)}{instead}."
    _say(session, row, text, actor, ctx)
    return text


def swap(session: Session, rotation: Rotation, one: Person, other: Person, actor: Actor, ctx: Context) -> str:
    """Let two people of a rotation take each other's next shift. Returns what will be true, in words.

    Raises: Refused if the actor is neither of them nor a lead, they are the same, one takes no turns or is away then.
    """
    if identity(actor) not in (one.email.lower(), other.email.lower()):
        lead_only(actor, "swap the shifts of others")
    if one.email.lower() == other.email.lower():
        raise Refused("A swap needs two people. Nothing was changed; name the other one.")
    audit.hold(session)
    now = ctx.clock.now()
    spans = [_shift(rotation, person, now) for person in (one, other)]
    for person, (start, _) in ((other, spans[0]), (one, spans[1])):
        _present(person, start, ctx)
    rows = [
        _add(session, rotation, person.email, "swap", *span, actor, ctx)
        for person, span in ((other, spans[0]), (one, spans[1]))
    ]
    after = {"shifts": [_told(row) for row in rows]}
    write_down(session, ctx, actor=actor, action="duty.swapped", target=rotation.name, after=after)
    mine, theirs = (f"from {day_and_time(start, ctx)} until {day_and_time(end, ctx)}" for start, end in spans)
    text = f"Swapped in {rotation.name}: {other.name} has the duty {mine}, and {one.name} {theirs}."
    called = [row for row in rows if row.email != identity(actor)]
    _say(session, called[0], text, actor, ctx)
    for row in called[1:]:
        tell(session, ctx, key=f"cover/{row.id}", text=text, mention=row.email)
    return text


def end_cover(session: Session, rotation: Rotation, actor: Actor, ctx: Context) -> str:
    """End the covers that count now, else those to come; a swap ends as a whole. Returns what is true now, in words.

    Raises: Refused if there is none, or the actor is neither who covers, nor who settled it, nor a lead.
    """
    audit.hold(session)
    now = ctx.clock.now()
    standing = _standing(session, rotation.name, now)
    chosen = [row for row in standing if row.start <= now] or standing
    if not chosen:
        raise Refused(f"Nobody covers {rotation.name}, now or later. Nothing was changed.")
    pairs = {row.set_at for row in chosen if row.kind == "swap"}
    chosen = [row for row in standing if row in chosen or (row.kind == "swap" and row.set_at in pairs)]
    if not actor.may(Role.LEAD) and any(identity(actor) not in _concerned(row, chosen) for row in chosen):
        lead_only(actor, "end what others settled")
    return _end(session, rotation, chosen, actor, ctx)


def end_all_of(session: Session, email: str, actor: Actor, ctx: Context) -> None:
    """End every cover that somebody has, now or later, in whatever rotation; their swaps end as a whole."""
    audit.hold(session)
    for rotation in ctx.book.rotations:
        standing = _standing(session, rotation.name, ctx.clock.now())
        pairs = {row.set_at for row in standing if row.email == email.lower() and row.kind == "swap"}
        theirs = [row for row in standing if row.email == email.lower() or (row.kind == "swap" and row.set_at in pairs)]
        if theirs:
            _end(session, rotation, theirs, actor, ctx)


def duty_lines(session: Session, ctx: Context) -> list[DutyLine]:
    """Say for each rotation who is on duty now, until when, who comes then, and which covers are still to begin.

    `ctx` is present, see `present`.
    """
    now = ctx.clock.now()
    lines = []
    for rotation in ctx.book.rotations:
        found = turn(rotation, ctx.roster, now)
        lines.append(
            DutyLine(
                rotation.name,
                _reference(found.email, ctx),
                found.until,
                begun=bool(found.email or found.skipped),
                covers_for=_reference(found.covers_for, ctx),
                then=_reference(turn(rotation, ctx.roster, found.until).email, ctx),
                covers=tuple(
                    CoverLine(reference(row.email, ctx), row.start, row.until, row.kind)
                    for row in _standing(session, rotation.name, now)
                    if row.start > now
                ),
            )
        )
    return lines


def _standing(session: Session, rotation: str, now: datetime) -> list[DutyCover]:
    wanted = select(DutyCover).where(
        DutyCover.rotation == rotation, DutyCover.ended_at.is_(None), DutyCover.until > now
    )
    return list(session.scalars(wanted.order_by(DutyCover.start, DutyCover.id)))


def _end(session: Session, rotation: Rotation, chosen: Sequence[DutyCover], actor: Actor, ctx: Context) -> str:
    ended = (
        update(DutyCover)
        .where(DutyCover.id.in_([row.id for row in chosen]))
        .values(ended_at=ctx.clock.now(), ended_by=identity(actor))
    )
    session.execute(ended, execution_options={"synchronize_session": False})
    told = {"covers": [_told(row) for row in chosen]}
    write_down(session, ctx, actor=actor, action="duty.cover_ended", target=rotation.name, before=told)
    names = " and ".join(dict.fromkeys(who(row.email, ctx) for row in chosen))
    text = f"The cover of {rotation.name} by {names} is ended; turns are as in the rotation again."
    tell(session, ctx, key=f"cover/{chosen[0].id}/ended", text=text)
    return text


def _shift(rotation: Rotation, person: Person, now: datetime) -> tuple[datetime, datetime]:
    found = shift_of(rotation, person.email, now)
    if found is None:
        raise Refused(f"{person.name} takes no turns in {rotation.name}, so there is no shift to swap.")
    return found


def _present(person: Person, start: datetime, ctx: Context) -> None:
    if not ctx.roster.available(person.email, start):
        gone = absence_words(person.email, ctx.roster, start, ZoneInfo(ctx.book.zone))
        raise Refused(f"{gone}, so cannot have the duty from {day_and_time(start, ctx)}. Nothing was changed.")


def _add(
    session: Session,
    rotation: Rotation,
    email: str,
    kind: str,
    start: datetime,
    until: datetime,
    actor: Actor,
    ctx: Context,
) -> DutyCover:
    row = DutyCover(
        rotation=rotation.name, email=email.lower(), kind=kind, start=start, until=until,
        set_by=identity(actor), set_at=ctx.clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _say(session: Session, row: DutyCover, text: str, actor: Actor, ctx: Context) -> None:
    """Tell the channel, and by name whoever has a duty by somebody else's word."""
    theirs = row.email != identity(actor)
    by = f" Settled by {who(identity(actor), ctx)}." if theirs else ""
    tell(session, ctx, key=f"cover/{row.id}", text=text + by, mention=row.email if theirs else None)


def _concerned(row: DutyCover, chosen: Sequence[DutyCover]) -> set[str]:
    """Who may end a cover besides a lead: who has the duty by it, who settled it, and of a swap the other one."""
    pair = {one.email for one in chosen if one.kind == "swap" and one.set_at == row.set_at}
    return {row.email, row.set_by} | (pair if row.kind == "swap" else set())


def _reference(email: str | None, ctx: Context) -> PersonRef | None:
    return reference(email, ctx) if email else None


def _told(row: DutyCover) -> dict[str, str]:
    return {"who": row.email, "kind": row.kind, "from": row.start.isoformat(), "until": row.until.isoformat()}
