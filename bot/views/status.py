"""How things stand, and what can be typed: the answers to `/support status` and `/support help`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from automations.failure_tickets.card_types import PersonRef, StatusSummary
from bot.views import Block, Message
from bot.views.blocks import Part, bullets, context, header, message, rich, saying, section, words
from bot.views.lists import case_line
from bot.views.texts import Look, esc, moment, moment_mrkdwn


@dataclass(frozen=True, slots=True)
class DutyLine:
    """Who has a rotation now. `until` is the next hand-over.

    `person` is None when everybody in it is away, or, with `begun` False, when its first shift is still to come.
    """

    rotation: str
    person: PersonRef | None
    until: datetime | None
    begun: bool = True


def status_message(status: StatusSummary, duty: Sequence[DutyLine], now: datetime, look: Look) -> Message:
    """Show how things stand: counts, what is not verified or stuck, who is on duty."""
    return message(
        f"{status.open} open, {status.claimed} claimed, {status.stuck} stuck",
        header("Status"),
        rich(*counted(status, look), *on_duty(duty, look)),
        context(f"As of {moment_mrkdwn(now, look)}"),
    )


def help_message(look: Look, *, problem: str = "") -> Message:
    """Show what can be typed, clicked and reacted; `problem` says first what was not understood."""
    commands = [
        ("mine", "your open cases"),
        ("cases", "all open cases; a number after it turns the page"),
        ("status", "how many cases are open, what is not verified or stuck, who is on duty"),
        ("help", "this text"),
    ]
    reactions = [
        (look.claim, "claims the case; taking it back releases it"),
        (look.resolve, "offers the resolve form"),
        (look.escalate, "offers the escalate form"),
    ]
    return message(
        esc(problem, 300) or f"What /{look.prefix} knows",
        *([saying(problem)] if problem else []),
        rich(
            section(words("Commands", bold=True)),
            bullets([[words(f"/{look.prefix} {word}", bold=True), words(f"  {text}")] for word, text in commands]),
            section(words("Reactions on a case message", bold=True)),
            bullets([[{"type": "emoji", "name": name}, words(f"  {text}")] for name, text in reactions]),
            section(words("Every case message has buttons for the same. What you write in its thread stays in Slack.")),
        ),
    )


def counted(status: StatusSummary, look: Look) -> list[Block]:
    """Say how things stand as a list (elements of `rich`)."""
    by_priority = ", ".join(f"{count} {priority}" for priority, count in status.by_priority if count)
    lines: list[list[Part]] = [
        [words(f"{status.open} open", bold=True), words(f", {status.claimed} claimed, {status.escalated} escalated")],
        *([[words(f"By priority: {by_priority}")]] if by_priority else []),
        [words(f"{_mark(status.unverified)} {status.unverified} with a ticket that is not verified yet")],
        [words(f"{_mark(status.stuck)} {status.stuck} stuck in the failure queue")],
        [words(f"{_mark(status.waiting_for_slack)} {status.waiting_for_slack} messages waiting for Slack")],
    ]
    if (oldest := status.oldest_unclaimed) is not None:
        lines.append([words("Unclaimed the longest: "), *case_line(oldest, look)])
    return [bullets(lines)]


def on_duty(duty: Sequence[DutyLine], look: Look) -> list[Block]:
    """Say who is on duty (elements of `rich`)."""
    if not duty:
        return []
    lines: list[list[Part]] = []
    for line in duty:
        absent = "nobody, everybody is away" if line.begun else "nobody yet"
        name = line.person.name if line.person else absent
        word = " until " if line.begun else ", the first shift begins "
        until = [words(word), moment(line.until, look)] if line.until else []
        lines.append([words(f"{line.rotation}: ", limit=100), words(name, bold=True, limit=100), *until])
    return [section(words("On duty now", bold=True)), bullets(lines)]


def _mark(count: int) -> str:
    return "🟠" if count else "🟢"
