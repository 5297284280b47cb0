"""One change in the desk: looked at, written by one call, read back. The same the other way round takes it back.

Whoever finds a change begun begins with the look, so that a repeat after a crash or a lost answer writes nothing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from automations.customer_context.canonical import same
from automations.customer_context.comparing import in_desk
from automations.customer_context.desk_values import DeskValues
from automations.customer_context.group_rows import (
    CHANGED,
    LEFT,
    REFUSED,
    TAKEN_BACK,
    UNCLEAR,
    VERIFIED,
    brief,
)
from automations.customer_context.rules import ACTIVE, NAME, STATUS, SUSPENDED
from automations.customer_context.values import ChangeKind, DeskSide
from automations.domain import IdempotencyKey
from automations.errors import Refused
from storage.boundaries import reach
from storage.models import CustomerChange

STAYS: Final = (
    "It was added, and stays: customers are never deleted, and the settings let nobody suspend it in the desk"
)
_GONE: Final = "no customer in the desk is linked to this account any more"


@dataclass(frozen=True, slots=True)
class Ended:
    """What a change came to: the state of its row, why, and what the desk shows of it (the customer's id, a value)."""

    state: str
    why: str = ""
    desk_id: str | None = None
    shows: str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Carrying:
    """Carries changes out in the desk. `begin` is called, and has committed, before a call that writes leaves.

    Raises `AdapterError`; Refused for what the desk or the settings do not let be.
    """

    desk: DeskValues
    begin: Callable[[], None]

    def out(self, row: CustomerChange, kind: ChangeKind) -> Ended:
        """Make a change true, if the desk still shows what was before."""
        if kind is ChangeKind.ADDED:
            return self._add(row)
        return self._turn(row, kind, row.before, row.after, VERIFIED, CHANGED)

    def back(self, row: CustomerChange, kind: ChangeKind) -> Ended:
        """Put back what was before, if the desk still shows what the change made."""
        if kind is ChangeKind.ADDED:
            return self._take_out(row)
        return self._turn(row, kind, row.after, row.before, TAKEN_BACK, LEFT)

    def _turn(self, row: CustomerChange, kind: ChangeKind, since: str, to: str, done: str, other: str) -> Ended:
        if row.desk_id is None:
            raise Refused(_GONE)
        side = self.desk.look(row.desk_id)
        shows = _shown(side, row, kind)
        if same(row.field, shows, to):
            return Ended(done, desk_id=side.id, shows=shows)
        if not same(row.field, shows, since):
            why = f"It is {brief(shows)} by now, neither {brief(since)} as planned nor {brief(to)}"
            return Ended(other, why, side.id, shows, side.url)
        self.begin()
        reach("customer.begun")
        if kind is ChangeKind.LINKED:
            self.desk.link(row.desk_id, to)
        else:
            self.desk.write(row.desk_id, row.field, to)
        reach("customer.written")
        side = self.desk.look(row.desk_id)
        reach("customer.read_back")
        shows = _shown(side, row, kind)
        if same(row.field, shows, to):
            return Ended(done, desk_id=side.id, shows=shows)
        return Ended(REFUSED, f"It was asked for and answered, but it still is {brief(shows)}", side.id)

    def _add(self, row: CustomerChange) -> Ended:
        values, made = self._in_desk(row), row.state in UNCLEAR
        side = self.desk.find(row.account, values)
        if side is None:
            self.begin()
            reach("customer.begun")
            key = IdempotencyKey(f"customer/{row.group_id}/{row.number}")
            side, made = self.desk.look(self.desk.make(row.account, row.name, values, key=key)), True
            reach("customer.written")
        if made and values.get(STATUS) == SUSPENDED and side.values.get(STATUS) == ACTIVE:
            self.begin()
            self.desk.write(side.id, STATUS, SUSPENDED)
            side = self.desk.look(side.id)
        reach("customer.read_back")
        wrong = [name for name, value in values.items() if not same(name, side.values.get(name, ""), value)]
        if not wrong:
            return Ended(VERIFIED, desk_id=side.id, url=side.url)
        why = ", ".join(f"{name} is {brief(side.values.get(name, ''))}" for name in wrong)
        if made:
            return Ended(REFUSED, f"It was added, but {why} there", side.id)
        return Ended(CHANGED, f"The desk has a customer of this account by now, of whom {why}", side.id, url=side.url)

    def _take_out(self, row: CustomerChange) -> Ended:
        field = self.desk.rules.field(STATUS)
        if row.desk_id is None or field is None or not in_desk(field, self.desk.book.capabilities):
            return Ended(LEFT, STAYS, row.desk_id)
        was = self._in_desk(row).get(STATUS) or ACTIVE
        return self._turn_status(row, was)

    def _turn_status(self, row: CustomerChange, was: str) -> Ended:
        status = CustomerChange(account=row.account, desk_id=row.desk_id, field=STATUS, before=was, after=SUSPENDED)
        return self._turn(status, ChangeKind.CHANGED, was, SUSPENDED, TAKEN_BACK, LEFT)

    def _in_desk(self, row: CustomerChange) -> dict[str, str]:
        """Of the values of a customer who is made: those that live in the desk."""
        can = self.desk.book.capabilities
        fields = {field.name for field in self.desk.rules.fields if in_desk(field, can)}
        named = {NAME: row.name} if row.name else {}
        return named | {name: str(value) for name, value in row.values.items() if name in fields}


def _shown(side: DeskSide, row: CustomerChange, kind: ChangeKind) -> str:
    return side.reference if kind is ChangeKind.LINKED else side.values.get(row.field, "")
