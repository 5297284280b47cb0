"""Taking an act back: only its author, only for a short time, only while nobody has acted since."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from automations.domain import Actor, TicketStatus
from automations.errors import NotFound, Refused
from automations.failure_tickets import closing, escalate, feedback, life, snooze, tickets, undo
from automations.failure_tickets.card import case_card, escalation_card
from automations.failure_tickets.moves import DECIDED_ON, Outcome
from automations.failure_tickets.wanted import load, next_step
from storage import notifications
from storage.models import Case, RuleFeedback, UndoOffer
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.shaky import ShakyDesk, run
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World

Acting = tuple[Callable[..., Outcome], tuple[str, ...]]
ACTS: dict[str, Acting] = {
    "claimed": (life.claim, ()),
    "reassigned": (life.reassign, ("lea@team.example",)),
    "escalated": (life.escalate, ("customer calls",)),
    "resolved": (closing.resolve, ("restarted it",)),
    "not_needed": (closing.not_needed, ("a drill",)),
}
FOLLOWS = {"version", "last_actor", "last_act", "last_at", "remind_at", "reminders", "stale_at", "call_owner"}
"""What follows any act: the last one is the undo, reminders begin anew, and a post may have to call somebody else."""
WATCHED = tuple(column.name for column in Case.__table__.columns if column.name not in FOLLOWS)


def columns(world: World, case: int) -> dict[str, Any]:
    row = world.case(case)
    return {name: getattr(row, name) for name in WATCHED}


def offered(world: World, act: Acting, case: int, actor: Actor) -> int:
    """Do it, and give the number of the offer to take it back."""
    outcome = do(world, act[0], case, actor, *act[1])
    assert outcome.offer is not None
    assert outcome.offer.until == world.clock.now() + timedelta(seconds=60)
    return outcome.offer.id


def take_back(world: World, offer: int, actor: Actor) -> Outcome:
    with world.begin() as session:
        return undo.take_back(session, offer, actor, world.ctx)


def refusal(world: World, offer: int, actor: Actor) -> str:
    with pytest.raises(Refused) as refused:
        take_back(world, offer, actor)
    return str(refused.value)


def offer_row(world: World, offer: int) -> UndoOffer:
    with world.database.read() as session:
        return session.get_one(UndoOffer, offer)


def lapse(world: World) -> list[bool]:
    with world.begin() as session:
        return [undo.lapse(session, args, world.ctx) for _, args in undo.due(session, world.ctx)]


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("first", ["open", "claimed"])
def test_an_undo_puts_back_every_column(world: World, verb: str, first: str) -> None:
    case = world.open()
    if first == "claimed" and verb != "claimed":
        do(world, life.claim, case, BEN)
    before = columns(world, case)
    world.clock.move(timedelta(minutes=1))
    offer = offered(world, ACTS[verb], case, ANNA)
    assert columns(world, case) != before
    world.clock.move(timedelta(seconds=59))
    outcome = take_back(world, offer, ANNA)
    assert outcome.changed
    assert outcome.text.startswith("Taken back. CASE-1 is ")
    assert columns(world, case) == before
    assert (world.case(case).last_actor, world.case(case).last_at) == ("anna@team.example", world.clock.now())
    (row,) = world.audited("case.undone")
    assert (row.actor, row.outcome, row.target) == ("anna@team.example", "done", "CASE-1")
    assert world.entries(case)[-1].text.startswith("took back: ")
    assert (offer_row(world, offer).state, offer_row(world, offer).settled_at) == ("taken", world.clock.now())


def test_the_history_says_what_was_taken_back_and_how_things_stand(world: World) -> None:
    case = world.open()
    take_back(world, offered(world, ACTS["claimed"], case, BEN), BEN)
    assert world.entries(case)[-1].text == "took back: claimed this case; it is open, with Anna Berg"
    assert world.case(case).last_act == "took back: claimed this case"


def test_a_second_press_is_success_and_leaves_no_trace(world: World) -> None:
    case = world.open()
    offer = offered(world, ACTS["claimed"], case, BEN)
    take_back(world, offer, BEN)
    rows = world.audit_rows()
    again = take_back(world, offer, BEN)
    assert not again.changed
    assert again.text == "You took that back already. CASE-1 is open, with Anna Berg."
    assert world.audit_rows() == rows


def test_of_two_presses_at_once_one_takes_back(world: World) -> None:
    case = world.open()
    offer, gate = offered(world, ACTS["claimed"], case, BEN), Barrier(2)

    def press(_: int) -> bool:
        gate.wait()
        return take_back(world, offer, BEN).changed

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [False, True]
    assert len(world.audited("case.undone")) == 1


@pytest.mark.parametrize("verb", ACTS)
def test_nobody_else_takes_it_back(world: World, verb: str) -> None:
    case = world.open()
    offer = offered(world, ACTS[verb], case, ANNA)
    after = columns(world, case)
    assert refusal(world, offer, LEA) == "Only Anna Berg can take that back. CASE-1 was left as it is."
    assert columns(world, case) == after
    assert offer_row(world, offer).state == "open"


def test_it_is_too_late_from_the_very_moment_on(world: World) -> None:
    case = world.open()
    offer = offered(world, ACTS["resolved"], case, ANNA)
    world.clock.move(timedelta(seconds=60))
    said = "It is too late to take that back: the time for it was over at 03:15. CASE-1 was left as it is."
    assert refusal(world, offer, ANNA) == said
    assert lapse(world) == [True]
    assert refusal(world, offer, ANNA) == said
    assert world.case(case).status == "resolved"


@pytest.mark.parametrize("verb", ACTS)
def test_what_somebody_else_did_since_stays(world: World, verb: str) -> None:
    """The undo never puts a third person's act back, and says who it was."""
    case = world.open()
    offer = offered(world, ACTS[verb], case, ANNA)
    if verb in ("resolved", "not_needed"):
        do(world, closing.reopen, case, BEN)
        do(world, life.claim, case, BEN)
    elif verb == "claimed":
        do(world, life.reassign, case, BEN, "ben@team.example")
    else:
        do(world, life.claim, case, BEN)
    after = columns(world, case)
    said = refusal(world, offer, ANNA)
    assert said.startswith("Ben Okoro ")
    assert "so it cannot be taken back. CASE-1 was left as it is." in said
    assert columns(world, case) == after
    assert offer_row(world, offer).state == "lapsed"


