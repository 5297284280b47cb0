"""Resolve, set aside, reopen, and the end a source reports: what closes, what comes back, and with whom."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from automations.duty import Group
from automations.failure_tickets import closing, life
from automations.failure_tickets.rules import Rule
from automations.people import Absence, Roster
from storage.models import Case, RuleFeedback
from tests.automations.failure_tickets.deeds import do, refusal, wants_a_cause
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World, an_event


def test_resolving_needs_a_note_and_closes(world: World) -> None:
    case = world.open()
    assert "how it was resolved" in refusal(world, closing.resolve, case, ANNA, "  ")
    do(world, life.claim, case, BEN)
    do(world, closing.resolve, case, ANNA, " restarted with password=hunter2hunter2 ")
    after = world.case(case)
    assert (after.status, after.open_key, after.claimed_by, after.closed_by) == (
        "resolved", None, None, "anna@team.example",
    )  # fmt: skip
    assert after.owner == "ben@team.example"
    assert after.close_note is not None
    assert "hunter2" not in after.close_note
    assert all("hunter2" not in entry.text for entry in world.entries(case))


def test_no_rule_closes_what_the_desk_asks_a_person_about(world: World) -> None:
    """Else the ticket could never be solved, and the case would say that it is."""
    case = world.open()
    wants_a_cause(world)
    world.clock.move(timedelta(minutes=1))
    over = world.fail(status="resolved", occurred_at=world.clock.now(), summary="Invoice sync works again")
    assert (over.status, over.case_id, world.case(case).status) == ("recorded", "CASE-1", "open")
    (said,) = [entry.text for entry in world.entries(case) if entry.verb == "reported_over"]
    assert said.endswith("The desk asks for “Root cause” before a ticket is solved, so somebody has to resolve it")
    assert "Root cause" in refusal(world, closing.not_needed, case, ANNA, "noise")


def test_a_late_claim_leaves_a_case_closed_that_its_source_resolved(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(minutes=1))
    over = world.fail(status="resolved", occurred_at=world.clock.now(), summary="Invoice sync works again")
    assert (over.status, over.case_id) == ("resolved", "CASE-1")
    said = refusal(world, life.claim, case, ANNA)
    assert "Handoff resolved CASE-1" in said
    assert "Invoice sync works again" in said


def test_not_needed_keeps_feedback_for_the_rule(world: World) -> None:
    case = world.open(source="billing-worker")
    do(world, closing.not_needed, case, BEN, "")
    again = do(world, closing.not_needed, case, BEN, "again")
    assert not again.changed
    with world.database.read() as session:
        rows = list(session.scalars(select(RuleFeedback)))
    assert [(row.rule, row.case_id, row.actor, row.note) for row in rows] == [("billing", case, "ben@team.example", "")]


def test_reopening_withdraws_the_feedback_and_keeps_the_row(world: World) -> None:
    case = world.open(source="billing-worker")
    do(world, closing.not_needed, case, BEN, "a test run")
    do(world, closing.reopen, case, BEN)
    withdrawn = world.clock.now()
    world.clock.move(timedelta(hours=1))
    do(world, closing.not_needed, case, ANNA, "it was one")
    with world.database.read() as session:
        rows = list(session.scalars(select(RuleFeedback).order_by(RuleFeedback.id)))
    assert [(row.note, row.withdrawn_at) for row in rows] == [("a test run", withdrawn), ("it was one", None)]


def test_reopening_starts_a_new_life(world: World) -> None:
    case = world.open()
    do(world, life.escalate, case, ANNA, "customer calls")
    do(world, closing.resolve, case, ANNA, "restarted it")
    world.clock.move(timedelta(hours=5))
    do(world, closing.reopen, case, BEN)
    after = world.case(case)
    assert (after.status, after.open_key, after.closed_at, after.close_note) == ("open", after.case_key, None, None)
    assert (after.escalated_at, after.escalate_at) == (None, world.clock.now() + timedelta(minutes=30))
    assert not do(world, closing.reopen, case, BEN).changed
    assert world.fail().case_id == "CASE-1"


def gone(world: World, email: str, *, for_good: bool = False) -> None:
    """Send somebody away for a week from now, or for good."""
    now = world.clock.now()
    away = (Absence(now, now + timedelta(days=7)),)
    people = [replace(one, away=away) if one.email == email else one for one in world.ctx.roster.people]
    left = tuple(one for one in people if not (for_good and one.email == email))
    world.ctx = replace(world.ctx, roster=Roster(left))


@pytest.mark.parametrize(
    ("for_good", "said"),
    [(False, "Ben Okoro is away until 28 Nov 03:14"), (True, "ben@team.example is not one of the")],
)
def test_reopening_chooses_an_owner_anew_if_the_old_one_cannot(world: World, for_good: bool, said: str) -> None:
    duty = Group("seniors", ("lea@team.example", "ben@team.example"))
    rule = Rule(name="billing", source="billing-*", owner="group:seniors")
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, rules=(rule,), groups=(duty,)))
    case = world.open(source="billing-worker")
    assert world.case(case).owner == "ben@team.example"
    do(world, closing.resolve, case, ANNA, "restarted it")
    gone(world, "ben@team.example", for_good=for_good)
    outcome = do(world, closing.reopen, case, ANNA)
    after = world.case(case)
    assert (after.owner, outcome.text) == ("lea@team.example", "CASE-1 is open again, with Lea Lind.")
    assert said in after.owner_why
    assert after.owner_why.endswith("; least loaded of seniors (0 open)")
    entry = world.entries(case)[-1]
    assert entry.text == f"reopened this case; it is with Lea Lind ({after.owner_why})"
    (row,) = world.audited("case.reopened")
    assert row.before is not None
    assert row.after is not None
    assert (row.before["owner"], row.after["owner"]) == ("ben@team.example", "lea@team.example")


def test_reopening_says_that_even_the_default_owner_is_away(world: World) -> None:
    case = world.open()
    do(world, closing.resolve, case, BEN, "restarted it")
    gone(world, "anna@team.example")
    do(world, closing.reopen, case, BEN)
    after = world.case(case)
    words = "default owner: no rule names an owner; Anna Berg is away until 28 Nov 03:14"
    assert (after.owner, after.owner_why) == ("anna@team.example", words)


def test_reopening_leaves_the_owner_who_is_there(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    do(world, closing.resolve, case, BEN, "restarted it")
    gone(world, "lea@team.example")
    do(world, closing.reopen, case, LEA)
    after = world.case(case)
    assert (after.owner, after.owner_why) == ("ben@team.example", "claimed it")


def test_a_case_is_not_reopened_beside_its_successor(world: World) -> None:
    case = world.open()
    do(world, closing.resolve, case, ANNA, "restarted it")
    newer = world.open()
    assert world.case(newer).previous_id == case
    assert "came back as CASE-2" in refusal(world, closing.reopen, case, ANNA)
    assert world.case(case).status == "resolved"


def test_a_source_that_reports_the_end_twice_changes_nothing_more(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        row = session.get_one(Case, case)
        over = an_event(status="resolved", summary="works again")
        assert closing.close_by_event(session, row, over, world.ctx).changed
        again = closing.close_by_event(session, row, over, world.ctx)
    assert not again.changed
    assert "Handoff resolved CASE-1" in again.text
    assert len(world.audited("case.resolved")) == 1
