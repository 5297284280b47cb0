"""`CustomerBook` over MuninX's customer organizations.

One is found by a mail domain and by nothing else: no call reads one by its id or lists them. So a customer's id here is
`ID@DOMAIN`: MuninX's own and a domain by which it can be read. Writes are for admins; most of them answer a text, so
every one is read back.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, NoReturn
from urllib.parse import quote

from automations.adapters.http import Connection
from automations.adapters.muninx.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE, cannot
from automations.adapters.muninx.shapes import Organization
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import Rejected

MOST_DOMAINS: Final = 5
"""Of one organization. A domain belongs to one organization of the tenant (organizations guide)."""


class MuninxCustomers:
    """Customers with the ordinary token."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def customers(self) -> Iterator[Customer]:
        """Raises Rejected: they cannot be listed."""
        cannot(Capability.CUSTOMER_LIST)

    def customer(self, customer: str) -> Customer:
        """Read one by `ID@DOMAIN`. Raises: Rejected `no_customer`, also if it lost that domain."""
        number, domain = _parts(customer)
        found = self._at(domain)
        if found is None or found.id != number:
            _unknown(customer)
        return _shown(found, domain)

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """The customer of a domain, in any case of letters. Raises Rejected for a reference: none is found by it."""
        if domain is None:
            cannot(Capability.REFERENCES)
        found = self._at(domain)
        return None if found is None else _shown(found, domain)

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Make one, which needs a domain to be found again. One of the same name at a domain of it is returned.

        Raises: Rejected `no_domain`, `too_many_domains`, `domain_taken`.
        """
        _checked(customer)
        if not customer.domains:
            words = f"{TITLE} finds a customer by a mail domain alone, and {customer.name or 'this one'} has none"
            raise Rejected(words, system=SYSTEM, code="no_domain")
        for domain in customer.domains:
            if (there := self._at(domain)) is not None:
                if there.display_name != customer.name:
                    words = f"the domain {domain} belongs to {there.display_name or 'another customer'} in {TITLE}"
                    raise Rejected(words, system=SYSTEM, code="domain_taken")
                return _shown(there, domain)
        self._connection.write("POST", "/customer-organizations", _body(customer))
        made = self._at(customer.domains[0])
        if made is None:
            _not_followed(f"the customer {customer.name}")
        return _shown(made, customer.domains[0])

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Send what differs and read back."""
        _checked(change)
        shown = self.customer(customer)
        if change.domains is not None and not change.domains:
            words = f"{TITLE} finds a customer by a mail domain alone, so {shown.name} has to keep one"
            raise Rejected(words, system=SYSTEM, code="no_domain")
        body = _differs(shown, change)
        if body:
            self._patch(customer, body)
            number, domain = _parts(customer)
            domain = domain if change.domains is None or domain in _lower(change.domains) else change.domains[0]
            if _differs(self.customer(f"{number}@{domain.lower()}"), change):
                _not_followed(f"the change of {shown.name}")

    def suspend_customer(self, customer: str) -> None:
        """Set the status to suspended."""
        self._set_status(customer, "suspended")

    def resume_customer(self, customer: str) -> None:
        """Set the status to active again."""
        self._set_status(customer, "active")

    def _set_status(self, customer: str, status: str) -> None:
        if self.customer(customer).status != status:
            self._patch(customer, {"status": status})
            if self.customer(customer).status != status:
                _not_followed(f"the status {status} of {customer}")

    def _at(self, domain: str) -> Organization | None:
        try:
            return self._connection.read("/customer-organizations/lookup", {"domain": domain.lower()}).shaped(
                Organization
            )
        except Rejected as exc:
            if exc.code != "not_found":
                raise
            return None

    def _patch(self, customer: str, body: Mapping[str, Any]) -> None:
        number, _ = _parts(customer)
        where = f"/customer-organizations/{quote(number, safe='')}"
        self._connection.write("PATCH", where, dict(body), missing="no_customer")


def _checked(change: CustomerChange) -> None:
    """Refuse, before anything is sent, what MuninX has no place for."""
    if change.tier is not None or change.fields:
        cannot(Capability.CUSTOMER_FIELDS)
    if change.domains is not None and len(change.domains) > MOST_DOMAINS:
        words = f"{TITLE} keeps at most {MOST_DOMAINS} domains of a customer, not {len(change.domains)}"
        raise Rejected(words, system=SYSTEM, code="too_many_domains")


def _body(change: CustomerChange) -> dict[str, Any]:
    given = {"display-name": change.name, "external-ref": change.reference}
    body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return body | ({"domains": _lower(change.domains)} if change.domains is not None else {})


def _differs(shown: Customer, change: CustomerChange) -> dict[str, Any]:
    have: dict[str, Any] = {"display-name": shown.name, "external-ref": shown.reference or ""}
    wanted = _body(change)
    same = {name for name, value in have.items() if wanted.get(name) == value}
    if set(wanted.get("domains", ())) == set(shown.domains):
        same.add("domains")
    return {name: value for name, value in wanted.items() if name not in same}


def _shown(found: Organization, domain: str) -> Customer:
    return Customer(
        id=f"{found.id}@{domain.lower()}",
        name=found.display_name,
        reference=found.external_ref or None,
        domains=tuple(_lower(found.domains or ())),
        tier="",
        status="suspended" if found.status.lower() == "suspended" else "active",
        fields=(),
    )


def _lower(domains: Any) -> list[str]:
    return [str(domain).lower() for domain in domains]


def _parts(customer: str) -> tuple[str, str]:
    number, _, domain = customer.partition("@")
    if not number or not domain:
        _unknown(customer)
    return number, domain


def _unknown(customer: str) -> NoReturn:
    raise Rejected(f"{TITLE} has no customer {customer[:80]!r}", system=SYSTEM, code="no_customer")


def _not_followed(what: str) -> NoReturn:
    raise Rejected(f"{TITLE} accepted {what} and did not make it so", system=SYSTEM, code="not_changed")
