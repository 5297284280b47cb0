"""Alertmanager's documented webhook body, read field by field."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from automations.failure_tickets.alertmanager import events_from
from automations.failure_tickets.event import Customer, Reason

FIXTURES = Path(__file__).parents[2] / "fixtures" / "alertmanager"
NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


def body(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def test_every_firing_alert_is_one_failure() -> None:
    first, second = events_from(body("firing"), source="prometheus", received_at=NOW)
    assert first.id == "9c4b1f0a6d2e8357:2026-11-21T02:16:30.113457921Z:firing"
    assert (first.source, first.status, first.reason) == ("prometheus", "failed", Reason.DATA_BLOCKED)
    assert first.occurred_at == datetime(2026, 11, 21, 2, 16, 30, 113457, tzinfo=UTC)
    assert first.summary == "No posting left the ledger queue for 15 minutes"
    assert (first.job.name, first.customer) == ("LedgerQueueStuck", Customer(id="acct_42", tier="enterprise"))
    assert first.details.splitlines()[0] == "1,204 postings wait on ledger-2. The oldest is from 02:01 UTC."
    assert "runbook_url: https://runbooks.example/ledger/queue-stuck" in first.details
    assert "left out 3 more alerts" in first.details
    assert "instance=ledger-2.prod.example:9102" in first.details
    assert str(first.diagnostics_url).startswith("http://prometheus.example:9090/graph")
    assert first.opens_a_case
    assert (second.reason, second.opens_a_case, second.customer) == (Reason.WARNING, False, None)
    assert first.case_key != second.case_key


def test_an_end_has_the_key_of_its_failure_and_an_id_of_its_own() -> None:
    fired = events_from(body("firing"), source="prometheus", received_at=NOW)[0]
    (ended,) = events_from(body("resolved"), source="prometheus", received_at=NOW)
    assert (ended.status, ended.case_key) == ("resolved", fired.case_key)
    assert ended.id != fired.id
    assert ended.occurred_at == datetime(2026, 11, 21, 2, 41, 30, 113457, tzinfo=UTC)


def test_a_repeated_notification_is_the_same_event_and_a_new_start_is_another() -> None:
    first = events_from(body("firing"), source="prometheus", received_at=NOW)
    repeat = events_from(body("firing"), source="prometheus", received_at=NOW.replace(hour=6))
    assert [event.id for event in repeat] == [event.id for event in first]
    again = body("firing")
    again["alerts"][0]["startsAt"] = "2026-11-21T07:00:00Z"
    flapped = events_from(again, source="prometheus", received_at=NOW)[0]
    assert flapped.id != first[0].id
    assert flapped.case_key == first[0].case_key


def test_without_a_fingerprint_the_labels_stand_in() -> None:
    told = body("firing")
    for alert in told["alerts"]:
        del alert["fingerprint"]
    first, second = events_from(told, source="*", received_at=NOW)
    assert first.source == "alertmanager"
    assert first.case_key != second.case_key
    shuffled = copy.deepcopy(told)
    labels = shuffled["alerts"][0]["labels"]
    shuffled["alerts"][0]["labels"] = dict(reversed(labels.items()))
    assert events_from(shuffled, source="*", received_at=NOW)[0].id == first.id


def test_long_and_empty_texts_are_made_to_fit() -> None:
    told = body("firing")
    told["alerts"] = told["alerts"][:1]
    told["alerts"][0]["labels"] = {"alertname": "å" * 400}
    told["alerts"][0]["annotations"] = {"summary": "ü" * 2000, "description": "\ud800\x00" + "x" * 9000}
    (event,) = events_from(told, source="prometheus", received_at=NOW)
    assert len(event.summary.encode()) <= 1024
    assert len(event.details.encode()) <= 6 * 1024
    bare = {"version": "4", "alerts": [{"status": "firing", "labels": {}, "startsAt": "0001-01-01T00:00:00Z"}]}
    (event,) = events_from(bare, source="prometheus", received_at=NOW)
    assert event.summary == "alert without a name is firing"
    assert (event.occurred_at, event.diagnostics_url) == (NOW, None)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("version",), "3", "version"),
        (("alerts",), None, "alerts"),
        (("alerts", 0, "status"), "pending", "status"),
        (("alerts", 0, "labels"), {"a": 1}, "labels"),
        (("alerts", 0, "startsAt"), "", "startsAt"),
        (("alerts", 0, "fingerprint"), "f" * 65, "fingerprint"),
    ],
)
def test_what_is_wrong_is_named(path: tuple[str | int, ...], value: object, field: str) -> None:
    told: Any = body("firing")
    place = told
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValidationError) as refused:
        events_from(told, source="prometheus", received_at=NOW)
    assert field in refused.value.errors()[0]["loc"]


def test_a_wrong_reason_label_is_refused_whole() -> None:
    told = body("firing")
    told["alerts"][1]["labels"]["handoff_reason"] = "critical"
    with pytest.raises(ValueError, match="handoff_reason must be one of"):
        events_from(told, source="prometheus", received_at=NOW)
