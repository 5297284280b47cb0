"""Letting a failure that crossed the threshold in: it joins the open case of its key, reopens one, or opens a new one.

The audit head is held by the caller, and the constraint "one open case per key" decides between processes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.failure_tickets import flapping, occurrences, opening
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.known_customer import with_known_tier
from automations.failure_tickets.occurrences import Joined
from automations.failure_tickets.plan import Routing, route
from automations.failure_tickets.present import present
from automations.failure_tickets.rules import Rule
from storage.models import Case

TRIES = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case, opened with one failure."""

    case_id: int


def admit(
    session: Session, event: FailureEvent, times: Sequence[datetime], ctx: Context, *, rule: Rule | None = None
) -> Joined | Opened:
    """Let equal failures of the moments `times` join a case, or let the first of them open one.

    `rule` is the rule that judged the event, if one did.
    """
    for _ in range(TRIES):
        if (joined := occurrences.join(session, event.case_key, times)) is not None:
            return joined
        previous = occurrences.last_closed_of(session, event.case_key)
        if previous is not None and flapping.reopen(session, previous, event, ctx):
            continue
        if (opened := _open(session, event, previous, ctx, rule)) is not None:
            return Opened(opened)
    raise RuntimeError(f"no case of key {event.case_key} could be joined or opened")


def routed(session: Session, event: FailureEvent, ctx: Context, rule: Rule | None = None) -> Routing:
    """Route an event by the rules, the people and the customer's tier as they are now."""
    return _routed(session, with_known_tier(session, event), ctx, rule)


def _routed(session: Session, event: FailureEvent, ctx: Context, rule: Rule | None) -> Routing:
    ctx = present(session, ctx)
    rule = rule or ctx.book.match(event)
    by_load = rule.owner_ref is not None and rule.owner_ref.kind == "group"
    load = occurrences.open_cases_per_owner(session) if by_load else {}
    return route(event, ctx.book, ctx.roster, load, ctx.clock.now(), rule=rule)


def _open(session: Session, event: FailureEvent, previous: Case | None, ctx: Context, rule: Rule | None) -> int | None:
    """Open a case. None: somebody opened one of this key just now."""
    event = with_known_tier(session, event)
    routing = _routed(session, event, ctx, rule)
    try:
        with session.begin_nested():
            case = opening.open_case(session, event, routing, previous, ctx)
    except IntegrityError:
        return None
    if previous is not None:
        flapping.tell_predecessor(session, previous, case, ctx)
    return case.id
