"""What a help desk promises, played against the real one: who acts, who is there, what changed, in words and seconds.

Only readings are made here; `desk_throwaway` plays the writing ones on a ticket of its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from automations.access_ports import DeskAccess
from automations.desks import ABILITY, Capability, Declared
from automations.domain import DeskAgent, TicketStatus
from automations.errors import AdapterError, HandoffError
from automations.ports import CustomerBook, HelpDesk

ENOUGH: Final = 100
"""Of customers no more are read: the check shows that they can be, not how many there are."""


_DONE: Final = (TicketStatus.SOLVED, TicketStatus.CLOSED)


class Kept(StrEnum):
    """Whether a promise was kept. `cannot`: this desk does not make it, or somebody has to give us something first."""

    OK = "ok"
    FAILED = "failed"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Seen:
    """One promise and what was seen of it. `seconds` is how long the desk took, 0.0 where it was not asked."""

    promise: str
    kept: Kept
    words: str
    seconds: float = 0.0


class NotKept(HandoffError):
    """The desk answered, but not what it promises. The message says what it showed instead."""


class Play:
    """Plays promises one after the other and tells what was seen of each as soon as it is known."""

    def __init__(self, tell: Callable[[Seen], None]) -> None:
        self._tell = tell

    def promise(self, name: str, look: Callable[[], str], *, of: Declared, needs: Capability | None = None) -> bool:
        """Ask the desk; True if the promise was kept. What the desk does not declare is left to `rest`."""
        if needs is not None and needs not in of.capabilities:
            return False
        begin = time.perf_counter()
        try:
            kept, words = Kept.OK, look()
        except (AdapterError, NotKept) as exc:
            kept, words = Kept.FAILED, str(exc)
        self._tell(Seen(name, kept, words, time.perf_counter() - begin))
        return kept is Kept.OK

    def cannot(self, name: str, words: str) -> None:
        """Tell of something that is not asked for, and why."""
        self._tell(Seen(name, Kept.CANNOT, words))


def read_desk(play: Play, desk: HelpDesk) -> None:
    """What is read with the ordinary credential."""
    play.promise("who am I", lambda: _person(desk.me()), of=desk)
    found: list[DeskAgent] = []

    def agents() -> str:
        found.extend(desk.agents())
        return _people(found)

    play.promise("list agents", agents, of=desk)
    if (who := next((one.email for one in found if one.email and one.state == "active"), None)) is not None:
        play.promise(f"open tickets of {who}", lambda: _open_tickets(desk, who), of=desk, needs=Capability.ASSIGNED)
    play.promise("list groups", lambda: _some(list(desk.groups()), "group"), of=desk, needs=Capability.GROUPS)
    play.promise("list required fields", lambda: _fields(desk), of=desk, needs=Capability.FIELDS)
    play.promise("tell changes from now on", lambda: _changes(desk), of=desk, needs=Capability.CHANGES)
    play.promise("list triggers", lambda: _triggers(desk), of=desk, needs=Capability.TRIGGERS)


def read_customers(play: Play, book: CustomerBook) -> None:
    """The first customers, and one of them by itself."""

    def look() -> str:
        first = list(islice(book.customers(), ENOUGH))
        if first and book.customer(first[0].id).name != first[0].name:
            raise NotKept(f"{first[0].name} has another name when read alone")
        more = "at least " if len(first) == ENOUGH else ""
        return f"{more}{_number(len(first), 'customer')}"

    play.promise("list customers", look, of=book, needs=Capability.CUSTOMER_LIST)


def read_access(play: Play, door: DeskAccess) -> None:
    """What the administrative credential may see. Nothing is changed."""
    found: list[DeskAgent] = []

    def agents() -> str:
        found.extend(door.agents())
        if found and door.agent(found[0].email) is None:
            raise NotKept(f"{found[0].email} is in the list of agents, but there is nobody when read alone")
        return _people(found)

    play.promise("agents, with the administrative credential", agents, of=door)
    play.promise("everybody with groups and tokens", lambda: _everybody(door, found), of=door)
    play.promise("count the seats", lambda: _seats(door), of=door, needs=Capability.SEATS)
    play.promise("list roles", lambda: _some(list(door.roles()), "role"), of=door, needs=Capability.ROLES)
    named = lambda: _some(list(door.groups()), "group")  # noqa: E731 - reads better beside its row
    play.promise("list groups of agents", named, of=door, needs=Capability.MEMBERSHIPS)
    if found:
        who = found[0].email
        groups = lambda: _some(list(door.memberships(who)), "group")  # noqa: E731 - reads better beside its row
        play.promise(f"groups of {who}", groups, of=door, needs=Capability.MEMBERSHIPS)
        tokens = lambda: _number(len(list(door.tokens(who))), "token")  # noqa: E731 - as above
        play.promise(f"tokens of {who}", tokens, of=door, needs=Capability.TOKENS)


def rest(play: Play, desk: HelpDesk) -> None:
    """Everything the desk cannot do, and what a person does instead."""
    for one in Capability:
        if one not in desk.capabilities:
            play.cannot(ABILITY[one], desk.by_hand[one])


def _person(who: DeskAgent) -> str:
    return f"{who.name} ({who.email or who.id}), {who.role or 'no role told'}, {who.state}"


def _people(agents: list[DeskAgent]) -> str:
    if not agents:
        raise NotKept("the list of agents is empty; the credential may not be allowed to see them")
    active = sum(agent.state == "active" for agent in agents)
    return f"{_number(len(agents), 'agent')}, {active} of them active"


def _open_tickets(desk: HelpDesk, who: str) -> str:
    first = list(islice(desk.assigned(who), ENOUGH))
    for one in first:
        if (one.assignee or "").lower() != who.lower() or one.status in _DONE:
            raise NotKept(f"#{one.id} is among them, which is {one.status} and with {one.assignee or 'nobody'}")
    more = "at least " if len(first) == ENOUGH else ""
    return f"{more}{_number(len(first), 'open ticket')}"


def _everybody(door: DeskAccess, alone: list[DeskAgent]) -> str:
    """The lists tell of the same people as the agents do, in fewer calls."""
    told = list(door.everybody())
    if differ := {one.agent.email for one in told} ^ {one.email for one in alone}:
        raise NotKept(f"lists and agents differ in {', '.join(sorted(differ)[:5])}")
    groups = sum(len(one.groups or ()) for one in told)
    tokens = sum(len(one.tokens or ()) for one in told)
    return f"{_number(len(told), 'agent')}, {_number(groups, 'place')} in groups, {_number(tokens, 'token')}"


def _seats(door: DeskAccess) -> str:
    seats = door.seats()
    return f"{seats.used:,} taken, {'no limit' if seats.total is None else f'{seats.total:,} in all'}"


def _fields(desk: HelpDesk) -> str:
    labels = [field.label for field in desk.required_fields()]
    return _some(labels, "field") if labels else "none is required before a ticket is solved"


def _changes(desk: HelpDesk) -> str:
    begin = desk.changed(None)
    if begin.tickets or not begin.cursor:
        raise NotKept("reading from now on told of tickets at once, or gave no place to go on from")
    page = desk.changed(begin.cursor)
    return f"{_number(len(page.tickets), 'ticket')} changed since a moment ago"


def _triggers(desk: HelpDesk) -> str:
    names = list(desk.writing_triggers())
    return f"could write to customers: {', '.join(names)}" if names else "none could write to customers"


def _some(names: list[str], what: str) -> str:
    if not names:
        raise NotKept(f"there is no {what}, or the credential may not see any")
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"{_number(len(names), what)}: {shown}"


def _number(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
