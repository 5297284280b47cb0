"""Zendesk as a help desk: tickets requested by our own address, notes under people's names, replies once confirmed.

A ticket bears our key as external_id, which several tickets may share in Zendesk: what bears it already is looked for
first, and the create itself carries the Idempotency-Key. A note is safe to repeat because the ticket is read, then its
comments for our mark, and the desk refuses the write with 409 if the ticket has changed since (`unless_changed`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from automations.adapters.http import TIMEOUT_S, Connection
from automations.adapters.markup import markdown_as_html, plain_as_html
from automations.adapters.zendesk import feed
from automations.adapters.zendesk.assigned import assigned
from automations.adapters.zendesk.comments import Comments, event_of, may_be_our_reply
from automations.adapters.zendesk.connect import cannot, number
from automations.adapters.zendesk.customers import OrganizationPage
from automations.adapters.zendesk.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE
from automations.adapters.zendesk.marks import mark, marked, reply_tag, was_replied
from automations.adapters.zendesk.roster import Roster, agent_of
from automations.adapters.zendesk.shapes import (
    DeskTicket,
    MetricAnswer,
    TicketAnswer,
    TicketPage,
)
from automations.adapters.zendesk.tickets import SIDELOADS, differing, drafted, shown, unless_changed
from automations.desks import Capability, TicketMetrics
from automations.domain import (
    Actor,
    Changed,
    CustomerRef,
    DeskAgent,
    IdempotencyKey,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketEvent,
    TicketField,
)
from automations.errors import Rejected, Unavailable

Told = TypeVar("Told")


class ZendeskDesk:
    """`HelpDesk` over the Support API. `requester` is the internal address that new tickets are requested by."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND
    settle_s: ClassVar[float] = TIMEOUT_S
    """The list by external_id is no search index, so only what is under way is missing from it."""

    def __init__(self, connection: Connection, requester: str, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._requester = requester
        self._now = now
        self._roster = Roster(connection, now)

    def me(self) -> DeskAgent:
        """Whom the credential acts as. Raises: Rejected if the desk takes it for nobody's."""
        return agent_of(self._roster.me())

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make the ticket; one that bears the key already is returned.

        Raises: Rejected with the code `no_agent` or `no_group` before anything is made; Unavailable if one was made
        under this key with other words, and is not listed yet.
        """
        if (there := self.find(key)) is not None:
            return there
        body = {"ticket": drafted(draft, key, self._requester, self._organization(draft.customer), self._roster)}
        try:
            made = self._connection.write("POST", "/api/v2/tickets", body, headers={"Idempotency-Key": key})
        except Rejected as exc:
            if exc.code != "IdempotentRequestError":
                raise
            if (there := self.find(key)) is not None:
                return there
            words = f"{TITLE} was asked for this ticket before in other words, and does not list it yet"
            raise Unavailable(words, system=SYSTEM) from exc
        ticket = made.shaped(TicketAnswer).ticket
        return shown(ticket, self._connection.of.url, self._roster.users().values(), self._roster.groups().values())

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """The oldest ticket whose external_id is the key. The list leaves out what was archived or deleted."""
        asked = {"external_id": key, "include": SIDELOADS, "page[size]": 100}
        page = self._connection.read("/api/v2/tickets", asked).shaped(TicketPage)
        found = [ticket for ticket in page.tickets if ticket.external_id == key]
        if not found:
            return None
        return shown(min(found, key=lambda one: one.id), self._connection.of.url, page.users, page.groups)

    def get(self, ticket: str) -> Ticket:
        """Read one ticket, with its people and groups in the same answer."""
        found = self._read(ticket, include=SIDELOADS)
        return shown(found.ticket, self._connection.of.url, found.users, found.groups)

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Send what is not true yet, all of it in one request; nothing if all is.

        Raises: Unavailable if somebody changed the ticket between our look and our write; Rejected.
        """
        found = self._read(ticket).ticket
        if sent := differing(found, change, self._roster):
            self._write(found, sent)

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add the note under the author's own name, else, if they are no active agent here, with it in the text."""
        found = self._read(ticket).ticket
        if Comments(self._connection, ticket).bears(mark(key)):
            return
        agent = self._roster.find(author) if author else None
        acting = agent is not None and not agent.suspended
        said = text if acting or not author else f"{agent.name if agent else author} (by Handoff): {text}"
        comment: dict[str, Any] = {"html_body": plain_as_html(marked(said, key)), "public": False}
        self._write(found, {"comment": comment | ({"author_id": agent.id} if agent and acting else {})})

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send the reply under the name of who confirmed it, if they are an agent here."""
        found = self._read(ticket).ticket
        if was_replied(found.tags, key):
            return
        agent = self._roster.find(confirmed_by.email) if confirmed_by.email else None
        html = markdown_as_html(text)
        comment = {"html_body": html, "public": True, **({"author_id": agent.id} if agent else {})}
        self._write(found, {"comment": comment, "tags": [*found.tags, reply_tag(key, html)]})

    def agents(self) -> Iterator[DeskAgent]:
        """List all agents and admins."""
        return (agent_of(user) for user in self._roster.users(fresh=True).values())

    def groups(self) -> Iterator[str]:
        """Name all groups."""
        return (group.name for group in self._roster.groups(fresh=True).values())

    def changed(self, since: str | None) -> Changed:
        """Tickets by the incremental export, a minute late and with deleted ones. It answers admins only."""
        return feed.changed(self._connection, since, self._now())

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """What was said on the ticket after that comment. Changes of fields are not among it."""
        comments = Comments(self._connection, self._number(ticket))
        said = self._known(ticket, lambda: comments.since(after))
        if not said:
            return iter(())
        me = self._roster.me().id
        tags = self._read(ticket).ticket.tags if any(may_be_our_reply(comment, me) for comment in said) else []
        return iter([event_of(comment, comments.authors, me, tags) for comment in said])

    def required_fields(self) -> Iterator[TicketField]:
        """Raises Rejected: the API's reference at hand has no ticket fields."""
        raise cannot("does not tell us which fields are required before a ticket is solved")

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The open tickets of an agent, by a search that is a minute or more late."""
        return assigned(self._connection, self._roster, email)

    def metrics(self, ticket: str) -> TicketMetrics:
        """First reply and last resolution, by the calendar; the desk counts minutes, and seconds where it has them."""
        path = f"/api/v2/tickets/{self._number(ticket)}/metrics"
        answer = self._known(ticket, lambda: self._connection.read(path, missing="no_ticket"))
        told = answer.shaped(MetricAnswer).ticket_metric
        exact = told.reply_time_in_seconds.calendar
        first = float(exact) if exact is not None else _seconds(told.reply_time_in_minutes.calendar)
        return TicketMetrics(ticket, first, _seconds(told.full_resolution_time_in_minutes.calendar))

    def writing_triggers(self) -> Iterator[str]:
        """Raises Rejected: the API's reference at hand has no triggers."""
        raise cannot("does not tell us its triggers")

    def _organization(self, customer: CustomerRef | None) -> int | None:
        """The organization that bears our reference of the customer."""
        if customer is None:
            return None
        asked = {"external_id": customer.id}
        page = self._connection.read("/api/v2/organizations/search", asked).shaped(OrganizationPage)
        return next((one.id for one in page.organizations if one.external_id == customer.id), None)

    def _read(self, ticket: str, *, include: str | None = None) -> TicketAnswer:
        path, asked = f"/api/v2/tickets/{self._number(ticket)}", {"include": include} if include else None
        found = self._known(ticket, lambda: self._connection.read(path, asked, missing="no_ticket"))
        answer = found.shaped(TicketAnswer)
        if answer.ticket.status == "deleted":
            raise _gone(ticket)
        return answer

    def _write(self, ticket: DeskTicket, sent: Mapping[str, Any]) -> None:
        path, body = f"/api/v2/tickets/{ticket.id}", {"ticket": {**sent, **unless_changed(ticket)}}
        self._known(str(ticket.id), lambda: self._connection.write("PUT", path, body, missing="no_ticket"))

    def _number(self, ticket: str) -> str:
        return number(ticket, code="no_ticket", what="ticket")

    def _known(self, ticket: str, ask: Callable[[], Told]) -> Told:
        """What `ask` gives, with the 404 of a ticket in words: the desk answers a deleted one like one never made."""
        try:
            return ask()
        except Rejected as exc:
            if exc.code != "no_ticket":
                raise
            raise _gone(ticket) from exc


def _gone(ticket: str) -> Rejected:
    words = f"{TITLE} has no ticket #{ticket} any more: it was deleted, or never was there"
    return Rejected(words, system=SYSTEM, code="no_ticket")


def _seconds(minutes: int | None) -> float | None:
    return None if minutes is None else minutes * 60.0
