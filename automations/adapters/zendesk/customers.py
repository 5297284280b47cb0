"""Customers as Zendesk's organizations: name, external_id as our reference, domains, and fields the settings name."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from pydantic import BaseModel

from automations.adapters.http import Connection
from automations.adapters.zendesk.connect import cannot, listed, number
from automations.adapters.zendesk.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE, OrganizationFields
from automations.adapters.zendesk.shapes import Page
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import Rejected

ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
"""Values of the status field; a drop-down needs options with these tags."""


class Organization(BaseModel):
    """A customer."""

    id: int
    name: str
    external_id: str | None = None
    domain_names: list[str] = []
    organization_fields: dict[str, Any] | None = None


class OrganizationAnswer(BaseModel):
    """One customer."""

    organization: Organization


class OrganizationPage(Page):
    """Customers of a list."""

    organizations: list[Organization]


class ZendeskCustomers:
    """`CustomerBook` over organizations. What needs a field that the settings do not name is not declared."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE

    def __init__(self, connection: Connection, fields: OrganizationFields) -> None:
        self._connection = connection
        self._fields = fields
        self.capabilities: frozenset[Capability] = CAPABILITIES - fields.lacking.keys()
        self.by_hand: Mapping[Capability, str] = {**BY_HAND, **fields.lacking}

    def customers(self) -> Iterator[Customer]:
        """All organizations."""
        return (self._customer(one) for one in self._all())

    def customer(self, customer: str) -> Customer:
        """One organization."""
        return self._customer(self._read(customer))

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """By reference in one call. By domain all organizations are read until one has it: there is no such look-up."""
        if reference is not None:
            found = self._search("external_id", reference)
            return next((self._customer(one) for one in found if one.external_id == reference), None)
        wanted = (domain or "").lower()
        having = (one for one in self._all() if wanted in {name.lower() for name in one.domain_names})
        return next((self._customer(one) for one in having), None)

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Make an organization, unless there is one of this reference or, since names are unique, of this name.

        Raises: Rejected with the code `no_name`, or `name_taken` if one of this name is another customer of ours.
        """
        if not customer.name:
            raise Rejected(f"{TITLE} needs a name for a customer", system=SYSTEM, code="no_name")
        if customer.reference and (there := self.find_customer(reference=customer.reference)) is not None:
            return there
        if (same := self._named(customer.name)) is not None:
            if same.external_id not in (None, "", customer.reference):
                words = f"{TITLE} has {same.name!r} already, as the customer {same.external_id}"
                raise Rejected(words, system=SYSTEM, code="name_taken")
            return self._customer(same)
        sent = {name: value for name, value in self._sent(customer).items() if value not in (None, [], {})}
        made = self._connection.write("POST", "/api/v2/organizations", {"organization": sent})
        return self._customer(self._proven(made.shaped(OrganizationAnswer).organization, sent))

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Send what differs. Domains are replaced as a whole, fields one by one."""
        shown = self._read(customer)
        have: dict[str, Any] = shown.model_dump()
        sent = {name: value for name, value in self._sent(change).items() if name != "organization_fields"}
        sent = {name: value for name, value in sent.items() if not _same(have[name], value)}
        fields = self._sent(change).get("organization_fields", {})
        held = shown.organization_fields or {}
        if differing := {name: value for name, value in fields.items() if not _same(held.get(name), value)}:
            sent["organization_fields"] = differing
        if sent:
            self._write(shown, sent)

    def suspend_customer(self, customer: str) -> None:
        """Set the status field to suspended."""
        self._set_status(customer, SUSPENDED)

    def resume_customer(self, customer: str) -> None:
        """Set the status field to active."""
        self._set_status(customer, ACTIVE)

    def _set_status(self, customer: str, status: str) -> None:
        if self._fields.status is None:
            raise cannot("keeps no status of a customer until the settings name desk.zendesk.status_field")
        shown = self._read(customer)
        if self._customer(shown).status != status:
            self._write(shown, {"organization_fields": {self._fields.status: status}})

    def _write(self, shown: Organization, sent: Mapping[str, Any]) -> None:
        path, body = f"/api/v2/organizations/{shown.id}", {"organization": sent}
        answer = self._connection.write("PUT", path, body, missing="no_customer")
        self._proven(answer.shaped(OrganizationAnswer).organization, sent)

    def _proven(self, shown: Organization, sent: Mapping[str, Any]) -> Organization:
        """The organization, if it holds the fields that were sent: one that is not defined is dropped silently."""
        held = shown.organization_fields or {}
        lost = [name for name, value in sent.get("organization_fields", {}).items() if not _same(held.get(name), value)]
        if lost:
            words = f"{TITLE} did not keep {', '.join(lost)} of {shown.name!r}: define it as an organization field"
            raise Rejected(words, system=SYSTEM, code="no_field")
        return shown

    def _all(self) -> Iterator[Organization]:
        return listed(self._connection, "/api/v2/organizations", OrganizationPage, lambda page: page.organizations)

    def _search(self, by: str, value: str) -> list[Organization]:
        return self._connection.read("/api/v2/organizations/search", {by: value}).shaped(OrganizationPage).organizations

    def _named(self, name: str) -> Organization | None:
        return next((one for one in self._search("name", name) if one.name.lower() == name.lower()), None)

    def _read(self, customer: str) -> Organization:
        path = f"/api/v2/organizations/{number(customer, code='no_customer', what='customer')}"
        return self._connection.read(path, missing="no_customer").shaped(OrganizationAnswer).organization

    def _sent(self, change: CustomerChange) -> dict[str, Any]:
        """A change as it is sent, by the desk's names. Raises: Rejected with the code `no_field` for an unknown one."""
        fields: dict[str, str] = {}
        for name, value in change.fields:
            if name not in self._fields.named:
                known = ", ".join(self._fields.named) or "none"
                words = f"{name!r} is no field of customers in desk.zendesk.customer_fields; named are: {known}"
                raise Rejected(words, system=SYSTEM, code="no_field")
            fields[name] = value
        if change.tier is not None:
            if self._fields.tier is None:
                raise cannot("keeps no tier of a customer until the settings name desk.zendesk.tier_field")
            fields[self._fields.tier] = change.tier
        wanted = {
            "name": change.name or None,
            "external_id": change.reference,
            "domain_names": list(change.domains) if change.domains is not None else None,
            "organization_fields": fields or None,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def _customer(self, shown: Organization) -> Customer:
        held = shown.organization_fields or {}
        status = _text(held.get(self._fields.status)).lower() if self._fields.status else ""
        return Customer(
            id=str(shown.id),
            name=shown.name,
            reference=shown.external_id or None,
            domains=tuple(shown.domain_names),
            tier=_text(held.get(self._fields.tier)) if self._fields.tier else "",
            status=SUSPENDED if status == SUSPENDED else ACTIVE,
            fields=tuple((name, _text(held.get(name))) for name in self._fields.named),
            url=f"{self._connection.of.url.rstrip('/')}/agent/organizations/{shown.id}",
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def _same(have: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return isinstance(have, list) and sorted(have) == sorted(wanted)
    return _text(have) == _text(wanted)
