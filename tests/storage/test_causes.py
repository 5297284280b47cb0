"""What failed alike has one cause, whatever numbers and names differ; what failed otherwise has another."""

import time

import pytest

from storage.causes import cause_of, plainly

ALIKE = [
    ("the desk answered 503 (tried 20 times)", "the desk answered 503 (tried 3 times)"),
    ("CASE-12: channel_not_found in C0123ABCD", "CASE-9: channel_not_found in C9999ZZZZ"),
    ("anna@team.example has no agent in the desk", "ben.o@team.example has no agent in the desk"),
    ("GET https://desk.example/api/tickets/12 timed out", "GET https://desk.example/api/tickets/99?x=1 timed out"),
    ("lock held by 3f2a91bc-77de-4f1a-9b1e-0c1d2e3f4a5b", "lock held by 9a8b7c6d-1111-2222-3333-444455556666"),
    ("waited 12.5 s", "waited  7,300 s"),
]
OTHERWISE = [
    ("the desk answered 503", "the desk answered 422"),
    ("channel_not_found", "is_archived"),
    ("the group Billing is not known", "the group Sales is not known"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_differs_between_items_does_not_count(one: str, other: str) -> None:
    assert cause_of("ticket.sync", one) == cause_of("ticket.sync", other)
    assert cause_of("ticket.sync", one) != cause_of("slack.deliver", other), "other work, other cause"


@pytest.mark.parametrize(("one", "other"), OTHERWISE)
def test_what_is_another_cause_stays_one(one: str, other: str) -> None:
    assert cause_of("ticket.sync", one) != cause_of("ticket.sync", other)


@pytest.mark.parametrize("unit", ["a", "1", "a@", "https://", "C", "-", "(tried 1", " ", "f0-"])
def test_a_long_reason_costs_little(unit: str) -> None:
    """Four times the text takes no more than about that much longer: nothing looks at the same sign again and again."""
    short, long = unit * 500, unit * 200_000

    def cost(text: str) -> float:
        began = time.process_time()
        plainly(text)
        return time.process_time() - began

    assert min(cost(long) for _ in range(3)) < 50 * min(cost(short) for _ in range(3)) + 0.05
