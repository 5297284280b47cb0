"""The remote desk behind the `HelpDesk` port. The desk has no idempotency, so every write looks before it writes."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from automations.adapters.builtin.desk import BuiltinDesk
from automations.desks import Capability, TicketMetrics
from automations.domain import (
    Actor,
    Changed,
    DeskAgent,
    IdempotencyKey,
    Priority,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketEvent,
    TicketField,
    TicketStatus,
)
from automations.errors import OutcomeUnknown, Rejected, Unavailable

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For addresses without TLS: a client of its own would read all the world's certificates first, 50 ms and more."""


class RemoteDesk:
    system: ClassVar[str] = "remote"
    title: ClassVar[str] = "The remote desk"
    settle_s: ClassVar[float] = 0.0
    by_hand: ClassVar[Mapping[Capability, str]] = BuiltinDesk.by_hand
    capabilities: ClassVar[frozenset[Capability]] = BuiltinDesk.capabilities

    def __init__(self, url: str, timeout_s: float = 5) -> None:
        self.client = httpx.Client(base_url=url, timeout=timeout_s, verify=PLAIN)
        self.about_to_call: Callable[[], None] = lambda: None
        """Asked before each call, as the adapters of real desks ask their budget. May refuse by raising."""

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        if (found := self.find(key)) is not None:
            return found
        body = {
            "key": key,
            "subject": draft.subject,
            "body": draft.body,
            "priority": draft.priority,
            "group": draft.group,
            "assignee": draft.assignee,
            "status": TicketStatus.OPEN,
            "tags": list(draft.tags),
        }
        return self._ticket(self._call("POST", "/tickets", json=body))

    def me(self) -> DeskAgent:
        return DeskAgent("handoff", "Handoff", "", "bot", "active")

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        found = self._call("GET", "/tickets", params={"key": key})
        return self._ticket(found[0]) if found else None

    def get(self, ticket: str) -> Ticket:
        return self._ticket(self._call("GET", f"/tickets/{ticket}"))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        wanted = {
            "status": change.status,
            "priority": change.priority,
            "assignee": change.assignee,
            "group": change.group,
            "parent": change.parent,
            "fields": dict(change.fields) or None,
        }
        body = {k: v or None for k, v in wanted.items() if v is not None}
        self._call("PATCH", f"/tickets/{ticket}", json=body)

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        if not any(note["key"] == key for note in self._call("GET", f"/tickets/{ticket}/notes")):
            self._call("POST", f"/tickets/{ticket}/notes", json={"key": key, "text": text, "author": author})

    def agents(self) -> Iterator[DeskAgent]:
        yield from ()

    def groups(self) -> Iterator[str]:
        yield from ()

    def changed(self, since: str | None) -> Changed:
        page = self._call("GET", "/changes", params={} if since is None else {"since": since or "0"})
        return Changed(tuple(str(ticket) for ticket in page["tickets"]), str(page["cursor"]), page["more"])

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        for one in self._call("GET", f"/tickets/{ticket}/events", params={"after": after or 0}):
            yield TicketEvent(
                id=str(one["id"]),
                at=datetime.fromisoformat(one["at"]),
                kind=one["kind"],
                author=one["author"],
                author_email=one["email"],
                ours=bool(one["ours"]),
                body=one["body"],
                changes=tuple((field, before, after) for field, before, after in json.loads(one["changes"])),
            )

    def required_fields(self) -> Iterator[TicketField]:
        for one in self._call("GET", "/required"):
            yield TicketField(one["id"], one["label"], tuple(one.get("options", ())))

    def assigned(self, email: str) -> Iterator[Ticket]:
        done = TicketStatus.SOLVED, TicketStatus.CLOSED
        every = map(self._ticket, self._call("GET", "/tickets"))
        return (one for one in every if one.assignee == email and one.status not in done)

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        raise Rejected("the remote desk writes to nobody", system=self.system, code="cannot")

    def metrics(self, ticket: str) -> TicketMetrics:
        raise Rejected("the remote desk measures nothing", system=self.system, code="cannot")

    def writing_triggers(self) -> Iterator[str]:
        return iter(())

    def _call(self, method: str, path: str, **request: Any) -> Any:
        self.about_to_call()
        try:
            response = self.client.request(method, path, **request)
        except httpx.ConnectError as exc:
            raise Unavailable("the desk cannot be reached", system=self.system) from exc
        except httpx.TransportError as exc:
            raise OutcomeUnknown("the desk did not answer", system=self.system) from exc
        match response.status_code:
            case 503 | 429:
                raise Unavailable("the desk is away", system=self.system, retry_after_s=1)
            case status if status >= 500:
                raise OutcomeUnknown(f"the desk answered {status}", system=self.system)
            case status if status >= 400:
                code = "no_ticket" if status == 404 else str(status)
                said = response.json().get("detail")
                if isinstance(said, dict) and "code" in said:
                    code = said["code"]
                raise Rejected(f"the desk refused: {response.text}", system=self.system, code=code)
        return response.json()

    def _ticket(self, body: dict[str, Any]) -> Ticket:
        return Ticket(
            system=self.system,
            id=str(body["id"]),
            url=f"{self.client.base_url}/tickets/{body['id']}",
            subject=body["subject"],
            status=TicketStatus(body["status"]),
            priority=Priority(body["priority"]) if body["priority"] else None,
            assignee=body["assignee"],
            group=body["group"],
            key=body["key"],
            updated_at=datetime.now(UTC),
            tags=tuple(body["tags"]),
            parent=body.get("parent"),
            merged_into=body.get("merged_into"),
            fields=tuple((body.get("fields") or {}).items()),
        )
