"""Our marks on what we write, by which it is known again: Zendesk has an idempotency key for new tickets alone.

A note ends with a line of ours. A public reply is read by the customer and must not, so a tag of the ticket stands for
it, set by the same request: the first half names the key, the second the words.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from automations.adapters.markup import html_as_markdown

_NOTE: Final = re.compile(r"\s*\bref handoff:([0-9a-f]{12})\s*\Z")
_REPLY: Final = "handoff-reply-"


def mark(key: str) -> str:
    """The mark of a key."""
    return sha256(key.encode()).hexdigest()[:12]


def marked(text: str, key: str) -> str:
    """Plain text that ends with the mark of a key."""
    return f"{text}\n\nref handoff:{mark(key)}"


def unmarked(text: str) -> tuple[str, str | None]:
    """Text without our mark, and the mark, None if it bears none."""
    found = _NOTE.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, None)


def reply_tag(key: str, html: str) -> str:
    """The tag that stands for a public reply of this key with these words."""
    return f"{_REPLY}{mark(key)}-{_words(html)}"


def was_replied(tags: Iterable[str], key: str) -> bool:
    """True if a reply of this key was sent."""
    return any(tag.startswith(f"{_REPLY}{mark(key)}-") for tag in tags)


def is_our_reply(tags: Iterable[str], html: str) -> bool:
    """True if a reply with these words was sent by us."""
    return any(tag.startswith(_REPLY) and tag.endswith(f"-{_words(html)}") for tag in tags)


def without_marks(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as people know them."""
    return tuple(tag for tag in tags if not tag.startswith(_REPLY))


def _words(html: str) -> str:
    """The words alone: the desk wraps HTML in its own, and may set other spaces."""
    return sha256(" ".join(html_as_markdown(html).split()).encode()).hexdigest()[:8]