def test_a_snooze_by_somebody_else_stays_too(world: World) -> None:
    case = world.open()
    offer = offered(world, ACTS["claimed"], case, ANNA)
    with world.begin() as session:
        snooze.snooze(session, case, BEN, world.clock.now() + timedelta(hours=1), world.ctx)
    assert "Ben Okoro snoozed it until 04:14" in refusal(world, offer, ANNA)
    assert world.case(case).snoozed_by == "ben@team.example"


def test_counts_that_grow_meanwhile_do_not_spoil_an_undo(world: World) -> None:
    case = world.open()
    offer = offered(world, ACTS["claimed"], case, ANNA)
    assert world.fail().status == "joined"
    assert take_back(world, offer, ANNA).changed
    assert (world.case(case).status, world.case(case).count) == ("open", 2)


def test_a_closing_stays_if_the_failure_came_back_as_another_case(world: World) -> None:
    case = world.open()
    offer = offered(world, ACTS["resolved"], case, ANNA)
    newer = world.open()
    said = refusal(world, offer, ANNA)
    assert said == f"The same failure came back as CASE-{newer}, so CASE-1 stays closed. Please go on there."
    assert world.case(case).status == "resolved"
    assert offer_row(world, offer).state == "open"


def test_undoing_not_needed_withdraws_the_feedback(world: World) -> None:
    case = world.open(source="billing-worker")
    take_back(world, offered(world, ACTS["not_needed"], case, ANNA), ANNA)
    with world.database.read() as session:
        (row,) = session.scalars(select(RuleFeedback))
        assert row.withdrawn_at == world.clock.now()
        assert feedback.not_needed_per_rule(session, world.clock.now() - timedelta(days=1)) == []


def test_undoing_an_escalation_edits_its_post_and_calls_nobody(world: World) -> None:
    case = world.open()
    take_back(world, offered(world, ACTS["escalated"], case, ANNA), ANNA)
    post = world.notification("case/1/escalation/1")
    assert post is not None
    assert post.version > 1, "it is edited"
    assert post.data["mention"] is None
    with world.database.read() as session:
        card = escalation_card(session, post.data, world.ctx)
    assert card.taken_back_by is not None
    assert (card.taken_back_by.name, card.taken_back_at) == ("Anna Berg", world.clock.now())
    offered(world, ACTS["escalated"], case, BEN)
    again = world.notification("case/1/escalation/2")
    assert again is not None
    assert "taken_back_by" not in again.data


