"""Comments and replies, each once per key. Their subject ends in a mark of the key, by which they are looked for.

The subject of a ticket stands before it, since mails to colleagues bear the comment's subject and not the ticket's.
"""

import hashlib
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.request_tracker.line import quoted
from automations.adapters.request_tracker.shapes import Made, Page

_SUBJECT_CHARS: Final = 200
"""Request Tracker keeps 255 bytes of a subject; the mark must not be cut off."""


def mark(key: str) -> str:
    """The mark of a key: `ref ` and twelve hexadecimal digits."""
    return f"ref {hashlib.sha256(key.encode()).hexdigest()[:12]}"


class Notes:
    """Writes comments and replies of tickets that were read just now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def comment(self, ticket: str, subject: str, text: str, *, key: str, fresh: bool = False) -> None:
        """Add an internal comment of plain text, unless it is there. `fresh`: it is known that it is not."""
        if fresh or not self.there(ticket, key):
            self._say(ticket, "comment", subject, text, "text/plain", key)

    def reply(self, ticket: str, subject: str, html: str, *, key: str) -> None:
        """Answer requestors and Ccs, unless that was done."""
        if not self.there(ticket, key):
            self._say(ticket, "correspond", subject, html, "text/html", key)

    def there(self, ticket: str, key: str) -> bool:
        """Whether the ticket has what was written under this key."""
        query = f"ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND Subject LIKE {quoted(mark(key))}"
        found = self._connection.read("/transactions", {"query": query, "per_page": 1}).shaped(Page[Made])
        return found.count > 0

    def _say(self, ticket: str, how: str, subject: str, text: str, kind: str, key: str) -> None:
        words = subject.encode()[:_SUBJECT_CHARS].decode(errors="ignore")
        body = {"Content": text, "ContentType": kind, "Subject": f"{words} ({mark(key)})"}
        self._connection.write("POST", f"/ticket/{ticket}/{how}", body, missing="no_ticket")
