"""Duty, absences and pauses: the private answers that show them, and the lines that tell the channel."""

from collections.abc import Sequence
from datetime import datetime

from automations.failure_tickets.team_types import AwayLine, DutyLine, PauseLine
from automations.words import PersonRef
from bot.views import Block, Message
from bot.views.blocks import Part, context, message, ping, rich, section, words
from bot.views.status import away_lines, on_duty, pause_lines
from bot.views.texts import Look, esc, moment_mrkdwn


def duty_message(duty: Sequence[DutyLine], now: datetime, look: Look) -> Message:
    """Show all rotations: who has the duty, until when, who comes then, what is covered."""
    if not duty:
        return _nothing("There is no rotation yet. An admin can add one under [[rotations]] in the settings.")
    named = "; ".join(f"{line.rotation}: {line.person.name if line.person else 'nobody'}" for line in duty)
    return message(
        esc(f"On duty: {named}", 600),
        rich(*on_duty(duty, look)),
        context(
            f"`/{look.prefix} on-duty cover` takes a duty until the next hand-over · "
            f"`/{look.prefix} on-duty swap @person` swaps your next shift with theirs"
        ),
        context(f"As of {moment_mrkdwn(now, look)}"),
    )


def away_message(away: Sequence[AwayLine], look: Look) -> Message:
    """Show who is away, now and later."""
    foot = context(f"`/{look.prefix} away until Fri 09:00` says that you are away · `/{look.prefix} back` ends it")
    if not away:
        return _nothing("Nobody is away.", foot)
    names = ", ".join(dict.fromkeys(line.person.name for line in away))
    return message(esc(f"Away: {names}", 600), rich(*away_lines(away, look)), foot)


def pauses_message(pauses: Sequence[PauseLine], look: Look) -> Message:
    """Show what is paused."""
    foot = context(f"`/{look.prefix} pause NAME until 14:00 because …` · `/{look.prefix} resume NAME` ends it early")
    if not pauses:
        return _nothing("Nothing is paused.", foot)
    names = ", ".join(line.target for line in pauses)
    return message(esc(f"Paused: {names}", 600), rich(*pause_lines(pauses, look)), foot)


def line_message(text: str, mention: PersonRef | None) -> Message:
    """Tell the channel one thing in a line; `mention` is called by it."""
    called: list[Part] = [ping(mention.slack), words(" ")] if mention and mention.slack else []
    ring = f"<@{mention.slack}> " if mention and mention.slack else ""
    return message(f"{ring}{esc(text, 1_500)}", rich(section(*called, words(text, limit=2_000))))


def _nothing(text: str, *foot: Block) -> Message:
    return message(esc(text), rich(section(words(text))), *foot)
