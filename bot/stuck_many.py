"""Acts on all stuck work with one cause: each item as if it were the only one, with the rights asked for each.

Only what the person was shown: what came in since waits for the next look. A large cause is done in pieces, one press
each, so that a click is answered in time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets.context import Context
from automations.words import typed
from bot import stuck_acts, stuck_shown
from storage.models import StuckItem

AT_ONCE: Final = 100
"""Items that one press settles."""
LOOKED_AT: Final = 1_000
"""Items that one press looks through for those that are this person's to settle."""


@dataclass(frozen=True, slots=True)
class Many:
    """What came of it: how many were settled, how many were left for which reason, and that in words."""

    done: int
    others: int
    unclear: int
    more: int
    text: str


def retry_all(session: Session, cause: str, upto: int, actor: Actor, ctx: Context) -> Many:
    """Have all of a cause tried again that are this person's to settle. Raises: Refused if none is."""

    def act(item: StuckItem) -> None:
        stuck_acts.retry(session, item.id, actor, ctx, quietly=True)

    return _each(session, cause, upto, actor, ctx, act, "tried again now", retry=True)


def discard_all(session: Session, cause: str, upto: int, actor: Actor, reason: str, ctx: Context) -> Many:
    """Give all of a cause up, for one reason. Raises: Refused without a reason, or if none is theirs to settle."""
    if not typed(reason, ctx):
        raise Refused("Please say in a sentence why these are given up.")

    def act(item: StuckItem) -> None:
        stuck_acts.discard(session, item.id, actor, reason, ctx, quietly=True)

    return _each(session, cause, upto, actor, ctx, act, "given up", retry=False)


def _each(
    session: Session,
    cause: str,
    upto: int,
    actor: Actor,
    ctx: Context,
    act: Callable[[StuckItem], None],
    done: str,
    *,
    retry: bool,
) -> Many:
    found = stuck_shown.of_cause(session, cause, upto, actor, ctx, limit=LOOKED_AT)
    if not found:
        raise Refused("None of these is stuck any more: somebody was first. Nothing was changed.")
    unclear = {item.id for item in found if retry and stuck_shown.unclear_case(session, item) is not None}
    rest = [item for item in found if item.id not in unclear]
    mine = [item for item in rest if stuck_shown.may_settle(session, item, actor, ctx)]
    for item in mine[:AT_ONCE]:
        act(item)
    settled, more = len(mine[:AT_ONCE]), len(mine[AT_ONCE:])
    others = len(rest) - len(mine)
    text = " ".join(_words(settled, done, others, len(unclear), more))
    if not settled:
        raise Refused(f"{text} Nothing was changed.")
    return Many(settled, others, len(unclear), more, text)


def _words(settled: int, done: str, others: int, unclear: int, more: int) -> Sequence[str]:
    said = [f"{settled} {_are(settled)} {done}."] if settled else []
    if more:
        said.append(f"{more} more wait: press again for them.")
    if others:
        said.append(f"{others} {_are(others)} for their owners or a lead to settle.")
    if unclear:
        said.append(f"{unclear} {_are(unclear)} left: somebody has to look first whether the ticket is there.")
    return said


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
