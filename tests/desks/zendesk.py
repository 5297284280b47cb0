"""A stand-in for Zendesk: tickets, comments, the incremental export that hides its last minute, and people at work."""

import base64
import json
import re
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from automations.adapters.markup import markdown_as_html, plain_as_html
from automations.domain import TicketChange, TicketStatus
from tests.desks.fake import Call, Reply, route
from tests.desks.zendesk_account import invalid, iso, missing, refusal
from tests.desks.zendesk_people import ZendeskPeople
from tests.support import FakeClock

WORDS = {TicketStatus.ON_HOLD: "hold"}
LATE = timedelta(minutes=1)
SETTABLE = ("subject", "priority", "group_id", "assignee_id", "organization_id", "external_id", "status", "tags")


class FakeZendesk(ZendeskPeople):
    """`required` are fields by id, with their labels, that must be filled in before a ticket is solved."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.tickets: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.metrics: dict[int, dict[str, Any]] = {}
        self.required: dict[int, str] = {}
        self.searched: dict[int, list[tuple[datetime, dict[str, Any]]]] = {}
        self._replays: dict[str, tuple[Any, str, dict[str, Any]]] = {}
        self.customer = self.seed_user("Acme GmbH", None, "end-user")

    @route("POST", "/api/v2/tickets")
    def create(self, call: Call) -> Reply:
        key, said = call.headers.get("Idempotency-Key"), json.dumps(call.body, sort_keys=True)
        at, before, answer = self._replays.get(key or "", (None, "", {}))
        if key and at is not None and self.clock.now() < at + timedelta(hours=2):
            if before != said:
                words = "The Idempotency-Key was used with other parameters"
                raise refusal(400, "IdempotentRequestError", words)
            return 201, answer, {"x-idempotency-lookup": "hit"}
        asked = call.body["ticket"]
        self._check(asked)
        ticket = self.seed_ticket(
            **{name: asked[name] for name in SETTABLE if name in asked}, requester_id=self._requester(asked, call)
        )
        ticket["status"] = asked.get("status") or ("open" if ticket["assignee_id"] else "new")
        self._say(ticket, asked["comment"], self.caller(call), "api")
        self._index(ticket)
        answer = {"ticket": dict(ticket)}
        if key:
            self._replays[key] = self.clock.now(), said, answer
        return 201, answer, {"x-idempotency-lookup": "miss"}

    def seed_ticket(self, **values: Any) -> dict[str, Any]:
        """A ticket as it lies in the desk, without a comment."""
        number, now = len(self.tickets) + 1, self.clock.now()
        empty = dict.fromkeys(("external_id", "priority", "assignee_id", "group_id", "organization_id"))
        ticket: dict[str, Any] = {
            "id": number,
            "url": f"https://desk.example/api/v2/tickets/{number}.json",
            "subject": "",
            "status": "new",
            "requester_id": self.customer,
            **empty,
            "tags": [],
            "custom_fields": [{"id": field, "value": None} for field in self.required],
            "generated_timestamp": int(now.timestamp()),
            "created_at": iso(now),
            "updated_at": iso(now),
        }
        self.tickets[number] = ticket | values
        self.comments[number] = []
        self._index(self.tickets[number])
        return self.tickets[number]

    @route("GET", "/api/v2/tickets")
    def list_tickets(self, call: Call) -> Reply:
        wanted = call.query.get("external_id")
        alive = [one for one in self.tickets.values() if one["status"] != "deleted"]
        found = [one for one in alive if wanted is None or one["external_id"] == wanted]
        return self.page(call, "tickets", found, self._with(call, found))

    @route("GET", "/api/v2/tickets/{id}")
    def show(self, call: Call) -> Reply:
        ticket = self._ticket(call)
        return 200, {"ticket": ticket, **self._with(call, [ticket])}

    @route("PUT", "/api/v2/tickets/{id}")
    def update(self, call: Call) -> Reply:
        ticket, asked = self._ticket(call), call.body["ticket"]
        self.limit(f"ticket {ticket['id']}", 30, timedelta(minutes=10))
        if ticket["status"] == "closed":
            raise invalid("status", "Status: closed prevents ticket update")
        if asked.get("safe_update") and asked["updated_stamp"] != ticket["updated_at"]:
            raise refusal(409, "UpdateConflict", "Safe Update prevented the update due to outdated ticket data")
        self._check(asked)
        filled = {one["id"]: one["value"] for one in ticket["custom_fields"]}
        filled |= {one["id"]: one["value"] for one in asked.get("custom_fields", [])}
        if asked.get("status") == "solved" and (empty := [n for n in self.required if not filled.get(n)]):
            raise invalid("base", *(f"{self.required[n]}: is required when solving a ticket" for n in empty))
        ticket |= {name: asked[name] for name in SETTABLE if name in asked}
        ticket["custom_fields"] = [{"id": number, "value": value} for number, value in filled.items()]
        if ticket["status"] == "new" and ticket["assignee_id"]:
            ticket["status"] = "open"
        if "comment" in asked:
            self._say(ticket, asked["comment"], self.caller(call), "api")
        self.touch(ticket)
        return 200, {"ticket": ticket}

    @route("GET", "/api/v2/tickets/{id}/comments")
    def list_comments(self, call: Call) -> Reply:
        said = self.comments[self._ticket(call)["id"]]
        # by time alone: what shares a second keeps its order, the older one first
        said = sorted(said, key=lambda one: str(one["created_at"]), reverse=call.query.get("sort") == "-created_at")
        authors = {one["author_id"] for one in said}
        return self.page(call, "comments", said, {"users": [self.users[number] for number in sorted(authors)]})

    @route("GET", "/api/v2/tickets/{id}/metrics")
    def show_metrics(self, call: Call) -> Reply:
        number = self._ticket(call)["id"]
        return 200, {"ticket_metric": {"id": number, "ticket_id": number, **self.metrics.get(number, {})}}

    @route("GET", "/api/v2/incremental/tickets/cursor")
    def export(self, call: Call) -> Reply:
        size, cursor = int(call.query.get("per_page", "1000")), call.query.get("cursor")
        latest = int((self.clock.now() - LATE).timestamp())
        if cursor is not None:
            after = tuple(json.loads(base64.b64decode(cursor)))
        elif "start_time" not in call.query:
            raise refusal(400, "BadRequest", "start_time is missing")
        elif (start := int(call.query["start_time"])) > latest:
            raise refusal(422, "InvalidValue", "Too recent start_time. Use a start_time older than 1 minute")
        else:
            after = (start, 0)
        places = sorted((one["generated_timestamp"], one["id"]) for one in self.tickets.values())
        rest = [place for place in places if after < place and place[0] <= latest]
        told = [self.tickets[number] for _, number in rest[:size]]
        place = base64.b64encode(json.dumps(rest[:size][-1]).encode()).decode() if told else cursor
        page = {"tickets": told, "after_cursor": place, "after_url": None, "end_of_stream": len(rest) <= size}
        return 200, page | self._with(call, told)

    @route("GET", "/api/v2/search/export")
    def search(self, call: Call) -> Reply:
        self.limit("search exports", 100, timedelta(minutes=1))
        asked = re.fullmatch(r"assignee:(\d+) status<solved", call.query.get("query", ""))
        if call.query.get("filter[type]") != "ticket" or asked is None:
            raise refusal(422, "InvalidSearch", "Invalid search: give filter[type] and a query that is known")
        by, agent = self.clock.now() - LATE, int(asked.group(1))
        told = [[ticket for at, ticket in known if at <= by][-1:] for known in self.searched.values()]
        found = [
            ticket | {"result_type": "ticket"}
            for ticket in chain.from_iterable(told)
            if ticket["assignee_id"] == agent and ticket["status"] in ("new", "open", "pending", "hold")
        ]
        return self.page(call, "results", found)

    def touch(self, ticket: dict[str, Any]) -> None:
        now = self.clock.now()
        ticket |= {"updated_at": iso(now), "generated_timestamp": int(now.timestamp())}
        self._index(ticket)

    def _index(self, ticket: dict[str, Any]) -> None:
        """What the search will show of the ticket in a minute."""
        self.searched.setdefault(ticket["id"], []).append((self.clock.now(), dict(ticket)))

    def _ticket(self, call: Call) -> dict[str, Any]:
        found = self.tickets.get(int(call.names["id"])) if call.names["id"].isdecimal() else None
        if found is None or found["status"] == "deleted":
            raise missing()
        return found

    def _with(self, call: Call, tickets: list[dict[str, Any]]) -> dict[str, Any]:
        users = {one[name] for one in tickets for name in ("assignee_id", "requester_id") if one[name]}
        groups = {one["group_id"] for one in tickets if one["group_id"]}
        side = {
            "users": [self.users[number] for number in sorted(users)],
            "groups": [{"id": number, "name": self.groups[number]} for number in sorted(groups)],
        }
        return {name: side[name] for name in call.query.get("include", "").split(",") if name in side}

    def _check(self, asked: dict[str, Any]) -> None:
        agent = self.users.get(asked.get("assignee_id") or 0, {"role": "agent" if not asked.get("assignee_id") else ""})
        if agent["role"] not in ("agent", "admin"):
            raise invalid("assignee", "Assignee: is invalid")
        if asked.get("group_id") and asked["group_id"] not in self.groups:
            raise invalid("group", "Group: is invalid")

    def _requester(self, asked: dict[str, Any], call: Call) -> int:
        email = asked.get("requester", {}).get("email")
        if email is None:
            return self.caller(call)
        known = [user for user in self.users.values() if user["email"] == email]
        if known and known[0]["suspended"]:
            raise invalid("requester", f"Requester: {known[0]['name']} is suspended.")
        return int(known[0]["id"]) if known else self.seed_user(asked["requester"]["name"], email, "end-user")

    def _say(self, ticket: dict[str, Any], comment: dict[str, Any], author: int, channel: str) -> None:
        html = f'<div class="zd-comment" dir="auto">{comment["html_body"]}</div>'
        said = {"author_id": author, **comment, "html_body": html, "via": {"channel": channel}}
        line = {"id": self.next_id(), "type": "Comment", "created_at": iso(self.clock.now()), "public": True, **said}
        self.comments[ticket["id"]].append(line)

    # people at work

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        one = self.tickets[int(ticket)]
        if change.status is not None:
            one["status"] = WORDS.get(change.status, change.status.value)
        if change.priority is not None:
            one["priority"] = change.priority.value
        if change.assignee is not None:
            one["assignee_id"] = self.user_id(change.assignee) if change.assignee else None
        self.touch(one)

    def note(self, ticket: str, text: str, *, by: str) -> None:
        one = self.tickets[int(ticket)]
        self._say(one, {"html_body": plain_as_html(text), "public": False}, self.user_id(by), "web")
        self.touch(one)

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        one = self.tickets[int(ticket)]
        self._say(one, {"html_body": markdown_as_html(text)}, self.user_id(by), "web")
        self.touch(one)

    def customer_replies(self, ticket: str, text: str) -> None:
        one = self.tickets[int(ticket)]
        self._say(one, {"html_body": plain_as_html(text)}, self.customer, "email")
        one["status"] = "open" if one["status"] == "solved" else one["status"]
        self.touch(one)

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        one = self.tickets[int(ticket)]
        words = plain_as_html(f"This request was closed and merged into request #{into}.")
        self._say(one, {"html_body": words, "public": False}, self.user_id(by), "web")
        one |= {"status": "closed", "tags": [*one["tags"], "closed_by_merge"]}
        self.touch(one)

    def delete(self, ticket: str, *, by: str) -> None:
        self.tickets[int(ticket)]["status"] = "deleted"
        self.touch(self.tickets[int(ticket)])
