"""A stand-in for MuninX: accounts, tickets, messages and customer organizations, narrowed by the role of the token.

What the contract says is answered as it says; creating, listing and getting a ticket are inferred there as here. Error
statuses are those that HTTP means, since none is documented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, NoReturn

from automations.adapters.muninx.words import PRIORITY_TO, STATUS_TO
from automations.domain import TicketChange
from tests.desks.fake import Call, FakeDesk, Refusal, Reply, route

ADMIN_TOKEN, AGENT_TOKEN = "token-of-the-bot", "token-of-an-agent"
BOT = "handoff@team.example"
CUSTOMER = "carl@acme.example"
STAFF = ("admin", "agent")
STATUSES = ("new", "open", "pending", "on-hold", "solved")
PRIORITIES = ("low", "medium", "high", "urgent")
MOST_DOMAINS = 5


@dataclass
class FakeTicket:
    number: int
    fields: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)


class Muninx(FakeDesk):
    """`mail` is every e-mail that MuninX would have sent: (why, ticket or address). `now` is its clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.now = now
        self.users: dict[str, dict[str, Any]] = {}
        self.tickets: dict[str, FakeTicket] = {}
        self.organizations: dict[str, dict[str, Any]] = {}
        self.tokens = {ADMIN_TOKEN: BOT}
        self.mail: list[tuple[str, str]] = []
        self.deaf: set[str] = set()
        """Fields of a ticket or an account that are accepted and not changed."""
        self._numbers = count(1)
        self.seed("Handoff", "Bot", BOT, "admin")

    def seed(self, name: str, last: str, email: str, kind: str = "agent", status: str = "active") -> None:
        user = {"name": name, "last-name": last, "email": email, "type": kind, "status": status}
        self.users[email] = user | {"created-at": self._time(), "auto-assign-tickets": False}
        if kind in STAFF:
            self.users[email]["agent-type"] = "human"

    # who asks

    def refuse(self, call: Call) -> Reply | None:
        token = call.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            _refuse(call, 401, "unauthorized", "The token is missing, wrong or was deleted.")
        return None

    def asks(self, call: Call) -> dict[str, Any]:
        return self.users[self.tokens[call.headers["Authorization"].removeprefix("Bearer ")]]

    def unknown(self, call: Call) -> Reply:
        return _error(call, 404, "not_found", "There is no such page.")

    # tickets: the three inferred calls, and the one that is documented

    @route("POST", "/tickets")
    def create_ticket(self, call: Call) -> Reply:
        body = call.body
        for name in ("title", "description"):
            if not str(body.get(name) or "").strip():
                _refuse(call, 422, "validation", f"{name} must not be blank")
        allowed = {"title", "description", "priority", "assignee", "skip-notifications"}
        if unknown := set(body) - allowed:
            _refuse(call, 422, "validation", f"unknown fields: {', '.join(sorted(unknown))}")
        self._check_ticket(call, body)
        number = next(self._numbers)
        name = f"tkt_{number:06x}"
        kept = {"assignee": "", "priority": "medium"} | {k: v for k, v in body.items() if k != "skip-notifications"}
        times = {"created-at": self._time(), "updated-at": self._time()}
        creator = self.asks(call)["email"]
        self.tickets[name] = FakeTicket(number, {**kept, **times, "status": "new", "creator": creator})
        self._mail(body, "new ticket", name)
        return 201, self._ticket(name)

    @route("GET", "/tickets/{id}")
    def get_ticket(self, call: Call) -> Reply:
        self._found(call, call.names["id"])
        return 200, self._ticket(call.names["id"])

    @route("GET", "/tickets")
    def list_tickets(self, call: Call) -> Reply:
        seen = [name for name in sorted(self.tickets, reverse=True) if self._sees(call, name)]
        return 200, self._page(call, [self._ticket(name) for name in seen])

    @route("PATCH", "/tickets/{id}")
    def patch_ticket(self, call: Call) -> Reply:
        ticket = self._found(call, call.names["id"])
        if ticket.fields["status"] == "closed":
            _refuse(call, 409, "locked", "A closed ticket accepts no change.")
        if "assignee" in call.body and self.asks(call)["type"] != "admin":
            _refuse(call, 403, "forbidden", "Only admins assign tickets.")
        self._check_ticket(call, call.body)
        moved = {name: value for name, value in call.body.items() if name in ("assignee", "status", "priority")}
        ticket.fields |= {name: value for name, value in moved.items() if name not in self.deaf}
        ticket.fields["updated-at"] = self._time()
        self._mail(call.body, "changed ticket", call.names["id"])
        return 200, {"message": "ticket updated"}

    def _check_ticket(self, call: Call, body: Mapping[str, Any]) -> None:
        if body.get("status", "new") not in STATUSES:
            _refuse(call, 422, "validation", f"status may be {', '.join(STATUSES)}")
        if body.get("priority", "low") not in PRIORITIES:
            _refuse(call, 422, "validation", f"priority may be {', '.join(PRIORITIES)}")
        if (assignee := body.get("assignee")) and self.users.get(assignee, {}).get("type") not in STAFF:
            _refuse(call, 422, "validation", f"{assignee} is no agent of this workspace")

    def _ticket(self, name: str) -> dict[str, Any]:
        ticket = self.tickets[name]
        return {"id": name, "number": ticket.number, **ticket.fields}

    def _found(self, call: Call, name: str) -> FakeTicket:
        if name not in self.tickets or not self._sees(call, name):
            _refuse(call, 404, "not_found", "The ticket is missing or hidden from you.")
        return self.tickets[name]

    def _sees(self, call: Call, name: str) -> bool:
        who, fields = self.asks(call), self.tickets[name].fields
        return who["type"] == "admin" or who["email"] in (fields["assignee"], fields["creator"])

    # messages

    @route("GET", "/messages")
    def list_messages(self, call: Call) -> Reply:
        ticket = self._found(call, call.query.get("ticket-id", ""))
        return 200, self._page(call, ticket.messages)

    @route("POST", "/messages")
    def create_message(self, call: Call) -> Reply:
        body = call.body
        ticket = self._found(call, body["ticket-id"])
        if not body["body"].strip():
            _refuse(call, 400, "bad_request", "body must not be blank")
        if ticket.fields["status"] == "closed":
            _refuse(call, 403, "locked", "A closed ticket accepts no message.")
        who = self.asks(call)
        if not body.get("skip-ticket-update"):
            default = ticket.fields["status"] if body["type"] == "internal" else "pending"
            ticket.fields["status"] = body.get("new-status", default)
            ticket.fields["updated-at"] = self._time()
        self._tell(ticket, who["email"], who["type"], body["type"], body["body"])
        self._mail(body, f"{body['type']} message", body["ticket-id"])
        return 201, {"id": f"msg_{len(ticket.messages)}"}

    def _tell(self, ticket: FakeTicket, author: str, role: str, kind: str, body: str) -> None:
        said = {"author": author, "author-role": role, "posted-at": self._time(), "type": kind, "body": body}
        ticket.messages.append(said)

    def _page(self, call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
        limit = int(call.query.get("limit", "25"))
        if not 1 <= limit <= 100:
            _refuse(call, 400, "bad_request", "limit is 1 to 100")
        begin = int(call.query.get("pageToken", "p0").removeprefix("p"))
        more = {"nextPageToken": f"p{begin + limit}"} if begin + limit < len(rows) else {}
        return {"items": rows[begin : begin + limit], "limit": limit, **more}

    # search, whose index is as late as `indexed` says

    indexed: Callable[[str], bool] = staticmethod(lambda _name: True)

    @route("POST", "/search")
    def search(self, call: Call) -> Reply:
        assert call.body["filters"]["kind"] == ["title"]
        words = call.body["q"].lower().strip("[]").split("-")
        found = [
            name
            for name, ticket in self.tickets.items()
            if self._sees(call, name) and self.indexed(name) and all(w in ticket.fields["title"].lower() for w in words)
        ]
        return 200, {"ticket-ids": found, "found": len(found), "page": 1, "per-page": 20}

    means: Mapping[str, tuple[str, float]] = {}
    """What the analytics tell: for each metric the name of the figure, and the figure."""

    @route("POST", "/analytics")
    def analytics(self, call: Call) -> Reply:
        assert call.body["from"] <= call.body["to"]
        told = self.means.get(call.body["metric"])
        return 200, {"data": [{"group": "", told[0]: told[1]}] if told else [{}]}

    # accounts

    @route("GET", "/users")
    def list_users(self, call: Call) -> Reply:
        kinds = call.query["type"].split(",") if "type" in call.query else (*STAFF, "customer")
        return 200, {"users": [user for user in self.users.values() if user["type"] in kinds]}

    @route("GET", "/users/{email}")
    def get_user(self, call: Call) -> Reply:
        return 200, self._user(call)

    @route("POST", "/users")
    def invite_user(self, call: Call) -> Reply:
        self._admins_only(call)
        body = call.body
        if body["email"] in self.users:
            _refuse(call, 409, "conflict", "This address has an account already.")
        if (body["type"] in STAFF) != ("agent-type" in body):
            _refuse(call, 422, "validation", "agent-type is for admins and agents, who need it")
        self.users[body["email"]] = {**body, "status": "pending"}
        self.mail.append(("invitation", body["email"]))
        return 200, "An invitation was sent."

    @route("PUT", "/users/{email}")
    def update_user(self, call: Call) -> Reply:
        self._admins_only(call)
        user = self._user(call)
        user |= {name: value for name, value in call.body.items() if name not in self.deaf}
        if user["type"] == "customer":
            user.pop("agent-type", None)
        return 200, "The account was updated."

    @route("POST", "/users/{email}/activation-email")
    def activation(self, call: Call) -> Reply:
        self.mail.append(("invitation", self._user(call)["email"]))
        return 200, "The e-mail was sent."

    def accepts(self, email: str) -> None:
        """The person uses the link that was mailed to them."""
        self.users[email]["status"] = "active"

    def signs_in(self, email: str) -> datetime:
        """The person signs in now, which no call tells of."""
        return self.now()

    def _user(self, call: Call) -> dict[str, Any]:
        email = call.names["email"]
        email = self.asks(call)["email"] if email == "me" else email
        if email not in self.users:
            _refuse(call, 404, "not_found", f"There is no account {email}.")
        return self.users[email]

    def _admins_only(self, call: Call) -> None:
        if self.asks(call)["type"] != "admin":
            _refuse(call, 403, "forbidden", "Admins only.")

    # customer organizations

    @route("POST", "/customer-organizations")
    def create_organization(self, call: Call) -> Reply:
        self._admins_only(call)
        self._check_domains(call, call.body, "")
        name = f"org_{len(self.organizations) + 1}"
        self.organizations[name] = {"id": name, "status": "Active", "created-at": self._time(), **call.body}
        return 200, self.organizations[name]

    @route("GET", "/customer-organizations/lookup")
    def lookup(self, call: Call) -> Reply:
        for found in self.organizations.values():
            if call.query["domain"].lower() in [one.lower() for one in found.get("domains", ())]:
                return 200, found
        return _refuse(call, 404, "not_found", "No organization has this domain.")

    @route("PATCH", "/customer-organizations/{id}")
    def update_organization(self, call: Call) -> Reply:
        self._admins_only(call)
        if call.names["id"] not in self.organizations:
            _refuse(call, 404, "not_found", "There is no such organization.")
        self._check_domains(call, call.body, call.names["id"])
        kept = {name: value for name, value in call.body.items() if name not in self.deaf}
        self.organizations[call.names["id"]] |= kept
        return 200, "The organization was updated."

    def _check_domains(self, call: Call, body: Mapping[str, Any], own: str) -> None:
        wanted = body.get("domains", [])
        if len(wanted) > MOST_DOMAINS:
            _refuse(call, 422, "validation", "An organization has at most five domains.")
        others = [one for name, one in self.organizations.items() if name != own]
        if taken := {domain for one in others for domain in one.get("domains", ())} & set(wanted):
            _refuse(call, 409, "conflict", f"{', '.join(taken)}: another organization has this domain.")

    def _mail(self, body: Mapping[str, Any], why: str, about: str) -> None:
        if not body.get("skip-notifications"):
            self.mail.append((why, about))

    def _time(self) -> str:
        return self.now().isoformat().replace("+00:00", "Z")


@dataclass
class PeopleAtWork:
    """Colleagues and a customer at work in MuninX itself."""

    desk: Muninx

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        fields = self.desk.tickets[ticket].fields
        if change.status is not None:
            fields["status"] = STATUS_TO[change.status]
        if change.priority is not None:
            fields["priority"] = PRIORITY_TO[change.priority]
        if change.assignee is not None:
            fields["assignee"] = change.assignee

    def note(self, ticket: str, text: str, *, by: str) -> None:
        self.desk._tell(self.desk.tickets[ticket], by, "agent", "internal", text)

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        self.desk._tell(self.desk.tickets[ticket], by, "agent", "external", text)
        self.desk.tickets[ticket].fields["status"] = "pending"

    def customer_replies(self, ticket: str, text: str) -> None:
        self.desk._tell(self.desk.tickets[ticket], CUSTOMER, "customer", "external", text)
        self.desk.tickets[ticket].fields["status"] = "open"

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        raise AssertionError("MuninX merges no tickets")

    def delete(self, ticket: str, *, by: str) -> None:
        del self.desk.tickets[ticket]


def _error(call: Call, status: int, code: str, words: str) -> Reply:
    if call.path.startswith("/messages"):
        return status, {"code": code, "message": words, "error": words}
    if call.path.startswith(("/users", "/tokens")):
        problem = {"type": f"https://docs.muninx.com/errors/{code}", "title": code, "status": status, "detail": words}
        return status, problem, {"Content-Type": "application/problem+json"}
    return status, {"title": code, "detail": words}


def _refuse(call: Call, status: int, code: str, words: str) -> NoReturn:
    reply = _error(call, status, code, words)
    raise Refusal(reply[0], reply[1], reply[2] if len(reply) == 3 else None)
