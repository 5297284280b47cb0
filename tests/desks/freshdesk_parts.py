"""What the parts of the stand-in for Freshdesk share: which keys it takes, how it words a refusal, its pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.desks.fake import Call, FakeDesk, Refusal, Reply
from tests.support import FakeClock

WHO = {"name", "requester_id", "email", "facebook_id", "phone", "twitter_id", "unique_external_id"}
WHAT = {
    "subject", "type", "status", "priority", "description", "responder_id", "custom_fields", "due_by", "fr_due_by",
    "email_config_id", "group_id", "parent_id", "product_id", "source", "tags", "company_id", "internal_agent_id",
    "internal_group_id", "lookup_parameter",
}  # fmt: skip
CREATE = WHO | WHAT | {"cc_emails"}
UPDATE = WHO | WHAT
NOTE = {"body", "private", "incoming", "notify_emails", "user_id"}
REPLY = {"body", "from_email", "user_id", "cc_emails", "bcc_emails"}
LIST = {
    "filter", "requester_id", "email", "unique_external_id", "company_id", "updated_since", "order_by", "order_type",
    "include", "page", "per_page",
}  # fmt: skip
AGENT = {
    "email", "ticket_scope", "role_ids", "group_ids", "skill_ids", "occasional", "signature", "language", "time_zone",
    "focus_mode",
}  # fmt: skip
COMPANY = {
    "name", "description", "domains", "note", "health_score", "account_tier", "renewal_date", "industry",
    "custom_fields", "lookup_parameter",
}  # fmt: skip


def stamp(moment: datetime) -> str:
    """A time as Freshdesk writes it: whole seconds of UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def number(text: str) -> int:
    """An id of the path; what is none belongs to nothing."""
    return int(text) if text.isdecimal() else -1


def invalid(field: str, message: str, code: str) -> dict[str, Any]:
    """The body of 400 and 409."""
    return {"description": "Validation failed", "errors": [{"field": field, "message": message, "code": code}]}


def only(given: Mapping[str, Any] | httpx.QueryParams | None, known: Iterable[str]) -> dict[str, Any]:
    """The given keys, of which none may be unknown."""
    body = dict(given or {})
    for name in body:
        if name not in set(known):
            raise Refusal(400, invalid(name, "Unexpected/invalid field in request", "invalid_field"))
    return body


class Account(FakeDesk):
    """What every part stands on."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.caller = 0

    def headers(self) -> dict[str, str]:
        """What every answer bears."""
        return {}

    def page(
        self,
        call: Call,
        rows: Sequence[dict[str, Any]],
        shown: Callable[[dict[str, Any]], Any],
        *,
        last: int | None = None,
    ) -> Reply:
        """One page of a list, with the link to the next."""
        page, size = int(call.query.get("page", 1)), int(call.query.get("per_page", 30))
        if not 1 <= size <= 100:
            said = "It should be a Positive Integer less than or equal to 100"
            raise Refusal(400, invalid("per_page", said, "invalid_value"))
        if last is not None and page > last:
            said = f"You cannot access tickets beyond the {last}th page. Please provide a smaller page number."
            raise Refusal(400, invalid("page", said, "invalid_value"))
        here = rows[(page - 1) * size : page * size]
        headers = self.headers()
        if len(rows) > page * size:
            following = call.query.set("page", page + 1)
            headers["link"] = f'<https://desk.example{call.path}?{following}>; rel="next"'
        return 200, [shown(row) for row in here], headers
