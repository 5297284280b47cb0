"""The note to the customer: proposed, sent by a person with one click, green only when the desk was seen to show it."""

from automations.escalation.card_types import EscalationCard
from bot.views import Block
from bot.views.blocks import Part, actions, button, label, question, quote, rich, section, words
from bot.views.case import who
from bot.views.texts import Look, clip, moment, one_line, tame
from bot.wire_escalation import ESCALATION_NAMES, EscalationAct, EscalationButton

SHOWN = 2_000
"""Characters of the note that its message shows: all of it, since nobody should send what they have not read."""


def note_blocks(card: EscalationCard, look: Look) -> list[Block]:
    """Show what was sent by whom, else what a person could send, with its button. Never sent by itself."""
    if sent := sent_parts(card, look):
        return [rich(section(*sent))]
    if not card.may_note or not card.customer_note:
        return []
    lead = section(words("Tell the customer? ", bold=True), words("Nothing is sent unless somebody presses this."))
    failed = [section(words(f"🟠 {card.note_error}", limit=300))] if card.note_error else []
    return [rich(lead, quote(card.customer_note, limit=SHOWN), *failed), actions(_button(card))]


def sent_parts(card: EscalationCard, look: Look) -> list[Part]:
    """Say who had it sent and whether the desk shows it; nothing if nobody did."""
    if card.note_by is None:
        return []
    if card.note_at is None:
        unsure = words(f": {card.note_error}", limit=300) if card.note_error else words(", not verified yet")
        return [label("Note to the customer"), words("🟠 asked for by "), who(card.note_by), unsure]
    seen = words(f", verified in {one_line(card.desk, 40)} "), moment(card.note_at, look)
    return [label("Note to the customer"), words("🟢 sent by "), who(card.note_by), *seen]


def _button(card: EscalationCard) -> Block:
    asked = question(
        f"Send this to {clip(tame(card.customer or 'the customer'), 60)}?",
        f"It goes out as a public reply, and nothing takes it back:\n\n{clip(tame(card.customer_note), 200)}",
        "Send",
    )
    act, value = EscalationAct.SEND_NOTE, EscalationButton(card.id, EscalationAct.SEND_NOTE).encode()
    return button(ESCALATION_NAMES[act], act, value, confirm=asked)
