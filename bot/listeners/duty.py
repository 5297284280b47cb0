"""`/support on-duty`, `away`, `back`, `pause` and `resume`: private answers that say what is true now and how to undo.

Roles: everybody may speak of themselves; who is away, has the duty or is paused by somebody else's word needs a lead.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from automations.duty import Rotation, next_hand_over, on_duty
from automations.errors import Refused
from automations.failure_tickets import absences, covers, pauses
from automations.moments import read_moment
from bot.grammar import SupportCommand, UsageError
from bot.grammar_duty import DutyCommand, DutyVerb, Spell, parse_duty, parse_pause, parse_spell, split_rotation
from bot.listeners.colleagues import colleague, myself
from bot.listeners.exchange import Answer, Turn
from bot.views.duty import away_message, duty_message, pauses_message
from bot.views.lists import sentence


def on_duty_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Show who is on duty, or settle a cover or a swap."""
    try:
        asked = parse_duty(command.rest)
    except UsageError as exc:
        return _not_understood(exc)
    match asked.verb:
        case DutyVerb.COVER:
            return _cover(session, turn, asked)
        case DutyVerb.SWAP:
            return _swap(session, turn, asked)
        case DutyVerb.END_COVER:
            rotation, _ = rotation_of(asked.spell.name, turn)
            return _done(covers.end_cover(session, rotation, turn.actor, turn.deps.ctx))
        case _:
            lines = covers.duty_lines(session, turn.deps.ctx)
            return Answer("showed on-duty", message=duty_message(lines, turn.deps.ctx.clock.now(), turn.deps.look))


def away_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Show who is away, or settle that somebody is."""
    ctx, look = turn.deps.ctx, turn.deps.look
    if not command.rest:
        return Answer("showed away", message=away_message(absences.away_lines(session, ctx, ahead=True), look))
    spell = parse_spell(command.rest)
    person = colleague(spell.name, turn) or myself(turn)
    start, until = _times(spell, turn, _end_of_shift(person.email, turn))
    if until is None:
        return _not_understood(UsageError("Until when? away [@person] until TIME, such as away until Fri 09:00."))
    said = absences.set_away(session, person, until, turn.actor, ctx, start=start)
    own = person.email.lower() == (turn.actor.email or "").lower()
    return _done(said, f"Take it back: /{look.prefix} back{'' if own else f' {person.email}'}")


def back_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """End an absence before its time."""
    person = colleague(command.rest.strip(), turn) or myself(turn)
    return _done(absences.back(session, person, turn.actor, turn.deps.ctx))


def pause_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Show what is paused, or pause an automation or a source."""
    ctx, look = turn.deps.ctx, turn.deps.look
    if not command.rest:
        return Answer("showed pauses", message=pauses_message(pauses.open_pauses(session, ctx), look))
    try:
        spell = parse_pause(command.rest)
    except UsageError as exc:
        return _not_understood(exc)
    now, zone = ctx.clock.now(), ctx.book.zone
    until = read_moment(spell.until, now=now, zone=zone, end_of_shift=_end_of_shift(turn.actor.email, turn))
    said = pauses.pause(session, spell.name, until, spell.because, turn.actor, ctx)
    return _done(said, f"End it early: /{look.prefix} resume {spell.name}")


def resume_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """End a pause before its time."""
    if not command.rest:
        lines = pauses.open_pauses(session, turn.deps.ctx)
        return Answer("showed pauses", message=pauses_message(lines, turn.deps.look))
    return _done(pauses.resume(session, command.rest.strip(" '\""), turn.actor, turn.deps.ctx))


def _cover(session: Session, turn: Turn, asked: DutyCommand) -> Answer:
    ctx, look = turn.deps.ctx, turn.deps.look
    rotation, words = rotation_of(asked.spell.name, turn)
    person = colleague(words, turn) or myself(turn)
    start, until = _times(asked.spell, turn, next_hand_over(rotation, ctx.clock.now()))
    said = covers.cover(session, rotation, person, turn.actor, ctx, until=until, start=start)
    return _done(said, f"Take it back: /{look.prefix} on-duty end-cover {rotation.name}")


def _swap(session: Session, turn: Turn, asked: DutyCommand) -> Answer:
    rotation, words = rotation_of(asked.spell.name, turn)
    other = colleague(words, turn)
    if other is None:
        why = "With whom? on-duty swap [ROTATION] @person swaps your next shift with theirs."
        return _not_understood(UsageError(why))
    said = covers.swap(session, rotation, myself(turn), other, turn.actor, turn.deps.ctx)
    return _done(said, f"Take it back: /{turn.deps.look.prefix} on-duty end-cover {rotation.name}")


def rotation_of(name: str, turn: Turn) -> tuple[Rotation, str]:
    """Find the rotation that is named, else the only one there is; and the words that are left.

    Raises: Refused, with the rotations there are, if none is named and there are several, or there are none.
    """
    rotations = turn.deps.ctx.book.rotations
    if not rotations:
        raise Refused("There is no rotation yet. An admin can add one under [[rotations]] in the settings.")
    named, words = split_rotation(name, [one.name for one in rotations])
    found = turn.deps.ctx.book.rotation(named) if named else rotations[0] if len(rotations) == 1 else None
    if found is None:
        listed = ", ".join(one.name for one in rotations)
        raise Refused(f"Which rotation? There are {listed}. Nothing was changed.")
    return found, words


def _times(spell: Spell, turn: Turn, end_of_shift: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Read a beginning and an end, None for what is not said. Raises: UnclearTime."""
    now, zone = turn.deps.ctx.clock.now(), turn.deps.ctx.book.zone
    start = read_moment(spell.start, now=now, zone=zone, end_of_shift=end_of_shift) if spell.start else None
    if not spell.until:
        return start, None
    return start, read_moment(spell.until, now=start or now, zone=zone, end_of_shift=end_of_shift)


def _end_of_shift(email: str | None, turn: Turn) -> datetime | None:
    """When this person's duty ends, if there is one now."""
    ctx, now = turn.deps.ctx, turn.deps.ctx.clock.now()
    mine = [one for one in ctx.book.rotations if on_duty(one, ctx.roster, now) == (email or "").lower()]
    return min((next_hand_over(one, now) for one in mine), default=None)


def _done(said: str, undo: str = "") -> Answer:
    return Answer(said, message=sentence(f"{said}\n{undo}" if undo else said))


def _not_understood(why: UsageError) -> Answer:
    return Answer(f"not understood: {why}", message=sentence(str(why)))
