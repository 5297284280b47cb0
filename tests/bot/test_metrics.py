"""Figures: gauges follow the database at each scrape, and two bots in one process do not share them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics


def gauges(text: bytes) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels["state"]): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if "state" in sample.labels
    }


def test_a_state_that_is_gone_is_not_shown_any_more() -> None:
    counts = {"cases": {"open": 2}, "stuck": {"open": 1}}
    metrics = Metrics(lambda: counts)
    assert gauges(metrics.render()) == {("handoff_cases", "open"): 2, ("handoff_stuck", "open"): 1}
    counts["cases"] = {"claimed": 2}
    assert gauges(metrics.render()) == {("handoff_cases", "claimed"): 2, ("handoff_stuck", "open"): 1}


def test_two_bots_count_apart() -> None:
    one, other = Metrics(dict), Metrics(dict)
    one.requests.inc()
    assert b"handoff_ingest_requests_total 1.0" in one.render()
    assert b"handoff_ingest_requests_total 0.0" in other.render()


def test_scrapes_at_once_each_see_all_states() -> None:
    metrics = Metrics(lambda: {"cases": {str(n): n for n in range(50)}})
    with ThreadPoolExecutor(4) as threads:
        seen = list(threads.map(lambda _: len(gauges(metrics.render())), range(40)))
    assert set(seen) == {50}


def test_what_the_database_says_is_not_hidden() -> None:
    def away() -> dict[str, dict[str, int]]:
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        Metrics(away).render()
