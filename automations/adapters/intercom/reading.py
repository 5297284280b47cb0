"""A ticket of Intercom in the words of all desks."""

from datetime import UTC, datetime
from typing import Final

from automations.adapters.intercom.limits import SYSTEM
from automations.adapters.intercom.shapes import TicketShape
from automations.adapters.intercom.workspace import PRIORITIES, Workspace, options
from automations.domain import Priority, Ticket, TicketStatus

TITLE_ATTRIBUTE: Final = "_default_title_"
DESCRIPTION_ATTRIBUTE: Final = "_default_description_"

DONE: Final = (TicketStatus.SOLVED, TicketStatus.CLOSED)


def status_of(shown: TicketShape) -> TicketStatus:
    """By the category of its state; a ticket that was closed in the inbox is closed. One that sleeps is not."""
    category = shown.ticket_state.category if shown.ticket_state else ""
    if shown.open is False and not shown.snoozed_until:
        return TicketStatus.CLOSED
    return STATUSES.get(category, TicketStatus.OPEN)


STATUSES: Final = {
    "submitted": TicketStatus.OPEN,
    "in_progress": TicketStatus.OPEN,
    "waiting_on_customer": TicketStatus.PENDING,
    "resolved": TicketStatus.SOLVED,
}
"""What each category of states means. Another one is a ticket that somebody has to look at: open."""


class Reader:
    """Reads what Intercom shows. `screen` is where people open the workspace."""

    def __init__(self, workspace: Workspace, screen: str) -> None:
        self._workspace = workspace
        self._screen = screen

    def ticket(self, shown: TicketShape) -> Ticket:
        """The ticket in our words. Raises: AdapterError, since names of people and teams may have to be read.

        The vendor's ticket object has no word for the way it came: only conversations have a source. So its channel is
        empty.
        """
        label = self.priority_label(shown)
        return Ticket(
            system=SYSTEM,
            id=shown.id,
            url=self.address(shown.id),
            subject=str(shown.ticket_attributes.get(TITLE_ATTRIBUTE) or ""),
            status=status_of(shown),
            priority=priority_of(label),
            assignee=self._workspace.address(shown.admin_assignee_id),
            group=self._workspace.team_name(shown.team_assignee_id),
            key=self.key(shown),
            updated_at=datetime.fromtimestamp(shown.updated_at, UTC),
            created_at=datetime.fromtimestamp(shown.created_at, UTC),
            status_word=shown.ticket_state.internal_label if shown.ticket_state else "",
            priority_word=label,
            requester=next((one.id for one in shown.contacts.contacts if one.id), None),
        )

    def key(self, shown: TicketShape) -> str | None:
        """Our own key on the ticket, None without one."""
        return str(shown.ticket_attributes.get(self._workspace.key_attribute().name) or "") or None

    def priority_label(self, shown: TicketShape) -> str:
        """The label of the ticket's item in the list of priorities, empty for none. Shown by id or by label."""
        if (attribute := self._workspace.priority_attribute()) is None:
            return ""
        value = str(shown.ticket_attributes.get(attribute.name) or "")
        return dict(options(attribute)).get(value, value)

    def address(self, ticket: str) -> str:
        """Where people open the ticket (i)."""
        app = self._workspace.me().app
        return f"{self._screen}/a/inbox/{app.id_code if app else ''}/inbox/conversation/{ticket}"


def priority_of(label: str) -> Priority | None:
    """Our priority for a label, None for one that means none of ours."""
    return PRIORITIES.get(label.lower())
