"""What is said of a customer: tier, status, age, conflicts, and whose a ticket is where nobody can tell."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.customers.known import NOTHING_TO_SAY, Clarity, Standing, Whose
from automations.customers.words import age_words, standing_words, unclear_words
from tests.support import START

ACME = Standing("acct_42", "Acme", "enterprise", "active", "d1", START - timedelta(hours=2), source="crm")
ZONE = "Europe/Berlin"  # START is 03:14 there


def test_tier_and_status_come_with_their_age() -> None:
    assert standing_words(ACME, START, ZONE) == "enterprise, active (crm as of 01:14, 2 h ago)"


def test_what_is_missing_is_said() -> None:
    bare = replace(ACME, tier="", status="suspended", as_of=None, gone_since=START - timedelta(days=3))
    said = "no tier, suspended, gone from the source since 18 Nov 03:14 (age not known)"
    assert standing_words(bare, START, ZONE) == said


def test_open_conflicts_are_said() -> None:
    disputed = replace(ACME, open_conflicts=("", "tier"))
    assert standing_words(disputed, START, ZONE).endswith(
        "; open conflict on which customer it is; open conflict on its tier"
    )


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "crm as of 03:14, just now"),
        (timedelta(seconds=59), "crm as of 03:13, just now"),
        (timedelta(minutes=59, seconds=59), "crm as of 02:14, 59 min ago"),
        (timedelta(hours=6, minutes=30), "crm as of 20 Nov 20:44, 6 h ago"),
        (timedelta(hours=47), "crm as of 19 Nov 04:14, 1 d 23 h ago"),
        (timedelta(days=40, hours=5), "crm as of 11 Oct 23:14, 40 d ago"),
    ],
)
def test_the_age_is_said_in_round_units(age: timedelta, said: str) -> None:
    assert age_words(replace(ACME, as_of=START - age), START, ZONE) == said


@pytest.mark.parametrize(
    ("whose", "said"),
    [
        (NOTHING_TO_SAY, ""),
        (Whose(Clarity.ONE, ACME), ""),
        (Whose(Clarity.NONE, domain="mail.example"), "mail.example belongs to no customer"),
        (Whose(Clarity.TWO, several=("a1", "a2"), domain="x.example"), "x.example belongs to 2 customers: a1, a2"),
        (Whose(Clarity.TWO, several=("a1", "a2")), "the desk's customer belongs to 2 customers: a1, a2"),
        (
            Whose(Clarity.TWO, several=("a1", "a2", "a3", "a4"), domain="x.example"),
            "x.example belongs to 4 customers: a1, a2, a3 and 1 more",
        ),
    ],
)
def test_what_is_not_clear_is_said(whose: Whose, said: str) -> None:
    assert unclear_words(whose) == said
