"""A stand-in for Intercom: as strict as its contract, with a search as late as it may be.

What Intercom leaves open is settled the hard way: an assignment to a team takes the admin away, and `0` takes both; the
search shows a ticket as it was `lag_s` ago; its pages come in an `order` of the stand-in's own, each naming the last
record read. `mails` is everybody whom Intercom would have written to.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from hashlib import sha256
from heapq import nsmallest
from operator import itemgetter
from typing import Any

import httpx

from automations.domain import Priority, TicketChange, TicketStatus
from tests.automations.adapters.contract import AGENTS, GROUPS
from tests.desks.fake import Call, FakeDesk, Refusal, Reply, route
from tests.support import FakeClock

TOKEN = "dG9rOnVuaXQtdGVzdA"
ADMIN_TOKEN = "dG9rOmFkbWluLXRlc3Q"
VERSION = "2.16"
WINDOW_S = 10
TYPE, OTHER_TYPE = "88", "89"
KEY_ID, PRIORITY_ID = "210", "211"
ME = "991267000"
BOT = {"type": "bot", "id": "991260001", "name": "Fin", "email": "operator@intercom.io"}
ITEMS = {
    "Low": "de1825a0-0164-4070-8ca6-13e22462fa01",
    "Medium": "de1825a0-0164-4070-8ca6-13e22462fa02",
    "High": "de1825a0-0164-4070-8ca6-13e22462fa03",
    "Urgent": "de1825a0-0164-4070-8ca6-13e22462fa04",
}
LABELS = {
    Priority.LOW: "Low",
    Priority.NORMAL: "Medium",
    Priority.HIGH: "High",
    Priority.URGENT: "Urgent",
}
STATES = {
    "submitted": ("8481", "Submitted"),
    "in_progress": ("8482", "In progress"),
    "waiting_on_customer": ("8483", "Waiting on customer"),
    "resolved": ("8484", "Resolved"),
}
CATEGORIES = {number: category for category, (number, _) in STATES.items()}
OF_STATUS = {
    TicketStatus.OPEN: "in_progress",
    TicketStatus.PENDING: "waiting_on_customer",
    TicketStatus.SOLVED: "resolved",
}
MOST_SHOWN = 1000
"""Changes of one ticket that the search may be behind by."""

COMPANY_ATTRIBUTES = frozenset({"region", "handoff_status", "seats"})


def error(status: int, code: str, message: str, where: str | None = None) -> Refusal:
    """An error as Intercom words it."""
    said = {"code": code, "message": message, **({"field": where} if where else {})}
    body = {"type": "error.list", "request_id": "b68959ea-6328-4f70-83cb-e7913dba1542", "errors": [said]}
    return Refusal(status, body)


@dataclass
class Held:
    """A ticket as it is, and as the search showed it since when."""

    id: str
    type: str
    title: str
    attributes: dict[str, Any]
    contact: str
    at: int
    state: str = "submitted"
    open: bool = True
    admin: int = 0
    team: int = 0
    updated: int = 0
    company: str | None = None
    parts: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False
    shown: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


class Intercom(FakeDesk):
    """A workspace with one ticket type of ours."""

    def __init__(
        self,
        clock: FakeClock,
        *,
        lag_s: int = 0,
        category: str = "Customer",
        order: str = "newest",
        allowed: int = 1667,
    ) -> None:
        super().__init__()
        self.clock = clock
        self.lag_s = lag_s
        self.category = category
        self.order = order
        self.allowed = allowed
        self.bot_signs = False
        self.drops: set[str] = set()
        self.required: list[str] = []
        self.mails: list[str] = []
        self.tickets: dict[str, Held] = {}
        self.companies: dict[str, dict[str, Any]] = {}
        self.scrolls = 0
        self.contacts: dict[str, str] = {}
        self.admins: dict[str, dict[str, Any]] = {}
        self.teams: dict[str, str] = {str(5017690 + number): name for number, name in enumerate(GROUPS)}
        self._window = (0, 0)
        self._ids = 600
        self.seed_admin("Handoff", "handoff@team.example", ME, role="Admin")
        for number, (name, email) in enumerate(AGENTS):
            self.seed_admin(name, email, str(991267400 + number), role="Support Agent")

    def seed_admin(self, name: str, email: str, admin: str, *, role: str = "Support Agent") -> None:
        """Have this teammate, in the first team."""
        self.admins[admin] = {
            "type": "admin", "id": admin, "name": name, "email": email, "away_mode_enabled": False,
            "away_mode_reassign": False, "has_inbox_seat": True, "team_ids": [5017690],
            "role": {"type": "role", "id": str(len(role)), "name": role},
        }  # fmt: skip

    def seed_ticket(self, key: str = "", title: str = "a ticket") -> str:
        """Have a ticket of our type that nobody has touched."""
        attributes = {"_default_title_": title, "_default_description_": "", "handoff_key": key}
        return self._add(TYPE, attributes, "a@team.example").id

    # What colleagues do on the screen.

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        held, who = self._held(ticket), self._author(by)
        if change.status is not None:
            self._set_state(held, OF_STATUS[change.status], who)
        if change.priority is not None:
            self._set_attribute(held, "Priority", ITEMS[LABELS[change.priority]], who)
        if change.assignee is not None:
            held.admin = int(self._author(change.assignee)["id"]) if change.assignee else 0
            self._part(held, "assignment", who, assigned_to={"type": "admin", "id": str(held.admin or "") or None})
        if change.group is not None:
            held.team = int(next(number for number, name in self.teams.items() if name == change.group))
            self._part(held, "assignment", who, assigned_to={"type": "team", "id": str(held.team)})

    def note(self, ticket: str, text: str, *, by: str) -> None:
        self._part(self._held(ticket), "note", self._author(by), body=f"<p>{text}</p>")

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        self._part(self._held(ticket), "comment", self._author(by), body=f"<p>{text}</p>")

    def customer_replies(self, ticket: str, text: str) -> None:
        held = self._held(ticket)
        who = {"type": "user", "id": held.contact, "name": "Joe Bloggs"}
        self._part(held, "comment", who, body=f"<p>{text}</p>")
        if held.state in ("resolved", "waiting_on_customer"):
            held.open = True
            self._set_state(held, "in_progress", BOT)

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        raise AssertionError("Intercom's tickets are not merged")

    def delete(self, ticket: str, *, by: str) -> None:
        self._held(ticket).deleted = True

    def workflow_sets(self, ticket: str, priority: Priority) -> None:
        """A workflow of the workspace changes the priority, as the workspace's bot."""
        self._set_attribute(self._held(ticket), "Priority", ITEMS[LABELS[priority]], BOT)

    def touch(self, ticket: str) -> None:
        """A change that leaves no part."""
        self._changed(self._held(ticket))

    # The door.

    def refuse(self, call: Call) -> Reply | None:
        if call.headers.get("Authorization") not in (f"Bearer {TOKEN}", f"Bearer {ADMIN_TOKEN}"):
            raise error(401, "unauthorized", "Access Token Invalid")
        if call.headers.get("Intercom-Version") != VERSION:
            raise error(400, "intercom_version_invalid", "The requested version could not be found")
        now = int(self.clock.now().timestamp())
        start, used = self._window
        self._window = (start, used + 1) if now < start + WINDOW_S else (now, 1)
        if self._window[1] > self.allowed:
            raise error(429, "rate_limit_exceeded", f"Exceeded rate limit of {self.allowed} in 10_seconds")
        return None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        start, used = self._window
        response.headers["X-RateLimit-Limit"] = str(self.allowed)
        response.headers["X-RateLimit-Remaining"] = str(max(self.allowed - used, 0))
        response.headers["X-RateLimit-Reset"] = str(start + WINDOW_S)
        return response

    def unknown(self, call: Call) -> Reply:
        raise error(404, "not_found", "The requested resource was not found")

    @route("GET", "/me")
    def _me(self, call: Call) -> Reply:
        own = {key: value for key, value in self.admins[ME].items() if key != "role"}
        app = {"type": "app", "id_code": "abc123", "name": "Northwind", "region": "EU"}
        return 200, {**own, "email_verified": True, "app": app}

    @route("GET", "/admins")
    def _admins(self, call: Call) -> Reply:
        return 200, {"type": "admin.list", "admins": list(self.admins.values())}

    @route("GET", "/admins/{id}")
    def _admin(self, call: Call) -> Reply:
        if call.names["id"] not in self.admins:
            raise error(404, "admin_not_found", "Admin for admin_id not found")
        return 200, self.admins[call.names["id"]]

    @route("GET", "/teams")
    def _teams(self, call: Call) -> Reply:
        teams = [{"type": "team", "id": number, "name": name, "admin_ids": []} for number, name in self.teams.items()]
        return 200, {"type": "team.list", "teams": teams}

    @route("GET", "/ticket_types")
    def _types(self, call: Call) -> Reply:
        return 200, {"type": "list", "data": [self._type(OTHER_TYPE), self._type(TYPE)]}

    @route("GET", "/ticket_states")
    def _states(self, call: Call) -> Reply:
        bare = {"type": "ticket_type", "id": TYPE, "name": "Incident", "archived": False, "category": self.category}
        other = {"type": "ticket_type", "id": OTHER_TYPE, "name": "Bug", "archived": False, "category": "Tracker"}
        states = [
            self._state(category) | {"id": number, "archived": archived, "ticket_types": {"type": "list", "data": [of]}}
            for category in STATES
            for number, archived, of in (
                (f"7{STATES[category][0]}", True, bare),
                (f"6{STATES[category][0]}", False, other),
                (STATES[category][0], False, bare),
            )
        ]
        return 200, {"type": "list", "data": states}

    @route("POST", "/tickets")
    def _create(self, call: Call) -> Reply:
        body = call.body
        if body.get("ticket_type_id") not in (TYPE, OTHER_TYPE):
            raise error(400, "parameter_invalid", "Ticket type is not valid", "ticket_type_id")
        contacts = body.get("contacts")
        if not contacts:
            raise error(400, "parameter_not_found", "contacts is required", "contacts")
        attributes = dict(body.get("ticket_attributes") or {})
        self._check(attributes)
        for name in self.required:
            if not attributes.get(name):
                raise error(400, "parameter_not_found", f"{name} is required to create this ticket", name)
        assignment = body.get("assignment") or {}
        admin = str(assignment.get("admin_assignee_id") or "0")
        team = str(assignment.get("team_assignee_id") or "0")
        if admin != "0" and admin not in self.admins:
            raise error(404, "admin_not_found", "Admin not found")
        if team != "0" and team not in self.teams:
            raise error(404, "team_not_found", "Team not found")
        if body.get("company_id") and body["company_id"] not in self.companies:
            raise error(404, "company_not_found", "Company Not Found")
        held = self._add(body["ticket_type_id"], attributes, contacts[0]["email"])
        held.admin, held.team, held.company = int(admin), int(team), body.get("company_id")
        if not body.get("skip_notifications"):
            self.mails.append(contacts[0]["email"])
        self._part(
            held, "ticket_state_updated_by_admin", BOT, ticket_state="submitted", previous_ticket_state="submitted"
        )
        return 200, self._ticket(held)

    @route("GET", "/tickets/{id}")
    def _get(self, call: Call) -> Reply:
        return 200, self._ticket(self._found(call.names["id"]))

    @route("PUT", "/tickets/{id}")
    def _put(self, call: Call) -> Reply:
        held, body = self._found(call.names["id"]), call.body
        who: Mapping[str, Any] = BOT
        if "admin_id" in body:
            if str(body["admin_id"]) not in self.admins:
                raise error(404, "admin_not_found", "Admin not found")
            who = self._author(self.admins[str(body["admin_id"])]["email"])
        changer = BOT if self.bot_signs else who
        number = body.get("ticket_state_id")
        if number is not None and number not in CATEGORIES:
            raise error(400, "parameter_invalid", "Ticket state id is not valid", "ticket_state_id")
        self._check(body.get("ticket_attributes") or {})
        for name, value in (body.get("ticket_attributes") or {}).items():
            if "ticket_attributes" not in self.drops:
                self._set_attribute(held, name, value, changer)
        if number is not None and "ticket_state_id" not in self.drops:
            self._set_state(held, CATEGORIES[number], changer)
        if "open" in body and "open" not in self.drops:
            held.open = body["open"]
            self._part(held, "open" if held.open else "close", who)
        if (hand := body.get("assignee_id")) is not None and "assignee_id" not in self.drops:
            self._assign(held, str(hand), who)
        if not body.get("skip_notifications"):
            self.mails.append(held.contact)
        return 200, self._ticket(held)

    @route("POST", "/tickets/{id}/reply")
    def _reply(self, call: Call) -> Reply:
        held, body = self._found(call.names["id"]), call.body
        if body.get("type") != "admin" or body.get("message_type") not in ("note", "comment"):
            raise error(400, "parameter_invalid", "Message type is not valid", "message_type")
        if body.get("admin_id") not in self.admins:
            raise error(404, "admin_not_found", "Admin not found")
        if not body.get("body"):
            raise error(400, "parameter_not_found", "body is required", "body")
        if body["message_type"] == "comment" and not body.get("skip_notifications"):
            self.mails.append(held.contact)
        who = self._author(self.admins[body["admin_id"]]["email"])
        part = self._part(held, body["message_type"], who, body=body["body"], app_package_code="handoff")
        return 200, part

    @route("POST", "/tickets/search")
    def _search(self, call: Call) -> Reply:
        paging = call.body.get("pagination") or {}
        per_page = paging.get("per_page", 20)
        if not 1 <= per_page <= 150:
            raise error(400, "parameter_invalid", "per_page must be between 1 and 150", "per_page")
        by = int((self.clock.now() - timedelta(seconds=self.lag_s)).timestamp())
        matches = self._predicate(call.body["query"])
        found = [one for held in self.tickets.values() if (one := _searched(held, by)) is not None and matches(one)]
        after = None if (token := paging.get("starting_after")) is None else _place(token)
        ranked = ((self._rank(one), one) for one in found)
        rest = nsmallest(per_page + 1, (one for one in ranked if after is None or one[0] > after), key=itemgetter(0))
        page, more = [one for _, one in rest[:per_page]], len(rest) > per_page
        place = {"per_page": per_page, "starting_after": _token(self._rank(page[-1]))} if more else None
        pages: dict[str, Any] = {
            "type": "pages", "page": 1, "per_page": per_page, "total_pages": -(-len(found) // per_page),
        }  # fmt: skip
        if place:
            pages["next"] = place
        return 200, {"type": "ticket.list", "tickets": page, "total_count": len(found), "pages": pages}

    @route("GET", "/companies")
    def _company_query(self, call: Call) -> Reply:
        by = "company_id" if "company_id" in call.query else "name"
        found = [one for one in self.companies.values() if one.get(by) == call.query.get(by)]
        if not found:
            raise error(404, "company_not_found", "Company Not Found")
        pages = {"type": "pages", "page": 1, "per_page": 15, "total_pages": 1}
        return 200, {"type": "list", "data": found, "pages": pages, "total_count": len(found)}

    @route("POST", "/companies")
    def _upsert(self, call: Call) -> Reply:
        body = call.body
        reference = body.get("company_id")
        there = [one for one in self.companies.values() if reference and one.get("company_id") == reference]
        if not there:
            number = f"{len(self.companies):024x}"
            self.companies[number] = {
                "type": "company", "id": number, "app_id": "abc123", "plan": {}, "custom_attributes": {},
                **({"company_id": reference} if reference else {}),
            }  # fmt: skip
            there = [self.companies[number]]
        return 200, self._company_change(there[0], body)

    @route("GET", "/companies/scroll")
    def _companies_by_scroll(self, call: Call) -> Reply:
        self.scrolls = 0 if "scroll_param" not in call.query else self.scrolls + 1
        page = list(self.companies.values())[self.scrolls * 100 : self.scrolls * 100 + 100]
        return 200, {"type": "list", "data": page, "scroll_param": "69352cd2-ab5b-42ac-b004-a13d4e55e9b0"}

    @route("POST", "/companies/list")
    def _company_list(self, call: Call) -> Reply:
        number, size = int(call.query.get("page", 1)), int(call.query.get("per_page", 15))
        if not 1 <= size <= 60:
            raise error(400, "parameter_invalid", "per_page must be between 1 and 60", "per_page")
        every = list(self.companies.values())
        every = every if call.query.get("order") == "asc" else every[::-1]
        pages = {"type": "pages", "page": number, "per_page": size, "total_pages": -(-len(every) // size)}
        page = every[(number - 1) * size : number * size]
        return 200, {"type": "list", "data": page, "pages": pages, "total_count": len(every)}

    @route("GET", "/companies/{id}")
    def _company(self, call: Call) -> Reply:
        if call.names["id"] not in self.companies:
            raise error(404, "company_not_found", "Company Not Found")
        return 200, self.companies[call.names["id"]]

    @route("PUT", "/companies/{id}")
    def _company_put(self, call: Call) -> Reply:
        if call.names["id"] not in self.companies:
            raise error(404, "company_not_found", "Company Not Found")
        if "company" in self.drops:
            return 200, self.companies[call.names["id"]]
        return 200, self._company_change(self.companies[call.names["id"]], call.body)

    def _company_change(self, company: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        wrong = set(body.get("custom_attributes") or {}) - COMPANY_ATTRIBUTES
        if wrong:
            raise error(400, "parameter_invalid", f"Custom attribute '{min(wrong)}' does not exist")
        if "name" in body:
            company["name"] = body["name"]
        if "plan" in body:
            company["plan"] = {"type": "plan", "id": "269315", "name": body["plan"]} if body["plan"] else {}
        company["custom_attributes"].update(body.get("custom_attributes") or {})
        return company

    # What a ticket is, and what becomes of it.

    def _held(self, ticket: str) -> Held:
        return self.tickets[ticket]

    def _found(self, ticket: str) -> Held:
        held = self.tickets.get(ticket)
        if held is None or held.deleted:
            raise error(404, "ticket_not_found", "Ticket not found")
        return held

    def _author(self, email: str) -> dict[str, Any]:
        admin = next(one for one in self.admins.values() if one["email"] == email.lower())
        return {"type": "admin", "id": admin["id"], "name": admin["name"], "email": admin["email"]}

    def _add(self, of: str, attributes: dict[str, Any], contact: str) -> Held:
        self._ids += 1
        now = int(self.clock.now().timestamp())
        number = self.contacts.setdefault(contact, f"{len(self.contacts):024x}")
        held = Held(str(self._ids), of, str(attributes.get("_default_title_", "")), attributes, number, now)
        self.tickets[held.id] = held
        self._changed(held)
        return held

    def _assign(self, held: Held, hand: str, who: Mapping[str, Any]) -> None:
        if hand == "0":
            held.admin = held.team = 0
            self._part(held, "assignment", who, assigned_to={"type": "admin", "id": None})
        elif hand in self.teams:
            held.admin, held.team = 0, int(hand)
            self._part(held, "assignment", who, assigned_to={"type": "team", "id": hand})
        elif hand in self.admins:
            held.admin = int(hand)
            self._part(held, "assignment", who, assigned_to={"type": "admin", "id": hand})
        else:
            raise error(400, "assignee_not_found", "Assignee not found", "assignee_id")

    def _check(self, attributes: Mapping[str, Any]) -> None:
        for name, value in attributes.items():
            if name not in ("_default_title_", "_default_description_", "handoff_key", "Priority", "Cause"):
                raise error(400, "parameter_invalid", f"Ticket attribute '{name}' does not exist", name)
            if name == "Priority" and value not in ITEMS.values():
                raise error(400, "parameter_invalid", "Value is not a list item of the attribute", name)

    def _set_state(self, held: Held, category: str, who: Mapping[str, Any]) -> None:
        before, held.state = held.state, category
        self._part(
            held, "ticket_state_updated_by_admin", who, ticket_state=category, previous_ticket_state=before
        )  # fmt: skip

    def _set_attribute(self, held: Held, name: str, value: Any, who: Mapping[str, Any]) -> None:
        held.attributes[name] = value
        number = {"handoff_key": KEY_ID, "Priority": PRIORITY_ID}.get(name, "209")
        label = next((one for one, item in ITEMS.items() if item == value), value)
        changed = {
            "attribute": {"type": "attribute", "id": number, "label": name},
            "value": {"type": "value", "id": value, "label": label},
        }
        self._part(held, "ticket_attribute_updated_by_admin", who, updated_attribute_data=changed)

    def _part(self, held: Held, kind: str, who: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        self._ids += 1
        now = int(self.clock.now().timestamp())
        part = {
            "type": "ticket_part", "id": str(self._ids), "part_type": kind, "created_at": now, "updated_at": now,
            "author": dict(who), "attachments": [], "redacted": False, **more,
        }  # fmt: skip
        held.parts.append(part)
        self._changed(held)
        return part

    def _changed(self, held: Held) -> None:
        held.updated = int(self.clock.now().timestamp())
        if held.shown and held.shown[-1][0] == held.updated:
            held.shown.pop()
        held.shown = [*(held.shown if self.lag_s else ()), (held.updated, self._ticket(held))][-MOST_SHOWN:]

    def _rank(self, ticket: Mapping[str, Any]) -> tuple[int, int]:
        number = int(ticket["id"])
        match self.order:
            case "newest":
                return -ticket["updated_at"], -number
            case "oldest":
                return ticket["updated_at"], number
        return _mixed(ticket["id"]), number

    def _predicate(self, query: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
        """Whether a ticket is searched for. Refuses what cannot be searched so."""
        name, operator, wanted = query.get("field"), query["operator"], query["value"]
        if operator in ("AND", "OR"):
            parts, of = [self._predicate(one) for one in wanted], all if operator == "AND" else any
            return lambda ticket: of(part(ticket) for part in parts)
        if name in ("created_at", "updated_at"):
            if operator != ">" or not str(wanted).isdecimal():
                raise error(400, "parameter_invalid", f"{name} cannot be searched like that", name)
            second = int(wanted)
            return lambda ticket: bool(ticket[name] >= second)
        if operator != "=":
            raise error(400, "parameter_invalid", f"{operator} is not for text", name)
        if name == "ticket_type_id":
            return lambda ticket: bool(ticket["ticket_type"]["id"] == wanted)
        if name == "admin_assignee_id":
            return lambda ticket: str(ticket["admin_assignee_id"]) == wanted
        if name == f"ticket_attribute.{KEY_ID}":
            words = str(wanted).lower()
            return lambda ticket: str(ticket["ticket_attributes"].get("handoff_key", "")).lower().startswith(words)
        raise error(400, "field_not_found", "The request ticket attribute ID is not a valid integer", name)

    def _state(self, category: str) -> dict[str, Any]:
        number, label = STATES[category]
        return {
            "type": "ticket_state", "id": number, "category": category, "internal_label": label,
            "external_label": label,
        }  # fmt: skip

    def _type(self, number: str) -> dict[str, Any]:
        ours = number == TYPE
        attributes = [("208", "_default_title_", "string"), ("209", "_default_description_", "string")]
        attributes += [(KEY_ID, "handoff_key", "string"), (PRIORITY_ID, "Priority", "list")] if ours else []
        items = {"list_options": [{"id": item, "label": label} for label, item in ITEMS.items()]}
        listed = [
            {
                "type": "ticket_type_attribute", "id": one, "name": name, "data_type": kind, "order": 0,
                "input_options": items if kind == "list" else {"multiline": False}, "archived": False,
                "ticket_type_id": int(number), "default": name.startswith("_"),
            }
            for one, name, kind in attributes
        ]  # fmt: skip
        return {
            "type": "ticket_type", "id": number, "name": "Incident" if ours else "Bug", "archived": False,
            "category": self.category if ours else "Tracker",
            "ticket_type_attributes": {"type": "list", "data": listed},
        }  # fmt: skip

    def _ticket(self, held: Held) -> dict[str, Any]:
        parts = held.parts[-500:]
        return {
            "type": "ticket", "id": held.id, "ticket_id": str(int(held.id) - 593),
            "ticket_attributes": dict(held.attributes), "ticket_state": self._state(held.state),
            "ticket_type": self._type_of(held.type),
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": held.contact}]},
            "admin_assignee_id": held.admin, "team_assignee_id": held.team, "created_at": held.at,
            "updated_at": held.updated, "open": held.open, "category": self.category, "is_shared": False,
            "ticket_parts": {"type": "ticket_part.list", "ticket_parts": parts, "total_count": len(held.parts)},
        }  # fmt: skip

    def _type_of(self, number: str) -> dict[str, Any]:
        return {"type": "ticket_type", "id": number, "name": "Incident", "archived": False, "category": self.category}

    def bodies(self, method: str, path: str) -> Iterator[Any]:
        """The bodies of the requests to addresses that begin so."""
        for one in self.exchanges:
            if one.request.method == method and one.request.url.path.startswith(path):
                yield json.loads(one.request.content)


def _searched(held: Held, by: int) -> dict[str, Any] | None:
    """What the search shows of a ticket: what it was at this second."""
    if held.deleted:
        return None
    return next((shown for at, shown in reversed(held.shown) if at <= by), None)


@cache
def _mixed(ticket: str) -> int:
    return int(sha256(ticket.encode()).hexdigest()[:8], 16)


def _token(rank: tuple[int, int]) -> str:
    return base64.b64encode(json.dumps(rank).encode()).decode()


def _place(token: str) -> tuple[int, int]:
    one, two = json.loads(base64.b64decode(token))
    return int(one), int(two)
