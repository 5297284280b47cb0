"""A desk's customers behind a line that loses, refuses and lies as it is told to; every call is counted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import repeat

from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from automations.ports import CustomerBook

SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"


class Fault(StrEnum):
    """What goes wrong with one call that writes."""

    LOST_BEFORE = "the call is lost on the way"
    LOST_AFTER = "the answer is lost on the way back"
    UNAVAILABLE = "not now"
    REJECTED = "not at all"
    IGNORED = "answered, and nothing was changed"


FAULTS = tuple(Fault)


@dataclass
class BadLine:
    """`CustomerBook` in front of another one. `faults` are what the next writes meet; `deaf` looks get no answer.

    Writes about `refuses` are never taken, those about `silent` never answered.
    `writes` are those that arrived, as (customer or name, what); `asked` counts all that were sent.
    """

    book: CustomerBook
    faults: Iterator[Fault | None] = field(default_factory=lambda: iter(()))
    refuses: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    deaf: int = 0
    asked: list[str] = field(default_factory=list)
    writes: list[tuple[str, str]] = field(default_factory=list)
    looks: int = 0

    @property
    def system(self) -> str:
        return self.book.system

    @property
    def title(self) -> str:
        return self.book.title

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.book.capabilities

    @property
    def by_hand(self) -> Mapping[Capability, str]:
        return self.book.by_hand

    def meets(self, *faults: Fault | None, always: bool = False) -> None:
        """Let the next writes meet these faults, the first of them for ever if `always`."""
        self.faults = repeat(faults[0]) if always else iter(faults)

    def customers(self) -> Iterator[Customer]:
        return self.book.customers()

    def customer(self, customer: str) -> Customer:
        self._look()
        return self.book.customer(customer)

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        self._look()
        return self.book.find_customer(reference=reference, domain=domain)

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        made: list[Customer] = []
        name = customer.name or ""
        self._write(name, "create", lambda: made.append(self.book.create_customer(customer, key=key)))
        return made[0]

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        self._write(customer, "update", lambda: self.book.update_customer(customer, change))

    def suspend_customer(self, customer: str) -> None:
        self._write(customer, "suspend", lambda: self.book.suspend_customer(customer))

    def resume_customer(self, customer: str) -> None:
        self._write(customer, "resume", lambda: self.book.resume_customer(customer))

    def _look(self) -> None:
        self.looks += 1
        if self.deaf:
            self.deaf -= 1
            raise Unavailable("the desk answers 503", system="desk")

    def _write(self, whom: str, what: str, call: Callable[[], None]) -> None:
        self.asked.append(whom)
        fault = next(self.faults, None)
        if whom in self.refuses or fault is Fault.REJECTED:
            raise Rejected(f"the desk answers 422: api_key={SECRET}", system="desk", code="422")
        if whom in self.silent:
            raise Unavailable("the desk answers 500", system="desk")
        match fault:
            case Fault.LOST_BEFORE:
                raise OutcomeUnknown("no answer came", system="desk")
            case Fault.UNAVAILABLE:
                raise Unavailable("the desk answers 429", system="desk", retry_after_s=17)
            case Fault.IGNORED if what != "create":
                return
        call()
        self.writes.append((whom, what))
        if fault is Fault.LOST_AFTER:
            raise OutcomeUnknown("no answer came", system="desk")
