"""Every kind of desk filled with tickets, for measurements that compare them.

A stand-in is added by one line in FILLED: its name in the settings, and a function that takes a number of tickets and
gives the adapter over the stand-in, which holds that many, oldest first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from automations.adapters.builtin.desk import BuiltinDesk
from automations.adapters.muninx.desk import MuninxDesk
from automations.ports import HelpDesk
from storage import migrate
from storage.engine import Database
from storage.models import DeskTicket
from tests.automations.adapters.freshdesk import world as freshdesk_world
from tests.automations.adapters.intercom import world as intercom_world
from tests.automations.adapters.muninx.room import Room
from tests.automations.adapters.zendesk import opened as zendesk_opened
from tests.desks.fake import FakeDesk
from tests.desks.freshdesk_parts import stamp
from tests.desks.muninx import BOT, FakeTicket
from tests.support import START, FakeClock


@dataclass(frozen=True)
class Filled:
    """A desk with tickets. `fake` is the stand-in behind it, None for a desk that is asked without requests."""

    desk: HelpDesk
    fake: FakeDesk | None = None


def builtin(count: int, folder: Path) -> Filled:
    """The built-in desk with so many tickets in an SQLite file."""
    url = f"sqlite:///{folder / 'desk.db'}"
    migrate.upgrade(url)
    database = Database(url)
    with database.begin() as session:
        for number in range(count):
            at = START - timedelta(minutes=count - number)
            words = {"subject": f"Ticket {number}", "status": "open", "priority": "normal", "tags": []}
            session.add(DeskTicket(key=f"k{number}", fields={}, created_at=at, updated_at=at, **words))
    return Filled(BuiltinDesk(database, FakeClock(), "https://bot.example"))


def zendesk(count: int, _folder: Path) -> Filled:
    """Zendesk with so many tickets, older than the minute that its export hides."""
    clock = FakeClock()
    fake = zendesk_opened.zendesk(clock)
    for number in range(count):
        fake.seed_ticket(subject=f"Ticket {number}")
    clock.move(timedelta(minutes=2))
    return Filled(zendesk_opened.desk(fake, clock), fake)


def freshdesk(count: int, _folder: Path) -> Filled:
    """Freshdesk with so many tickets, a minute apart."""
    clock = FakeClock()
    fake = freshdesk_world.account(clock)
    who = fake.contact("rita@acme.example")
    for number in range(count):
        when = stamp(START - timedelta(minutes=count - number))
        fake.put_ticket(requester=who, subject=f"Ticket {number}", created_at=when, updated_at=when, group_id=40)
    return Filled(freshdesk_world.desk_of(fake, clock), fake)


def intercom(count: int, _folder: Path) -> Filled:
    """Intercom with so many tickets, ten a minute."""
    clock = FakeClock()
    there = intercom_world.world(clock, held=False)
    for number in range(count):
        there.fake.seed_ticket(title=f"Ticket {number}")
        if number % 10 == 0:
            clock.move(timedelta(minutes=1))
    return Filled(there.desk, there.fake)


def muninx(count: int, _folder: Path) -> Filled:
    """MuninX with so many tickets, which its list tells, since it has no feed."""
    clock = FakeClock()
    room = Room(clock)
    for number in range(1, count + 1):
        made = (START - timedelta(minutes=number)).isoformat()
        fields = {
            "title": f"Ticket {number}",
            "description": "",
            "status": "open",
            "priority": "medium",
            "assignee": "",
        }
        times = {"created-at": made, "updated-at": made, "creator": BOT}
        room.fake.tickets[f"tkt_{number:06x}"] = FakeTicket(number, {**fields, **times})
    desk = MuninxDesk(room.connection(transport=room.fake), clock.now)
    return Filled(desk, room.fake)


FILLED: Final[Mapping[str, Callable[[int, Path], Filled]]] = {
    "builtin": builtin,
    "zendesk": zendesk,
    "freshdesk": freshdesk,
    "intercom": intercom,
    "muninx": muninx,
}
