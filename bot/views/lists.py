"""Private answers: lists, the offer after a reaction, plain sentences."""

from collections.abc import Sequence

from automations.domain import case_ref
from automations.failure_tickets.card_types import CaseRow
from bot.views import Message, Modal
from bot.views.blocks import (
    Part,
    actions,
    bullets,
    button,
    context,
    link,
    message,
    rich,
    saying,
    screen,
    section,
    words,
)
from bot.views.texts import Look, esc, moment, times
from bot.wire import ACT_NAMES, CaseAct, CaseButton

PAGE = 10
"""Cases on one page of a list."""


def sentence(text: str) -> Message:
    """Say one thing to one person, literally."""
    return message(esc(text, 600), saying(text))


def notice(said: Message) -> Modal:
    """Show a private answer where there is no channel to put it: to a click in a modal or the Home tab."""
    return screen("Handoff", *said["blocks"])


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
    marks = ["escalated"] * row.escalated + ["stale"] * row.stale
    marks += ["ticket not verified yet"] * (not row.ticket_current)
    return [
        link(row.permalink, ref) if row.permalink else words(ref),
        words(f" {row.priority.capitalize()} · ", bold=True),
        words(row.summary, limit=120),
        words(f" · {row.owner.name} · {row.status} · {times(row.count)}, last ", limit=200),
        moment(row.last_seen, look),
        *([words(f" · {', '.join(marks)}")] if marks else []),
    ]


def offer(act: CaseAct, case_id: int) -> Message:
    """Offer a form after a reaction, which alone cannot carry the note or reason that is needed."""
    needs = "a reason" if act is CaseAct.ESCALATE else "a note"
    text = f"{ACT_NAMES[act]} {case_ref(case_id)}? It needs {needs} first."
    value = CaseButton(case_id, act).encode()
    return message(text, saying(text), actions(button(f"{ACT_NAMES[act]} …", act, value, style="primary")))
