"""Every case gets an owner, and the reason of the choice in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automations.domain import Priority
from automations.duty import Rotation
from automations.failure_tickets.event import Reason
from automations.failure_tickets.plan import route
from automations.failure_tickets.rules import Rule
from automations.people import Absence, Person, Roster
from tests.automations.failure_tickets.samples import ANNA, BEN, CLEO, LEAD, ROSTER, book, event

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)  # a Saturday in Anna's week
LOAD = {ANNA: 3, BEN: 2, CLEO: 4}


def away(*emails: str, until: datetime = datetime(2026, 11, 24, 13, tzinfo=UTC)) -> Roster:
    absence = (Absence(AT - timedelta(days=1), until),)
    return Roster(tuple(Person(p.name, p.email, away=absence if p.email in emails else ()) for p in ROSTER.people))


@pytest.mark.parametrize(
    ("owner", "roster", "found", "why"),
    [
        (None, ROSTER, LEAD, "default owner: no rule names an owner"),
        (f"person:{CLEO}", ROSTER, CLEO, "named by the rule"),
        (f"person:{CLEO}", away(CLEO), LEAD, "default owner: Cleo Dahl is away until 24 Nov 14:00"),
        ("person:who@x.io", ROSTER, LEAD, "default owner: who@x.io is not one of the team"),
        ("rotation:billing-duty", ROSTER, ANNA, "on duty in billing-duty until Mon 09:00"),
        (
            "rotation:billing-duty",
            away(ANNA),
            BEN,
            "Anna Berg is away until 24 Nov 14:00; next in rotation, on duty in billing-duty until Mon 09:00",
        ),
        ("rotation:billing-duty", away(ANNA, BEN), LEAD, "default owner: nobody of billing-duty is on duty"),
        ("group:tier1", ROSTER, BEN, "least loaded of tier1 (2 open)"),
        ("group:tier1", away(BEN), ANNA, "least loaded of tier1 (3 open)"),
        ("group:tier1", away(ANNA, BEN, CLEO), LEAD, "default owner: nobody of tier1 is available"),
        ("group:gone", ROSTER, LEAD, "default owner: nobody of gone is available"),
        ("rotation:gone", ROSTER, LEAD, "default owner: nobody of gone is on duty"),
    ],
)
def test_the_owner_and_why(owner: str | None, roster: Roster, found: str, why: str) -> None:
    rules = (Rule(name="r", owner=owner),)
    routing = route(event(), book(rules=rules), roster, LOAD, AT)
    assert (routing.owner, routing.owner_why) == (found, why)


def test_the_default_owner_takes_it_even_when_away() -> None:
    routing = route(event(), book(), away(LEAD), {}, AT)
    words = "is away until 24 Nov 14:00"
    assert (routing.owner, routing.owner_why.endswith(words)) == (LEAD, True), "and it is said, for somebody to look"
    named = route(event(), book(rules=(Rule(name="r", owner=f"person:{LEAD}"),)), away(LEAD), {}, AT)
    assert (named.owner, named.owner_why.count(words)) == (LEAD, 1)


def test_before_a_rotation_begins_the_default_owner_has_it() -> None:
    later = Rotation("later", (ANNA, BEN), "Mon 09:00", "Europe/Oslo", date(2026, 12, 1))
    rules = (Rule(name="r", owner="rotation:later"),)
    routing = route(event(), replace(book(rules=rules), rotations=(later,)), ROSTER, LOAD, AT)
    assert (routing.owner, routing.owner_why) == (LEAD, "default owner: nobody of later is on duty")


def test_a_rule_decides_and_the_default_fills_in() -> None:
    rules = (
        Rule(
            name="night",
            source=("billing-*",),
            queue="Billing",
            channel="C_BILLING",
            priority=Priority.LOW,
            escalate_after=timedelta(minutes=15),
            close_on_resolved=False,
        ),
    )
    routing = route(event(), book(rules=rules), ROSTER, {}, AT)
    assert (routing.rule, routing.queue, routing.channel) == ("night", "Billing", "C_BILLING")
    assert (routing.escalate_after, routing.close_on_resolved) == (timedelta(minutes=15), False)
    assert routing.assessment.in_words == "set by rule night → low"
    other = route(event(source="crm"), book(rules=rules, escalate_after=timedelta(hours=1)), ROSTER, {}, AT)
    assert (other.rule, other.queue, other.channel) == ("default", "Support", "C_FAILURES")
    assert (other.escalate_after, other.close_on_resolved) == (timedelta(hours=1), True)
    assert other.assessment.priority is Priority.URGENT


def test_a_rule_matched_before_is_kept() -> None:
    """An alert is matched with the reason it was sent with, and routed with the one its rule gave it."""
    rule = Rule(name="disk", reason=(Reason.WARNING,), queue="Infra", treat_as=Reason.DATA_BLOCKED)
    judged = event(reason="data_blocked", impact={}, customer=None)
    routing = route(judged, book(rules=(rule,)), ROSTER, {}, AT, rule=rule)
    assert (routing.queue, routing.assessment.in_words) == ("Infra", "blocked 3 = 3 → high")
