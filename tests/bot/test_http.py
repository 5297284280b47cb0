"""The HTTP port as senders and readers meet it: every answer it may give, and nothing stored on any refusal."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from automations.failure_tickets.accepted import Screened
from automations.failure_tickets.intake import Receipt
from automations.failure_tickets.sentry import signed
from bot.batch import Batches
from bot.http import VENDOR_PIECE, Health
from bot.replies import Accepted, CaseReply, CasesReply
from storage import notifications
from storage.engine import Database
from tests.bot.http_world import AUTH, HttpWorld, an_event, problem

FIXTURES = Path(__file__).parents[1] / "fixtures"
one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def results(answer: Any) -> list[tuple[str, str | None, str]]:
    """The results of an acceptance."""
    assert answer.status_code == 202, answer.text
    return [(r.event_id, r.case_id, r.status) for r in Accepted.model_validate(answer.json()).results]


def test_every_result_an_event_can_have(port: HttpWorld) -> None:
    assert results(port.post(an_event())) == [("evt_1", "CASE-1", "opened")]
    assert results(port.post(an_event(id="evt_2"))) == [("evt_2", "CASE-1", "joined")]
    assert results(port.post(an_event(id="evt_2"))) == [("evt_2", "CASE-1", "duplicate")]
    assert results(port.post(an_event(id="evt_3", reason="retrying", dedup_key="other"))) == [
        ("evt_3", None, "recorded")
    ]
    later = {"occurred_at": (port.world.clock.at + timedelta(minutes=1)).isoformat(), "status": "resolved"}
    assert results(port.post(an_event(id="evt_4", **later))) == [("evt_4", "CASE-1", "resolved")]
    assert port.stored == (4, 1)


def test_an_array_is_answered_in_its_order_and_duplicates_in_it_are_told(port: HttpWorld) -> None:
    events = [an_event(id="b"), an_event(id="a", dedup_key="second"), an_event(id="b"), an_event(id="c")]
    answered = results(port.post(events))
    assert [(ident, status) for ident, _, status in answered] == [
        ("b", "opened"), ("a", "opened"), ("b", "duplicate"), ("c", "joined"),
    ]  # fmt: skip
    assert answered[0][1] == answered[2][1] == answered[3][1] != answered[1][1]
    assert port.stored == (3, 2)


@one_kind
def test_an_array_holds_one_to_500_events(port: HttpWorld) -> None:
    many = [an_event(id=f"e{n}", reason="info", details="") for n in range(501)]
    assert len(results(port.post(many[:500]))) == 500
    assert "501" in problem(port.post(many), 422)["detail"]
    assert "0" in problem(port.post([]), 422)["detail"]
    assert port.stored == (500, 0)


REFUSED: dict[str, tuple[int, Any, dict[str, str]]] = {
    "not JSON": (400, b"{", {}),
    "nothing": (400, b"", {}),
    "no token": (401, an_event(), {"Authorization": ""}),
    "unknown token": (401, an_event(), {"Authorization": "Bearer nobody"}),
    "another scheme": (401, an_event(), {"Authorization": "Basic demo-token"}),
    "another source's token": (403, an_event(source="shop"), {"Authorization": "Bearer billing-token"}),
    "one of another source in an array": (
        403, [an_event(), an_event(id="x", source="shop")], {"Authorization": "Bearer billing-token"},
    ),
    "form": (415, an_event(), {"Content-Type": "application/x-www-form-urlencoded"}),
    "no type": (415, an_event(), {"Content-Type": ""}),
    "another charset": (415, an_event(), {"Content-Type": "application/json; charset=utf-16"}),
    "too large": (413, b'"' + b"a" * 600_000 + b'"', {}),
    "a list in a list": (422, [[an_event()]], {}),
    "a word": (422, "failed", {}),
    "one of two is wrong": (422, [an_event(), an_event(id="")], {}),
}  # fmt: skip


@one_kind
@pytest.mark.parametrize("why", sorted(REFUSED))
def test_a_refusal_is_a_problem_and_stores_nothing(port: HttpWorld, why: str) -> None:
    status, body, headers = REFUSED[why]
    told = problem(port.post(body, **headers), status)
    assert told["title"]
    assert port.stored == (0, 0)
    assert port.metrics.refused.labels(why=told["title"])._value.get() == 1  # the counter has no reader of its own


@one_kind
def test_a_401_says_how_to_authenticate(port: HttpWorld) -> None:
    assert port.post(an_event(), Authorization="").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": None}, "id"),
        ({"id": "x" * 256}, "id"),
        ({"source": ""}, "source"),
        ({"summary": "é" * 513}, "summary"),
        ({"details": "d" * 6145}, "details"),
        ({"reason": "because"}, "reason"),
        ({"status": "opened"}, "status"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2026-11-21T02:14:00"}, "occurred_at"),
        ({"extra": 1}, "extra"),
        ({"job": {"nme": "x"}}, "job.nme"),
        ({"attempts": [{"at": "2026-11-21T02:10:00Z"}]}, "attempts.0.outcome"),
        ({"impact": {"customers": -1}}, "impact.customers"),
        ({"diagnostics_url": "javascript:alert(1)"}, "diagnostics_url"),
        ({"summary": "a\x00b"}, "summary"),
        ({"summary": "\ud800"}, "summary"),
    ],
)
def test_a_wrong_field_is_named_and_not_repeated(port: HttpWorld, change: dict[str, Any], named: str) -> None:
    told = problem(port.post(an_event(**change)), 422)
    assert [error["field"] for error in told["errors"]] == [named]
    assert all(set(error) == {"field", "message"} for error in told["errors"])
    in_array = problem(port.post([an_event(), an_event(**change)]), 422)
    assert [error["field"] for error in in_array["errors"]] == [f"1.{named}"]
    assert port.stored == (0, 0)


@one_kind
def test_a_missing_field_is_named_and_secrets_sent_by_mistake_are_not_repeated(port: HttpWorld) -> None:
    body = an_event(password="hunter2-hunter2")
    del body["summary"]
    answer = port.post(body)
    assert {error["field"] for error in problem(answer, 422)["errors"]} == {"summary", "password"}
    assert "hunter2" not in answer.text


@one_kind
def test_too_many_events_wait_and_nothing_of_them_is_taken(port: HttpWorld) -> None:
    port.per_minute = 6
    port.client = port.asking()
    port.post([an_event(id=f"e{n}") for n in range(6)])
    mixed = [an_event(id="shop-1", source="shop"), *(an_event(id=f"f{n}") for n in range(2))]
    answer = port.post(mixed)
    assert problem(answer, 429)["title"] == "Too many events"
    assert int(answer.headers["retry-after"]) in (19, 20)
    assert port.stored == (6, 1)
    assert results(port.post([an_event(id=f"s{n}", source="shop") for n in range(6)]))


@one_kind
@pytest.mark.parametrize(
    "error", [OperationalError("select", {}, Exception("database is locked")), NoConnectionFree("none free")]
)
def test_without_a_database_everything_that_needs_it_is_503_and_says_when_to_try(
    port: HttpWorld, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(_self: Database, **_how: object) -> None:
        raise error

    monkeypatch.setattr(Database, "begin", away)
    monkeypatch.setattr(Database, "read", away)
    answers = [port.post(an_event()), *(port.client.get(path) for path in ("/v1/cases", "/v1/cases/1", "/metrics"))]
    for answer in answers:
        assert "Nothing was taken" in problem(answer, 503)["detail"]
        assert answer.headers["retry-after"] == "5"
        assert "select" not in answer.text
    assert port.client.get("/healthz").status_code == 200


@one_kind
def test_a_fault_of_ours_is_a_problem_too(port: HttpWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: Database) -> None:
        raise RuntimeError("token demo-token")

    monkeypatch.setattr(Database, "read", broken)
    answer = port.asking(hide_faults=True).get("/v1/cases")
    assert problem(answer, 500)["title"] == "A fault in Handoff"
    assert "demo-token" not in answer.text


@one_kind
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/v1", 404), ("GET", "/v1/failures", 405), ("DELETE", "/v1/cases/1", 405),
     ("POST", "/slack/events", 404), ("GET", "/docs", 404), ("GET", "/v1/cases/", 404)],
)  # fmt: skip
def test_what_is_not_here_is_a_problem(port: HttpWorld, method: str, path: str, status: int) -> None:
    answer = port.client.request(method, path)
    problem(answer, status)
    assert (status == 405) == ("allow" in answer.headers)


def test_a_case_is_found_by_each_way_to_write_it(port: HttpWorld) -> None:
    port.post([an_event(), an_event(id="evt_2")])
    with port.world.begin() as session:
        taken = notifications.take(session, "case/1", port.world.clock.now())
        link = "https://chat.example/p/1"
        notifications.delivered(session, "case/1", taken.version, "C_FAILURES", "1.2", link, port.world.clock.now())
    shown = [port.client.get(f"/v1/cases/{name}").json() for name in ("CASE-1", "1", "case-1", "%231")]
    case = CaseReply.model_validate(shown[0])
    assert all(one == shown[0] for one in shown)
    assert (case.id, case.count, case.owner_name) == ("CASE-1", 2, "Anna Berg")
    assert [one.event_id for one in case.occurrences] == ["evt_2", "evt_1"]
    assert case.slack is not None
    assert case.slack.permalink == link
    assert [entry.action for entry in case.audit] == ["case.opened"]
    assert case.priority_why


@one_kind
@pytest.mark.parametrize("name", ["CASE-2", "0", "case", "1;drop", "%00", "9" * 18, "9" * 40, "CASE-٣"])
def test_an_unknown_case_is_404(port: HttpWorld, name: str) -> None:
    problem(port.client.get(f"/v1/cases/{name}"), 404)


def test_the_list_is_newest_first_by_status_and_in_pages(port: HttpWorld) -> None:
    port.post([an_event(id=f"e{n}", dedup_key=f"k{n}") for n in range(5)])

    def listed(**query: Any) -> list[str]:
        answer = port.client.get("/v1/cases", params=query)
        assert answer.status_code == 200, answer.text
        return [case.id for case in CasesReply.model_validate(answer.json()).cases]

    assert listed() == [f"CASE-{n}" for n in (5, 4, 3, 2, 1)]
    assert listed(limit=2) == ["CASE-5", "CASE-4"]
    assert listed(limit=2, before=4) == ["CASE-3", "CASE-2"]
    assert listed(status="open") == listed()
    assert listed(status="resolved") == []
    assert listed(before=10**15) == listed()


@one_kind
@pytest.mark.parametrize(
    "query", ["status=", "status=closed", "limit=0", "limit=501", "before=0", f"before={10**20}", "limit=x"]
)
def test_a_wrong_question_is_422_and_names_the_field(port: HttpWorld, query: str) -> None:
    told = problem(port.client.get(f"/v1/cases?{query}"), 422)
    assert told["errors"][0]["field"] == f"query.{query.partition('=')[0]}"


@one_kind
def test_health_readiness_and_figures(port: HttpWorld) -> None:
    assert port.client.get("/healthz").json() == {"status": "ok"}
    ready = port.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200, {"status": "ok", "database": "ok", "engine": "ok", "slack": "ok"},
    )  # fmt: skip
    port.health = lambda: Health(False, {"database": "ok", "engine": "ok", "slack": "not connected yet"})
    ready = port.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["slack"]) == (503, "not ready", "not connected yet")

    port.post([an_event(), an_event(id="evt_2")])
    answer = port.client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    figures = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert figures["handoff_events_total", "opened"] == figures["handoff_events_total", "joined"] == 1
    assert figures["handoff_cases", "open"] == 1
    assert figures["handoff_ingest_requests_total",] == 1
    assert figures["handoff_ingest_seconds_count",] == 1


@one_kind
def test_health_and_figures_need_no_token_and_cases_do(port: HttpWorld) -> None:
    elsewhere = port.asking("203.0.113.7", "bot.example")
    assert [elsewhere.get(path).status_code for path in ("/healthz", "/readyz", "/metrics", "/openapi.json")] == [
        200
    ] * 4
    assert [elsewhere.get(path).status_code for path in ("/v1/cases", "/v1/cases/1")] == [403] * 2


def sentry_body(name: str) -> bytes:
    return (FIXTURES / "sentry" / name).read_bytes()


def sentry_signature(body: bytes) -> dict[str, str]:
    import hashlib
    import hmac

    signature = hmac.new(b"sentry-client-secret", body, hashlib.sha256).hexdigest()
    assert signed(body, signature, "sentry-client-secret")
    return {"Sentry-Hook-Signature": signature, "Sentry-Hook-Resource": "event_alert", "Authorization": ""}


def test_sentry_signs_its_bodies(port: HttpWorld) -> None:
    body = sentry_body("event_alert.json")
    first = results(port.post(body, "/v1/failures/sentry", **sentry_signature(body)))
    again = results(port.post(body, "/v1/failures/sentry", **sentry_signature(body)))
    assert [(case, status) for _, case, status in first + again] == [("CASE-1", "opened"), ("CASE-1", "duplicate")]
    assert CaseReply.model_validate(port.client.get("/v1/cases/1").json()).source == "shop"


@one_kind
@pytest.mark.parametrize("name", sorted(path.name for path in (FIXTURES / "sentry").iterdir()))
def test_every_sample_of_sentry_is_taken_and_a_changed_one_is_not(port: HttpWorld, name: str) -> None:
    body = sentry_body(name)
    assert results(port.post(body, "/v1/failures/sentry", **sentry_signature(body)))
    problem(port.post(body + b" ", "/v1/failures/sentry", **sentry_signature(body)), 401)
    assert port.stored[0] == 1


def test_alertmanager_fires_and_resolves(port: HttpWorld) -> None:
    firing, resolved = ((FIXTURES / "alertmanager" / f"{name}.json").read_bytes() for name in ("firing", "resolved"))
    opened = results(port.post(firing, "/v1/failures/alertmanager"))
    assert {status for _, _, status in opened} == {"opened", "recorded"}
    port.world.clock.move(timedelta(hours=2))
    ended = results(port.post(resolved, "/v1/failures/alertmanager"))
    assert {status for _, _, status in ended} <= {"resolved", "recorded"}
    again = results(port.post(firing, "/v1/failures/alertmanager"))
    assert {status for _, _, status in again} == {"duplicate"}


@one_kind
@pytest.mark.parametrize("path", ["/v1/failures/sentry", "/v1/failures/alertmanager"])
@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"x"', b"{}", b'{"alerts": [1]}', b'{"data": {"event": 7}, "action": 1}']
)
def test_a_body_that_is_not_the_vendors_is_422(port: HttpWorld, path: str, body: bytes) -> None:
    problem(port.post(body, path), 422)
    assert port.stored == (0, 0)


@one_kind
def test_a_reason_a_label_cannot_name_is_told_to_the_sender(port: HttpWorld) -> None:
    body = json.loads((FIXTURES / "alertmanager" / "firing.json").read_bytes())
    body["alerts"][0]["labels"]["handoff_reason"] = "urgent"
    assert "handoff_reason" in problem(port.post(body, "/v1/failures/alertmanager"), 422)["detail"]


@one_kind
def test_a_webhook_for_nothing_is_accepted_with_no_result(port: HttpWorld) -> None:
    body = json.dumps({"action": "assigned", "data": {"issue": {"id": "1"}}}).encode()
    assert results(port.post(body, "/v1/failures/sentry")) == []


@one_kind
def test_secrets_in_an_event_are_not_shown_again(port: HttpWorld) -> None:
    port.post(an_event(details="Authorization: Bearer abcdefghijklmnop123456", customer={"id": "a", "name": "Acme"}))
    answer = port.client.get("/v1/cases/1", headers=AUTH)
    assert "abcdefghijklmnop" not in answer.text
    assert answer.json()["customer"]["name"] == "Acme"


def test_a_great_vendor_body_is_stored_in_pieces_and_answered_whole(port: HttpWorld) -> None:
    firing = json.loads((FIXTURES / "alertmanager" / "firing.json").read_bytes())
    one = firing["alerts"][0]
    firing["alerts"] = [{**one, "fingerprint": f"{n:016x}"} for n in range(VENDOR_PIECE + 5)]
    statements: list[object] = []
    event.listen(port.world.database.engine, "commit", statements.append)
    answered = results(port.post(json.dumps(firing).encode(), "/v1/failures/alertmanager"))
    assert len({ident for ident, _, _ in answered}) == VENDOR_PIECE + 5
    assert port.stored[0] == VENDOR_PIECE + 5
    assert len(statements) == 2


@one_kind
def test_of_a_vendor_body_that_is_stored_in_part_the_answer_says_how_much(
    port: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    firing = json.loads((FIXTURES / "alertmanager" / "firing.json").read_bytes())
    one = firing["alerts"][0]
    firing["alerts"] = [{**one, "fingerprint": f"{n:016x}"} for n in range(VENDOR_PIECE + 5)]
    store, stored = Batches.store, [0]

    def away_after_one(self: Batches, screened: Sequence[Screened]) -> list[Receipt]:
        stored[0] += 1
        if stored[0] > 1:
            raise OperationalError("insert", {}, Exception("locked"))
        return store(self, screened)

    with monkeypatch.context() as patched:
        patched.setattr(Batches, "store", away_after_one)
        told = problem(port.post(json.dumps(firing).encode(), "/v1/failures/alertmanager"), 503)
    taken = f"The first {VENDOR_PIECE} of {VENDOR_PIECE + 5} were taken, the others were not."
    assert told["detail"] == f"{taken} Send the same body again."
    assert port.stored[0] == VENDOR_PIECE
    again = results(port.post(json.dumps(firing).encode(), "/v1/failures/alertmanager"))
    assert [status for _, _, status in again].count("duplicate") == VENDOR_PIECE
    assert port.stored[0] == VENDOR_PIECE + 5


@one_kind
def test_no_refusal_repeats_a_secret(port: HttpWorld) -> None:
    """A token pasted for the name of a field, or of a case."""
    token = "xoxb" + "-123456789012-" + "aB3dE5gH7jK9mN1pQ2rS4tU6"
    refused = problem(port.post(an_event(**{token: 1})), 422)
    assert refused["errors"][0]["field"] == "[redacted]"
    assert token not in json.dumps(problem(port.client.get(f"/v1/cases/{token}"), 404))
