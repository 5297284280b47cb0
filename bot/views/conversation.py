"""A ticket's whole conversation, a page at a time: to one person in a modal, or once, for all, in a thread."""

from collections.abc import Sequence

from automations.escalation.card_types import MessageLine
from bot.views import Block, Message, Modal
from bot.views.blocks import actions, button, context, link, message, quote, rich, saying, screen, section, words
from bot.views.paged import pages
from bot.views.texts import Look, esc, moment, one_line, tame
from bot.wire_escalation import EscalationAct, EscalationButton

PIECE = 2_000
"""Characters of one quotation; a longer message goes on in the next."""
SIDES = {"customer": "customer", "agent": "team", "bot": "automatic"}
"""Who wrote a message, for people."""


def conversation_modal(
    escalation_id: int, ref: str, url: str, messages: Sequence[MessageLine], look: Look, page: int
) -> Modal:
    """Show one page to one person, oldest message first; `page` counts from 1, one that is not there is the nearest."""
    dealt = dealt_out(messages, look)
    shown = min(max(page, 1), len(dealt))
    count = f"{len(messages):,} {'message' if len(messages) == 1 else 'messages'}"
    turns = [("Page before", shown - 1)] * (shown > 1) + [("Next page", shown + 1)] * (shown < len(dealt))
    return screen(
        "Conversation",
        rich(section(link(url, f"Open {one_line(ref, 60)}") if url else words(ref))),
        context(f"{count} · page {shown} of {len(dealt)} · only you see this"),
        *dealt[shown - 1],
        *(_turn(escalation_id, text, number) for text, number in turns),
        private_metadata=EscalationButton(escalation_id, EscalationAct.SHOW_ALL, shown).encode(),
    )


def reading_modal(ref: str, said: str = "") -> Modal:
    """Stand in while the desk is read, or say why it could not be."""
    return screen("Conversation", saying(said or f"Reading {one_line(ref, 60)} …"))


def conversation_message(ref: str, messages: Sequence[MessageLine], look: Look, *, page: int, of: int) -> Message:
    """Make one page for a thread."""
    said = f"Conversation of {one_line(ref, 60)}, page {page} of {of}"
    blocks = [block for one in messages for block in _message(one, look)]
    return message(esc(said), context(esc(said)), *blocks)


def dealt_out(messages: Sequence[MessageLine], look: Look) -> list[list[Block]]:
    """Deal a conversation out to pages that Slack takes; nothing of it is lost."""
    blocks = [block for one in messages for block in _message(one, look)]
    return pages(blocks or [saying("Nobody has written anything yet.")])


def _message(one: MessageLine, look: Look) -> list[Block]:
    head = section(
        words(one_line(one.author, 60) or "Nobody", bold=True),
        words(f", {SIDES.get(one.side, one.side)} · "),
        moment(one.at, look),
    )
    text = tame(one.text, keep_lines=True).strip() or " "
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    cut = [section(words("It goes on in the desk."))] if one.cut else []
    return [rich(head, quote(pieces[0], limit=PIECE)), *(rich(quote(more, limit=PIECE)) for more in pieces[1:]),
            *([rich(*cut)] if cut else [])]  # fmt: skip


def _turn(escalation_id: int, text: str, page: int) -> Block:
    value = EscalationButton(escalation_id, EscalationAct.SHOW_ALL, page).encode()
    return actions(button(text, EscalationAct.SHOW_ALL, value))
