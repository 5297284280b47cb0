"""Request Tracker, with one token for tickets and one for agents."""

from automations.adapters.request_tracker import limits
from automations.adapters.request_tracker.access import RequestTrackerAccess
from automations.adapters.request_tracker.calls import CALLS
from automations.adapters.request_tracker.customers import RequestTrackerCustomers
from automations.adapters.request_tracker.desk import RequestTrackerDesk
from automations.adapters.request_tracker.line import Line as Reached
from automations.adapters.request_tracker.values import Terms
from bot.desks.kind import Kind, Line


def _reached(line: Line) -> Reached:
    section = line.section
    terms = Terms(**section.request_tracker.model_dump())
    return Reached(
        line.url, line.token, line.requester, line.budget, line.now, terms, section.calls_per_minute
    )  # fmt: skip


KIND = Kind(
    desk=lambda line: RequestTrackerDesk(_reached(line)),
    customers=lambda _line: RequestTrackerCustomers(),
    access=lambda line: RequestTrackerAccess(_reached(line)),
    limits=limits,
    calls=lambda _section: CALLS,
)
