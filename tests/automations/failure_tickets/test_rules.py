"""Rules are tried in order, the first that matches decides; what they name must exist."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from automations.duty import Group
from automations.errors import ConfigError
from automations.failure_tickets.alert import Alert
from automations.failure_tickets.event import Reason
from automations.failure_tickets.rules import DEFAULT_RULE, OwnerRef, Rule
from automations.people import Roster
from tests.automations.failure_tickets.samples import ROSTER, book, event


def alert(**changes: Any) -> Alert:
    return Alert.model_validate(event(reason="warning").model_dump() | changes)


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ({}, True),
        ({"source": "billing-worker"}, True),
        ({"source": ["crm", "Billing-*"]}, True),
        ({"source": "billing"}, False),
        ({"job": "invoice-????"}, True),
        ({"job": "INVOICE-SYNC", "tier": "enter*"}, True),
        ({"job": "invoice-sync", "tier": "free"}, False),
        ({"reason": "retries_exhausted"}, True),
        ({"reason": ["data_blocked", "retries_exhausted"]}, True),
        ({"reason": ["data_blocked"]}, False),
    ],
)
def test_everything_named_must_fit(told: dict[str, object], fits: bool) -> None:
    assert Rule.model_validate({"name": "r"} | told).matches(event()) is fits


def test_an_event_without_job_or_tier_fits_only_what_is_open() -> None:
    bare = event(job={}, customer=None)
    assert Rule(name="any", job=("*",), tier=("*",)).matches(bare)
    assert not Rule(name="some", job=("?*",)).matches(bare)
    assert not Rule(name="tier", tier=("enterprise",)).matches(bare)


@given(st.lists(st.sampled_from(["billing-*", "crm", "*", "x?"]), max_size=6))
def test_the_first_match_decides(patterns: list[str]) -> None:
    rules = tuple(Rule(name=f"r{number}", source=(pattern,)) for number, pattern in enumerate(patterns))
    fitting = [rule for rule in rules if rule.matches(event())]
    assert book(rules=rules).match(event()) is (fitting[0] if fitting else DEFAULT_RULE)


def test_no_match_is_the_default_rule() -> None:
    assert book().match(event()) is DEFAULT_RULE
    assert book().rule("gone since") is DEFAULT_RULE


def test_a_rule_judges_only_alerts_that_are_still_warnings() -> None:
    rule = Rule(name="disk", treat_as=Reason.DATA_BLOCKED)
    assert rule.judged(alert()).reason is Reason.DATA_BLOCKED
    assert isinstance(rule.judged(alert()), Alert)
    assert rule.judged(alert(reason="decision_needed")).reason is Reason.DECISION_NEEDED
    assert rule.judged(alert(reason="info")).reason is Reason.INFO
    warning = event(reason="warning")
    assert rule.judged(warning) is warning, "an application that says warning means it"


def test_owners_are_read() -> None:
    assert Rule(name="r", owner="person: Anna@Example.com").owner_ref == OwnerRef("person", "anna@example.com")
    assert Rule(name="r", owner="rotation:billing-duty").owner_ref == OwnerRef("rotation", "billing-duty")
    assert Rule(name="r", owner="group:tier1").owner_ref == OwnerRef("group", "tier1")
    assert Rule(name="r").owner_ref is None


@pytest.mark.parametrize(
    "told",
    [
        {"treat_as": "warning"},
        {"owner": "anna@example.com"},
        {"owner": "team:x"},
        {"owner": "person:"},
        {"escalate_after": "0s"},
        {"escalate_after": timedelta()},
        {"sources": "x"},
        {"reason": "broken"},
        {"priority": "p1"},
        {"name": " "},
    ],
)
def test_an_impossible_rule_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate({"name": "r"} | told)


def test_closing_follows_the_rule_then_the_default() -> None:
    keeps, closes, open_ = (Rule(name=n, close_on_resolved=c) for n, c in (("a", False), ("b", True), ("c", None)))
    assert [book(close_on_resolved=False).closes_on_resolved(rule) for rule in (keeps, closes, open_)] == [
        False,
        True,
        False,
    ]
    assert book().closes_on_resolved(open_)


def test_a_whole_book_is_accepted() -> None:
    rules = (
        Rule(name="a", owner="person:ben@example.com"),
        Rule(name="b", owner="rotation:billing-duty"),
        Rule(name="c", owner="group:tier1"),
        Rule(name="d"),
    )
    whole = book(rules=rules, escalation_lead="Anna@example.com")
    whole.validate(ROSTER)
    assert whole.lead == "Anna@example.com"
    assert book().lead == book().default_owner


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"default_owner": " "}, "failure_tickets.default_owner is missing"),
        ({"default_owner": "who@x.io"}, "failure_tickets.default_owner: 'who@x.io' is not known. Known: anna@"),
        ({"escalation_lead": "who@x.io"}, "failure_tickets.escalation_lead"),
        ({"rules": (Rule(name="a"), Rule(name="b", owner="group:x"))}, r"rules\[1\] \(b\).owner: 'x' .*Known: tier1"),
        ({"rules": (Rule(name="a", owner="rotation:x"),)}, r"'x' is not known. Known: billing-duty"),
        ({"rules": (Rule(name="a", owner="person:x@x.io"),)}, r"'x@x.io' is not known"),
        ({"rules": (Rule(name="a"), Rule(name="a"))}, "'a' is used twice"),
        ({"rules": (Rule(name="default"),)}, "'default' is used twice or is reserved"),
        ({"groups": (Group("tier1", ("who@x.io",)),)}, "groups.tier1.people: 'who@x.io'"),
        ({"groups": (Group("g", ("anna@example.com",)),) * 2}, "groups: the name 'g'"),
    ],
)
def test_a_book_that_names_what_is_not_there_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        book(**changes).validate(ROSTER)


def test_without_people_nothing_is_valid() -> None:
    with pytest.raises(ConfigError, match="Known: none yet"):
        replace(book(), rotations=(), groups=()).validate(Roster())