def test_the_colleague_who_was_given_a_case_is_told_when_it_is_taken_back(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        taken = notifications.take(session, "case/1", world.clock.now())
        notifications.delivered(session, "case/1", taken.version, "C", "1.0", None, world.clock.now())
    offer = offered(world, (life.reassign, ("ben@team.example",)), case, LEA)
    take_back(world, offer, LEA)
    line = world.entries(case)[-1]
    told = world.notification(f"case/1/entry/{line.seq}")
    assert told is not None
    assert told.data["mention"] == "ben@team.example"
    assert line.text == "took back: reassigned this case to Ben Okoro; it is open, with Anna Berg"
    assert world.case(case).owner == "anna@team.example"


def test_a_closing_reaches_the_desk_only_when_it_cannot_be_taken_back(world: World) -> None:
    desk = ShakyDesk.on(world)
    case = world.open()
    run(world, desk, case)
    offered(world, ACTS["resolved"], case, ANNA)
    with world.database.read() as session:
        wanted = load(session, case, world.ctx)
        assert case_card(session, case, world.ctx).hold_until == world.clock.now() + timedelta(seconds=60)
    assert (wanted.held, next_step(wanted)) == (True, None)
    assert run(world, desk, case) == []
    world.clock.move(timedelta(seconds=59))
    assert lapse(world) == []
    assert run(world, desk, case) == []
    world.clock.move(timedelta(seconds=1))
    asked, version = len(world.jobs.of("ticket.sync")), world.case(case).version
    assert lapse(world) == [True]
    assert (len(world.jobs.of("ticket.sync")), world.case(case).version) == (asked + 1, version + 1)
    assert world.case(case).hold_until is None
    assert run(world, desk, case) == ["note", "update", "read_back"]
    assert desk.desk.get("1").status is TicketStatus.SOLVED
    (row,) = world.audited("case.undo_lapsed")
    assert row.after == {"offers": [[1, "resolved"]], "desk_follows": True}
    assert lapse(world) == []


def test_a_closing_that_was_taken_back_never_was_seen_by_the_desk_as_solved(world: World) -> None:
    desk = ShakyDesk.on(world)
    case = world.open()
    run(world, desk, case)
    take_back(world, offered(world, ACTS["resolved"], case, ANNA), ANNA)
    assert world.case(case).hold_until is None
    run(world, desk, case)
    page = desk.desk.ticket_page("1")
    assert page.row.status == "open"
    assert not any("solved" in message.body for message in page.messages if message.kind == "change")
    world.clock.move(timedelta(minutes=5))
    assert lapse(world) == []


def test_a_held_closing_follows_after_a_restart_even_if_nobody_looked(world: World) -> None:
    """The hold is a row: whoever comes back later than its end goes on without it."""
    desk = ShakyDesk.on(world)
    case = world.open()
    offered(world, ACTS["resolved"], case, ANNA)
    world.clock.move(timedelta(hours=1))
    assert tickets.advance(world.database, desk, case, world.ctx) == "create"
    run(world, desk, case)
    assert desk.desk.get("1").status is TicketStatus.SOLVED
    assert lapse(world) == [True]
    assert run(world, desk, case) != []
    assert case_current(world, case)


def case_current(world: World, case: int) -> bool:
    with world.database.read() as session:
        return case_card(session, case, world.ctx).ticket.current


def test_the_clock_and_the_source_offer_nothing_and_wait_for_nothing(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(minutes=31))
    with world.begin() as session:
        assert escalate.escalate_overdue(session, case, world.ctx)
    world.fail(status="resolved", occurred_at=world.clock.now())
    assert (world.case(case).status, world.case(case).hold_until) == ("resolved", None)
    with world.database.read() as session:
        assert list(session.scalars(select(UndoOffer))) == []


def test_reopening_ends_the_hold(world: World) -> None:
    case = world.open()
    offered(world, ACTS["resolved"], case, ANNA)
    do(world, closing.reopen, case, BEN)
    assert world.case(case).hold_until is None


def test_without_a_time_for_it_nothing_is_offered(world: World) -> None:
    world.ctx = replace(world.ctx, timing=replace(world.ctx.timing, undo_for=timedelta(0)))
    case = world.open()
    assert do(world, closing.resolve, case, ANNA, "done").offer is None
    assert world.case(case).hold_until is None


def test_an_offer_that_does_not_exist_is_not_found(world: World) -> None:
    world.open()
    with pytest.raises(NotFound, match="nothing here"):
        take_back(world, 99, ANNA)


def test_an_offer_keeps_what_decisions_rest_on(world: World) -> None:
    case = world.open()
    row = offer_row(world, offered(world, ACTS["claimed"], case, BEN))
    assert set(DECIDED_ON) <= set(row.after)
    assert set(row.before) <= set(row.after)
    assert datetime.fromisoformat(row.after["claimed_at"]) == world.clock.now()
    assert (row.actor, row.verb, row.state) == ("ben@team.example", "claimed", "open")
