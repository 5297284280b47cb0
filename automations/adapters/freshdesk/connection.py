"""The line to Freshdesk: its credential, its error answers, its rate headers and its pages."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import httpx
from pydantic import RootModel

from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.http import Answer, Connection, Spoken, System
from automations.adapters.paging import pages
from automations.errors import Rejected
from automations.ports import RateBudget

PER_PAGE: Final = 100
"""More is refused."""
LAST_PAGE: Final = 300
"""Lists of tickets end there: page 301 is answered with 400."""
REST_S: Final = 60.0
"""What is allowed is counted by the minute, and no header says when the minute ends."""

SETTLE_S: Final = 60.0
"""Three time-outs. No lag of lists is documented; searches, which are late by minutes, are not asked for tickets."""

API: Final = "/api/v2"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Without `updated_since` a list shows only tickets that were made in the last 30 days."""

Item = TypeVar("Item")


def connect(
    url: str,
    token: str,
    budget: RateBudget,
    now: Callable[[], datetime],
    *,
    per_minute: int | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Connection:
    """A line that acts as the agent whose API key `token` is. The key is the user name, and any text the password."""
    system = System(
        system=SYSTEM,
        title=TITLE,
        url=url,
        auth=httpx.BasicAuth(token, "X"),
        speak=spoken,
        rest=rest_s,
        per_minute=per_minute,
        conflict_is_final=True,
        codes={"max_agents_reached": "no_seat", "require_feature": "require_feature"},
    )
    return Connection(system, budget, now, transport)


def spoken(body: Any, _headers: Mapping[str, str]) -> Spoken:
    """Read `{description, errors: [{field, message, code}]}` or `{code, message}`; 404 has no body."""
    if not isinstance(body, dict):
        return Spoken()
    listed_ones = body.get("errors")
    errors = [one for one in listed_ones if isinstance(one, dict)] if isinstance(listed_ones, list) else []
    if not errors:
        return Spoken(str(body.get("code") or ""), str(body.get("message") or body.get("description") or ""))
    said = [f"{one.get('field') or 'request'}: {one.get('message')} ({one.get('code')})" for one in errors]
    return Spoken(str(errors[0].get("code") or ""), f"{body.get('description') or 'Refused'}: {'; '.join(said)}")


def rest_s(headers: Mapping[str, str]) -> float:
    """Seconds to leave the account alone: a whole minute once nothing is left of this one. Refused calls count too."""
    left = headers.get("X-RateLimit-Remaining", "")
    return REST_S if re.fullmatch(r"0|-\d+", left.strip()) else 0.0


def has_next(answer: Answer) -> bool:
    """True if another page follows; the link is left out on the last one."""
    return 'rel="next"' in answer.headers.get("link", "")


def said_at(answer: Answer, now: datetime) -> datetime:
    """When the desk answered, by its own clock if it says so (RFC 9110, section 6.6.1), else by ours."""
    try:
        at = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return now
    return at if at.tzinfo else now


def listed(
    connection: Connection,
    path: str,
    shape: type[RootModel[list[Item]]],
    params: Mapping[str, Any] | None = None,
    *,
    missing: str = "not_found",
) -> Iterator[Item]:
    """All items of a list, page by page.

    Raises: Rejected with the code `too_many` once the last page that Freshdesk gives is read and more would follow.
    """

    def fetch(page: int) -> tuple[list[Item], int | None]:
        if page > LAST_PAGE:
            words = f"{TITLE} lists no more than {LAST_PAGE} pages of {path}, and there are more"
            raise Rejected(words, system=SYSTEM, code="too_many")
        asked = {**(params or {}), "page": page, "per_page": PER_PAGE}
        answer = connection.read(f"{API}{path}", asked, missing=missing)
        return answer.shaped(shape).root, page + 1 if has_next(answer) else None

    return pages(1, fetch, title=TITLE, system=SYSTEM)


def stamp(moment: datetime) -> str:
    """A time as a query takes it: whole seconds of UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_id(text: str, code: str, what: str) -> int:
    """The number that an id of Freshdesk is. Raises: Rejected with `code` for what can be none: they are int64."""
    if re.fullmatch(r"[1-9][0-9]{0,18}", text) and int(text) < 2**63:
        return int(text)
    raise Rejected(f"{TITLE} has no {what} {text!r}: its ids are numbers", system=SYSTEM, code=code)
