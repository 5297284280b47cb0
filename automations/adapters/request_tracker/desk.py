"""`HelpDesk` over Request Tracker.

No automation writes to a customer: tickets are requested by our internal address, the customer stands in a custom
field, and what a ticket says first is a comment, made after a ticket without any text. A ticket that lacks that comment
still, since the line broke in between, is not found: the next try of `create` finds it itself and adds what is missing.
PUT answers 200 even when nothing was done, so every change is read back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import httpx

from automations.adapters.http import TIMEOUT_S
from automations.adapters.markup import markdown_as_html
from automations.adapters.request_tracker.changes import Wish, body_for, still_open
from automations.adapters.request_tracker.events import History
from automations.adapters.request_tracker.feed import Feed
from automations.adapters.request_tracker.limits import SYSTEM, TITLE, limits
from automations.adapters.request_tracker.line import Line, cannot, connect, own_id, said
from automations.adapters.request_tracker.notes import Notes
from automations.adapters.request_tracker.people import Directory, Kept
from automations.adapters.request_tracker.reading import Reader
from automations.adapters.request_tracker.shapes import Made
from automations.adapters.request_tracker.users import AGENT, by_email
from automations.adapters.request_tracker.values import customer_words, number_of
from automations.desks import Capability, TicketMetrics
from automations.domain import (
    Actor,
    Changed,
    DeskAgent,
    IdempotencyKey,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketEvent,
    TicketField,
)
from automations.errors import Rejected


class RequestTrackerDesk:
    """Tickets of one Request Tracker, with the ordinary credential."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    settle_s: ClassVar[float] = TIMEOUT_S

    def __init__(self, line: Line, transport: httpx.BaseTransport | None = None) -> None:
        self.capabilities: frozenset[Capability]
        self.by_hand: Mapping[Capability, str]
        self.capabilities, self.by_hand = limits(on_hold=line.terms.on_hold is not None)
        self._line = line
        self._terms = line.terms
        self._connection = connect(line, transport)
        self._people = Directory(self._connection, line.now)
        self._reader = Reader(self._connection, Kept(line.now), line.url, line.terms)
        self._notes = Notes(self._connection)

    def me(self) -> DeskAgent:
        """The user whose token this is."""
        account = self._people.account(own_id(self._line.token))
        state = "suspended" if account.disabled else "active"
        return DeskAgent(account.name, account.real_name or account.name, account.email, AGENT, state)

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make the ticket and its first comment, each only if it is not there.

        Raises: Rejected, with nothing made, for an unknown queue or agent, and with the code `no_field` if tickets of
        the queue have no field for our key.
        """
        first = f"{key}/body"
        there = self._reader.by_key(key)
        if there is None:
            ticket = self._make(draft, key)
            self._notes.comment(ticket, draft.subject, draft.body, key=first, fresh=True)
        elif there.merged_into is not None or self._notes.there(there.id, first):
            return there
        else:
            ticket = there.id
            self._notes.comment(ticket, there.subject, draft.body, key=first, fresh=True)
        return self._reader.get(ticket)

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """The ticket that bears our key and has its first comment, even a merged one; a deleted one is not found."""
        found = self._reader.by_key(key)
        if found is None or found.merged_into is not None:
            return found
        return found if self._notes.there(found.id, f"{key}/body") else None

    def get(self, ticket: str) -> Ticket:
        """Read one ticket. A merged one is closed, and shows its own values beside."""
        return self._reader.get(ticket)

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Send what differs, and read back. A queue is changed first: owners may be allowed in the new one only.

        Raises: Rejected with the codes `merged`, `no_agent`, `no_group`, before anything is changed, and `not_done` in
        the desk's own words.
        """
        if change.fields:
            raise cannot("fill in fields that a queue asks for")
        shown = self._writable(ticket)
        wish = self._wish(change)
        if wish.parent:
            self._reader.get(wish.parent)
        steps = [replace(wish, status=None, priority=None, login=None, parent=None)] if wish.queue else []
        for step in (*steps, wish):
            if not (body := body_for(step, shown, self._terms)):
                continue
            answer = said(self._connection.write("PUT", f"/ticket/{ticket}", body, missing="no_ticket").body)
            shown = self._reader.get(ticket)
            if left := still_open(step, shown):
                words = f"{TITLE} left {', '.join(left)} of ticket #{ticket} as it was: {answer or 'no reason given'}"
                raise Rejected(words, system=SYSTEM, code="not_done")

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add a comment once per `key`; the author's name stands before it."""
        shown = self._writable(ticket)
        by = f"{self._people.name(author)} (by Handoff):\n" if author else ""
        self._notes.comment(shown.id, shown.subject, by + text, key=key)

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send a reply to the ticket's requestors and Ccs, once per `key`."""
        shown = self._writable(ticket)
        self._notes.reply(shown.id, shown.subject, markdown_as_html(text), key=key)

    def agents(self) -> Iterator[DeskAgent]:
        """All privileged users, by name."""
        return iter(self._people.agents())

    def groups(self) -> Iterator[str]:
        """The names of the queues that our user may see, in order."""
        return iter(sorted(self._people.queues().values()))

    def changed(self, since: str | None) -> Changed:
        """Tickets that changed, merged and deleted ones too."""
        return Feed(self._connection, self._reader, self._line.now).changed(since)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """What happened to the ticket itself, even to one that was merged or deleted."""
        return self._history.events(ticket, after)

    def required_fields(self) -> Iterator[TicketField]:
        """Raises Rejected: the API does not tell them."""
        raise cannot("tell the fields that a queue asks for")

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The open tickets that the user of this address owns, disabled or not, in the queues that our user may see."""
        owner = by_email(self._connection, email, disabled=True)
        return iter(()) if owner is None else self._reader.open_of(owner.id)

    def metrics(self, ticket: str) -> TicketMetrics:
        """Raises Rejected: it measures none."""
        raise cannot("give reply and resolution times")

    def writing_triggers(self) -> Iterator[str]:
        """Raises Rejected: the API does not list scrips."""
        raise cannot("list its scrips")

    @cached_property
    def _history(self) -> History:
        return History(self._connection, self._people, self._reader, self._terms.priorities, self.me().id)

    def _make(self, draft: TicketDraft, key: str) -> str:
        queue = self._people.queue(draft.group)
        owner = self._people.login(draft.assignee) if draft.assignee else None
        fields = self._fields(queue, draft, key)
        body: dict[str, Any] = {
            "Queue": draft.group,
            "Subject": draft.subject,
            "Requestor": self._line.requester,
            "Status": self._terms.open,
            "Priority": number_of(draft.priority, self._terms.priorities),
            "CustomFields": fields,
        }
        made = self._connection.write("POST", "/ticket", body | ({"Owner": owner} if owner else {}))
        return made.shaped(Made).id

    def _fields(self, queue: str, draft: TicketDraft, key: str) -> dict[str, str | list[str]]:
        """The custom fields of a new ticket. A value for one that is not there would be dropped without a word."""
        wanted: dict[str, str | list[str]] = {self._terms.key_field: key}
        if draft.customer is not None:
            wanted[self._terms.customer_field] = customer_words(draft.customer)
        if draft.tags:
            wanted[self._terms.tags_field] = list(draft.tags)
        if lacking := wanted.keys() - self._people.fields(queue):
            words = (
                f"tickets of the queue {draft.group} have no custom field {', '.join(sorted(lacking))} that our user "
                f"may see: make it in {TITLE}, apply it to the queue and let our user see and fill it"
            )
            raise Rejected(words, system=SYSTEM, code="no_field")
        return wanted

    def _writable(self, ticket: str) -> Ticket:
        """The ticket as it is. Raises: Rejected with the code `merged`: a change would reach the other ticket."""
        shown = self._reader.get(ticket)
        if shown.merged_into is not None:
            words = f"ticket #{ticket} was merged into #{shown.merged_into} in {TITLE}"
            raise Rejected(words, system=SYSTEM, code="merged")
        return shown

    def _wish(self, change: TicketChange) -> Wish:
        if change.group is not None:
            self._people.queue(change.group)
        login = self._people.login(change.assignee) if change.assignee else change.assignee
        return Wish(change.status, change.priority, change.assignee, login, change.group, change.parent)
