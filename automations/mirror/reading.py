"""Reading a desk into the mirror: from its oldest ticket on, then only what changed.

The place up to which the desk was read is stored with what was found there, so a crash repeats a page and nothing else.
A ticket is compared with what is kept of it, and written anew only if something differs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from automations.desks import ABILITY, Capability
from automations.errors import Rejected, Unavailable
from automations.mirror.customers import CustomerNames
from automations.mirror.keeping import forget_some
from automations.mirror.places import begin
from automations.mirror.taking import Taker
from automations.mirror.walking import walk_feed, walk_list
from automations.ports import Clock, CustomerBook, HelpDesk, Listed
from automations.redact import Redactor
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import MirrorPlace


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading came to: how many tickets are kept differently now, and how many the desk refused to show.

    `complete`: it came to the desk's end. `read_at`: all that happened until then and that the desk tells was read.
    """

    changed: int
    complete: bool
    read_at: datetime
    refused: int = 0


def read_on(
    database: Database,
    desk: HelpDesk,
    customers: CustomerBook | None,
    *,
    clock: Clock,
    redactor: Redactor,
    most_pages: int | None = None,
    on_progress: Callable[[int], None] = lambda _tickets: None,
) -> Reading:
    """Read on from where the desk was read last to its end, or for so many pages; the first time from the beginning.

    `on_progress` is told how many tickets were read so far.
    Raises: AdapterError; what was read until then is kept, and the next reading goes on from there.
    """
    name = f"mirror/{desk.system}"
    try:
        with alone(database, name):
            read_at = clock.now()
            begin(database, desk, read_at)
            taker = Taker(database, desk, CustomerNames(customers), clock, redactor, on_progress)
            if Capability.CHANGES in desk.capabilities:
                complete = walk_feed(taker, most_pages)
            elif isinstance(desk, Listed):
                complete = walk_list(taker, desk, most_pages)
            else:
                words = f"{desk.title} cannot {ABILITY[Capability.CHANGES]} and lists none: there is nothing to count"
                raise Rejected(words, system=desk.system, code="cannot")
            return Reading(taker.changed, complete, taker.read_at or read_at, taker.refused)
    except Occupied as exc:
        words = f"another worker is still reading the tickets of {desk.title}"
        raise Unavailable(words, system=desk.system) from exc


def place(session: Session, system: str) -> MirrorPlace | None:
    """How far a desk is mirrored, None if that was never begun."""
    return session.get(MirrorPlace, system)


def forget(database: Database, system: str) -> None:
    """Throw away what the mirror has of a desk, so that the next reading begins with its oldest ticket.

    Of a desk that tells no history this is the only record of when things changed.
    Raises: Unavailable if somebody is reading it.
    """
    try:
        with alone(database, f"mirror/{system}"):
            left = True
            while left:
                with database.begin() as session:
                    left = forget_some(session, system)
    except Occupied as exc:
        words = f"the tickets of {system} are being read; nothing was forgotten, try again later"
        raise Unavailable(words, system=system) from exc
