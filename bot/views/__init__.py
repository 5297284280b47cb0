"""What people see in Slack: pure functions, plain data in, Block Kit out. Equal arguments give equal blocks.

Text from outside goes into rich_text or plain_text, where Slack shows it literally; where mrkdwn is needed (dates in
small print) it passes `blocks.esc` once. Nothing from outside can ping, link or break a message.
"""

from typing import Any, TypedDict

Block = dict[str, Any]
"""One Block Kit block, as JSON."""

Modal = dict[str, Any]
"""A modal view, as JSON for views.open."""

Home = dict[str, Any]
"""A Home tab view, as JSON for views.publish."""


class Message(TypedDict):
    """A message: `text` for phones' notices and screen readers (escaped mrkdwn), `blocks` for everything else."""

    text: str
    blocks: list[Block]
