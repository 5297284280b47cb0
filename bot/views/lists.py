"""Private answers: lists, status, help, the offer after a reaction, plain sentences, and the Home tab."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from automations.domain import case_ref
from automations.failure_tickets.card_types import CaseRow, PersonRef, StatusSummary
from bot.views import Block, Home, Message
from bot.views.blocks import (
    Part,
    actions,
    bullets,
    button,
    context,
    divider,
    header,
    home,
    link,
    message,
    rich,
    saying,
    section,
    words,
)
from bot.views.texts import Look, esc, moment, moment_mrkdwn, times
from bot.wire import ACT_NAMES, CaseAct, CaseButton

PAGE = 10
"""Cases on one page of a list."""
HOME_CASES = 20
"""Cases on the Home tab."""


@dataclass(frozen=True, slots=True)
class DutyLine:
    """Who has a rotation now. `until` is the next hand-over.

    `person` is None when everybody in it is away, or, with `begun` False, when its first shift is still to come.
    """

    rotation: str
    person: PersonRef | None
    until: datetime | None
    begun: bool = True


def sentence(text: str) -> Message:
    """Say one thing to one person, literally."""
    return message(esc(text, 600), saying(text))


def case_list(title: str, rows: Sequence[CaseRow], *, page: int, more: str, look: Look) -> Message:
    """Show one page of cases. `rows` are the page's, and one more if there is a next page, see `window`.

    `more` is the word that shows the next page, such as `cases`.
    """
    shown = rows[:PAGE]
    if not shown:
        none = "none." if page == 1 else f"no page {page}."
        return message(esc(f"{title}: {none}"), rich(section(words(f"{title}: ", bold=True), words(none))))
    named = title if page == 1 else f"{title}, page {page}"
    foot = [context(f"`/{look.prefix} {more} {page + 1}` shows more")] if len(rows) > PAGE else []
    return message(
        esc(named), rich(section(words(named, bold=True)), bullets([case_line(row, look) for row in shown])), *foot
    )


def window(page: int) -> dict[str, int]:
    """Say which rows a page needs: its own and one more, as `limit` and `offset`."""
    return {"limit": PAGE + 1, "offset": (page - 1) * PAGE}


def case_line(row: CaseRow, look: Look) -> list[Part]:
    """Put a case in one line: link, priority, what failed, owner, count, what is wrong with it."""
    ref = case_ref(row.id)
    marks = ["escalated"] * row.escalated + ["ticket not verified yet"] * (not row.ticket_current)
    return [
        link(row.permalink, ref) if row.permalink else words(ref),
        words(f" {row.priority.capitalize()} · ", bold=True),
        words(row.summary, limit=120),
        words(f" · {row.owner.name} · {row.status} · {times(row.count)}, last ", limit=200),
        moment(row.last_seen, look),
        *([words(f" · {', '.join(marks)}")] if marks else []),
    ]


def status_message(status: StatusSummary, duty: Sequence[DutyLine], now: datetime, look: Look) -> Message:
    """Show how things stand: counts, what is not verified or stuck, who is on duty."""
    return message(
        f"{status.open} open, {status.claimed} claimed, {status.stuck} stuck",
        header("Status"),
        rich(*_counts(status, look), *_duty(duty, look)),
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


def offer(act: CaseAct, case_id: int) -> Message:
    """Offer a form after a reaction, which alone cannot carry the note or reason that is needed."""
    needs = "a reason" if act is CaseAct.ESCALATE else "a note"
    text = f"{ACT_NAMES[act]} {case_ref(case_id)}? It needs {needs} first."
    value = CaseButton(case_id, act).encode()
    return message(text, saying(text), actions(button(f"{ACT_NAMES[act]} …", act, value, style="primary")))


def home_view(
    mine: Sequence[CaseRow], status: StatusSummary, duty: Sequence[DutyLine], now: datetime, look: Look
) -> Home:
    """Show a person's open cases (the first of `mine`), who is on duty, and the counts."""
    own = [case_line(row, look) for row in mine[:HOME_CASES]]
    more: list[Block] = [context(f"And more: `/{look.prefix} mine`")] if len(mine) > HOME_CASES else []
    body = bullets(own) if own else section(words("Nothing is waiting for you."))
    return home(
        header("Your open cases"), rich(body), *more, divider(),
        header("How things stand"), rich(*_counts(status, look), *_duty(duty, look)),
        context(f"As of {moment_mrkdwn(now, look)} · made anew each time you open this tab"),
    )  # fmt: skip


def home_closed(why: str) -> Home:
    """Tell somebody without a role why there is nothing here."""
    return home(header("Handoff"), saying(why))


def _counts(status: StatusSummary, look: Look) -> list[Block]:
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


def _duty(duty: Sequence[DutyLine], look: Look) -> list[Block]:
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
