"""Companies of the stand-in for Freshdesk. Searches show a change only `late` after it was made."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.desks.fake import Call, Refusal, Reply, route
from tests.desks.freshdesk_parts import COMPANY, Account, invalid, number, only, stamp
from tests.support import FakeClock

TIERS = ["enterprise", "business", "basic"]


class Companies(Account):
    """`company_fields` are the account's own; `pace` passes with each company that is made."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.companies: dict[int, dict[str, Any]] = {}
        self.late = timedelta(minutes=5)
        self.pace = timedelta(0)
        names = ("cf_handoff_reference", "cf_handoff_status", "cf_region")
        self.company_fields = [
            {"id": 50 + place, "name": name, "label": name, "type": "custom_text", "default": False}
            for place, name in enumerate(names)
        ]

    @route("GET", "/api/v2/companies")
    def list_companies(self, call: Call) -> Reply:
        only(call.query, {"updated_since", "page", "per_page"})
        since = call.query.get("updated_since")
        least = stamp(datetime.fromisoformat(since)) if since else ""
        return self.page(call, [one for one in self.companies.values() if one["updated_at"] >= least], dict)

    @route("POST", "/api/v2/companies")
    def create_company(self, call: Call) -> Reply:
        body = self._checked(only(call.body, COMPANY))
        if not body.get("name"):
            raise Refusal(400, invalid("name", "Mandatory attribute missing", "missing_field"))
        self._unique(body, None)
        self.clock.move(self.pace)
        return 201, self.company(**body), self.headers()

    def company(self, name: str, **values: Any) -> dict[str, Any]:
        """Have a company."""
        now, identity = stamp(self.clock.now()), 8 + len(self.companies)
        own = {one["name"]: None for one in self.company_fields} | (values.pop("custom_fields", None) or {})
        self.companies[identity] = {
            "id": identity, "name": name, "description": None, "domains": [], "note": None, "health_score": None,
            "account_tier": None, "renewal_date": None, "industry": None, **values, "custom_fields": own,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        return self.companies[identity]

    @route("GET", "/api/v2/companies/autocomplete")
    def autocomplete(self, call: Call) -> Reply:
        words = only(call.query, {"name"})["name"].lower()
        found = [one for one in self.companies.values() if f" {one['name'].lower()}".find(f" {words}") >= 0]
        return 200, {"companies": [{"id": one["id"], "name": one["name"]} for one in found]}, self.headers()

    @route("GET", "/api/v2/search/companies")
    def search_companies(self, call: Call) -> Reply:
        asked = re.fullmatch(r"\"(\w+):'([^']*)'\"", only(call.query, {"query", "page"})["query"])
        if asked is None:
            raise Refusal(400, invalid("query", "Given query is invalid", "invalid_value"))
        name, value = asked.groups()
        until = stamp(self.clock.now() - self.late)
        shown = [one for one in self.companies.values() if one["updated_at"] <= until]
        found = [
            one for one in shown if value in (one["domains"] if name == "domain" else [one["custom_fields"].get(name)])
        ]
        return 200, {"total": len(found), "results": found[:30]}, self.headers()

    @route("GET", "/api/v2/companies/{id}")
    def view_company(self, call: Call) -> Reply:
        return 200, self._company(call), self.headers()

    @route("PUT", "/api/v2/companies/{id}")
    def update_company(self, call: Call) -> Reply:
        there, body = self._company(call), self._checked(only(call.body, COMPANY))
        self._unique(body, there["id"])
        custom = there["custom_fields"] | (body.pop("custom_fields", None) or {})
        there.update({**body, "custom_fields": custom, "updated_at": stamp(self.clock.now())})
        return 200, there, self.headers()

    @route("GET", "/api/v2/company_fields")
    def list_company_fields(self, call: Call) -> Reply:
        return 200, self.company_fields, self.headers()

    def _company(self, call: Call) -> dict[str, Any]:
        there = self.companies.get(number(call.names["id"]))
        if there is None:
            raise Refusal(404, None, self.headers())
        return there

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        known = {one["name"] for one in self.company_fields}
        for name in body.get("custom_fields") or {}:
            if name not in known:
                raise Refusal(400, invalid(name, "Unexpected/invalid field in request", "invalid_field"))
        if body.get("account_tier") is not None and body["account_tier"] not in TIERS:
            said = f"It should be one of these values: '{','.join(TIERS)}'"
            raise Refusal(400, invalid("account_tier", said, "invalid_value"))
        return body

    def _unique(self, body: dict[str, Any], mine: int | None) -> None:
        for one in self.companies.values():
            if one["id"] == mine:
                continue
            if one["name"] == body.get("name"):
                raise Refusal(409, invalid("name", "It should be a unique value", "duplicate_value"))
            if set(one["domains"]) & set(body.get("domains") or ()):
                raise Refusal(409, invalid("domains", "It should be a unique value", "duplicate_value"))
