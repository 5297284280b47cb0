"""Customers as Intercom's companies: our reference is their `company_id`, the tier their plan, the rest attributes.

A create is an upsert by `company_id`, so a repeat makes no second one; a company without our reference is looked up by
its name. `company_id` cannot be changed once it is set. Attributes have to exist in the workspace before they are
written. Source: the vendor's reference, companies.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from automations.adapters.http import Connection
from automations.adapters.intercom.limits import BY_HAND, STATUS_BY_HAND, SYSTEM, TITLE, lacking
from automations.adapters.intercom.line import Setup, refused
from automations.adapters.intercom.shapes import CompaniesShape, CompanyShape
from automations.adapters.paging import pages
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import Rejected

PER_PAGE: Final = 50
MOST_LISTED: Final = 10_000
"""The numbered list ends here; more are read by scroll, of which a workspace has one at a time."""

ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"


class IntercomCustomers:
    """`CustomerBook` over companies."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE

    def __init__(self, line: Connection, setup: Setup) -> None:
        self._line = line
        self._setup = setup

    @property
    def by_hand(self) -> Mapping[Capability, str]:
        """What this workspace cannot do, by the attributes that the settings name."""
        setup = self._setup
        return lacking(priorities=bool(setup.priority_attribute), suspensions=bool(setup.status_attribute))

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this workspace can."""
        return frozenset(Capability) - self.by_hand.keys()

    def customers(self) -> Iterator[Customer]:
        """All companies, oldest first."""
        first = self._numbered(1)
        if (first.total_count or 0) > MOST_LISTED:
            return map(self._shown, pages("", self._scrolled, title=TITLE, system=SYSTEM))
        return map(self._shown, pages(1, self._page, title=TITLE, system=SYSTEM))

    def customer(self, customer: str) -> Customer:
        """Read one company by Intercom's id. Raises: Rejected with the code `no_customer`."""
        return self._shown(self._read(customer))

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """The company that bears our reference. Raises: Rejected for a domain, since there are none."""
        if reference is None:
            raise refused(f"{TITLE} finds no company by its domain. {BY_HAND[Capability.DOMAINS]}", "cannot")
        found = reference_query(self._line, reference)
        return self._shown(found) if found else None

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Make a company; one with the same reference, else the same name, is returned as it is."""
        self._refuse_domains(customer)
        if customer.reference:
            there = reference_query(self._line, customer.reference)
        else:
            there = _query(self._line, "name", customer.name or "")
        if there is not None:
            return self._shown(there)
        named = {"name": customer.name or "", **({"company_id": customer.reference} if customer.reference else {})}
        made = self._line.write("POST", "/companies", {**named, **_values(customer)}).shaped(CompanyShape)
        return self._shown(made)

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Send what differs, and see that the answer shows it. Raises: Rejected; `fixed` for another reference."""
        self._refuse_domains(change)
        shown = self.customer(customer)
        if change.reference is not None and change.reference != (shown.reference or ""):
            words = f"{TITLE} keeps the reference of company {customer} as it was first set"
            raise refused(words, "fixed")
        have = dict(shown.fields)
        differs = CustomerChange(
            name=change.name if change.name not in (None, shown.name) else None,
            tier=change.tier if change.tier not in (None, shown.tier) else None,
            fields=tuple((name, value) for name, value in change.fields if have.get(name, "") != value),
        )
        if differs != CustomerChange():
            self._put(customer, differs)

    def suspend_customer(self, customer: str) -> None:
        """Write `suspended` into the attribute of the settings. Raises: Rejected if they name none."""
        self._set_status(customer, SUSPENDED)

    def resume_customer(self, customer: str) -> None:
        """Write `active` into it."""
        self._set_status(customer, ACTIVE)

    def _set_status(self, customer: str, status: str) -> None:
        if (attribute := self._setup.status_attribute) is None:
            raise refused(f"{TITLE} cannot suspend a customer. {STATUS_BY_HAND}", "cannot")
        if self.customer(customer).status != status:
            self._put(customer, CustomerChange(fields=((attribute, status),)))

    def _put(self, customer: str, change: CustomerChange) -> None:
        named = {} if change.name is None else {"name": change.name}
        body = {**named, **_values(change)}
        answer = self._line.write("PUT", f"/companies/{customer}", body, missing="no_customer")
        shown = answer.shaped(CompanyShape)
        wrong = [name for name, value in change.fields if _text(shown.custom_attributes.get(name)) != value]
        wrong += ["name"] if change.name not in (None, shown.name) else []
        wrong += ["plan"] if change.tier not in (None, _plan(shown)) else []
        if wrong:
            words = f"{TITLE} took the change of company {customer} and does not show it: {', '.join(wrong)}"
            raise refused(words, "not_done")

    def _read(self, customer: str) -> CompanyShape:
        if not customer.isalnum():
            raise refused(f"{customer[:40]!r} cannot be the id of a company in Intercom", "no_customer")
        return self._line.read(f"/companies/{customer}", missing="no_customer").shaped(CompanyShape)

    def _shown(self, company: CompanyShape) -> Customer:
        status = self._setup.status_attribute
        values = {name: _text(value) for name, value in company.custom_attributes.items()}
        suspended = status is not None and values.get(status) == SUSPENDED
        return Customer(
            id=company.id,
            name=company.name or "",
            reference=company.company_id or None,
            domains=(),
            tier=_plan(company),
            status=SUSPENDED if suspended else ACTIVE,
            fields=tuple(sorted((name, value) for name, value in values.items() if name != status)),
        )

    def _page(self, number: int) -> tuple[tuple[CompanyShape, ...], int | None]:
        page = self._numbered(number)
        last = page.pages.total_pages if page.pages and page.pages.total_pages else 1
        return page.data, number + 1 if number < last else None

    def _numbered(self, number: int) -> CompaniesShape:
        asked = {"page": number, "per_page": PER_PAGE, "order": "asc"}
        return self._line.read("/companies/list", asked, json={}).shaped(CompaniesShape)

    def _scrolled(self, place: str) -> tuple[tuple[CompanyShape, ...], str | None]:
        """The parameter may stay the same from page to page, so an empty page is the end and `place` counts them."""
        number, _, param = place.partition(" ")
        answer = self._line.read("/companies/scroll", {"scroll_param": param} if param else None)
        page = answer.shaped(CompaniesShape)
        more = page.scroll_param if page.data else None
        return page.data, f"{int(number or 0) + 1} {more}" if more else None

    def _refuse_domains(self, change: CustomerChange) -> None:
        if change.domains:
            raise refused(f"{TITLE} cannot keep a customer's domains. {BY_HAND[Capability.DOMAINS]}", "cannot")


def reference_query(line: Connection, reference: str) -> CompanyShape | None:
    """The company that bears our reference, None if there is none. Raises: AdapterError."""
    return _query(line, "company_id", reference)


def _query(line: Connection, by: str, value: str) -> CompanyShape | None:
    """Intercom answers a list by its schema and one company by its guide: both are read."""
    try:
        answer = line.read("/companies", {by: value}, missing="no_customer")
    except Rejected as exc:
        if exc.code != "no_customer":
            raise
        return None
    single = isinstance(answer.body, dict) and answer.body.get("type") == "company"
    found = (answer.shaped(CompanyShape),) if single else answer.shaped(CompaniesShape).data
    return next((one for one in found if value == (one.company_id if by == "company_id" else one.name)), None)


def _values(change: CustomerChange) -> dict[str, Any]:
    values: dict[str, Any] = {} if change.tier is None else {"plan": change.tier}
    return {**values, **({"custom_attributes": dict(change.fields)} if change.fields else {})}


def _plan(company: CompanyShape) -> str:
    return (company.plan.name or "") if company.plan else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
