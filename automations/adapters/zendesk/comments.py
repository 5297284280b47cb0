"""What was said on a ticket: read newest first up to a known place, told oldest first."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.markup import html_as_markdown
from automations.adapters.zendesk.connect import listed
from automations.adapters.zendesk.marks import is_our_reply, unmarked
from automations.adapters.zendesk.shapes import Comment, CommentPage, User
from automations.domain import TicketEvent

API: Final = "api"
"""The channel of what programs wrote."""
RULE: Final = "rule"
"""The channel of what triggers and automations wrote (the vendor's reference of the via object)."""


class Comments:
    """The comments of one ticket. `authors` holds who wrote those that were read so far."""

    def __init__(self, connection: Connection, ticket: str) -> None:
        self._connection = connection
        self._path = f"/api/v2/tickets/{ticket}/comments"
        self.authors: dict[int | None, User] = {}

    def newest_first(self) -> Iterator[Comment]:
        """Read on as long as somebody asks. Raises: Rejected with the code `no_ticket`."""

        def items(page: CommentPage) -> Sequence[Comment]:
            self.authors |= {user.id: user for user in page.users}
            return page.comments

        params = {"sort": "-created_at", "include": "users"}
        return listed(self._connection, self._path, CommentPage, items, params, missing="no_ticket")

    def bears(self, mark: str) -> bool:
        """True if a comment ends with this mark of ours."""
        return any(unmarked(text_of(comment))[1] == mark for comment in self.newest_first())

    def since(self, after: str | None) -> list[Comment]:
        """Those after the comment of this id, by time and number. If that one is gone, those with later numbers.

        The list is sorted by time alone, in seconds: what shares its second with the known one is read too.
        """
        found: list[Comment] = []
        known: Comment | None = None
        for comment in self.newest_first():
            if known is not None and comment.created_at < known.created_at:
                break
            found.append(comment)
            known = comment if str(comment.id) == after else known
        found.sort(key=_place)
        if known is not None:
            return [comment for comment in found if _place(comment) > _place(known)]
        last = int(after) if after and after.isascii() and after.isdecimal() else 0
        return [comment for comment in found if comment.id > last]


def _place(comment: Comment) -> tuple[datetime, int]:
    return comment.created_at, comment.id


def text_of(comment: Comment) -> str:
    """The words of a comment as Markdown."""
    return html_as_markdown(comment.html_body) if comment.html_body else comment.plain_body or comment.body


def may_be_our_reply(comment: Comment, me: int | None) -> bool:
    """True for a public comment that a program wrote under a person's name: the ticket's tags say whether it was us."""
    return comment.public and comment.via.channel == API and comment.author_id != me


def event_of(comment: Comment, authors: Mapping[int | None, User], me: int | None, tags: Sequence[str]) -> TicketEvent:
    """A comment as the port tells it. `tags` are those of the ticket, if any comment may be a reply of ours."""
    body, mark = unmarked(text_of(comment))
    author = authors.get(comment.author_id)
    ours = comment.author_id == me or mark is not None
    if not ours and may_be_our_reply(comment, me):
        ours = is_our_reply(tags, comment.html_body)
    automatic = comment.via.channel == RULE
    by_customer = comment.public and not ours and not automatic and (author is None or author.role == "end-user")
    return TicketEvent(
        id=str(comment.id),
        at=comment.created_at.astimezone(UTC),
        kind="internal" if not comment.public else "customer" if by_customer else "public",
        author=author.name if author else f"user {comment.author_id}",
        author_email=(author.email or "").lower() or None if author else None,
        ours=ours,
        body=body,
        automatic=automatic,
    )
