"""Every kind of desk filled with tickets, for measurements that compare them.

A stand-in is added by one line in FILLED: its name in the settings, and a function that takes a number of tickets and
gives the adapter over the stand-in, which holds that many, oldest first:

    "zendesk": lambda count, _folder: Filled(*zendesk_with(count))
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from automations.adapters.builtin.desk import BuiltinDesk
from automations.ports import HelpDesk
from storage import migrate
from storage.engine import Database
from storage.models import DeskTicket
from tests.desks.fake import FakeDesk
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


FILLED: Final[Mapping[str, Callable[[int, Path], Filled]]] = {"builtin": builtin}
