"""Intercom behind the port of all desks: its tickets of one type.

A ticket bears our key in an attribute and is found by it through the ticket search, which is late (`sent`). It is made
in two calls, the ticket with a neutral line and then its first note: a ticket without that note counts as not made, and
creating it again completes it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from automations.adapters.http import Connection
from automations.adapters.intercom.assigned import assigned
from automations.adapters.intercom.changes import Changer
from automations.adapters.intercom.customers import reference_query
from automations.adapters.intercom.events import Listener
from automations.adapters.intercom.feed import Feed
from automations.adapters.intercom.limits import BY_HAND, SYSTEM, TITLE, lacking
from automations.adapters.intercom.line import Setup, refused, screen
from automations.adapters.intercom.messages import is_written, write_note, write_reply
from automations.adapters.intercom.reading import DESCRIPTION_ATTRIBUTE, TITLE_ATTRIBUTE, Reader
from automations.adapters.intercom.sent import SETTLE_S, Sent
from automations.adapters.intercom.shapes import FoundShape, TicketShape
from automations.adapters.intercom.workspace import Workspace
from automations.adapters.markup import markdown_as_html
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
from automations.errors import AdapterError, OutcomeUnknown, Rejected

NEUTRAL: Final = "Opened by Handoff. What happened stands in the first internal note."
"""What a ticket of a category that customers see begins with."""

_ID: Final = re.compile(r"[1-9][0-9]{0,18}")


class IntercomDesk:
    """`HelpDesk` over Intercom's tickets. `now` is the present moment, for what may be kept and what may be late."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    settle_s: ClassVar[float] = SETTLE_S

    def __init__(self, line: Connection, setup: Setup, now: Callable[[], datetime]) -> None:
        self._line = line
        self._setup = setup
        self._sent = Sent(now)
        self._now = now
        self._workspace = Workspace(line, setup, now)
        self._reader = Reader(self._workspace, screen(line.of.url))
        self._changer = Changer(line, self._workspace, self._reader)
        self._listener = Listener(self._workspace, self._reader)
        self._feed = Feed(line, self._reader, now)

    @property
    def by_hand(self) -> Mapping[Capability, str]:
        """What this workspace cannot do, by the attributes that the settings name."""
        setup = self._setup
        return lacking(priorities=bool(setup.priority_attribute), suspensions=bool(setup.status_attribute))

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this workspace can."""
        return frozenset(Capability) - self.by_hand.keys()

    def me(self) -> DeskAgent:
        """The admin that the token acts as."""
        me = self._workspace.me()
        return DeskAgent(me.id, me.name or TITLE, (me.email or "").lower(), "", "active")

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make the ticket and its first note, or complete one that bears the key already.

        Raises: OutcomeUnknown with the wait for the index whenever the ticket may be there without our knowing its id
        or without its note; Rejected before anything is sent for people, groups and customers named wrongly.
        """
        body = self._drafted(draft, key)
        there = self._by_key(key)
        shown = there or self._post(body, key)
        first = f"{key}/body"
        if not _has_note(shown, first):
            try:
                write_note(self._line, shown.id, self._workspace.me().id, draft.body, first)
            except AdapterError as exc:
                if there is not None:
                    raise
                words = f"ticket {shown.id} is made and may lack its first note: {exc}"
                raise OutcomeUnknown(words, system=SYSTEM, settle_s=SETTLE_S) from exc
        return self._reader.ticket(shown)

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """The ticket that bears our key and is complete; a deleted one is not found.

        None proves nothing for `settle_s`. `since` is not needed: the search goes by the key.
        """
        shown = self._by_key(key)
        return self._reader.ticket(shown) if shown is not None and _has_note(shown, f"{key}/body") else None

    def get(self, ticket: str) -> Ticket:
        """Read one ticket back. Raises: Rejected with the code `no_ticket`."""
        return self._reader.ticket(self._shown(ticket))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Make the change true and see that the answer shows it. Already true is success."""
        if not change.empty:
            self._changer.make_true(self._shown(ticket), change)

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add an internal note once per key, as that teammate; with their address in the text if they are none."""
        if is_written(self._shown(ticket).ticket_parts.ticket_parts, key):
            return
        admin = self._workspace.admin(author) if author else None
        named = f"{author} (by Handoff):\n{text}" if author and admin is None else text
        write_note(self._line, ticket, admin.id if admin else self._workspace.me().id, named, key)

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send a public reply once per key, as whoever confirmed it if they are a teammate.

        Raises: Rejected with the code `cannot` for a ticket of a category that customers do not see.
        """
        shown = self._shown(ticket)
        if shown.category != "Customer":
            raise refused(f"ticket {ticket} is a {shown.category} ticket: no customer can read a reply", "cannot")
        if not is_written(shown.ticket_parts.ticket_parts, key):
            admin = self._workspace.admin(confirmed_by.email) if confirmed_by.email else None
            by = admin.id if admin else self._workspace.me().id
            write_reply(self._line, ticket, by, markdown_as_html(text), key)

    def agents(self) -> Iterator[DeskAgent]:
        """All teammates; Intercom lists nobody who may not work in it."""
        for one in self._workspace.admins():
            yield DeskAgent(
                one.id, one.name or "", (one.email or "").lower(), one.role.name if one.role else "", "active"
            )

    def groups(self) -> Iterator[str]:
        """The names of all teams."""
        return iter([team.name for team in self._workspace.teams()])

    def changed(self, since: str | None) -> Changed:
        """One page of the tickets that changed. Deleted ones are not told."""
        return self._feed.changed(since, self._workspace.ticket_type().id)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """Messages of a ticket and changes that people made, after that event."""
        return self._listener.events(self._shown(ticket), after)

    def whole(self, ticket: str) -> tuple[Ticket, tuple[TicketEvent, ...]]:
        """One ticket with its parts, in one call."""
        shown = self._shown(ticket)
        return self._reader.ticket(shown), tuple(self._listener.events(shown, None))

    def required_fields(self) -> Iterator[TicketField]:
        """Raises: Rejected, since nothing tells what the screen asks for."""
        raise _cannot(Capability.FIELDS)

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The open tickets of a teammate, of all types, by the search, which is late."""
        return assigned(self._line, self._workspace, self._reader, email)

    def metrics(self, ticket: str) -> TicketMetrics:
        """Raises: Rejected, since there are none of tickets."""
        raise _cannot(Capability.METRICS)

    def writing_triggers(self) -> Iterator[str]:
        """Raises: Rejected, since workflows cannot be read."""
        raise _cannot(Capability.TRIGGERS)

    def _drafted(self, draft: TicketDraft, key: str) -> dict[str, Any]:
        """The request for a ticket, with everything that is named looked up."""
        workspace = self._workspace
        attributes = {
            TITLE_ATTRIBUTE: draft.subject,
            DESCRIPTION_ATTRIBUTE: NEUTRAL,
            workspace.key_attribute().name: key,
        }
        if (priority := workspace.priority_attribute()) is not None:
            attributes[priority.name] = workspace.item(draft.priority)
        assignment = {"team_assignee_id": workspace.known_team(draft.group).id}
        if draft.assignee:
            assignment["admin_assignee_id"] = workspace.known_admin(draft.assignee).id
        company = reference_query(self._line, draft.customer.id) if draft.customer else None
        return {
            "ticket_type_id": workspace.ticket_type().id,
            "contacts": [{"email": self._setup.requester}],
            "ticket_attributes": attributes,
            "assignment": assignment,
            "skip_notifications": True,
            **({"company_id": company.id} if company else {}),
        }

    def _post(self, body: Mapping[str, Any], key: str) -> TicketShape:
        try:
            made = self._line.write("POST", "/tickets", body).shaped(TicketShape)
        except OutcomeUnknown as exc:
            raise OutcomeUnknown(str(exc), system=SYSTEM, settle_s=SETTLE_S) from exc
        self._sent.made(key, made.id)
        return made

    def _by_key(self, key: str) -> TicketShape | None:
        """The oldest ticket that bears this key, read by its id, since a search shows what was."""
        ids = [known] if (known := self._sent.ticket(key)) is not None else self._searched(key)
        for one in ids:
            try:
                return self._shown(one)
            except Rejected as exc:
                if exc.code != "no_ticket":
                    raise
        return None

    def _searched(self, key: str) -> list[str]:
        attribute = self._workspace.key_attribute()
        asked = {"query": {"field": f"ticket_attribute.{attribute.id}", "operator": "=", "value": key}}
        found = self._line.read("/tickets/search", json=asked).shaped(FoundShape).tickets
        same = [row for row in found if row.ticket_attributes.get(attribute.name) == key]
        return [row.id for row in sorted(same, key=lambda row: (row.created_at, row.id))]

    def _shown(self, ticket: str) -> TicketShape:
        if not _ID.fullmatch(ticket):
            raise refused(f"{ticket[:40]!r} cannot be the id of a ticket in Intercom", "no_ticket")
        try:
            return self._line.read(f"/tickets/{ticket}", missing="no_ticket").shaped(TicketShape)
        except Rejected as exc:
            if exc.code != "no_ticket":
                raise
            words = f"Intercom has no ticket {ticket}, or it was deleted: {exc}"
            raise refused(words, "no_ticket") from exc


def _has_note(shown: TicketShape, key: str) -> bool:
    """True if the ticket bears its first note, which may be too old to be among the parts that are shown."""
    parts = shown.ticket_parts
    return is_written(parts.ticket_parts, key) or (parts.total_count or 0) > len(parts.ticket_parts)


def _cannot(lacking_one: Capability) -> Rejected:
    return refused(f"Intercom does not give that. {BY_HAND[lacking_one]}", "cannot")
