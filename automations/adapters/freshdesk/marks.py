"""The last line of what we write, by which it is known again: Freshdesk takes no key for notes."""

import re
from hashlib import sha256
from typing import Final

from automations.adapters.markup import plain_as_html

_MARK: Final = re.compile(r"\n*\bref handoff:(?P<reply>reply:)?(?P<of>[0-9a-f]{12})\s*$")


def mark(key: str, *, reply: bool = False) -> str:
    """The mark of this key. `reply`: of the note that goes before a public reply."""
    return f"ref handoff:{'reply:' if reply else ''}{sha256(key.encode()).hexdigest()[:12]}"


def marked_html(text: str, key: str, *, reply: bool = False) -> str:
    """Plain text as HTML with its mark in a last line of its own."""
    return plain_as_html(f"{text}\n\n{mark(key, reply=reply)}")


def without_mark(text: str) -> str:
    """What stands before the mark."""
    return _MARK.sub("", text)


def has_mark(text: str) -> bool:
    """True if we wrote this."""
    return _MARK.search(text) is not None


def announces(text: str) -> bool:
    """True for the note that goes before a public reply of ours."""
    found = _MARK.search(text)
    return found is not None and found["reply"] is not None
