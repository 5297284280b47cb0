"""What happened to a ticket, from its parts: messages, and the changes that people made.

Of a change through the API or by a workflow Intercom may name its bot, so those are told by no event: whoever follows
the ticket sees the value. Intercom gives the newest 500 parts; the words a ticket began with are no part and come
first, as event `0`. Source: the vendor's reference, ticket parts.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from automations.adapters.intercom.messages import said
from automations.adapters.intercom.reading import DESCRIPTION_ATTRIBUTE, STATUSES, Reader, priority_of
from automations.adapters.intercom.shapes import PartShape, TicketShape
from automations.adapters.intercom.workspace import Workspace
from automations.domain import TicketEvent

FIRST: Final = "0"
PUBLIC: Final = frozenset({"comment", "quick_reply", "open", "close"})
"""Types of parts whose words the customer reads; a part of any other type is for the team alone."""
BOT: Final = "bot"
_PEOPLE: Final = frozenset({"admin", "user"})

Move = tuple[str, str, str]


class Listener:
    """Reads the parts of tickets."""

    def __init__(self, workspace: Workspace, reader: Reader) -> None:
        self._workspace = workspace
        self._reader = reader

    def events(self, shown: TicketShape, after: str | None) -> Iterator[TicketEvent]:
        """The ticket's events after this one, in order. All that are left if that one is among the 500 no more."""
        parts = sorted(shown.ticket_parts.ticket_parts, key=_place)
        told = [*self._first(shown), *self._told(parts)]
        if after is not None:
            order = [event.id for event in told]
            if after in order:
                told = told[order.index(after) + 1 :]
            elif after.isdecimal():
                told = [event for event in told if not event.id.isdecimal() or int(event.id) > int(after)]
        return iter(told)

    def _first(self, shown: TicketShape) -> Iterator[TicketEvent]:
        body = str(shown.ticket_attributes.get(DESCRIPTION_ATTRIBUTE) or "").strip()
        ours = self._reader.key(shown) is not None
        if body:
            kind = "internal" if shown.category != "Customer" else "public" if ours else "customer"
            author = "" if not ours else self._workspace.me().name or ""
            yield TicketEvent(FIRST, _at(shown.created_at), kind, author, None, ours, body, automatic=ours)

    def _told(self, parts: list[PartShape]) -> Iterator[TicketEvent]:
        me = self._workspace.me().id
        now: dict[str, str] = {}
        for part in parts:
            body, marked = said(part.body)
            moved = [(name, before or now.get(name, ""), after) for name, before, after in self._moves(part)]
            now.update({name: after for name, _, after in moved})
            if part.author.type not in _PEOPLE:
                moved = []
            if not (body or moved):
                continue
            yield TicketEvent(
                id=part.id,
                at=_at(part.created_at),
                kind=_kind(part) if body else "change",
                author=part.author.name or part.author.email or "",
                author_email=(part.author.email or "").lower() or None,
                ours=marked or (part.author.type == "admin" and part.author.id == me),
                body=body,
                changes=tuple(moved),
                automatic=part.author.type == BOT and not marked,
            )

    def _moves(self, part: PartShape) -> Iterator[Move]:
        """What a part changed, with an empty `before` where it does not say."""
        if part.ticket_state and part.previous_ticket_state and part.ticket_state != part.previous_ticket_state:
            before, after = STATUSES.get(part.previous_ticket_state), STATUSES.get(part.ticket_state)
            if before and after and before is not after:
                yield "status", before.value, after.value
        if (to := part.assigned_to) is not None:
            number = int(to.id) if to.id and to.id.isdecimal() else 0
            if to.type == "team":
                yield "group", "", self._workspace.team_name(number) or ""
            else:
                yield "assignee", "", self._workspace.address(number) or ""
        if (update := part.updated_attribute_data) is not None:
            attribute = self._workspace.priority_attribute()
            if attribute is not None and str(update.attribute.id) == attribute.id:
                label = str(update.value.label or "")
                priority = priority_of(label)
                yield "priority", "", priority.value if priority else label


def _kind(part: PartShape) -> str:
    if part.part_type not in PUBLIC:
        return "internal"
    return "customer" if part.author.type == "user" else "public"


def _place(part: PartShape) -> tuple[int, int, str]:
    return part.created_at, int(part.id) if part.id.isdecimal() else 0, part.id


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
