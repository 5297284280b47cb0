"""One message on its way to Slack, as it was when its call was about to leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.slack_words import is_there
from bot.views import Block, Message

MOST_BLOCKS: Final = 50


@dataclass(frozen=True, slots=True)
class Task:
    """One notification as it was when its call was about to leave, and the message to show."""

    key: str
    version: int
    channel: str
    wanted_channel: str
    ts: str | None
    thread_ts: str | None
    look_since: datetime | None
    message: Message
    belongs: str
    has_picture: bool
    stays: bool

    def message_for(self, channel: str) -> Message:
        """The message, with a line that says where it belongs if this is the fallback channel (and no thread in it)."""
        if is_there(channel, self.wanted_channel) or (self.thread_ts is not None and channel == self.channel):
            return self.message
        note: Block = {"type": "context", "elements": [{"type": "plain_text", "text": self.belongs, "emoji": False}]}
        return {
            "text": f"{self.belongs} {self.message['text']}",
            "blocks": [note, *self.message["blocks"]][:MOST_BLOCKS],
        }
