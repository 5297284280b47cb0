"""Each event is stored once and opens a case, joins one, ends one, or is only recorded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from automations.domain import Actor, Role
from automations.failure_tickets import alertmanager, closing
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent, Reason
from automations.failure_tickets.intake import Receipt, receive
from automations.failure_tickets.rules import Rule, RuleBook
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseEntry, FailureEventRow, Notification
from tests.automations.failure_tickets.samples import ANNA, BEN, CLEO, book, context, event
from tests.support import FakeClock, RecordingJobs

FIXTURES = Path(__file__).parents[2] / "fixtures"
LATER = "2026-11-21T02:20:00Z"
EARLIER = "2026-11-21T02:00:00Z"
AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
AGENT = Actor("U_AGENT1", "Anna Berg", ANNA, Role.AGENT)


@dataclass
class Desk:
    """One database and a context; sends events and looks at what became of them."""

    database: Database
    ctx: Context

    def send(self, *events: FailureEvent) -> list[Receipt]:
        with self.database.begin() as session:
            return receive(session, events, self.ctx)

    def one(self, **changes: Any) -> Receipt:
        return self.send(event(**changes))[0]

    def rows(self, model: type[Any]) -> Sequence[Any]:
        with self.database.read() as session:
            return session.scalars(select(model).order_by(*model.__table__.primary_key)).all()

    @property
    def cases(self) -> Sequence[Case]:
        return self.rows(Case)

    @property
    def events(self) -> Sequence[FailureEventRow]:
        return self.rows(FailureEventRow)

    def entries(self, verb: str) -> list[str]:
        return [entry.text for entry in self.rows(CaseEntry) if entry.verb == verb]

    def audited(self, action: str) -> list[AuditEntry]:
        return [entry for entry in self.rows(AuditEntry) if entry.action == action]


@pytest.fixture
def desk(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Desk:
    return Desk(database, context(clock, jobs))


def ruled(desk: Desk, *rules: Rule, **changes: Any) -> RuleBook:
    rules_now = book(rules=rules, **changes)
    object.__setattr__(desk, "ctx", context(desk.ctx.clock, desk.ctx.jobs, rules_now))  # type: ignore[arg-type]  # the fakes
    return rules_now


def test_the_first_failure_opens_a_case(desk: Desk, jobs: RecordingJobs) -> None:
    receipt = desk.one(id="evt_first")
    assert receipt == Receipt("evt_first", "CASE-1", "opened")
    (case,) = desk.cases
    assert (case.count, case.status, case.priority, case.owner) == (1, "open", "urgent", "lead@example.com")
    assert case.first_seen == case.last_seen == AT
    (row,) = desk.events
    assert (row.outcome, row.case_id, row.body["summary"]) == ("opened", 1, case.summary)
    assert [job.job for job in jobs.calls] == ["slack.deliver", "ticket.sync"]


def test_an_equal_failure_joins_and_asks_for_no_second_job(desk: Desk, jobs: RecordingJobs) -> None:
    desk.one()
    jobs.clear()
    assert desk.one(occurred_at=LATER, summary="other words").status == "joined"
    (case,) = desk.cases
    assert (case.count, case.version, case.summary) == (2, 2, "Invoice sync failed after 5 attempts")
    assert case.last_seen == AT + timedelta(minutes=6)
    assert [row.outcome for row in desk.events] == ["opened", "joined"]
    assert {row.case_id for row in desk.events} == {1}
    assert jobs.asked == 0, "the first delivery is still to come and will show the newest state"
    assert [(note.key, note.version) for note in desk.rows(Notification)] == [("case/1", 2)]


def test_a_join_after_the_message_was_delivered_asks_for_a_refresh(desk: Desk, jobs: RecordingJobs) -> None:
    desk.one()
    with desk.database.begin() as session:
        row = session.get_one(Notification, "case/1")
        row.state, row.job_pending, row.delivered_version, row.ts = "delivered", False, 1, "1.1"
    jobs.clear()
    for _ in range(3):
        desk.one()
    assert [(job.job, job.key) for job in jobs.calls] == [("slack.deliver", "deliver/case/1/2")]


def test_an_older_failure_moves_last_seen_no_way_back(desk: Desk) -> None:
    desk.one(occurred_at=LATER)
    desk.one(occurred_at=EARLIER)
    (case,) = desk.cases
    assert case.last_seen == AT + timedelta(minutes=6)
    assert case.first_seen == AT - timedelta(minutes=14)
    assert case.count == 2


def test_a_second_delivery_has_no_effect_and_names_the_first_case(desk: Desk, jobs: RecordingJobs) -> None:
    sent = event(id="evt_same")
    desk.send(sent)
    asked = jobs.asked
    assert desk.send(sent) == [Receipt("evt_same", "CASE-1", "duplicate")]
    assert (len(desk.events), desk.cases[0].count, desk.cases[0].version, jobs.asked) == (1, 1, 1, asked)


def test_the_same_id_twice_in_one_request_counts_once(desk: Desk) -> None:
    receipts = desk.send(event(id="a"), event(id="b"), event(id="a"), event(id="a", source="crm"))
    assert [(r.event_id, r.case_id, r.status) for r in receipts] == [
        ("a", "CASE-1", "opened"),
        ("b", "CASE-1", "joined"),
        ("a", "CASE-1", "duplicate"),
        ("a", "CASE-2", "opened"),
    ]
    assert [case.count for case in desk.cases] == [2, 1]


def test_a_duplicate_of_what_was_only_recorded_names_no_case(desk: Desk) -> None:
    sent = event(reason="info")
    desk.send(sent)
    assert desk.send(sent) == [Receipt(sent.id, None, "duplicate")]


@pytest.mark.parametrize("reason", ["retrying", "warning", "info"])
def test_below_the_threshold_nothing_opens(desk: Desk, jobs: RecordingJobs, reason: str) -> None:
    assert desk.one(reason=reason).status == "recorded"
    assert (desk.cases, jobs.asked) == ([], 0)
    assert [(row.outcome, row.case_id, row.reason) for row in desk.events] == [("recorded", None, reason)]


def test_what_is_recorded_beside_an_open_case_is_found_from_it_and_not_counted(desk: Desk) -> None:
    desk.one()
    receipt = desk.one(reason="retrying")
    assert (receipt.status, receipt.case_id) == ("recorded", "CASE-1")
    assert desk.events[1].case_id == 1
    assert (desk.cases[0].count, desk.cases[0].version) == (1, 1)


def test_counts_reach_ticket_and_thread_at_ten_a_hundred_and_a_thousand_only(desk: Desk) -> None:
    told: list[str] = []
    for number in range(1, 13):
        desk.one()
        if len(desk.entries("counted")) > len(told):
            told = desk.entries("counted")
            assert number == 10
    desk.send(*[event() for _ in range(87)])
    assert len(told) == 1
    assert desk.cases[0].count == 99
    desk.send(event())
    desk.send(*[event() for _ in range(450)])
    desk.send(*[event() for _ in range(460)])
    assert desk.entries("counted") == [f"saw this failure {count} times" for count in ("10", "100", "1,010")]
    assert [entry.to_desk for entry in desk.rows(CaseEntry) if entry.verb == "counted"] == [True] * 3
    assert len(desk.cases) == 1


def test_an_end_closes_the_case(desk: Desk) -> None:
    desk.one()
    receipt = desk.one(status="resolved", occurred_at=LATER, summary="ledger is back")
    assert (receipt.status, receipt.case_id) == ("resolved", "CASE-1")
    (case,) = desk.cases
    assert (case.status, case.closed_by, case.open_key) == ("resolved", "handoff", None)
    assert "ledger is back" in str(case.close_note)
    assert [row.outcome for row in desk.events] == ["opened", "resolved"]


def test_a_rule_can_leave_it_to_people(desk: Desk) -> None:
    ruled(desk, Rule(name="careful", close_on_resolved=False))
    desk.one()
    receipt = desk.one(status="resolved", occurred_at=LATER, summary="ledger is back")
    assert (receipt.status, receipt.case_id) == ("recorded", "CASE-1")
    assert desk.cases[0].status == "open"
    (text,) = desk.entries("reported_over")
    assert "ledger is back" in text
    assert "leaves the case open" in text


def test_an_end_that_closes_nothing_is_told_once_until_the_failure_comes_again(desk: Desk, clock: FakeClock) -> None:
    ruled(desk, Rule(name="careful", close_on_resolved=False))
    desk.one()
    for _ in range(5):
        assert desk.one(status="resolved", occurred_at=LATER).status == "recorded"
    assert len(desk.entries("reported_over")) == 1, "a storm of ends is one line in the thread"
    assert [row.outcome for row in desk.audited("event.resolved_ignored")] == ["told already"] * 4
    clock.move(timedelta(seconds=1))
    desk.one(occurred_at=LATER)
    desk.one(status="resolved", occurred_at="2026-11-21T02:00:00Z")
    assert len(desk.entries("reported_over")) == 1, "an end from before the failure is none"
    desk.one(status="resolved", occurred_at=LATER)
    assert len(desk.entries("reported_over")) == 2


def test_an_end_that_a_failure_overtook_closes_nothing(desk: Desk) -> None:
    desk.one(occurred_at=LATER)
    receipt = desk.one(status="resolved", occurred_at="2026-11-21T02:19:59Z")
    assert (receipt.status, receipt.case_id) == ("recorded", "CASE-1")
    assert desk.cases[0].status == "open"
    (audited,) = desk.audited("event.resolved_ignored")
    assert audited.outcome == "older than the last failure"
    assert desk.one(status="resolved", occurred_at=LATER).status == "resolved", "the same moment does close it"


def test_an_end_of_nothing_is_recorded_and_audited(desk: Desk, jobs: RecordingJobs) -> None:
    receipt = desk.one(id="evt_end", status="resolved")
    assert (receipt.status, receipt.case_id) == ("recorded", None)
    assert (desk.cases, jobs.asked) == ([], 0)
    (audited,) = desk.audited("event.resolved_ignored")
    assert (audited.outcome, audited.after) == ("no open case", {"source": "billing-worker", "event_id": "evt_end"})


def test_a_failure_long_after_the_end_opens_a_case_that_follows(desk: Desk, clock: FakeClock) -> None:
    desk.one()
    desk.one(status="resolved", occurred_at=LATER)
    clock.move(desk.ctx.timing.reopen_within)
    assert desk.one(occurred_at=LATER).case_id == "CASE-2"
    first, second = desk.cases
    assert second.previous_id == first.id
    assert (first.count, second.count) == (1, 1)
    late = desk.one(status="resolved", occurred_at=EARLIER)
    assert late.status == "recorded"
    assert desk.cases[1].status == "open"


def test_one_request_may_hold_a_whole_story(desk: Desk) -> None:
    receipts = desk.send(
        event(reason="retrying"),
        event(),
        event(),
        event(status="resolved", occurred_at=LATER),
        event(occurred_at=LATER),
        event(reason="retrying"),
        event(dedup_key="another"),
    )
    assert [(r.status, r.case_id) for r in receipts[:4]] == [
        ("recorded", None),
        ("opened", receipts[1].case_id),
        ("joined", receipts[1].case_id),
        ("resolved", receipts[1].case_id),
    ]
    assert (receipts[4].status, receipts[5].status, receipts[6].status) == ("joined", "recorded", "opened")
    assert receipts[5].case_id == receipts[4].case_id == receipts[1].case_id
    assert sorted((case.count, case.flaps) for case in desk.cases) == [(1, 0), (3, 1)]


def test_a_case_that_somebody_closed_by_hand_is_not_joined(desk: Desk) -> None:
    desk.one()
    with desk.database.begin() as session:
        closing.resolve(session, 1, AGENT, "restarted the ledger", desk.ctx)
    assert desk.one().case_id == "CASE-2"


def test_the_least_loaded_of_a_group_takes_turns(desk: Desk) -> None:
    ruled(desk, Rule(name="tier1", owner="group:tier1"))
    for number in range(4):
        desk.one(dedup_key=f"k{number}")
    assert [case.owner for case in desk.cases] == [ANNA, BEN, CLEO, ANNA]
    assert desk.cases[3].owner_why == "least loaded of tier1 (1 open)"


def test_alerts_are_recorded_until_a_label_or_a_rule_names_a_reason(desk: Desk) -> None:
    body = json.loads((FIXTURES / "alertmanager" / "firing.json").read_text(encoding="utf-8"))
    ended = json.loads((FIXTURES / "alertmanager" / "resolved.json").read_text(encoding="utf-8"))

    def arrive(told: dict[str, Any]) -> list[str]:
        return [r.status for r in desk.send(*alertmanager.events_from(told, source="prometheus", received_at=AT))]

    assert arrive(body) == ["opened", "recorded"]
    assert arrive(body) == ["duplicate", "duplicate"], "a repeat is no occurrence"
    ruled(desk, Rule(name="ledger", source="prometheus", job="ledger*", treat_as=Reason.DECISION_NEEDED, queue="Infra"))
    body["alerts"][1]["startsAt"] = "2026-11-21T04:00:00Z"
    assert arrive(body) == ["duplicate", "opened"]
    assert [(case.reason, case.rule, case.queue) for case in desk.cases] == [
        ("data_blocked", "default", "Support"),
        ("decision_needed", "ledger", "Infra"),
    ]
    assert arrive(ended) == ["resolved"]


def test_no_secret_reaches_a_table(desk: Desk) -> None:
    desk.one(
        summary="login with held-secret-4711 failed",
        details="password=hunter2-and-more",
        customer={"id": "held-secret-4711"},
    )
    desk.one(id="held-secret-4711", customer={"id": "held-secret-4711"}, status="resolved", occurred_at=LATER)
    stored = repr(
        [
            {c.name: getattr(row, c.name) for c in row.__table__.columns}
            for m in (Case, CaseEntry, FailureEventRow, AuditEntry)
            for row in desk.rows(m)
        ]
    )
    assert "held-secret" not in stored
    assert "hunter2" not in stored
    assert desk.cases[0].status == "resolved", "redaction leaves what is equal equal"


def test_nothing_is_kept_of_a_request_that_fails(desk: Desk, jobs: RecordingJobs) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        _fail_before_the_commit(desk)
    assert (desk.cases, desk.events, jobs.calls) == ([], [], [])


def _fail_before_the_commit(desk: Desk) -> None:
    with desk.database.begin() as session:
        receive(session, [event()], desk.ctx)
        raise RuntimeError("power cut")


def test_no_events_are_no_work(desk: Desk) -> None:
    assert desk.send() == []


STORIES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["failed", "resolved", "retrying"]),
        st.integers(0, 4),
        st.sampled_from([None, "x", "y"]),
    ),
    max_size=12,
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(story=STORIES, cuts=st.sets(st.integers(1, 11)))
def test_how_events_are_packed_changes_nothing(
    desk: Desk, story: list[tuple[str, str, int, str | None]], cuts: set[int]
) -> None:
    """One request or many: the same receipts. And whatever comes, counts are the failures that were counted."""
    results: list[list[tuple[str, int | None]]] = []
    for splits in (set(range(1, 12)), cuts):
        salt = func.count()  # a name of its own for each run, so that runs do not meet
        with desk.database.read() as session:
            run = f"run{session.scalar(select(salt).select_from(FailureEventRow))}-{len(results)}"
        events = [
            event(
                id=f"{run}-{name or number}",
                source=run,
                dedup_key=key,
                status="resolved" if kind == "resolved" else "failed",
                reason="retrying" if kind == "retrying" else "data_blocked",
                occurred_at=AT + timedelta(minutes=minute),
            )
            for number, (key, kind, minute, name) in enumerate(story)
        ]
        bounds = [0, *sorted(cut for cut in splits if cut < len(events)), len(events)]
        receipts = [r for start, end in pairwise(bounds) for r in desk.send(*events[start:end])]
        names: dict[str | None, int | None] = {None: None}
        results.append([(r.status, names.setdefault(r.case_id, len(names))) for r in receipts])
        with desk.database.read() as session:
            counted = session.scalars(select(Case.count).where(Case.source == run)).all()
            opened = session.scalars(select(Case.open_key).where(Case.source == run, Case.open_key.is_not(None))).all()
        assert sum(counted) == sum(r.status in ("opened", "joined") for r in receipts)
        assert len(opened) == len(set(opened)) <= 2
    assert results[0] == results[1]
