"""What happened to one ticket: its transactions in order, with their words and our names for fields and values.

They are asked for by the ticket's own number, since its history as such is that of the ticket it was merged into. An
owner is told twice, by Set and by SetWatcher, as numbers of users; links are told as addresses. Mails are left out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.markup import html_as_markdown
from automations.adapters.paging import pages
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE
from automations.adapters.request_tracker.people import Directory
from automations.adapters.request_tracker.reading import Reader
from automations.adapters.request_tracker.shapes import Account, Deed, Page, Words
from automations.adapters.request_tracker.users import NOBODY
from automations.adapters.request_tracker.values import DELETED, priority_of
from automations.domain import TicketEvent
from automations.errors import Rejected

Change = tuple[str, str, str]

_QUERY: Final = "ObjectType = 'RT::Ticket' AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"
_FIELDS: Final = {
    "fields": "ObjectId,Type,Field,OldValue,NewValue,Created,Creator",
    "fields[Creator]": "EmailAddress,RealName",
}
_SAID: Final = {"Create": "public", "Correspond": "public", "Comment": "internal"}
_TOGETHER: Final = 50
"""Transactions whose words are asked for in one call."""
_TICKET: Final = re.compile(r"/ticket/([1-9][0-9]*)\Z")


class History:
    """Reads what happened to tickets. `me` is the user name of our own user."""

    def __init__(
        self, connection: Connection, people: Directory, reader: Reader, numbers: tuple[int, ...], me: str
    ) -> None:
        self._connection = connection
        self._people = people
        self._reader = reader
        self._numbers = numbers
        self._me = me

    def events(self, ticket: str, after: str | None) -> Iterator[TicketEvent]:
        """As `HelpDesk.events`. Raises: Rejected with the code `no_ticket`, or `bad_cursor`."""
        for number, code in ((ticket, "no_ticket"), (after or "1", "bad_cursor")):
            if not (number.isascii() and number.isdecimal() and len(number) < 19):
                wrong = f"{number[:40]!r} is no number of a ticket, or of anything that happened to one, in {TITLE}"
                raise Rejected(wrong, system=SYSTEM, code=code)
        deeds = list(self._deeds(ticket, int(after or 0)))
        if not deeds and after is None:
            self._reader.get(ticket)  # says why there is nothing
        words = self._words([deed.id for deed in deeds if deed.kind in _SAID])
        for deed in deeds:
            if (event := self._event(deed, words.get(deed.id, ""))) is not None:
                yield event

    def _deeds(self, ticket: str, after: int) -> Iterator[Deed]:
        def fetch(place: int) -> tuple[list[Deed], int | None]:
            query = f"{_QUERY} AND ObjectId = {ticket} AND id > {place}"
            asked = {**_FIELDS, "query": query, "orderby": "id", "per_page": PER_PAGE}
            found = self._connection.read("/transactions", asked).shaped(Page[Deed]).items
            return found, int(found[-1].id) if len(found) == PER_PAGE else None

        return pages(after, fetch, title=TITLE, system=SYSTEM)

    def _words(self, deeds: Sequence[str]) -> dict[str, str]:
        """What was said, by transaction: the plain text where there is one, else the HTML as Markdown."""
        found: dict[str, str] = {}
        for start in range(0, len(deeds), _TOGETHER):
            limits = [{"field": "TransactionId", "value": deed} for deed in deeds[start : start + _TOGETHER]]
            limits.append({"field": "ContentType", "operator": "STARTSWITH", "value": "text/"})

            def fetch(page: int, asked: list[dict[str, str]] = limits) -> tuple[list[Words], int | None]:
                params = {"fields": "TransactionId,ContentType,Filename,Content", "per_page": PER_PAGE, "page": page}
                got = self._connection.read("/attachments", params, json=asked).shaped(Page[Words]).items
                return got, page + 1 if len(got) == PER_PAGE else None

            parts = [one for one in pages(1, fetch, title=TITLE, system=SYSTEM) if not one.file and one.text.strip()]
            for part in sorted(parts, key=lambda one: (one.kind != "text/plain", int(one.id))):
                found.setdefault(part.deed, part.text if part.kind == "text/plain" else html_as_markdown(part.text))
        return found

    def _event(self, deed: Deed, words: str) -> TicketEvent | None:
        """The event of a transaction; None for one that says nothing to us."""
        kind, changes = self._kind(deed, words), self._changes(deed)
        if kind == "change" and not changes:
            return None
        return TicketEvent(
            id=deed.id,
            at=deed.at,
            kind=kind,
            author=deed.by.real_name or deed.by.id,
            # A customer's address stays in the desk: nobody here has any use for it.
            author_email=None if kind == "customer" else deed.by.email.lower() or None,
            ours=deed.by.id == self._me,
            body=words.strip() if deed.kind in _SAID else "",
            changes=changes,
        )

    def _kind(self, deed: Deed, words: str) -> str:
        if deed.kind in _SAID:
            if not words:
                return "change"
            return _SAID[deed.kind] if deed.kind == "Comment" or self._is_agent(deed.by.id) else "customer"
        if deed.kind == "Status" and deed.new == DELETED:
            return "deleted"
        return "merged" if (deed.kind, deed.field) == ("AddLink", "MergedInto") else "change"

    def _changes(self, deed: Deed) -> tuple[Change, ...]:
        match deed.kind, deed.field:
            case "Status", _:
                found = ("status", self._reader.status(deed.old).value, self._reader.status(deed.new).value)
                if deed.new == DELETED:
                    return (("deleted", "", "yes"),)
            case "Set", "Priority":
                found = ("priority", self._priority(deed.old), self._priority(deed.new))
            case "Set", "Owner":
                found = ("assignee", self._owner(deed.old), self._owner(deed.new))
            case "Set", "Queue":
                queues = self._people.queues()
                found = ("group", queues.get(deed.old, f"queue {deed.old}"), queues.get(deed.new, f"queue {deed.new}"))
            case (("AddLink" | "DeleteLink"), ("MemberOf" | "MergedInto")):
                name = "parent" if deed.field == "MemberOf" else "merged_into"
                found = (name, _linked(deed.old), _linked(deed.new))
            case _:
                return ()
        return (found,) if found[1] != found[2] else ()

    def _priority(self, number: str) -> str:
        return priority_of(int(number or 0), self._numbers).value

    def _is_agent(self, user: str) -> bool:
        account = self._account(user)
        return account is not None and account.privileged

    def _owner(self, number: str) -> str:
        """The address of a user by number, empty for nobody and for one who is no more."""
        account = self._account(number)
        return "" if account is None or account.name == NOBODY else account.email.lower() or account.name

    def _account(self, user: str) -> Account | None:
        try:
            return self._people.account(user)
        except Rejected as exc:
            if exc.code != "not_found":
                raise
            return None


def _linked(address: str) -> str:
    """The ticket that a link's address names, empty for none and for anything else."""
    found = _TICKET.search(address)
    return found.group(1) if found else ""
