"""What is written into a ticket, once for each key: the parts API has no key, so a short mark stands at the end.

The mark is the last line, `ref handoff:` and twelve hex digits of the key. A part that bears it was written by us.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.intercom.shapes import PartShape
from automations.adapters.markup import html_as_markdown, plain_as_html

_MARK: Final = re.compile(r"\s*^ref handoff:[0-9a-f]{12}\s*\Z", re.MULTILINE)


def mark(key: str) -> str:
    """The last line of what is written under this key."""
    return f"ref handoff:{sha256(key.encode()).hexdigest()[:12]}"


def is_written(parts: Iterable[PartShape], key: str) -> bool:
    """True if one of the parts was written under this key."""
    wanted = mark(key)
    return any(wanted in (part.body or "") and html_as_markdown(part.body or "").endswith(wanted) for part in parts)


def said(body: str | None) -> tuple[str, bool]:
    """A part's words as Markdown without our mark, and whether it bore one."""
    words = html_as_markdown(body or "")
    bare = _MARK.sub("", words)
    return bare, bare != words


def write_note(line: Connection, ticket: str, admin: str, text: str, key: str) -> None:
    """Add an internal note of this admin. Raises: AdapterError."""
    _write(line, ticket, admin, "note", plain_as_html(f"{text}\n\n{mark(key)}"), silent=True)


def write_reply(line: Connection, ticket: str, admin: str, html: str, key: str) -> None:
    """Send a public reply of this admin, of which the customer is told. Raises: AdapterError."""
    _write(line, ticket, admin, "comment", f"{html}{plain_as_html(mark(key))}", silent=False)


def _write(line: Connection, ticket: str, admin: str, kind: str, html: str, *, silent: bool) -> None:
    body = {"message_type": kind, "type": "admin", "admin_id": admin, "body": html}
    quiet = {"skip_notifications": True} if silent else {}
    line.write("POST", f"/tickets/{ticket}/reply", {**body, **quiet}, missing="no_ticket")
