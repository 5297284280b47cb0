"""One customer in the desk: looked at in canonical words, and each value of it written by a call of its own.

Values nobody named are not touched. Nothing is deleted: a status is the only thing that takes a customer out of use.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from automations.customer_context.canonical import split
from automations.customer_context.comparing import desk_side
from automations.customer_context.rules import ACTIVE, DOMAINS, NAME, STANDARD, STATUS, SUSPENDED, TIER, CustomerRules
from automations.customer_context.values import DeskSide
from automations.desks import Capability, Customer, CustomerChange, require
from automations.domain import IdempotencyKey
from automations.ports import CustomerBook


@dataclass(frozen=True, slots=True)
class DeskValues:
    """The desk's customers by the settings' fields. Raises `AdapterError`; Refused for what the desk cannot keep."""

    book: CustomerBook
    rules: CustomerRules

    def look(self, desk_id: str) -> DeskSide:
        """One customer, read back. Raises: Rejected with the code `no_customer`."""
        return desk_side(self.book.customer(desk_id), self.rules)

    def find(self, account: str, values: Mapping[str, str]) -> DeskSide | None:
        """The customer of this account, however it came into the desk.

        Where the desk keeps no reference of ours it is the one with a domain and the name of these values.
        """
        if Capability.REFERENCES in self.book.capabilities:
            found = self.book.find_customer(reference=account)
            return desk_side(found, self.rules) if found is not None else None
        for side in self._by_domain(values):
            if side.name == values.get(NAME):
                return desk_side(side, self.rules)
        return None

    def make(self, account: str, name: str, values: Mapping[str, str], *, key: IdempotencyKey) -> str:
        """Make a customer with these values but for the status, which is a call of its own. Returns its id."""
        require(self.book, *_keeping({one: value for one, value in values.items() if value != ACTIVE or one != STATUS}))
        can = self.book.capabilities
        change = CustomerChange(
            name=values.get(NAME) or name or account,
            reference=account if Capability.REFERENCES in can else None,
            domains=split(values[DOMAINS]) if DOMAINS in values else None,
            tier=values.get(TIER),
            fields=tuple((one, value) for one, value in values.items() if one not in STANDARD and value),
        )
        return self.book.create_customer(change, key=key).id

    def write(self, desk_id: str, field: str, value: str) -> None:
        """Make one value true. True already is success."""
        require(self.book, *_keeping({field: value}))
        match field:
            case "status" if value == SUSPENDED:
                self.book.suspend_customer(desk_id)
            case "status":
                self.book.resume_customer(desk_id)
            case "name":
                self.book.update_customer(desk_id, CustomerChange(name=value))
            case "domains":
                self.book.update_customer(desk_id, CustomerChange(domains=split(value)))
            case "tier":
                self.book.update_customer(desk_id, CustomerChange(tier=value))
            case _:
                self.book.update_customer(desk_id, CustomerChange(fields=((field, value),)))

    def link(self, desk_id: str, account: str) -> None:
        """Let the customer bear our id of it; empty takes it off again."""
        require(self.book, Capability.REFERENCES)
        self.book.update_customer(desk_id, CustomerChange(reference=account))

    def _by_domain(self, values: Mapping[str, str]) -> list[Customer]:
        if Capability.DOMAINS not in self.book.capabilities:
            return []
        found = [self.book.find_customer(domain=one) for one in split(values.get(DOMAINS, ""))]
        return [one for one in found if one is not None]


def _keeping(values: Mapping[str, str]) -> list[Capability]:
    """What the desk must be able to do to keep these values."""
    needed = {Capability.CUSTOMERS}
    for field, value in values.items():
        if field == STATUS:
            needed.add(Capability.CUSTOMER_SUSPENDS)
        elif field == DOMAINS and value:
            needed.add(Capability.DOMAINS)
        elif field not in (NAME, DOMAINS) and value:
            needed.add(Capability.CUSTOMER_FIELDS)
    return sorted(needed)
