"""The line to one Zendesk account: credential, errors in its own words, pauses by its own headers, lists by cursor."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

import httpx

from automations.adapters.http import Connection, Spoken, System
from automations.adapters.paging import pages
from automations.adapters.zendesk.auth import ADMIN_SCOPE, TICKET_SCOPE, ClientCredentials, api_token
from automations.adapters.zendesk.limits import SYSTEM, TITLE
from automations.adapters.zendesk.shapes import Page
from automations.errors import Rejected
from automations.ports import RateBudget

PAGE: Final = 100
"""Items of a page, the most there may be."""

_APART: Final = re.compile(r"PUT /api/v2/(users|tickets)/|GET /api/v2/(incremental/|search/export)")
"""Limits of their own, by the vendor's reference: 5 updates a minute for a user, 30 in 10 minutes for a ticket, 10
exports of tickets and 100 of searches a minute. Whoever meets one waits alone; the account's own limit is met by
X-Rate-Limit-Remaining."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}")
_NO_SEAT: Final = re.compile(
    r"\bseats?\b|(agent|member)s? limit|number of agents|exceed\w* .*\bagents\b", re.IGNORECASE
)
_REQUIRED: Final = re.compile(r"required|needs? to be filled|can(no|')t be blank|must be filled", re.IGNORECASE)

PageShape = TypeVar("PageShape", bound=Page)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Credential:
    """A client's name with its secret, or, without `client_id`, the agent's address with an API token.

    `administrative`: it may change agents.
    """

    secret: str = field(repr=False)
    client_id: str | None = None
    email: str | None = None
    administrative: bool = False


def connect(
    url: str,
    credential: Credential,
    budget: RateBudget,
    now: Callable[[], datetime],
    per_minute: int | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Connection:
    """The line to the account at `url`. Nothing is sent yet."""

    def line(auth: httpx.Auth) -> Connection:
        system = System(
            SYSTEM, TITLE, url, auth, speak, rest=rest_s, per_minute=per_minute,
            apart=lambda what: _APART.match(what) is not None,
        )  # fmt: skip
        return Connection(system, budget, now, transport)

    if credential.client_id is None:
        assert credential.email is not None, "the settings hold that there is one of the two"
        return line(api_token(credential.email, credential.secret))
    scope = ADMIN_SCOPE if credential.administrative else TICKET_SCOPE
    return line(ClientCredentials(line(httpx.Auth()), credential.client_id, credential.secret, scope, now))


def speak(body: Any, _headers: Mapping[str, str]) -> Spoken:
    """Read an error: `{error, description, details}`, where `error` may be a code, a sentence or an object."""
    if not isinstance(body, dict):
        return Spoken()
    error, details = body.get("error"), body.get("details")
    if isinstance(error, dict):
        said = [error.get("title"), error.get("message")]
        code = ""
    else:
        said = [error, body.get("description") or body.get("error_description")]
        code = error if isinstance(error, str) and " " not in error else ""
    faults = list(_faults(details)) if isinstance(details, dict) else []
    words = "; ".join(faults) or ": ".join(str(part) for part in said if part)
    return Spoken(_code(code, details, words), words)


def _faults(details: Mapping[str, Any]) -> Iterator[str]:
    for problems in details.values():
        for problem in problems if isinstance(problems, list) else ():
            if isinstance(problem, dict) and problem.get("description"):
                yield str(problem["description"])


def _code(code: str, details: Any, words: str) -> str:
    """Our own code for what the desk tells only by sentences. Inferred: the vendor lists none of them."""
    if not isinstance(details, dict):
        return code
    if "base" in details and _REQUIRED.search(words):
        return "fields_missing"
    return "no_seat" if _NO_SEAT.search(words) else code


def rest_s(headers: Mapping[str, str]) -> float:
    """Seconds until the account's minute is over, if nothing is left of what it allows."""
    left = headers.get("X-Rate-Limit-Remaining") or headers.get("ratelimit-remaining") or ""
    reset = headers.get("ratelimit-reset") or ""
    return float(reset) if left.strip() == "0" and reset.strip().isdecimal() else 0.0


def listed(
    connection: Connection,
    path: str,
    shape: type[PageShape],
    items: Callable[[PageShape], Iterable[Item]],
    params: Mapping[str, Any] | None = None,
    *,
    missing: str = "not_found",
) -> Iterator[Item]:
    """All items of a list, a page at a time. Raises: as `Connection.read`; Unavailable if the list does not end."""

    def fetch(after: str) -> tuple[Iterable[Item], str | None]:
        asked = {**(params or {}), "page[size]": PAGE, **({"page[after]": after} if after else {})}
        page = connection.read(path, asked, missing=missing).shaped(shape)
        # more without a place is the same page again, which `pages` refuses
        return items(page), (page.meta.after_cursor or "") if page.meta.has_more else None

    return pages("", fetch, title=TITLE, system=SYSTEM)


def number(text: str, *, code: str, what: str) -> str:
    """An id as it stands in an address. Raises: Rejected with this code for what cannot be one here."""
    if _NUMBER.fullmatch(text) and int(text) < 2**63:
        return text
    raise Rejected(f"{text[:40]!r} is no number of a {what} in {TITLE}", system=SYSTEM, code=code)


def cannot(words: str) -> Rejected:
    """What is raised for something this desk does not declare."""
    return Rejected(f"{TITLE} {words}", system=SYSTEM, code="cannot")
