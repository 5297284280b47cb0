"""A stand-in for Freshdesk: its tickets and conversations, refusing what the vendor's reference says it refuses.

`FakeFreshdesk` is an account whose `/api/v2` answers in the vendor's form. KEY belongs to an administrator, PLAIN_KEY
to an ordinary agent. `mails` are those that Freshdesk would send to requesters and to addresses that a call names.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import chain
from typing import Any

from tests.desks.fake import Call, Refusal, Reply, route
from tests.desks.freshdesk_companies import Companies
from tests.desks.freshdesk_parts import (
    CREATE,
    LIST,
    NOTE,
    REPLY,
    UPDATE,
    invalid,
    number,
    only,
    stamp,
)
from tests.desks.freshdesk_people import People
from tests.support import FakeClock

KEY = "fd-admin-key-0001"
PLAIN_KEY = "fd-plain-key-0002"
REQUESTER = "handoff@team.example"
URL = "https://desk.example"
INTEGRATION = 900
LATE = timedelta(minutes=3)
"""How long the search does not know of a change."""
SEARCH_PAGES, SEARCH_SIZE = 10, 30


class FakeFreshdesk(People, Companies):
    """One account. `per_minute` is what its plan allows, None for no limit that matters."""

    def __init__(self, clock: FakeClock, *, per_minute: int | None = None) -> None:
        super().__init__(clock)
        self.per_minute = per_minute
        self.used: dict[int, int] = {}
        self.tickets: dict[int, dict[str, Any]] = {}
        self.said: dict[int, list[dict[str, Any]]] = {}
        self.searched: dict[int, list[tuple[datetime, dict[str, Any]]]] = {}
        self.mails: list[str] = []
        self.multiple_companies = False
        self.next = 1
        self.last_said = 70_000
        self.keys = {KEY: INTEGRATION, PLAIN_KEY: self.agent("Plain Bot", "plain@team.example", role=4)}
        self.agent("Handoff", "bot@team.example", role=1, number=INTEGRATION)
        self.ticket_fields: list[dict[str, Any]] = [
            {
                "id": 3,
                "name": "status",
                "label": "Status",
                "type": "default_status",
                "default": True,
                "required_for_closure": False,
                "choices": {
                    "2": ["Open", "Being Processed"],
                    "3": ["Pending", "Awaiting your Reply"],
                    "4": ["Resolved", "This ticket has been Resolved"],
                    "5": ["Closed", "This ticket has been Closed"],
                    "6": ["Waiting on Customer", "Awaiting your Reply"],
                    "7": ["Waiting on Third Party", "Being Processed"],
                    "8": ["In the lab", "Being Processed"],
                },
            },
            self.field(20, "ticket_type", "Type", kind="default_ticket_type", choices=["Incident", "Question"]),
            self.field(21, "cf_handoff_key", "Handoff key"),
            self.field(22, "cf_handoff_customer", "Handoff customer"),
        ]

    @staticmethod
    def field(identity: int, name: str, label: str, *, kind: str = "custom_text", **more: Any) -> dict[str, Any]:
        """A field as `/ticket_fields` shows it."""
        plain = {"default": kind.startswith("default_"), "required_for_agents": False, "required_for_closure": False}
        return {"id": identity, "name": name, "label": label, "type": kind, **plain, **more}

    def require(self, name: str, label: str, options: list[str]) -> None:
        """Make a field that has to be filled in before a ticket is solved."""
        more = {"choices": options, "required_for_closure": True}
        self.ticket_fields.append(self.field(30 + len(self.ticket_fields), name, label, kind="custom_dropdown", **more))

    # ---- what stands before every address

    def refuse(self, call: Call) -> Reply | None:
        """Credentials, then what the plan allows. Refused calls count."""
        minute = int(self.clock.now().timestamp()) // 60
        self.used[minute] = self.used.get(minute, 0) + 1
        if self.per_minute is not None and self.used[minute] > self.per_minute:
            said = {"message": "You have exceeded the limit of requests per minute"}
            wait = 60 - int(self.clock.now().timestamp()) % 60
            return 429, said, {"Retry-After": str(wait), **self._rate()}
        kind, _, words = call.headers.get("Authorization", "").partition(" ")
        given = b64decode(words).decode().partition(":")[0] if kind == "Basic" else ""
        if given not in self.keys:
            said = {"code": "invalid_credentials", "message": "You have to be logged in to perform this action."}
            return 401, said
        self.caller = self.keys[given]
        return None

    def _rate(self) -> dict[str, str]:
        minute = int(self.clock.now().timestamp()) // 60
        total = self.per_minute or 100_000
        left = max(total - self.used.get(minute, 0), 0)
        return {
            "X-RateLimit-Total": str(total),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used-CurrentRequest": "1",
        }

    def headers(self) -> dict[str, str]:
        """What every answer bears."""
        return {"Date": format_datetime(self.clock.now().astimezone(UTC), usegmt=True), **self._rate()}

    # ---- tickets

    @route("GET", "/api/v2/tickets")
    def list_tickets(self, call: Call) -> Reply:
        only(call.query, LIST)
        rows = [row for row in self.tickets.values() if bool(row["deleted"]) == (call.query.get("filter") == "deleted")]
        if "updated_since" in call.query:
            since = stamp(datetime.fromisoformat(call.query["updated_since"]))
            rows = [row for row in rows if row["updated_at"] >= since]
        else:
            month = stamp(self.clock.now() - timedelta(days=30))
            rows = [row for row in rows if row["created_at"] >= month]
        if "email" in call.query:
            who = self.contact_by_email(call.query["email"])
            rows = [row for row in rows if who is not None and row["requester_id"] == who["id"]]
        order, down = call.query.get("order_by", "created_at"), call.query.get("order_type", "desc") == "desc"
        rows.sort(key=lambda row: (row[order], row["id"]), reverse=down)
        return self.page(call, rows, lambda row: self._listed(row), last=300)

    @route("POST", "/api/v2/tickets")
    def create_ticket(self, call: Call) -> Reply:
        body = self._fields_known(only(call.body, CREATE))
        if not body.get("email"):
            raise Refusal(400, invalid("email", "Mandatory attribute missing", "missing_field"))
        self._values_known(body)
        if body.get("company_id") is not None and not self.multiple_companies:
            said = {
                "code": "require_feature",
                "message": "The multiple_user_companies feature is not supported in your plan",
            }
            raise Refusal(403, said)
        requester = self.contact(body["email"], company=body.get("company_id"))
        row = self.put_ticket(
            requester=requester,
            **{name: body[name] for name in body if name not in ("email", "name")},
        )
        self._mail(requester, "your ticket was received")
        return 201, self._whole(row), {**self.headers(), "Location": f"{URL}/api/v2/tickets/{row['id']}"}

    def put_ticket(self, *, requester: int, **values: Any) -> dict[str, Any]:
        """Have a ticket, without a word to anybody."""
        now = stamp(self.clock.now())
        identity = self.next
        self.next += 1
        row = {
            "id": identity, "subject": None, "description": "", "status": 2, "priority": 1, "source": 2, "type": None,
            "responder_id": None, "group_id": None, "company_id": None, "tags": [], "spam": False, "deleted": False,
            "created_at": now, "updated_at": now, "first_responded_at": None, "resolved_at": None,
            "requester_id": requester, **values,
        }  # fmt: skip
        row["custom_fields"] = {**dict.fromkeys(self._custom_names()), **(values.get("custom_fields") or {})}
        self.tickets[identity] = row
        self.said[identity] = []
        self.index(row)
        return row

    @route("GET", "/api/v2/tickets/{id}")
    def view_ticket(self, call: Call) -> Reply:
        only(call.query, {"include"})
        row, include = self._ticket(call), call.query.get("include", "")
        shown = self._whole(row)
        if "stats" in include:
            shown["stats"] = {
                "first_responded_at": row["first_responded_at"],
                "resolved_at": row["resolved_at"],
                "closed_at": None,
            }
        if "requester" in include:
            who = self.contacts[row["requester_id"]]
            shown["requester"] = {
                "id": who["id"],
                "name": who["name"],
                "email": who["email"],
                "mobile": None,
                "phone": None,
            }
        return 200, shown, self.headers()

    @route("PUT", "/api/v2/tickets/{id}")
    def update_ticket(self, call: Call) -> Reply:
        row = self._ticket(call)
        if row["deleted"]:
            return 404, None, self.headers()
        body = self._fields_known(only(call.body, UPDATE))
        self._values_known(body)
        custom = row["custom_fields"] | (body.get("custom_fields") or {})
        if body.get("status") in (4, 5):
            for one in self.ticket_fields:
                value = body.get("type", row["type"]) if one["name"] == "ticket_type" else custom.get(one["name"])
                if one.get("required_for_closure") and not value:
                    raise Refusal(
                        400,
                        invalid(one["name"], "It should not be blank as this is a mandatory field", "missing_field"),
                    )
        self.change(row, {**body, "custom_fields": custom})
        return 200, self._whole(row), self.headers()

    def change(self, row: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Change a ticket's fields, as the desk itself does it."""
        if values.get("status") in (4, 5) and row["status"] not in (4, 5):
            row["resolved_at"] = stamp(self.clock.now())
        row.update(values)
        row["updated_at"] = stamp(self.clock.now())
        self.index(row)

    def index(self, row: dict[str, Any]) -> None:
        """What the search will show of the ticket in some minutes."""
        self.searched.setdefault(row["id"], []).append((self.clock.now(), dict(row)))

    @route("GET", "/api/v2/search/tickets")
    def search_tickets(self, call: Call) -> Reply:
        only(call.query, {"query", "page"})
        page, words = int(call.query.get("page", 1)), call.query.get("query", "")
        if not 1 <= page <= SEARCH_PAGES:
            raise Refusal(
                400, invalid("page", "It should be a Positive Integer less than or equal to 10", "invalid_value")
            )
        asked = re.fullmatch(r'"agent_id:(\d+) AND \((status:\d+(?: OR status:\d+)*)\)"', words)
        if asked is None or len(words) > 514:
            raise Refusal(400, invalid("query", "Given query is invalid", "invalid_value"))
        agent, statuses = int(asked.group(1)), {int(one) for one in re.findall(r"status:(\d+)", asked.group(2))}
        by = self.clock.now() - LATE
        told = [[row for at, row in known if at <= by][-1:] for known in self.searched.values()]
        found = [
            self._listed(row)
            for row in chain.from_iterable(told)
            if row["responder_id"] == agent and row["status"] in statuses and not row["deleted"]
        ]
        here = found[(page - 1) * SEARCH_SIZE : page * SEARCH_SIZE]
        return 200, {"total": len(found), "results": here}, self.headers()

    def delete(self, ticket: int) -> None:
        """Move a ticket into the trash."""
        self.change(self.tickets[ticket], {"deleted": True})

    # ---- conversations

    @route("GET", "/api/v2/tickets/{id}/conversations")
    def list_conversations(self, call: Call) -> Reply:
        row = self._ticket(call)
        if row["deleted"]:
            return 404, None, self.headers()
        only(call.query, {"page", "per_page"})
        return self.page(call, self.said[row["id"]], dict)

    @route("POST", "/api/v2/tickets/{id}/notes")
    def create_note(self, call: Call) -> Reply:
        row, body = self._ticket(call), only(call.body, NOTE)
        if row["deleted"]:
            return 404, None, self.headers()
        if not body.get("body"):
            raise Refusal(400, invalid("body", "Mandatory attribute missing", "missing_field"))
        user = self._speaker(body)
        self._mail_all(body.get("notify_emails", []), "a note")
        said = self.say(row, body["body"], user=user, private=body.get("private", True), source=2)
        return 201, {**said, "notified_to": body.get("notify_emails", [])}, self.headers()

    @route("POST", "/api/v2/tickets/{id}/reply")
    def create_reply(self, call: Call) -> Reply:
        row, body = self._ticket(call), only(call.body, REPLY)
        if row["deleted"]:
            return 404, None, self.headers()
        said = self.say(row, body["body"], user=self._speaker(body), private=False, source=0)
        row["first_responded_at"] = row["first_responded_at"] or stamp(self.clock.now())
        self._mail(row["requester_id"], "a reply")
        self._mail_all([*body.get("cc_emails", []), *body.get("bcc_emails", [])], "a reply")
        return 201, said, self.headers()

    def say(
        self, row: dict[str, Any], body: str, *, user: int, private: bool, source: int, incoming: bool = False
    ) -> dict[str, Any]:
        """Add a message to a ticket."""
        now = stamp(self.clock.now())
        self.last_said += 1
        said = {
            "id": self.last_said, "ticket_id": row["id"], "body": f"<div>{body}</div>",
            "body_text": re.sub("<[^>]+>", " ", body),
            "incoming": incoming, "private": private, "source": source, "user_id": user, "support_email": None,
            "from_email": None, "to_emails": [], "cc_emails": [], "bcc_emails": [], "attachments": [],
            "last_edited_at": None, "last_edited_user_id": None, "created_at": now, "updated_at": now,
        }  # fmt: skip
        self.said[row["id"]].append(said)
        row["updated_at"] = now
        return said

    @route("GET", "/api/v2/ticket_fields")
    def list_ticket_fields(self, call: Call) -> Reply:
        return 200, self.ticket_fields, self.headers()

    # ---- inside

    def _ticket(self, call: Call) -> dict[str, Any]:
        row = self.tickets.get(number(call.names["id"]))
        if row is None:
            raise Refusal(404, None, self.headers())
        return row

    def _whole(self, row: dict[str, Any]) -> dict[str, Any]:
        """One ticket as it is shown alone; the trash is named there only."""
        hidden = {"first_responded_at", "resolved_at", *(() if row["deleted"] else ("deleted",))}
        shown = {name: value for name, value in row.items() if name not in hidden}
        return {**shown, "description_text": re.sub("<[^>]+>", "", row["description"]), "attachments": []}

    def _listed(self, row: dict[str, Any]) -> dict[str, Any]:
        """A list leaves out descriptions and tags."""
        hidden = {"first_responded_at", "resolved_at", "description", "tags", "deleted"}
        return {name: value for name, value in row.items() if name not in hidden}

    def _custom_names(self) -> list[str]:
        return [one["name"] for one in self.ticket_fields if not one["default"]]

    def _fields_known(self, body: dict[str, Any]) -> dict[str, Any]:
        for name in body.get("custom_fields") or {}:
            if name not in self._custom_names():
                raise Refusal(400, invalid(name, "Unexpected/invalid field in request", "invalid_field"))
        return body

    def _values_known(self, body: dict[str, Any]) -> None:
        states = [int(one) for one in self.ticket_fields[0]["choices"]]
        allowed: dict[str, list[Any]] = {
            "status": states,
            "priority": [1, 2, 3, 4],
            "group_id": [None, *self.groups],
            "responder_id": [None, *self.agents],
            "company_id": [None, *self.companies],
        }
        for name, values in allowed.items():
            if name in body and body[name] not in values:
                raise Refusal(400, invalid(name, f"It should be one of these values: '{values}'", "invalid_value"))
        for one in self.ticket_fields:
            value = (body.get("custom_fields") or {}).get(one["name"])
            if one["type"] == "custom_dropdown" and value is not None and value not in one["choices"]:
                raise Refusal(
                    400, invalid(one["name"], f"It should be one of these values: {one['choices']}", "invalid_value")
                )
        if any(len(tag) > 32 for tag in body.get("tags") or ()):
            raise Refusal(
                400,
                invalid("tags", "It should only contain elements that have maximum of 32 characters", "invalid_value"),
            )

    def _speaker(self, body: Mapping[str, Any]) -> int:
        user = body.get("user_id", self.caller)
        if user not in self.agents:
            raise Refusal(400, invalid("user_id", "There is no person matching the given user_id", "invalid_value"))
        return int(user)

    def _mail(self, requester: int, what: str) -> None:
        self._mail_all([self.contacts[requester]["email"]], what)

    def _mail_all(self, addresses: list[str], what: str) -> None:
        self.mails += [f"{address}: {what}" for address in addresses]
