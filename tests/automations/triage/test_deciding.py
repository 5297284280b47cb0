"""Which tickets triage decides about, once for the same words, and which it leaves to people."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from automations.domain import Mode, Priority, TicketStatus
from automations.triage.bar import why_not_auto
from automations.triage.card import decision_card
from automations.triage.deciding import APPLY, decide
from automations.triage.judging import Model
from automations.triage.observing import CONTACTS_WITHIN
from automations.triage.standing import NEW, OWN_ROUTING
from storage import modes
from storage.models import MirrorTicket, TriageDecision
from tests.automations.customers.kept import customer, keep
from tests.automations.triage.stage import ANNA, SOLVED, Stage

REFUND = "Please refund my invoice"


def test_a_decision_keeps_every_reason(stage: Stage) -> None:
    row = stage.decided(REFUND, tags=("vip",), channel="email")
    assert (row.state, row.intent, row.level) == ("proposed", "billing", 2)
    assert (row.decided_by, row.rule) == ("rule", "invoices")
    assert (row.queue, row.priority, row.score, row.score_why) == ("Billing", "low", 0, [])
    assert (row.before_queue, row.before_priority, row.mode) == ("Support", "normal", "ask")
    assert row.inputs["rules"] == [
        ["invoices", True, "“refund”, “invoice”"],
        ["passwords", False, "none of its keywords"],
    ]
    assert (row.inputs["tags"], row.inputs["channel"], row.inputs["contacts"]) == (["vip"], "email", 1)
    assert REFUND not in str(row.inputs), "words are kept for a time of their own"
    assert stage.audited(row) == [("decided", "handoff")]
    assert stage.jobs.of(APPLY) == [], "nobody has said yes"
    day = stage.notification("triage/day/2026-11-21")
    line = stage.notification(f"triage/{row.id}")
    assert day is not None
    assert line is not None
    assert (day.kind, day.data["waiting"], line.kind, line.parent_key) == (
        "triage.day", 1, "triage.decision", "triage/day/2026-11-21",
    )  # fmt: skip


def test_the_same_words_are_decided_once_and_new_ones_replace_an_open_proposal(stage: Stage) -> None:
    first = stage.decided(REFUND)
    stage.desk.moved("1", tags=("late",))
    assert stage.watch() == [], "nobody wrote"
    stage.desk.wrote("1", "Also I cannot reset my password")
    stage.clock.move(timedelta(minutes=1))
    (second,) = stage.watch()
    assert (second.state, second.rule) == ("proposed", "invoices")
    assert second.inputs["customer_messages"] == 2
    assert stage.state(first) == "superseded"
    assert stage.row(first.id).error == f"the customer wrote again, see TRIAGE-{second.id}"
    assert stage.audited(first)[-1] == ("superseded", "handoff")
    with stage.database.begin() as session:
        assert decide(session, "1", stage.ctx, None) is None
        assert decide(session, "unheard of", stage.ctx, None) is None


def test_a_person_who_moved_the_ticket_has_it(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.clock.move(OWN_ROUTING)
    stage.desk.moved("1", group="Sales")
    assert stage.watch() == []
    assert stage.state(row) == "superseded"
    assert stage.row(row.id).error == "somebody moved the ticket by hand (now Sales, normal)"
    stage.desk.wrote("1", "Really, refund it")
    assert stage.watch() == [], "not even for new words"


def test_what_the_desk_does_in_the_first_minute_is_its_own_routing(stage: Stage) -> None:
    stage.desk.opened("1", REFUND, group=None)
    stage.desk.moved("1", group="Inbox")
    (row,) = stage.watch()
    assert row.before_queue == "Inbox"


def test_what_we_did_ourselves_is_no_hand(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.clock.move(timedelta(hours=1))
    stage.play()
    stage.desk.wrote("1", "And my password does not work")
    (second,) = stage.watch()
    assert (stage.state(row), second.before_queue, second.state) == ("applied", "Billing", "nothing")
    stage.desk.moved("1", group="Support")
    assert stage.watch() == []
    stage.desk.wrote("1", "Refund, I said")
    assert stage.watch() == [], "moved back by hand"


def test_a_mirror_behind_our_own_change_decides_nothing(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.play()
    with stage.database.begin() as session:
        assert decide(session, "1", stage.ctx, None) is None
    assert stage.state(row) == "applied", "it looks as if somebody had moved it back, and nobody has"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": SOLVED},
        {"status": TicketStatus.CLOSED},
        {"merged_into": "2", "status": TicketStatus.CLOSED},
        {"key": "case/1"},
    ],
)
def test_tickets_that_wait_for_nobody_are_left_alone(stage: Stage, fields: dict[str, Any]) -> None:
    stage.desk.opened("1", REFUND)
    stage.desk.moved("1", **fields)
    assert stage.watch() == []


def test_old_words_are_left_alone(stage: Stage) -> None:
    stage.desk.opened("1", REFUND)
    stage.desk.opened("2", REFUND)
    stage.desk.wrote("2", "We are on it", kind="public")
    stage.clock.move(NEW)
    assert stage.watch() == []
    stage.desk.wrote("1", "Still no refund")
    assert [row.ticket_id for row in stage.watch()] == ["1"], "but new words on an old ticket are new"


def test_a_proposal_ends_with_the_ticket(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.desk.moved("1", status=SOLVED)
    stage.watch()
    assert (stage.state(row), stage.row(row.id).error) == ("superseded", "the ticket is solved")


def test_what_nobody_can_decide_goes_to_the_default_queue(stage: Stage) -> None:
    row = stage.decided("Hm, I wonder", group="Inbox")
    assert (row.decided_by, row.queue, row.state) == ("", "Support", "proposed")
    assert row.why_not == "no rule matched, and there is no classifier"
    stage.act("leave", row)
    stage.desk.wrote("1", "Any news?")
    (later,) = stage.watch()
    assert (later.queue, later.state) == ("Inbox", "nothing"), "a later word without sense moves nothing"


def test_the_classifier_is_written_down(stage: Stage) -> None:
    stage.model = Model(None, 0.5, lambda _text: ("technical", 0.8))
    row = stage.decided("It hangs")
    assert (row.decided_by, row.intent, row.confidence, row.state) == ("model", "technical", 0.8, "nothing")


def test_a_priority_is_raised_and_never_lowered(stage: Stage) -> None:
    urgent = stage.decided("Refund: production is down for everyone!", name="1", priority=Priority.LOW)
    assert (urgent.score, urgent.priority) == (5, "high")
    calm = stage.decided("A refund please", name="2", priority=Priority.URGENT, group="Billing")
    assert (calm.priority, calm.state) == ("low", "nothing")
    stage.into(Mode.ASK, stage.ctx.rules.model_copy(update={"set_priority": "always"}))
    assert stage.decided("A refund please", name="3", priority=Priority.URGENT, group="Billing").state == "proposed"
    stage.into(Mode.ASK, stage.ctx.rules.model_copy(update={"set_priority": "never"}))
    assert stage.decided("Refund: it is down!", name="4", group="Billing").state == "nothing"


def test_contacts_are_counted(stage: Stage) -> None:
    stage.desk.opened("1", "a", "b", "c", "invoice")
    stage.clock.move(CONTACTS_WITHIN / 2)
    (row,) = stage.watch()
    assert row.inputs["contacts"] == 4
    assert row.score_why == [["4 contacts in 24 hours", 2]]


def test_modes(stage: Stage) -> None:
    stage.into(Mode.OFF)
    stage.desk.opened("1", REFUND)
    assert stage.watch() == []
    stage.into(Mode.SHADOW)
    assert stage.decided(REFUND, name="2").state == "shadow"
    stage.into(Mode.AUTO)
    held = stage.decided(REFUND, name="3")
    assert (held.state, held.mode) == ("proposed", "auto"), "not measured yet"
    with stage.database.read() as session:
        assert held.inputs["held_back"] == why_not_auto(session, stage.ctx) != ""
    stage.measured()
    going = stage.decided(REFUND, name="4")
    assert going.state == "applying"
    assert [job.args for job in stage.jobs.of(APPLY)] == [{"decision_id": going.id}]
    with stage.database.begin() as session:
        modes.set_mode(session, "triage", "shadow", by="lead@example.com", at=stage.clock.now())
    assert stage.decided(REFUND, name="5").state == "shadow", "a mode set by command wins"
    with stage.database.begin() as session:
        modes.set_mode(session, "triage", "bananas", by="lead@example.com", at=stage.clock.now())
    stage.desk.opened("6", REFUND)
    assert stage.watch() == []


def test_secrets_do_not_get_into_a_decision(stage: Stage) -> None:
    stage.desk.opened("1", "refund held-secret-4711", subject="held-secret-4711", tags=("held-secret-4711",))
    (row,) = stage.watch()
    kept = {column.name: getattr(row, column.name) for column in TriageDecision.__table__.columns}
    assert "held-secret" not in str(kept)


def test_what_was_undone_is_not_decided_again(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.play()
    stage.act("undo", row, ANNA)
    stage.play()
    assert stage.state(row) == "undone"
    stage.desk.wrote("1", "refund!")
    assert stage.watch() == []


def test_what_nothing_decides_is_not_taken_from_whoever_has_it(stage: Stage) -> None:
    assert stage.decided("zzz", name="1", group="Enterprise").queue == "Support"
    stage.desk.opened("2", "zzz", group="Enterprise", assignee="carl@team.example")
    (row,) = stage.watch()
    assert (row.decided_by, row.queue, row.state) == ("", "Enterprise", "nothing")


def test_a_decision_keeps_what_was_known_of_the_customer(stage: Stage) -> None:
    assert "standing" not in stage.decided(REFUND).inputs, "no customers are kept"
    keep(stage.database, customer("a1", "acme.example", tier="pro"), customer("a2", "two.example"))
    row = stage.decided(REFUND, name="2")
    assert (row.inputs["tier"], row.inputs["standing"]) == ("pro", "pro, active (age not known)")
    assert "unclear" not in row.inputs
    keep(stage.database, customer("a3", "two.example"))
    stage.desk.opened("3", REFUND)
    stage.desk.tickets["3"] = replace(stage.desk.tickets["3"], requester="x@two.example")
    (unclear,) = stage.watch()
    assert unclear.inputs["unclear"] == "two.example belongs to 2 customers: a2, a3"
    with stage.database.read() as session:
        assert decision_card(session, row.id, stage.ctx).standing == "pro, active (age not known)"
        assert decision_card(session, unclear.id, stage.ctx).unclear == unclear.inputs["unclear"]


def test_open_tickets_that_people_gave_another_tier_are_decided_again(stage: Stage) -> None:
    keep(stage.database, customer("a1", "acme.example", tier="pro"))
    first = stage.decided(REFUND)

    def look() -> TriageDecision | None:
        with stage.database.begin() as session:
            return decide(session, "1", stage.ctx, None)

    assert look() is None
    with stage.database.begin() as session:
        session.execute(update(MirrorTicket).values(tier="enterprise"))
    second = look()
    assert second is not None
    assert (first.score_why, second.score_why) == ([], [["tier enterprise", 2]])
    assert stage.row(first.id).error == f"the customer's tier changed, see TRIAGE-{second.id}"
    assert look() is None, "once"
    with stage.database.begin() as session:
        session.execute(update(MirrorTicket).values(tier="pro", requester="x@nobody.example", customer_id=""))
    assert look() is None, "a tier that only the desk tells is no reason to decide again"
