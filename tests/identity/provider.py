"""An identity provider in memory, the network's end of a SCIM line, with the habits of real ones as switches."""

import re
from collections.abc import Callable
from typing import Any

import httpx

from automations.access_ports import IdentitySource
from automations.adapters.scim.line import connect
from automations.adapters.scim.source import ScimSource
from tests.desks.budget import Budget
from tests.desks.fake import Call, FakeDesk, Reply, route
from tests.identity.people import GROUP, USER, Somebody
from tests.support import FakeClock

URL = "https://idp.example/scim/v2"
TOKEN = "read-only-token"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_EQUAL = re.compile(r'([\w.]+) eq "((?:[^"\\]|\\.)*)"')


class Provider(FakeDesk):
    """`cap` is its longest page, `by_cursor` how it pages, `hides_members` as Entra ID lists groups.

    `filters` are the attributes that it filters by, None for all; `ignores` lets everybody through instead of refusing
    the rest. `total` makes of the true number of users the one it tells, None for none. `before` comes before a page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.cap = 1_000
        self.by_cursor = False
        self.hides_members = False
        self.filters: set[str] | None = None
        self.ignores = False
        self.total: Callable[[int], int | None] = lambda true: true
        self.before: Callable[[Call], None] = lambda call: None
        self.budget = Budget()

    def user(self, key: str, **body: Any) -> None:
        """Keep a user as a vendor would send it."""
        self.users[key] = {"schemas": [USER], "id": key, **body}

    def group(self, key: str, name: str, *members: Any) -> None:
        """Keep a group; a member is an id, or the whole entry."""
        entries = [one if isinstance(one, dict) else {"value": one} for one in members]
        self.groups[key] = {"schemas": [GROUP], "id": key, "displayName": name, "members": entries}

    def source(
        self, *, at_least: int = 1, per_page: int = 100, line: httpx.BaseTransport | None = None
    ) -> IdentitySource:
        connection = connect(URL, TOKEN, self.budget, FakeClock().now, transport=line or self)
        return ScimSource(connection, at_least=at_least, per_page=per_page)

    def people(self, *people: Somebody) -> None:
        self.users, self.groups = {}, {}
        for number, one in enumerate(people, start=1):
            self.users[f"u{number}"] = {"id": f"u{number}", **one.body()}
        names = sorted({name for one in people for name in one.groups})
        for number, name in enumerate(names, start=1):
            inside = (f"u{place}" for place, one in enumerate(people, start=1) if name in one.groups)
            self.group(f"g{number}", name, *inside)

    def deactivate(self, email: str) -> None:
        self.users[self._key(email)]["active"] = False

    def delete(self, email: str) -> None:
        del self.users[self._key(email)]

    def _key(self, email: str) -> str:
        return next(key for key, body in self.users.items() if body["userName"] == email)

    def refuse(self, call: Call) -> Reply | None:
        if call.headers.get("Authorization") == f"Bearer {TOKEN}":
            return None
        return 401, {"schemas": [ERROR], "status": "401", "detail": "Who are you?"}

    @route("GET", "/scim/v2/Users")
    def list_users(self, call: Call) -> Reply:
        self.before(call)
        return self._list(call, self.users, self._user_has)

    @route("GET", "/scim/v2/Groups")
    def list_groups(self, call: Call) -> Reply:
        self.before(call)
        return self._list(call, self.groups, self._group_has)

    def _list(self, call: Call, kept: dict[str, dict[str, Any]], has: Callable[[Any, str, str], bool]) -> Reply:
        found = list(kept.values())
        if condition := call.query.get("filter"):
            match = _EQUAL.fullmatch(condition)
            assert match, condition
            attribute, value = match[1], re.sub(r"\\(.)", r"\1", match[2])
            if self.filters is None or attribute in self.filters:
                found = [one for one in found if has(one, attribute, value)]
            elif not self.ignores:
                return 400, {
                    "schemas": [ERROR],
                    "status": "400",
                    "scimType": "invalidFilter",
                    "detail": "no such filter",
                }
        start = int(call.query.get("cursor", "c1")[1:]) if self.by_cursor else int(call.query.get("startIndex", "1"))
        page = found[start - 1 : start - 1 + min(self.cap, int(call.query["count"]))]
        body: dict[str, Any] = {"schemas": [LIST], "itemsPerPage": len(page)}
        if (total := self.total(len(found)) if kept is self.users else len(found)) is not None:
            body["totalResults"] = total
        if self.by_cursor and start + len(page) <= len(found):
            body["nextCursor"] = f"c{start + len(page)}"
        hidden = self.hides_members or call.query.get("excludedAttributes") == "members"
        body["Resources"] = [{k: v for k, v in one.items() if k != "members" or not hidden} for one in page]
        return 200, body, {"Content-Type": "application/scim+json"}

    def _user_has(self, user: dict[str, Any], attribute: str, value: str) -> bool:
        if attribute == "groups.value":
            return value in self.groups and self._group_has(self.groups[value], "members.value", str(user["id"]))
        texts = [one["value"] for one in user.get("emails", [])] if attribute == "emails.value" else [user[attribute]]
        return value.lower() in (text.lower() for text in texts)

    def _group_has(self, group: dict[str, Any], attribute: str, value: str) -> bool:
        assert attribute == "members.value", attribute
        return value in (one["value"] for one in group["members"])
