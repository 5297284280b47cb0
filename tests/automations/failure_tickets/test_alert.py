"""Texts of other products are cut to our limits, their reasons are not guessed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.failure_tickets.alert import customer_of, cut, moment, reason_named, source_or, web_address
from automations.failure_tickets.event import Customer, Reason

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@given(st.text(), st.integers(3, 60))
def test_a_cut_text_can_always_be_stored(text: str, size: int) -> None:
    short = cut(text, size)
    assert len(short.encode("utf-8")) <= size
    assert "\x00" not in short
    storable = text.replace("\x00", "").encode("utf-8", "ignore").decode()
    assert short == storable or (short.endswith("…") and storable.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("word", "reason"),
    [(None, Reason.WARNING), ("", Reason.WARNING), ("warning", Reason.WARNING), ("data_blocked", Reason.DATA_BLOCKED)],
)
def test_an_alert_is_a_warning_until_a_label_names_a_reason(word: str | None, reason: Reason) -> None:
    assert reason_named(word) is reason


@pytest.mark.parametrize("word", ["critical", "info", "silent", "DATA_BLOCKED", 3])
def test_an_unknown_reason_is_refused_with_those_allowed(word: object) -> None:
    with pytest.raises(ValueError, match="handoff_reason must be one of data_blocked, decision_needed"):
        reason_named(word)


def test_go_times_are_read_and_absurd_ones_replaced() -> None:
    assert moment("startsAt", "2026-11-21T02:16:30.113457921Z", NOW) == datetime(
        2026, 11, 21, 2, 16, 30, 113457, tzinfo=UTC
    )
    assert moment("startsAt", "2026-11-21T03:17:00.5+01:00", NOW) == datetime(
        2026, 11, 21, 2, 17, 0, 500000, tzinfo=UTC
    )
    assert moment("startsAt", "2026-11-21T02:17:00", NOW) == datetime(2026, 11, 21, 2, 17, tzinfo=UTC)
    assert (
        moment("startsAt", "0001-01-01T00:00:00Z", NOW)
        == moment("startsAt", None, NOW)
        == moment("startsAt", "", NOW)
        == NOW
    )
    with pytest.raises(ValueError, match="startsAt: a time"):
        moment("startsAt", "yesterday", NOW)


def test_only_web_addresses_become_links() -> None:
    assert web_address(None, 3, "javascript:alert(1)", "", "https://x.io/a", "http://y.io") == "https://x.io/a"
    assert web_address("https://x.io/" + "a" * 2000) is None
    assert web_address("http://[broken", "https://") is None


def test_customers_and_sources() -> None:
    assert customer_of({"handoff_customer": " a ", "handoff_tier": "Gold"}) == Customer(id="a", tier="Gold")
    assert customer_of({"handoff_tier": "Gold"}) is None
    assert (source_or("*", "sentry"), source_or("crm", "sentry")) == ("sentry", "crm")
