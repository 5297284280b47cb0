"""Freshdesk's companies behind the port for customers.

Our reference and the status are custom fields of companies that the account makes itself. Searches by domain or field
show a change only after some minutes, so the companies that changed lately are looked through before them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from automations.adapters.freshdesk.connection import API, as_id, listed, stamp
from automations.adapters.freshdesk.directory import Kept
from automations.adapters.freshdesk.fields import field_named, own_id, text_of
from automations.adapters.freshdesk.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE
from automations.adapters.freshdesk.options import Options
from automations.adapters.freshdesk.shapes import Companies, Company, CompanyHits, CompanySearch, Field, Fields
from automations.adapters.http import Connection
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey

LATE: Final = timedelta(minutes=20)
"""Searches are late by "a few minutes" (the vendor's words); far more than that is looked through."""
_ACTIVE, _SUSPENDED = "active", "suspended"
_STANDARD_TIER: Final = "account_tier"
Match = Callable[[Company], bool]


class FreshdeskCustomers:
    """`CustomerBook` over `/api/v2/companies`, with the ordinary credential."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, connection: Connection, now: Callable[[], datetime], options: Options | None = None) -> None:
        self._connection = connection
        self._now = now
        self._options = options or Options()
        self._fields: Kept[Field] = Kept(self._read_fields, now)

    def customers(self) -> Iterator[Customer]:
        """All companies."""
        return map(self._customer, listed(self._connection, "/companies", Companies))

    def customer(self, customer: str) -> Customer:
        """Read one company. Raises: Rejected with the code `no_customer`."""
        return self._customer(self._read(customer))

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """The company that bears our reference or this domain, in any case of its letters."""
        if reference is not None:
            name = self._options.reference_field
            return self._find(lambda one: _custom(one).get(name) == reference, name, reference)
        wanted = (domain or "").lower()
        return self._find(lambda one: wanted in _domains(one), "domain", wanted)

    def by_name(self, name: str) -> Customer | None:
        """The company of exactly this name. Names are unique in Freshdesk."""
        if not name.strip():
            return None
        answer = self._connection.read(f"{API}/companies/autocomplete", {"name": name})
        hit = next((one for one in answer.shaped(CompanyHits).companies if one.name == name), None)
        found = self.customer(str(hit.id)) if hit else None
        return found or self._lately(lambda one: one.name == name)

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Make a company. Raises: Rejected with the code `duplicate_value` if another one has its name or a domain."""
        there = (
            self.find_customer(reference=customer.reference)
            if customer.reference is not None
            else self.by_name(customer.name or "")
        )
        if there is not None:
            return there
        answer = self._connection.write("POST", f"{API}/companies", self._body(customer))
        return self._customer(answer.shaped(Company))

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Send what differs; a list of domains is replaced as a whole."""
        there, body = self._read(customer), self._body(change)
        known: dict[str, Any] = {"name": there.name, "domains": _domains(there), _STANDARD_TIER: there.account_tier}
        custom = body.pop("custom_fields", {})
        custom = {name: value for name, value in custom.items() if text_of(_custom(there).get(name)) != (value or "")}
        body = {name: value for name, value in body.items() if known[name] != value}
        self._put(there, body | ({"custom_fields": custom} if custom else {}))

    def suspend_customer(self, customer: str) -> None:
        """Set the status field to `suspended`."""
        self._set_status(customer, _SUSPENDED)

    def resume_customer(self, customer: str) -> None:
        """Set the status field to `active`."""
        self._set_status(customer, _ACTIVE)

    def _set_status(self, customer: str, status: str) -> None:
        there = self._read(customer)
        if self._status(there) != status:
            self._put(there, {"custom_fields": {self._options.status_field: status}})

    def _put(self, there: Company, body: Mapping[str, Any]) -> None:
        if body:
            self._connection.write("PUT", f"{API}/companies/{there.id}", dict(body), missing="no_customer").shaped(
                Company
            )

    def _read(self, customer: str) -> Company:
        number = as_id(customer, "no_customer", "customer")
        return self._connection.read(f"{API}/companies/{number}", missing="no_customer").shaped(Company)

    def _find(self, match: Match, name: str, value: str) -> Customer | None:
        if not value:
            return None
        if "'" in value or '"' in value or "\\" in value:  # a search has no documented way to quote these
            return next((self._customer(one) for one in self._all() if match(one)), None)
        return self._lately(match) or self._searched(match, f"\"{name}:'{value}'\"")

    def _lately(self, match: Match) -> Customer | None:
        since = {"updated_since": stamp(self._now() - LATE)}
        found = listed(self._connection, "/companies", Companies, since)
        return next((self._customer(one) for one in found if match(one)), None)

    def _searched(self, match: Match, query: str) -> Customer | None:
        found = self._connection.read(f"{API}/search/companies", {"query": query}).shaped(CompanySearch).results
        return next((self._customer(one) for one in found if match(one)), None)

    def _all(self) -> Iterator[Company]:
        return listed(self._connection, "/companies", Companies)

    def _customer(self, company: Company) -> Customer:
        of = self._options
        custom = {name: text_of(value) for name, value in _custom(company).items()}
        ours = {of.reference_field, of.tier_field, of.status_field}
        return Customer(
            id=str(company.id),
            name=company.name,
            reference=custom.get(of.reference_field) or None,
            domains=tuple(_domains(company)),
            tier=company.account_tier or "" if of.tier_field == _STANDARD_TIER else custom.get(of.tier_field, ""),
            status=self._status(company),
            fields=tuple((own_id(name), value) for name, value in custom.items() if name not in ours and value),
            url=f"{self._connection.of.url.rstrip('/')}/a/companies/{company.id}",
        )

    def _status(self, company: Company) -> str:
        suspended = text_of(_custom(company).get(self._options.status_field)).lower() == _SUSPENDED
        return _SUSPENDED if suspended else _ACTIVE

    def _body(self, change: CustomerChange) -> dict[str, Any]:
        """A change as it is sent; what is emptied is null."""
        custom: dict[str, str | None] = {}
        body: dict[str, Any] = {}
        if change.name is not None:
            body["name"] = change.name
        if change.domains is not None:
            body["domains"] = [domain.lower() for domain in change.domains]
        if change.reference is not None:
            custom[self._options.reference_field] = change.reference or None
        if change.tier is not None:
            tiers = body if self._options.tier_field == _STANDARD_TIER else custom
            tiers[self._options.tier_field] = change.tier or None
        for name, value in change.fields:
            custom[field_named(self._fields.all(), name, "companies")] = value or None
        return body | ({"custom_fields": custom} if custom else {})

    def _read_fields(self) -> list[Field]:
        return self._connection.read(f"{API}/company_fields").shaped(Fields).root


def _custom(company: Company) -> Mapping[str, Any]:
    return company.custom_fields or {}


def _domains(company: Company) -> list[str]:
    return [domain.lower() for domain in company.domains or ()]
