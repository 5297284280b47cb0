"""Events, rules and a context that the tests of failure tickets share."""

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Any

from automations.duty import Group, Rotation
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.rules import RuleBook
from automations.people import Person, Roster
from automations.redact import Redactor
from tests.support import FakeClock, RecordingJobs

ANNA, BEN, CLEO, LEAD = "anna@example.com", "ben@example.com", "cleo@example.com", "lead@example.com"
ROSTER = Roster(
    (
        Person("Anna Berg", ANNA, slack="U_AGENT1"),
        Person("Ben Cho", BEN, slack="U_AGENT2"),
        Person("Cleo Dahl", CLEO, slack="U_AGENT3"),
        Person("Lea Lead", LEAD, slack="U_LEAD1"),
    )
)
_numbers = count(1)


def event(**changes: Any) -> FailureEvent:
    """A failure that crosses the threshold, with an id of its own unless one is given."""
    told: dict[str, Any] = {
        "id": f"evt_{next(_numbers)}",
        "source": "billing-worker",
        "occurred_at": "2026-11-21T02:14:00Z",
        "status": "failed",
        "reason": "retries_exhausted",
        "summary": "Invoice sync failed after 5 attempts",
        "job": {"id": "job_981", "name": "invoice-sync"},
        "customer": {"id": "acct_42", "name": "Acme GmbH", "tier": "Enterprise"},
        "impact": {"blocked": True, "paid_workflow": True, "customers": 1},
    }
    return FailureEvent.model_validate(told | changes)


def book(**changes: Any) -> RuleBook:
    """Rules that route by default to the lead, in Slack channel C_FAILURES."""
    told: dict[str, Any] = {
        "default_owner": LEAD,
        "default_queue": "Support",
        "default_channel": "C_FAILURES",
        "escalation_channel": "C_ESCALATIONS",
        "rotations": (Rotation("billing-duty", (ANNA, BEN), "Mon 09:00", "Europe/Oslo", date(2026, 11, 16)),),
        "groups": (Group("tier1", (ANNA, BEN, CLEO)),),
        "zone": "Europe/Oslo",
    }
    return RuleBook(**(told | changes))


def context(clock: FakeClock, jobs: RecordingJobs, rules: RuleBook | None = None, **changes: Any) -> Context:
    """Everything an act on a case is given."""
    told: Mapping[str, Any] = {
        "book": rules or book(),
        "roster": ROSTER,
        "jobs": jobs,
        "clock": clock,
        "redactor": Redactor(["held-secret-4711"]),
        "desk_system": "builtin",
        "case_url": lambda number: f"http://127.0.0.1:8080/cases/{number}",
    }
    return Context(**{**told, **changes})
