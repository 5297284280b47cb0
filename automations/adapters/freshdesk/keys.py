"""Tickets that bear our key: made once, and found again in lists, which show a ticket at once; searches are late.

A ticket of ours is made by two requests: the ticket with a neutral public line, then its private note. It counts as
made only when the note is there too. A crash in between leaves a ticket without the note; `find` does not show that
one, so that `create` is asked for again, which finds it and writes what is missing. No second ticket is made.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from automations.adapters.freshdesk.connection import API, EPOCH, listed, stamp
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.directory import Directory
from automations.adapters.freshdesk.fields import TicketFields, priority_number
from automations.adapters.freshdesk.options import Options
from automations.adapters.freshdesk.shapes import TicketRow, TicketRows
from automations.adapters.freshdesk.talk import Talk
from automations.adapters.http import Connection
from automations.adapters.markup import plain_as_html
from automations.domain import CustomerRef, IdempotencyKey, TicketDraft, TicketStatus
from automations.errors import Rejected

DESCRIPTION: Final = "Handoff opened this ticket for the team. What it knows stands in the private note."
"""The public line of our tickets: Freshdesk mails it to the requester, who is internal, and shows it in the portal."""
CLOCKS: Final = timedelta(minutes=10)
"""How far the desk's clock may be behind ours."""


class Keys:
    """Makes tickets and finds them by key. All are requested by `requester`, an internal address."""

    def __init__(
        self,
        connection: Connection,
        directory: Directory,
        talk: Talk,
        customers: FreshdeskCustomers,
        requester: str,
        options: Options,
    ) -> None:
        self._connection = connection
        self._directory = directory
        self._talk = talk
        self._customers = customers
        self._requester = requester
        self._options = options

    def find(self, key: IdempotencyKey, since: datetime | None) -> TicketRow | None:
        """The ticket of this key with its note, or one in the trash; None if it still has to be made.

        Raises: Rejected with the code `too_many` if the list ends before it is known that there is none.
        """
        field = self._directory.fields().key_field()
        row = self._with_key(key, field, since)
        if row is not None:
            return row if self._talk.noted(row.id, _first_note(key)) else None
        return self._with_key(key, field, since, filter="deleted")

    def create(self, draft: TicketDraft, key: IdempotencyKey) -> TicketRow:
        """Make the ticket and its note, or what is missing of them.

        Raises: Rejected with the code `no_agent`, `no_group` or `no_field`, before anything is made.
        """
        fields = self._directory.fields()
        body = self._body(draft, key, fields)
        row = self._with_key(key, fields.key_field(), draft.since)
        if row is None:
            row = self._post(body, draft.customer)
            self._talk.add_note(row.id, draft.body, author=None, key=_first_note(key))
        else:
            self._talk.note(row.id, draft.body, author=None, key=_first_note(key))
        return row

    def _with_key(self, key: str, field: str, since: datetime | None, **params: str) -> TicketRow | None:
        """Look through our requester's tickets, newest first, as far back as one of this key can be."""
        oldest = since - CLOCKS if since is not None else EPOCH
        for row in self._newest_first(oldest, params):
            if (row.custom_fields or {}).get(field) == key:
                return row
            if row.created_at < oldest:
                break
        return None

    def _newest_first(self, oldest: datetime, params: dict[str, str]) -> Iterator[TicketRow]:
        order = {"order_by": "created_at", "order_type": "desc"}
        asked = {"email": self._requester, "updated_since": stamp(oldest), **order, **params}
        return listed(self._connection, "/tickets", TicketRows, asked)

    def _post(self, body: dict[str, Any], customer: CustomerRef | None) -> TicketRow:
        company = self._company(customer)
        if company is not None:
            try:
                return self._made({**body, "company_id": company})
            except Rejected as exc:
                if exc.code != "require_feature" and "company_id" not in str(exc):
                    raise  # else the plan, or the requester, may not have it: nothing was made, and the rest is right
        return self._made(body)

    def _made(self, body: dict[str, Any]) -> TicketRow:
        return self._connection.write("POST", f"{API}/tickets", body).shaped(TicketRow)

    def _body(self, draft: TicketDraft, key: str, fields: TicketFields) -> dict[str, Any]:
        custom = {fields.key_field(): key}
        if draft.customer is not None and (field := fields.customer_field()) is not None:
            custom[field] = draft.customer.id
        assignee = {"responder_id": self._directory.agent_id(draft.assignee)} if draft.assignee else {}
        return {
            "subject": draft.subject,
            "description": plain_as_html(DESCRIPTION),
            "email": self._requester,
            "status": fields.status_number(TicketStatus.OPEN),
            "priority": priority_number(draft.priority),
            "group_id": self._directory.group_id(draft.group),
            "tags": list(draft.tags),
            "custom_fields": custom,
            **assignee,
        }

    def _company(self, customer: CustomerRef | None) -> int | None:
        if customer is None or not self._options.attach_company:
            return None
        found = self._customers.find_customer(reference=customer.id) or self._customers.by_name(customer.name)
        return int(found.id) if found else None


def _first_note(key: IdempotencyKey) -> IdempotencyKey:
    return IdempotencyKey(f"{key}/body")
