"""`HelpDesk` over MuninX. Nothing here sends mail but a reply that a person confirmed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar, Final, NoReturn

from automations.adapters.http import Connection
from automations.adapters.muninx import analytics
from automations.adapters.muninx import events as told
from automations.adapters.muninx.limits import ADMIN, BY_HAND, CAPABILITIES, SYSTEM, TITLE, cannot, locked, partial_view
from automations.adapters.muninx.names import Names
from automations.adapters.muninx.people import People
from automations.adapters.muninx.shapes import Message
from automations.adapters.muninx.tickets import TICKET_URL, Tickets, address
from automations.adapters.muninx.words import DONE, PRIORITY_TO, STATUS_TO, mark, marked
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
    TicketStatus,
)
from automations.errors import Rejected

SETTLE_S: Final = 60.0
"""How long what was sent may be under way. `find` is never asked: there are no keys."""
_SILENT: Final = {"skip-notifications": True}


class MuninxDesk:
    """Tickets with the ordinary token. `names` and `ticket_url` are inferred and can be set."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND
    settle_s: ClassVar[float] = SETTLE_S
    means_words: ClassVar[str] = analytics.WORDS

    def __init__(
        self,
        connection: Connection,
        now: Callable[[], datetime],
        names: Names | None = None,
        ticket_url: str = TICKET_URL,
    ) -> None:
        self._connection = connection
        self._now = now
        self._tickets = Tickets(connection, names or Names(), ticket_url)
        self._people = People(connection, now)

    def me(self) -> DeskAgent:
        """The account that made the token: it is the creator of our tickets and the author of our notes."""
        return self._people.me()

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make a ticket (INFERRED). There is no key: after OutcomeUnknown a person has to look.

        The customer stands in the text alone. What comes after the ticket was made is left to a later reading, since an
        error then would look as if nothing had been made.
        """
        if draft.assignee is not None:
            self._people.able(draft.assignee)
        return self._tickets.as_drafted(self._tickets.make(draft), draft, self._now())

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """Raises Rejected: a ticket bears no key."""
        cannot(Capability.KEYS)

    def get(self, ticket: str) -> Ticket:
        """Read a ticket (INFERRED).

        Raises: Rejected `no_ticket`, or `hidden` if the token's role may only not be shown it: a ticket that a
        colleague took over must not look deleted.
        """
        try:
            return self._tickets.read(ticket)
        except Rejected as exc:
            self._gone(ticket, exc)

    def by_number(self, number: str) -> Ticket:
        """The ticket of this id, or of the number that people see (INFERRED: the list tells both)."""
        wanted = number.strip().removeprefix("#")
        try:
            return self._tickets.read(wanted)
        except Rejected as exc:
            found = next((shown for known, shown in self._tickets.all() if known == wanted), None)
            if exc.code != "no_ticket" or found is None:
                self._gone(wanted, exc)
            return found

    def listed(self) -> Iterator[Ticket]:
        """All tickets of the inferred list."""
        return (shown for _, shown in self._tickets.all())

    def candidates(self, subject: str, since: datetime) -> Iterator[Ticket]:
        """Tickets whose title begins so, found by the full-text search: a hint and no proof, its index may lag."""
        filters = {"kind": ["title"], "created-at-from": int(since.timestamp())}
        asked = {"q": subject, "per-page": 20, "filters": filters}
        found = self._connection.read("/search", json=asked).body
        ids = found.get("ticket-ids") or () if isinstance(found, Mapping) else ()
        shown = (self.get(str(one)) for one in islice(ids, 5))
        return (ticket for ticket in shown if ticket.subject.startswith(subject))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Send what differs and read back, since the answer to a PATCH is not documented.

        Raises: Rejected `closed` for a ticket that the timer has locked, `not_changed` if MuninX accepted and did not
        follow, as for an assignee when the token is not an admin's.
        """
        for asked, one in (
            (change.group, Capability.GROUPS),
            (change.parent, Capability.PARENTS),
            (change.fields, Capability.FIELDS),
        ):
            if asked:
                cannot(one)
        body = self._differs(self.get(ticket), change)
        if not body:
            return
        if body.get("assignee"):
            self._people.able(body["assignee"])
        self._connection.write("PATCH", address(ticket), {**body, **_SILENT}, missing="no_ticket")
        if left := self._differs(self.get(ticket), change):
            what = " and ".join(f"{field} {value or 'nobody'!r}" for field, value in left.items())
            words = f"{TITLE} accepted the change of ticket {ticket} and did not make it: {what}"
            raise Rejected(words, system=SYSTEM, code="not_changed")

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add an internal message once per `key`, by our mark in its last line. The ticket stays as it is."""
        said = self._messages(ticket)
        if any(mark(key) in message.body for message in said):
            return
        body = marked(self._in_the_name_of(author, text), key)
        self._say(ticket, body, {"type": "internal", "skip-ticket-update": True, **_SILENT})

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send a public message as it is, Markdown; the status stays. The only call that lets MuninX write mail.

        The same words from us twice are one reply, since a mark would be read by the customer.
        """
        me, _ = self._people.kept()
        said = self._messages(ticket)
        if any(one.type == "external" and one.body == text and told.is_ours(one, me) for one in said):
            return
        shown = self.get(ticket)
        if shown.status is TicketStatus.CLOSED:
            locked(ticket)
        self._say(ticket, text, {"type": "external", "new-status": shown.status_word})

    def agents(self) -> Iterator[DeskAgent]:
        """All admins and agents; MuninX documents no pages for them."""
        return self._people.team()

    def groups(self) -> Iterator[str]:
        """None: MuninX has no groups."""
        return iter(())

    def changed(self, since: str | None) -> Changed:
        """Raises Rejected: there is no change feed."""
        cannot(Capability.CHANGES)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """The messages of a ticket after the one at the place `after`."""
        said = self._messages(ticket)
        me, team = self._people.kept()
        return told.events(said, me, team, after=after)

    def required_fields(self) -> Iterator[TicketField]:
        """Raises Rejected: none can be listed."""
        cannot(Capability.FIELDS)

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The open tickets of an agent, out of the inferred list. Raises: Rejected `hidden` if it is a part of it."""
        return self._tickets.open_of(email, self.me())

    def metrics(self, ticket: str) -> TicketMetrics:
        """Raises Rejected: the analytics tell averages over many tickets."""
        cannot(Capability.METRICS)

    def means(self, first: date, last: date) -> Mapping[str, float]:
        """What the analytics tell of these days (INFERRED), by `analytics.METRICS`."""
        return analytics.means(self._connection, first, last)

    def writing_triggers(self) -> Iterator[str]:
        """Raises Rejected: none can be listed."""
        cannot(Capability.TRIGGERS)

    def warnings(self) -> Iterator[str]:
        """What a person who installs this has to know of the token: what its role does not see."""
        if (partial := partial_view(self.me())) is not None:
            yield partial

    def _differs(self, shown: Ticket, change: TicketChange) -> dict[str, Any]:
        """What a PATCH has to say. A closed ticket is done already and takes nothing else."""
        body: dict[str, Any] = {}
        if (
            change.status is not None
            and change.status is not shown.status
            and not {change.status, shown.status} <= DONE
        ):
            body["status"] = STATUS_TO[change.status]
        if change.priority is not None and change.priority is not shown.priority:
            body["priority"] = PRIORITY_TO[change.priority]
        if change.assignee is not None and change.assignee.lower() != (shown.assignee or ""):
            body["assignee"] = change.assignee.lower()
        if body and shown.status is TicketStatus.CLOSED:
            locked(shown.id)
        return body

    def _messages(self, ticket: str) -> list[Message]:
        address(ticket)
        try:
            return told.messages(self._connection, ticket)
        except Rejected as exc:
            self._gone(ticket, exc)

    def _say(self, ticket: str, body: str, how: Mapping[str, Any]) -> None:
        self._connection.write("POST", "/messages", {"ticket-id": ticket, "body": body, **how}, missing="no_ticket")

    def _in_the_name_of(self, author: str | None, text: str) -> str:
        if author is None:
            return text
        _, team = self._people.kept()
        known = team.get(author.lower())
        name = known.name if known else author
        return text if name in text else f"{name} (by Handoff): {text}"

    def _gone(self, ticket: str, exc: Rejected) -> NoReturn:
        if exc.code != "no_ticket":
            raise exc
        me, _ = self._people.kept()
        if me.role != ADMIN:
            words = f"{TITLE} shows no ticket {ticket[:40]!r} to us. {partial_view(me)}"
            raise Rejected(words, system=SYSTEM, code="hidden") from exc
        if self._tickets.misplaced():
            words = (
                f"{TITLE} shows no ticket {ticket[:40]!r}, and none of its list by the address inferred for one; "
                "`handoff desk check muninx --contract FILE` compares that address with MuninX's own"
            )
            raise Rejected(words, system=SYSTEM, code="unchecked") from exc
        words = f"{TITLE} has no ticket {ticket[:40]!r}, or it was deleted there"
        raise Rejected(words, system=SYSTEM, code="no_ticket") from exc
