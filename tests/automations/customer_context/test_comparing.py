"""The three-way rule, what a desk shows of a customer, and where each field lives."""

from dataclasses import replace

import pytest

from automations.customer_context.comparing import Verdict, desk_side, in_desk, judge, terms_of
from automations.customer_context.rules import CustomerRules
from automations.desks import Capability
from tests.automations.customer_context.two_lists import EVERYTHING, RULES, customer, field_of, rules_of
from tests.support import START

KEEP, CLEAR, ASK = (field_of("region", blank=rule) for rule in ("keep", "clear", "conflict"))


@pytest.mark.parametrize(
    ("field", "told", "in_force", "agreed", "verdict"),
    [
        (KEEP, "eu", "eu", None, Verdict.AGREED),
        (KEEP, "eu", "eu", "us", Verdict.AGREED),
        (KEEP, "", "", None, Verdict.AGREED),
        (KEEP, "eu", "us", "us", Verdict.CHANGE),
        (KEEP, "eu", "", None, Verdict.CHANGE),
        (KEEP, "eu", "", "", Verdict.CHANGE),
        (KEEP, "eu", "us", None, Verdict.DIFFERS),
        (KEEP, "eu", "us", "eu", Verdict.DIFFERS),
        (KEEP, "eu", "us", "asia", Verdict.DIFFERS),
        (KEEP, "eu", "", "us", Verdict.DIFFERS),
        (KEEP, "", "us", "us", Verdict.KEEP),
        (KEEP, "", "us", None, Verdict.KEEP),
        (CLEAR, "", "us", "us", Verdict.CLEAR),
        (CLEAR, "", "us", None, Verdict.CLEAR),
        (CLEAR, "", "us", "eu", Verdict.BLANK),
        (ASK, "", "us", "us", Verdict.BLANK),
        (ASK, "", "us", None, Verdict.BLANK),
        (field_of("status", blank="clear"), "", "active", "active", Verdict.KEEP),
        (field_of("tier"), "Pro", "pro", None, Verdict.AGREED),
        (field_of("tier"), "ent", "PRO", "pro", Verdict.CHANGE),
    ],
)
def test_the_three_way_rule(field: object, told: str, in_force: str, agreed: str | None, verdict: Verdict) -> None:
    assert judge(field, told, in_force, agreed) is verdict  # type: ignore[arg-type]  # a CustomerField


def test_a_desk_shows_the_fields_that_live_there_or_come_from_there() -> None:
    rules = rules_of(
        field_of("tier", direction="to_handoff"),
        field_of("region"),
        field_of("seats", type="number"),
        field_of("owner", "desk", direction="to_handoff", values={"B": "ben"}),
        field_of("domains", direction="to_handoff"),
    )
    shown = customer("7", " Acme  GmbH ", " acct_1 ", tier="pro", seats="5.0", owner=" B ", secret="theirs")
    side = desk_side(replace(shown, domains=("B.Example.", "a.example", "no, domain", " ")), rules)
    assert side.values == {
        "name": "Acme GmbH",
        "region": "",
        "seats": "5",
        "owner": "B",
        "domains": "a.example, b.example, nodomain",
    }
    assert (side.id, side.reference, side.url) == ("7", "acct_1", "https://desk.example/7")


def test_a_desk_shows_whatever_it_holds() -> None:
    hostile = customer("1", "a\0\n b", "r\0", status="suspended", tier="t" * 500)
    side = desk_side(hostile, RULES)
    assert side.values == {
        "name": "a\N{REPLACEMENT CHARACTER} b",
        "domains": "",
        "status": "suspended",
        "tier": "t" * 500,
    }
    assert side.reference == "r\N{REPLACEMENT CHARACTER}"
    assert desk_side(customer("1", "Acme", None), CustomerRules()).values == {"name": "Acme"}, "no field is named"


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("name", Capability.CUSTOMERS),
        ("domains", Capability.DOMAINS),
        ("status", Capability.CUSTOMER_SUSPENDS),
        ("tier", Capability.CUSTOMER_FIELDS),
        ("region", Capability.CUSTOMER_FIELDS),
    ],
)
def test_a_field_lives_in_the_desk_if_the_desk_can_keep_it(name: str, needed: Capability) -> None:
    assert in_desk(field_of(name), EVERYTHING)
    assert not in_desk(field_of(name), EVERYTHING - {needed})
    assert not in_desk(field_of(name), EVERYTHING - {Capability.CUSTOMERS})
    assert not in_desk(field_of(name, direction="to_handoff"), EVERYTHING)


def test_fields_are_sorted_by_where_they_live() -> None:
    owner = field_of("owner", "desk", direction="to_handoff")
    rules = rules_of(field_of("name"), field_of("status"), field_of("tier", direction="to_handoff"), owner)
    terms = terms_of(rules, EVERYTHING, {}, START)
    names = [[one.name for one in some] for some in (terms.in_desk, terms.here, terms.from_desk)]
    assert names == [["name"], ["tier"], ["owner"]]
    assert (terms.keeps, terms.references, terms.status_in_desk) == (True, True, True)
    without = terms_of(rules, frozenset(), {}, START)
    assert ([one.name for one in without.here], without.in_desk, without.keeps) == (["name", "tier"], (), False)
