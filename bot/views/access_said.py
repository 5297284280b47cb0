"""What a request for access answers in private: that it was heard, and where its card comes."""

from bot.views import Message
from bot.views.blocks import message, rich, section, words
from bot.views.texts import esc


def asked_message(text: str, channel: str) -> Message:
    """Say that something is looked at, and in which channel its card comes."""
    shown = {"type": "channel", "channel_id": channel}
    there = section(words(text, limit=600), words(" The card comes to "), shown, words("."))
    return message(f"{esc(text, 600)} The card comes to <#{channel}>.", rich(there))
