"""What makes two failures equal, what crosses the threshold, and what a sender may not send."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from automations.failure_tickets.event import SENT, Reason
from tests.automations.failure_tickets.samples import event

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(str.strip).filter(bool)
MAYBE = st.none() | TEXTS


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_a_dedup_key_alone_decides_within_its_source(source: str, key: str, one: str, two: str) -> None:
    first = event(source=source, dedup_key=key, job={"name": one}, customer={"id": one}, summary=one)
    second = event(source=source, dedup_key=key, job={"name": two}, customer={"id": two}, summary=two)
    assert first.case_key == second.case_key


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_other_sources_or_keys_are_other_failures(one: tuple[str, str], two: tuple[str, str]) -> None:
    assume(one != two)
    first, second = (event(source=source, dedup_key=key) for source, key in (one, two))
    assert first.case_key != second.case_key


@given(st.tuples(TEXTS, MAYBE, MAYBE), st.tuples(TEXTS, MAYBE, MAYBE), TEXTS)
def test_without_a_key_source_job_and_customer_decide(
    one: tuple[str, str | None, str | None], two: tuple[str, str | None, str | None], run: str
) -> None:
    def made(told: tuple[str, str | None, str | None], summary: str) -> str:
        source, job, customer = told
        return event(
            source=source, summary=summary, job={"id": summary, "name": job}, customer=customer and {"id": customer}
        ).case_key

    assert made(one, run) == made(one, "another run")
    assert (made(one, run) == made(two, run)) == (one == two)


@given(TEXTS, TEXTS)
def test_a_key_never_equals_the_key_made_without_one(source: str, text: str) -> None:
    assert event(source=source, dedup_key=text).case_key != event(source=source, job={"name": text}).case_key


@given(TEXTS)
def test_keys_fit_their_column_and_name_their_version(text: str) -> None:
    key = event(source=text, dedup_key=text * 6).case_key
    assert key.startswith("1:")
    assert len(key) == 42


@pytest.mark.parametrize("reason", SENT)
def test_four_reasons_open_a_case_and_an_end_never_does(reason: Reason) -> None:
    four = {"retries_exhausted", "data_blocked", "paid_workflow_stopped", "decision_needed"}
    assert event(reason=reason.value).opens_a_case == (reason.value in four)
    assert not event(reason=reason.value, status="resolved").opens_a_case


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"id": ""},
        {"id": "x" * 256},
        {"source": "a\x00b"},
        {"occurred_at": "2026-11-21T02:14:00"},
        {"occurred_at": "1999-12-31T00:00:00Z"},
        {"occurred_at": "0001-01-01T00:00:00+05:00"},
        {"attempts": [{"at": "0001-01-01T00:00:00+05:00", "outcome": "before the first year in UTC"}]},
        {"attempts": [{"at": "9999-12-31T23:59:59Z", "outcome": "after the last year east of Greenwich"}]},
        {"status": "firing"},
        {"reason": "broken"},
        {"reason": "silent"},
        {"summary": "ä" * 513},
        {"details": "x" * 6145},
        {"dedup_key": "\ud800"},
        {"impact": {"customers": -1}},
        {"diagnostics_url": "javascript:alert(1)"},
        {"diagnostics_url": "https://[broken"},
        {"attempts": [{"at": "2026-11-21T02:14:00Z", "outcome": "x"}] * 51},
    ],
)
def test_what_is_not_an_event_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        event(**change)
    first = refused.value.errors()[0]
    assert next(iter(change)) in (first["loc"] or first["msg"])
