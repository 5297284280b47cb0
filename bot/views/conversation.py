"""A ticket's whole conversation, a page at a time: to one person in a modal, or once, for all, in a thread."""

from collections.abc import Sequence

from automations.escalation.card_types import MessageLine, ThreadPage
from bot.views import Block, Message, Modal
from bot.views.blocks import actions, button, context, link, message, quote, rich, saying, screen, section, words
from bot.views.texts import Look, esc, moment, one_line, tame
from bot.wire_escalation import EscalationAct, EscalationButton

PIECE = 2_000
"""Characters of one quotation; a longer message goes on in the next."""
SIDES = {"customer": "customer", "agent": "team", "bot": "automatic"}
"""Who wrote a message, for people."""


def conversation_modal(
    escalation_id: int, ref: str, url: str, messages: Sequence[MessageLine], look: Look, *, page: int, pages: int
) -> Modal:
    """Show one page to one person, oldest message first."""
    turns = [("Earlier", page - 1)] * (page > 1) + [("Later", page + 1)] * (page < pages)
    return screen(
        "Conversation",
        rich(section(link(url, f"Open {one_line(ref, 60)}") if url else words(ref))),
        context(f"Page {page} of {pages} · only you see this, and nothing of it is kept"),
        *(_blocks(messages, look) or [saying("Nobody has written anything yet.")]),
        *(_turn(escalation_id, text, number) for text, number in turns),
        private_metadata=EscalationButton(escalation_id, EscalationAct.SHOW_ALL, page).encode(),
    )


def reading_modal(ref: str, said: str = "") -> Modal:
    """Stand in while the desk is read, or say why it could not be."""
    return screen("Conversation", saying(said or f"Reading {one_line(ref, 60)} …"))


def thread_message(page: ThreadPage, look: Look) -> Message:
    """Make one part of a conversation for the thread. Nobody is called."""
    said = f"Conversation of {one_line(page.ref, 60)}, part {page.number} of {page.of}"
    body = _blocks(page.lines, look) or [saying("Nobody has written anything yet.")]
    return message(esc(said), context(esc(said)), *body)


def _blocks(messages: Sequence[MessageLine], look: Look) -> list[Block]:
    return [block for one in messages for block in _message(one, look)]


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
