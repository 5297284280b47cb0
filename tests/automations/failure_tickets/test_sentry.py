"""Sentry's documented webhook bodies, read field by field."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from automations.failure_tickets.event import Customer, FailureEvent, Reason
from automations.failure_tickets.sentry import events_from, signed

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sentry"
NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
SEEN = datetime(2026, 11, 21, 2, 13, 58, 204000, tzinfo=UTC)


def body(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def one(told: dict[str, Any]) -> FailureEvent:
    (event,) = events_from(told, source="*", received_at=NOW)
    return event


def test_an_issue_alert_is_a_failure() -> None:
    event = one(body("event_alert"))
    assert (event.id, event.source) == ("event:7d1f4c0b9a3e4f6d8b2c5e7a90f1d364", "sentry")
    assert (event.status, event.reason, event.opens_a_case) == ("failed", Reason.PAID_WORKFLOW_STOPPED, True)
    assert event.occurred_at == SEEN
    assert event.summary == "InvoiceNotSent: gave up after 5 attempts"
    assert (event.dedup_key, event.job.name) == ("issue:5811204417", "billing-worker")
    assert event.job.id == "7d1f4c0b9a3e4f6d8b2c5e7a90f1d364"
    assert event.customer == Customer(id="acct_42", tier="Enterprise")
    assert event.checks == ("Sentry's alert rule: Invoices: a paid job gave up",)
    assert event.details.splitlines() == [
        "culprit: billing.sync in push_invoice",
        "ConnectionError: 502 from ledger",
        "InvoiceNotSent: gave up after 5 attempts",
        "level: error",
        "environment: production",
        "release: billing@2026.11.3",
    ]
    assert event.diagnostics_url == body("event_alert")["data"]["event"]["web_url"]


def test_the_same_error_by_another_webhook_is_the_same_occurrence() -> None:
    alert, error = one(body("event_alert")), one(body("error_created"))
    assert (alert.id, alert.case_key) == (error.id, error.case_key), "the issue is read from its address"
    assert error.reason is Reason.WARNING


def test_issues_begin_and_end_in_the_case_of_their_errors() -> None:
    begun, ended = one(body("issue_created")), one(body("issue_resolved"))
    assert begun.case_key == ended.case_key == one(body("event_alert")).case_key
    assert (begun.status, begun.occurred_at, begun.reason) == ("failed", SEEN, Reason.WARNING)
    assert (ended.status, ended.occurred_at) == ("resolved", NOW)
    assert begun.id != ended.id
    assert begun.job.name == "billing-worker"
    assert begun.diagnostics_url == "https://acme.sentry.io/issues/5811204417/"
    assert "events so far: 41" in begun.details
    assert one(body("issue_resolved")).id == ended.id, "a second delivery is the same event"


def test_an_issue_that_comes_back_is_a_failure_of_its_own() -> None:
    told = body("issue_created") | {"action": "unresolved"}
    told["data"]["issue"] |= {"lastSeen": "2026-11-21T05:00:00Z", "substatus": "regressed"}
    back = one(told)
    assert back.status == "failed"
    assert back.id not in (one(body("issue_created")).id, one(body("issue_resolved")).id)
    assert back.case_key == one(body("issue_created")).case_key


def test_metric_alerts_are_equal_by_their_rule() -> None:
    fired, ended = one(body("metric_critical")), one(body("metric_resolved"))
    assert fired.case_key == ended.case_key
    assert (fired.status, ended.status) == ("failed", "resolved")
    assert fired.occurred_at == datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
    assert ended.occurred_at == datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
    assert (fired.summary, fired.job.name) == ("Critical: Invoice errors", "billing-worker")
    assert fired.diagnostics_url == "https://acme.sentry.io/alerts/rules/details/311/?alert=63"


@pytest.mark.parametrize("action", ["assigned", "archived"])
def test_what_is_neither_failure_nor_end_gives_nothing(action: str) -> None:
    assert events_from(body("issue_created") | {"action": action}, source="sentry", received_at=NOW) == []


def test_an_installation_gives_nothing() -> None:
    told = {"action": "created", "data": {"installation": {"status": "installed"}}}
    assert events_from(told, source="sentry", received_at=NOW) == []


def test_sparse_and_odd_events_are_read() -> None:
    told = body("error_created")
    told["data"]["error"] = {
        "event_id": "abc",
        "tags": [
            {"key": "handoff_reason", "value": "decision_needed"},
            ["empty", None],
            "odd",
            [["no text"], "x"],
            {"key": {}, "value": "x"},
        ],
        "release": {"version": "1.2"},
        "exception": {"values": None},
        "project": 12,
        "title": "  ",
        "culprit": "worker",
    }
    event = one(told)
    assert (event.reason, event.summary, event.job.name) == (Reason.DECISION_NEEDED, "worker", "12")
    assert (event.dedup_key, event.occurred_at) == ("issue:abc", NOW)
    assert "release: 1.2" in event.details


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"data": {}}, "action"),
        ({"action": "triggered"}, "data"),
        ({"action": "triggered", "data": {"event": {}}}, "event_id"),
        ({"action": "triggered", "data": {"event": {"event_id": "e" * 65}}}, "event_id"),
        ({"action": "created", "data": {"issue": {"title": "x"}}}, "id"),
        ({"action": "critical", "data": {"metric_alert": {"id": "1"}}}, "alert_rule"),
    ],
)
def test_what_is_wrong_is_named(told: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        events_from(told, source="sentry", received_at=NOW)
    assert field in refused.value.errors()[0]["loc"]


def test_a_wrong_reason_tag_is_refused() -> None:
    told = body("event_alert")
    told["data"]["event"]["tags"].append(["handoff_reason", "critical"])
    with pytest.raises(ValueError, match="handoff_reason must be one of"):
        one(told)


def test_signatures_are_checked_over_the_raw_body() -> None:
    raw = (FIXTURES / "event_alert.json").read_bytes()
    good = hmac.new(b"client-secret", raw, hashlib.sha256).hexdigest()
    assert signed(raw, good, "client-secret")
    assert not signed(raw + b" ", good, "client-secret")
    assert not signed(raw, good, "another-secret")
    assert not signed(raw, "ü", "client-secret")
