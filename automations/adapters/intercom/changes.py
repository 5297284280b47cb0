"""Making a change of a ticket true: only what differs is sent, and the answer has to show it.

A ticket has an admin and a team, but an update one field for either, so each takes a call of its own. What an
assignment does to the other is not documented: the answer is looked at, and what went is put back.
"""

from collections.abc import Mapping
from typing import Any, Final

from automations.adapters.http import Connection
from automations.adapters.intercom.limits import BY_HAND, PRIORITY_BY_HAND
from automations.adapters.intercom.line import refused
from automations.adapters.intercom.reading import DONE, Reader, priority_of, status_of
from automations.adapters.intercom.shapes import TicketShape
from automations.adapters.intercom.workspace import Workspace
from automations.desks import Capability
from automations.domain import Priority, TicketChange, TicketStatus

NOBODY: Final = "0"
MOST_CALLS: Final = 4
"""Nobody, the team, the admin, and one to put back what an assignment took."""


class Changer:
    """Writes changes through one connection."""

    def __init__(self, line: Connection, workspace: Workspace, reader: Reader) -> None:
        self._line = line
        self._workspace = workspace
        self._reader = reader

    def make_true(self, shown: TicketShape, change: TicketChange) -> None:
        """Let the ticket show what the change asks for.

        Raises: Rejected before anything is sent for somebody or something that the workspace does not have; Rejected
        with the code `not_done` if the answer does not show it; AdapterError.
        """
        if change.status is TicketStatus.ON_HOLD:
            raise refused(f"Intercom cannot put a ticket on hold. {BY_HAND[Capability.ON_HOLD]}", "cannot")
        if change.parent is not None or change.fields:
            raise refused("Intercom keeps no parents of tickets and no fields of ours", "cannot")
        admin, team = shown.admin_assignee_id, shown.team_assignee_id
        if change.assignee is not None:
            admin = int(self._workspace.known_admin(change.assignee).id) if change.assignee else 0
        if change.group is not None:
            team = int(self._workspace.known_team(change.group).id)
        fields = {**self._priority(shown, change.priority), **self._status(shown, change.status)}
        for _ in range(MOST_CALLS):
            if (hand := _next_hand(shown, admin, team)) is not None:
                fields["assignee_id"] = hand
            if not fields:
                break
            shown = self._put(shown.id, fields)
            fields = {}
        self._check(shown, change, admin, team)

    def _priority(self, shown: TicketShape, wanted: Priority | None) -> dict[str, Any]:
        if wanted is None:
            return {}
        if (attribute := self._workspace.priority_attribute()) is None:
            raise refused(f"Intercom cannot give a ticket a priority. {PRIORITY_BY_HAND}", "cannot")
        item = self._workspace.item(wanted)
        if priority_of(self._reader.priority_label(shown)) is wanted:
            return {}
        return {"ticket_attributes": {attribute.name: item}}

    def _status(self, shown: TicketShape, wanted: TicketStatus | None) -> dict[str, Any]:
        if wanted is None or _is_so(wanted, status_of(shown)):
            return {}
        category = shown.ticket_state.category if shown.ticket_state else ""
        of = shown.ticket_type.id if shown.ticket_type else self._workspace.ticket_type().id
        fields: dict[str, Any] = {}
        if category not in CATEGORIES[wanted]:
            fields["ticket_state_id"] = self._workspace.state(of, *CATEGORIES[wanted]).id
        if wanted is TicketStatus.CLOSED:
            fields["open"] = False
        elif wanted is not TicketStatus.SOLVED and shown.open is False:
            fields["open"] = True
        return fields

    def _put(self, ticket: str, fields: Mapping[str, Any]) -> TicketShape:
        quiet = {"admin_id": int(self._workspace.me().id), "skip_notifications": True}
        return self._line.write("PUT", f"/tickets/{ticket}", {**fields, **quiet}, missing="no_ticket").shaped(
            TicketShape
        )

    def _check(self, shown: TicketShape, change: TicketChange, admin: int, team: int) -> None:
        read = self._reader.ticket(shown)
        wrong = []
        if change.status is not None and not _is_so(change.status, read.status):
            wrong.append(f"the status {read.status_word or read.status}, not {change.status}")
        if change.priority is not None and read.priority is not change.priority:
            wrong.append(f"the priority {read.priority_word or 'none'}, not {change.priority}")
        if shown.admin_assignee_id != admin:
            wrong.append(f"{read.assignee or 'nobody'} as assignee, not {self._workspace.address(admin) or 'nobody'}")
        if shown.team_assignee_id != team:
            wrong.append(f"the team {read.group or 'none'}, not {self._workspace.team_name(team) or 'none'}")
        if wrong:
            raise refused(f"Intercom took the change of ticket {shown.id} and shows {'; '.join(wrong)}", "not_done")


CATEGORIES: Final[Mapping[TicketStatus, tuple[str, ...]]] = {
    TicketStatus.OPEN: ("in_progress", "submitted"),
    TicketStatus.PENDING: ("waiting_on_customer",),
    TicketStatus.SOLVED: ("resolved",),
    TicketStatus.CLOSED: ("resolved",),
}
"""The categories of states that a status may be in; a ticket that has to move goes to the first that its type has."""


def _is_so(wanted: TicketStatus, shown: TicketStatus) -> bool:
    """A ticket that is closed is solved, too: Intercom may close what is resolved."""
    return shown is wanted or (wanted is TicketStatus.SOLVED and shown in DONE)


def _next_hand(shown: TicketShape, admin: int, team: int) -> str | None:
    """The next assignment to send. The admin comes last, since a team may take them away and `nobody` the team."""
    if not admin and shown.admin_assignee_id:
        return NOBODY
    if team and shown.team_assignee_id != team:
        return str(team)
    if admin and shown.admin_assignee_id != admin:
        return str(admin)
    return None
