"""One ticket per case, whatever the desk and the network do; verified only by a reading."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select, update

from automations.domain import IdempotencyKey, Priority, Ticket, TicketChange, TicketDraft, TicketStatus
from automations.errors import AdapterError, NotFound, OutcomeUnknown, OverBudget, Rejected, Unavailable
from automations.failure_tickets import closing, life, tickets
from automations.failure_tickets.card import case_card
from automations.failure_tickets.card_types import TicketLine
from storage.engine import Database
from storage.exclusive import Occupied
from storage.models import CaseTicket, DeskMessage, DeskTicket, Notification
from tests.automations.failure_tickets.shaky import ShakyDesk, run
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World, an_event

DOWN = Unavailable("the desk answered 503", system="builtin", retry_after_s=3)
LOST = OutcomeUnknown("the desk did not answer", system="builtin")
NO = Rejected("the desk answered 422", system="builtin", code="422")


def patiently(world: World, desk: ShakyDesk, case: int) -> list[str]:
    """Advance until rest, trying again after every error, as the engine does in its next job."""
    steps: list[str] = []
    for _ in range(30):
        try:
            return steps + run(world, desk, case)
        except AdapterError as exc:
            steps.append(type(exc).__name__)
    raise AssertionError(f"never comes to rest: {steps}")


def line(world: World, case: int) -> TicketLine:
    with world.database.read() as session:
        return case_card(session, case, world.ctx).ticket


def tickets_made(world: World) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(DeskTicket)) or 0


def notes(world: World) -> list[str]:
    with world.database.read() as session:
        rows = session.scalars(select(DeskMessage).where(DeskMessage.kind == "internal").order_by(DeskMessage.id))
        return [row.body for row in rows][1:]


def test_a_new_case_becomes_a_ticket_that_was_read_back(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    asked = len(world.jobs.of("slack.deliver"))
    assert not line(world, case).current
    assert run(world, desk, case) == ["create", "read_back"]
    assert line(world, case) == TicketLine(
        "builtin", "verified", "1", "https://bot.example/desk/tickets/1", True, world.clock.now(), None
    )
    row, shown = world.ticket(case), desk.desk.get("1")
    assert (shown.key, shown.assignee, shown.group) == (row.key, "anna@team.example", "Support")
    assert (shown.priority, shown.status) == (Priority.URGENT, TicketStatus.OPEN)
    assert [entry.outcome for entry in world.audited("ticket.verify")] == ["done"]
    assert len(world.jobs.of("slack.deliver")) == asked, "a delivery was pending already and shows the newest state"
    assert run(world, desk, case) == []


def test_the_ticket_says_everything_the_failure_told(world: World, desk: ShakyDesk) -> None:
    old = world.open()
    run(world, desk, old)
    with world.begin() as session:
        closing.resolve(session, old, ANNA, "restarted it", world.ctx)
    case = world.open(id="evt_second", impact={"blocked": True, "paid_workflow": True, "customers": 1200})
    run(world, desk, case)
    page = desk.desk.ticket_page("2")
    body = page.messages[0].body
    assert page.row.subject == "[CASE-2] Invoice sync failed after 5 attempts"
    for words in (
        "Source: invoicer",
        "Reason: retries exhausted",
        "Event: evt_second",
        "Job: invoice-sync",
        "Job id: job_981",
        "Customer: Acme GmbH, acct_42, enterprise",
        "The ledger answers 502 since 02:09.",
        "- 2026-11-21 03:10 CET: HTTP 502 from ledger",
        "- ledger status page: degraded",
        "Diagnostics: https://logs.example/j/981",
        "work is blocked; a paid workflow has stopped; customers concerned: 1,200",
        "Priority: urgent, 11 points:",
        "- +3 blocked",
        "- +3 1,200 customers",
        "- +2 tier enterprise",
        "Owner: Anna Berg (default owner: no rule names an owner)",
        "Rule: default",
        "Seen once, 2026-11-21 03:14 CET",
        "Follows CASE-1, which was closed: https://bot.example/desk/tickets/1",
        "Case: CASE-2 https://bot.example/cases/2",
        f"Key: {world.ticket(case).key}",
    ):
        assert words in body, f"{words!r} is missing in:\n{body}"
    assert page.customer is not None
    assert (page.customer.id, page.requester) == ("acct_42", None)


def test_a_long_summary_is_cut_in_the_subject_and_whole_in_the_body(world: World, desk: ShakyDesk) -> None:
    case = world.open(summary="one\nline " + "x" * 900)
    run(world, desk, case)
    page = desk.desk.ticket_page("1")
    assert len(page.row.subject) == 150
    assert page.row.subject.startswith("[CASE-1] one line xxx")
    assert "x" * 900 in page.messages[0].body


@pytest.mark.parametrize("call", ["create", "get"])
def test_a_desk_that_is_down_is_tried_again(world: World, desk: ShakyDesk, call: str) -> None:
    case = world.open()
    desk.before[call] = [DOWN, DOWN]
    with pytest.raises(Unavailable):
        run(world, desk, case)
    assert line(world, case).missing == "the desk answered 503"
    assert not line(world, case).current
    assert patiently(world, desk, case)[-1] == "read_back"
    assert (line(world, case).current, line(world, case).missing) == (True, None)
    assert tickets_made(world) == 1


@pytest.mark.parametrize("call", ["create", "get", "update", "note"])
def test_waiting_for_our_own_limit_is_told_to_nobody(world: World, desk: ShakyDesk, call: str) -> None:
    case = world.open()
    if call in ("update", "note"):
        run(world, desk, case)
        with world.begin() as session:
            life.reassign(session, case, LEA, "ben@team.example", world.ctx)
    version, rows = world.case(case).version, world.audit_rows()
    desk.before[call] = [OverBudget("used up", system="builtin", retry_after_s=3)]
    with pytest.raises(OverBudget):
        run(world, desk, case)
    assert (line(world, case).missing, world.case(case).version) == (None, version)
    assert [row.action for row in world.audited_since(rows) if row.outcome != "done"] == []
    run(world, desk, case)
    assert (line(world, case).current, line(world, case).missing) == (True, None)
    assert tickets_made(world) == 1
    assert desk.calls.count("find") == 0, "nothing had left, so there is nothing to look up"


def test_a_create_whose_answer_is_lost_is_looked_up_and_not_repeated(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    desk.after["create"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        run(world, desk, case)
    assert line(world, case).state == "unknown"
    assert run(world, desk, case) == ["look_up", "update", "read_back"]
    assert desk.calls.count("create") == 1
    assert tickets_made(world) == 1
    assert [row.outcome for row in world.audited("ticket.create")] == ["unknown", "found"]


def test_a_create_that_never_arrived_is_looked_up_and_made(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    desk.before["create"] = [LOST]
    assert patiently(world, desk, case) == ["OutcomeUnknown", "look_up", "create", "read_back"]
    assert tickets_made(world) == 1


def test_a_crash_between_created_and_stored_makes_no_second_ticket(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    with world.begin() as session:
        session.execute(update(CaseTicket).values(state="creating"))
    desk.desk.create(TicketDraft("s", "b", Priority.LOW, "Billing", None), key=IdempotencyKey(world.ticket(case).key))
    assert run(world, desk, case) == ["look_up", "update", "read_back"]
    assert tickets_made(world) == 1
    shown = desk.desk.get("1")
    assert (shown.assignee, shown.priority, shown.group) == ("anna@team.example", Priority.URGENT, "Support")


def test_an_unknown_owner_is_rejected_and_said_on_the_card(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    desk.before["create"] = [NO]
    with pytest.raises(Rejected):
        run(world, desk, case)
    assert line(world, case) == TicketLine("builtin", "wanted", missing="the desk answered 422")
    assert patiently(world, desk, case) == ["create", "read_back"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assignee": None}, "the desk shows no owner instead of Anna Berg as owner"),
        ({"assignee": "joe@x.example"}, "joe@x.example instead of Anna Berg as owner"),
        ({"status": TicketStatus.SOLVED, "status_word": "Solved"}, "the status Solved, not open"),
        ({"priority": None}, "no priority, not urgent"),
        ({"group": None}, "no group instead of the group Support"),
        ({"key": None}, "no trace of our key"),
        ({"key": "other"}, "another key than ours"),
    ],
)
def test_what_the_reading_does_not_show_is_said_and_tried_again(
    world: World, desk: ShakyDesk, changes: dict[str, object], words: str
) -> None:
    case = world.open()
    desk.shown = lambda ticket: replace(ticket, **changes)  # type: ignore[arg-type]  # fields of a ticket
    for _ in range(2):
        with pytest.raises(Unavailable, match=words):
            run(world, desk, case)
    assert (line(world, case).state, line(world, case).current) == ("created", False)
    assert words in (line(world, case).missing or "")
    assert len(world.audited("ticket.read_back")) == 1, "the same shortfall is written down once"
    desk.shown = lambda ticket: ticket
    run(world, desk, case)
    assert line(world, case).current
    assert tickets_made(world) == 1


def test_acts_reach_the_desk_as_notes_and_fields(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        life.claim(session, case, BEN, world.ctx)
        life.escalate(session, case, BEN, "customer calls", world.ctx)
    assert not line(world, case).current
    assert run(world, desk, case) == ["note", "note", "update", "read_back"]
    assert notes(world) == ["Ben Okoro claimed this case", "Ben Okoro escalated this case: customer calls"]
    assert desk.desk.get("1").assignee == "b.okoro@desk.example"
    assert desk.desk.ticket_page("1").messages[1].author == "b.okoro"
    with world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", world.ctx)
    world.clock.move(world.ctx.timing.undo_for)
    run(world, desk, case)
    assert desk.desk.get("1").status is TicketStatus.SOLVED
    with world.begin() as session:
        closing.reopen(session, case, ANNA, world.ctx)
    run(world, desk, case)
    assert desk.desk.get("1").status is TicketStatus.OPEN
    assert all(entry.written_at for entry in world.entries(case) if entry.to_desk)
    assert line(world, case).current


def test_a_case_closed_before_its_ticket_was_made_is_solved_in_the_desk(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    with world.begin() as session:
        closing.not_needed(session, case, ANNA, "test data", world.ctx)
    world.clock.move(world.ctx.timing.undo_for)
    run(world, desk, case)
    assert desk.desk.get("1").status is TicketStatus.SOLVED
    assert line(world, case).current


@pytest.mark.parametrize("call", ["note", "update"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_lost_answer_to_a_note_or_change_has_one_effect(world: World, desk: ShakyDesk, call: str, where: str) -> None:
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        life.claim(session, case, BEN, world.ctx)
    getattr(desk, where)[call] = [LOST]
    assert "OutcomeUnknown" in patiently(world, desk, case)
    assert notes(world) == ["Ben Okoro claimed this case"]
    changes = [said for said in desk.desk.ticket_page("1").messages if said.kind == "change"]
    assert len(changes) == 1
    assert line(world, case).current


def test_a_change_during_the_reading_is_not_taken_for_verified(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    assert tickets.advance(world.database, desk, case, world.ctx) == "create"

    def claimed_meanwhile(ticket: Ticket) -> Ticket:
        desk.shown = lambda later: later
        with world.begin() as session:
            life.claim(session, case, BEN, world.ctx)
        return ticket

    desk.shown = claimed_meanwhile
    assert tickets.advance(world.database, desk, case, world.ctx) == "read_back"
    assert not line(world, case).current
    assert run(world, desk, case) == ["note", "update", "read_back"]
    assert desk.desk.get("1").assignee == "b.okoro@desk.example"


def test_what_a_trigger_of_the_desk_changed_is_sent_again(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    assert tickets.advance(world.database, desk, case, world.ctx) == "create"
    desk.desk.update("1", TicketChange(assignee="lea@team.example"), key=IdempotencyKey("a trigger"))
    with pytest.raises(Unavailable, match=r"lea@team\.example instead of Anna Berg as owner"):
        run(world, desk, case)
    assert run(world, desk, case) == ["update", "read_back"]
    assert desk.desk.get("1").assignee == "anna@team.example"


def test_the_living_message_follows_the_reading(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    assert tickets.advance(world.database, desk, case, world.ctx) == "create"
    for step in ("pending", "verified"):
        with world.begin() as session:
            session.execute(update(Notification).values(job_pending=False, ts="1.2", state="delivered"))
        world.jobs.clear()
        if step == "pending":
            desk.before["get"] = [DOWN]
            with pytest.raises(Unavailable):
                run(world, desk, case)
        else:
            run(world, desk, case)
        assert [job.args for job in world.jobs.of("slack.deliver")] == [{"key": "case/1"}]


def test_two_workers_at_once_make_one_ticket_on_a_desk_that_forgets_keys(world: World, desk: ShakyDesk) -> None:
    """Between the call and its answer the state is `creating`: a second worker must not take that for a crash."""
    case = world.open()
    entered, others, made = Event(), Event(), []

    def slow_create(draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        entered.set()
        assert not others.wait(0.3), "the second worker came in"
        made.append(key)
        return desk.desk.create(draft, key=key)

    def second() -> None:
        assert entered.wait(10)
        patiently(world, desk, case)
        others.set()

    desk.create = slow_create  # type: ignore[method-assign]  # a desk that is slow
    desk.find = lambda key, *, since=None: None  # type: ignore[method-assign]  # and does not find what it made a moment ago
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(second)
        pool.submit(run, world, desk, case).result()
        waiting.result()
    assert len(made) == 1
    assert line(world, case).current


def test_a_worker_that_waits_too_long_comes_again(
    world: World, desk: ShakyDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.open()

    @contextmanager
    def never(_database: Database, name: str) -> Iterator[None]:
        raise Occupied(name)
        yield

    monkeypatch.setattr(tickets, "alone", never)
    with pytest.raises(Unavailable, match="another worker is still at CASE-1"):
        run(world, desk, case)
    assert line(world, case).missing is None


def test_a_colleagues_pending_is_left_alone(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    run(world, desk, case)
    desk.desk.update("1", TicketChange(status=TicketStatus.ON_HOLD), key=IdempotencyKey("by hand"))
    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
    run(world, desk, case)
    assert desk.desk.get("1").status is TicketStatus.ON_HOLD
    assert line(world, case).current


def test_counts_reach_the_desk_at_ten_and_not_between(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    run(world, desk, case)
    for _ in range(10):
        world.fail()
    run(world, desk, case)
    assert notes(world) == ["Handoff saw this failure 10 times"]


def test_a_ticket_that_is_gone_is_not_made_again(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        session.execute(update(CaseTicket).values(ticket_id="99"))
        life.claim(session, case, ANNA, world.ctx)
    run(world, desk, case)
    assert world.ticket(case).deleted_at == world.clock.now()
    assert line(world, case).missing == "deleted in the desk by somebody"
    assert not line(world, case).current
    assert tickets_made(world) == 1


def test_a_ticket_of_another_desk_is_left_alone(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        session.execute(update(CaseTicket).values(system="zendesk"))
        life.claim(session, case, ANNA, world.ctx)
    calls = len(desk.calls)
    with pytest.raises(Rejected, match="the ticket is in zendesk, but the desk in use is builtin"):
        run(world, desk, case)
    assert len(desk.calls) == calls


def test_a_case_without_a_ticket_yet_goes_to_the_desk_in_use(world: World, desk: ShakyDesk) -> None:
    world.ctx = replace(world.ctx, desk_system="zendesk")
    case = world.open()
    run(world, desk, case)
    assert line(world, case).system == "builtin"


def test_a_ticket_that_another_case_has_is_refused(world: World, desk: ShakyDesk) -> None:
    first, second = world.open(), world.open(dedup_key="another")
    run(world, desk, first)
    with world.begin() as session:
        session.execute(update(CaseTicket).where(CaseTicket.case_id == second).values(state="unknown"))
    desk.find = lambda key, *, since=None: desk.desk.get("1")  # type: ignore[method-assign]  # a desk that was reset
    with pytest.raises(Rejected, match="ticket #1 belongs to another case"):
        run(world, desk, second)


def test_error_texts_are_redacted(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    desk.before["create"] = [Unavailable("the desk answered 500: password=hunter2hunter2", system="builtin")]
    with pytest.raises(Unavailable):
        run(world, desk, case)
    assert "hunter2" not in (line(world, case).missing or "")


def test_a_case_that_does_not_exist_is_not_found(world: World, desk: ShakyDesk) -> None:
    with pytest.raises(NotFound):
        tickets.advance(world.database, desk, 77, world.ctx)


def test_an_event_without_customer_job_or_impact_still_makes_a_ticket(world: World, desk: ShakyDesk) -> None:
    bare = an_event().model_dump(include={"source", "occurred_at", "status", "reason", "summary"})
    nothing: dict[str, object] = {
        "job": {},
        "customer": None,
        "attempts": (),
        "checks": (),
        "impact": {},
        "details": "",
    }
    case = world.open(**bare, **nothing, diagnostics_url=None, dedup_key=None)
    run(world, desk, case)
    body = desk.desk.ticket_page("1").messages[0].body
    assert "Impact: not stated by the sender" in body
    assert "Customer" not in body
    assert "None" not in body


def test_a_look_that_proves_nothing_yet_makes_no_second_ticket(world: World, desk: ShakyDesk) -> None:
    """A desk whose list lags: what was made is seen only after its time, and until then nothing is made again."""
    case = world.open()
    desk.settle_s = 600.0
    desk.after["create"] = [LOST]
    made, found = world.clock.now(), desk.desk.find
    lag = timedelta(minutes=8)
    desk.find = lambda key, *, since=None: found(key) if world.clock.now() >= made + lag else None  # type: ignore[method-assign]  # a list that lags
    with pytest.raises(OutcomeUnknown):
        run(world, desk, case)
    for _ in range(8):
        with pytest.raises(Unavailable, match="does not show it yet; it is looked for again until 02:24 UTC") as wait:
            run(world, desk, case)
        assert wait.value.retry_after_s == 60.0
        assert line(world, case).state == "unknown"
        world.clock.move(timedelta(minutes=1))
    assert run(world, desk, case) == ["look_up", "update", "read_back"]
    assert tickets_made(world) == 1


@pytest.mark.parametrize("state", ["unknown", "creating"])
def test_a_look_after_its_time_proves_that_nothing_was_made(world: World, desk: ShakyDesk, state: str) -> None:
    case = world.open()
    desk.settle_s = 600.0
    with world.begin() as session:
        session.execute(update(CaseTicket).values(state=state, asked_at=world.clock.now()))
    with pytest.raises(Unavailable):
        run(world, desk, case)
    world.clock.move(timedelta(seconds=600))
    assert run(world, desk, case) == ["look_up", "create", "read_back"]
    assert tickets_made(world) == 1
