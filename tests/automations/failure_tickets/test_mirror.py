"""What people do to a ticket in the desk moves its case, under their name, and never comes back to the desk."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest
from sqlalchemy import select, update

from automations.adapters.builtin.people import DeskWork
from automations.calendar import WorkingHours
from automations.domain import IdempotencyKey, Priority, TicketChange, TicketDraft, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Unavailable
from automations.failure_tickets import closing, desk_feed, life
from automations.failure_tickets.card import case_card, entry_line
from automations.failure_tickets.card_types import CaseCard
from storage.models import CaseTicket, DeskTicket, Notification
from tests.automations.failure_tickets.shaky import ShakyDesk, run
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World

LOST = OutcomeUnknown("the desk did not answer", system="builtin")
DOWN = Unavailable("the desk answered 503", system="builtin")
B = "b.okoro@desk.example"
L = "lea@team.example"


@pytest.fixture
def people(desk: ShakyDesk) -> DeskWork:
    """Two of the team and one agent whom Handoff does not know, at work in the desk."""
    desk.desk.ensure_agent("Mara Lind", "mara@desk.example")
    desk.desk.ensure_agent("Cara Diaz", "cara@team.example")
    return desk.desk.work


@pytest.fixture
def case(world: World, desk: ShakyDesk, people: DeskWork) -> Iterator[int]:
    """A case whose ticket was verified and whose desk has been read up to now."""
    number = world.open()
    run(world, desk, number)
    desk_feed.read(world.database, desk, world.ctx)
    desk.calls.clear()
    yield number
    at_rest(world, desk)
    assert "update" not in desk.calls, "nothing that was done in the desk comes back to it"


def look(world: World, desk: ShakyDesk) -> int:
    return desk_feed.read(world.database, desk, world.ctx)


def at_rest(world: World, desk: ShakyDesk) -> None:
    """Work off what the desk's changes asked for."""
    look(world, desk)
    with world.database.read() as session:
        cases = list(session.scalars(select(CaseTicket.case_id)))
    for number in cases:
        run(world, desk, number)


def said(world: World, case: int) -> list[str]:
    """The thread, without the opening line."""
    with world.database.read() as session:
        seqs = [entry.seq for entry in world.entries(case)][1:]
        return [entry_line(session, case, seq, world.ctx).text for seq in seqs]


def card(world: World, case: int) -> CaseCard:
    with world.database.read() as session:
        return case_card(session, case, world.ctx)


def mentions(world: World) -> list[str]:
    with world.database.read() as session:
        rows = session.scalars(select(Notification).where(Notification.kind == "case.entry")).all()
        return [row.data["mention"] for row in rows if row.data.get("mention")]


def posted(world: World, case: int) -> None:
    """Slack has the living message, so that lines may call somebody."""
    with world.begin() as session:
        session.execute(update(Notification).where(Notification.key == f"case/{case}").values(ts="1.0"))


def test_who_takes_the_ticket_has_claimed_the_case(world: World, desk: ShakyDesk, people: DeskWork, case: int) -> None:
    posted(world, case)
    people.change("1", TicketChange(assignee=B), by=B)
    assert look(world, desk) == 1
    row = world.case(case)
    assert (row.status, row.owner, row.claimed_by) == ("claimed", "ben@team.example", "ben@team.example")
    assert row.owner_why == "took it in the desk"
    assert said(world, case) == ["Ben Okoro took the ticket in the desk"]
    assert mentions(world) == []
    assert look(world, desk) == 0, "heard once"


def test_who_is_given_the_ticket_is_told_and_has_yet_to_claim(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    posted(world, case)
    people.change("1", TicketChange(assignee=B), by=L)
    look(world, desk)
    row = world.case(case)
    assert (row.status, row.owner, row.claimed_by) == ("open", "ben@team.example", None)
    assert said(world, case) == ["Lea Lind assigned the ticket to Ben Okoro in the desk"]
    assert mentions(world) == ["ben@team.example"]


def test_an_agent_unknown_to_handoff_has_the_ticket_and_the_case_keeps_its_owner(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    people.change("1", TicketChange(assignee="mara@desk.example"), by="mara@desk.example")
    at_rest(world, desk)
    assert world.case(case).owner == "anna@team.example"
    (text,) = said(world, case)
    assert text.startswith("Mara Lind (desk) assigned the ticket in the desk to mara@desk.example, whom Handoff")
    assert text.endswith("does not know: the case stays with Anna Berg")
    assert card(world, case).ticket.current
    assert desk.desk.get("1").assignee == "mara@desk.example"


def test_somebody_who_is_away_does_not_get_the_case(world: World, desk: ShakyDesk, people: DeskWork, case: int) -> None:
    people.change("1", TicketChange(assignee="cara@team.example"), by=L)
    at_rest(world, desk)
    assert world.case(case).owner == "anna@team.example"
    assert "Cara Diaz, who is away until 24 Nov 09:00" in said(world, case)[0]
    assert desk.desk.get("1").assignee == "cara@team.example"


def test_a_new_owner_in_slack_ends_what_was_accepted(world: World, desk: ShakyDesk, people: DeskWork) -> None:
    case = world.open()
    run(world, desk, case)
    people.change("1", TicketChange(assignee=""), by=L)
    at_rest(world, desk)
    assert desk.desk.get("1").assignee is None
    with world.begin() as session:
        life.reassign(session, case, LEA, "ben@team.example", world.ctx)
    at_rest(world, desk)
    assert desk.desk.get("1").assignee == B
    assert world.ticket(case).accepted is None


def test_a_ticket_nobody_has_is_a_case_nobody_claimed(world: World, desk: ShakyDesk, people: DeskWork) -> None:
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
    at_rest(world, desk)
    people.change("1", TicketChange(assignee=""), by=L)
    desk.calls.clear()
    at_rest(world, desk)
    row = world.case(case)
    assert (row.status, row.owner, row.claimed_by) == ("open", "anna@team.example", None)
    assert said(world, case)[1:] == ["Lea Lind took the ticket from Anna Berg in the desk, so nobody has it there"]
    assert "update" not in desk.calls
    assert card(world, case).ticket.current


def test_solved_in_the_desk_is_resolved_here_and_reopened_there_reopens(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    people.change("1", TicketChange(status=TicketStatus.SOLVED), by=B)
    at_rest(world, desk)
    row = world.case(case)
    assert (row.status, row.closed_by, row.close_note) == ("resolved", "ben@team.example", "solved in the desk")
    assert row.hold_until is None
    assert card(world, case).ticket.current
    people.change("1", TicketChange(status=TicketStatus.OPEN), by="mara@desk.example")
    at_rest(world, desk)
    assert world.case(case).status == "open"
    assert said(world, case) == [
        "Ben Okoro solved the ticket in the desk",
        "Mara Lind (desk) reopened the ticket in the desk",
    ]


def test_reopened_there_stays_closed_here_if_the_failure_came_back_as_another_case(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    people.change("1", TicketChange(status=TicketStatus.SOLVED), by=B)
    at_rest(world, desk)
    newer = world.open()
    run(world, desk, newer)
    people.change("1", TicketChange(status=TicketStatus.OPEN), by=L)
    at_rest(world, desk)
    assert world.case(case).status == "resolved"
    assert said(world, case)[-1].startswith(
        "Lea Lind reopened the ticket in the desk. The same failure came back as CASE-2, so CASE-1 stays closed."
    )
    assert desk.desk.get("1").status is TicketStatus.OPEN
    assert card(world, case).ticket.current


@pytest.mark.parametrize("status", [TicketStatus.PENDING, TicketStatus.ON_HOLD])
def test_a_ticket_that_waits_is_told_and_changes_nothing(
    world: World, desk: ShakyDesk, people: DeskWork, case: int, status: TicketStatus
) -> None:
    people.change("1", TicketChange(status=status), by=B)
    at_rest(world, desk)
    assert world.case(case).status == "open"
    assert said(world, case) == [f"Ben Okoro set the ticket to {status.replace('_', ' ')} in the desk"]
    assert desk.desk.get("1").status is status


def test_priority_and_group_are_followed(world: World, desk: ShakyDesk, people: DeskWork, case: int) -> None:
    people.change("1", TicketChange(priority=Priority.LOW, group="Billing"), by=B)
    at_rest(world, desk)
    row = world.case(case)
    assert (row.priority, row.priority_why, row.queue) == ("low", [["set in the desk by Ben Okoro", 0]], "Billing")
    assert said(world, case) == [
        "Ben Okoro set the priority to low in the desk",
        "Ben Okoro moved the ticket to the group Billing in the desk",
    ]


def test_a_change_that_was_taken_back_is_none(world: World, desk: ShakyDesk, people: DeskWork, case: int) -> None:
    people.change("1", TicketChange(priority=Priority.LOW), by=B)
    people.change("1", TicketChange(priority=Priority.URGENT), by=B)
    assert look(world, desk) == 0
    assert said(world, case) == []


def test_what_is_written_in_the_desk_is_told_and_a_customer_calls_the_owner(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    posted(world, case)
    people.note("1", "the ledger\nis back <!channel> " + "x" * 400, by=B)
    people.reply("1", "we are on it", by=B)
    people.customer_replies("1", "still broken, my password is secret123")
    at_rest(world, desk)
    first, second, third = said(world, case)
    assert first.startswith("Ben Okoro wrote in the desk: “the ledger is back <!channel> xxx")
    assert len(first) < 340
    assert second == "Ben Okoro replied to the customer in ticket #1"
    assert third == "Acme GmbH (customer) replied in ticket #1"
    assert world.case(case).last_act == "replied in the ticket"
    assert mentions(world) == ["anna@team.example"]


def test_at_night_a_customer_of_an_ordinary_case_calls_nobody(world: World, desk: ShakyDesk, people: DeskWork) -> None:
    world.ctx = replace(world.ctx, hours=WorkingHours(frozenset({0}), time(9), time(10), "UTC", frozenset()))
    case = world.open(impact={}, reason="decision_needed")
    assert world.case(case).priority != "urgent"
    run(world, desk, case)
    posted(world, case)
    people.customer_replies("1", "hello?")
    at_rest(world, desk)
    assert len(said(world, case)) == 1
    assert mentions(world) == []


def test_a_customers_answer_to_a_solved_ticket_reopens_the_case(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    people.change("1", TicketChange(status=TicketStatus.SOLVED), by=B)
    at_rest(world, desk)
    people.customer_replies("1", "no, it is not")
    at_rest(world, desk)
    assert world.case(case).status == "open"
    assert said(world, case)[1:] == [
        "Acme GmbH (customer) reopened the ticket in the desk",
        "Acme GmbH (customer) replied in ticket #1",
    ]


def test_a_deleted_ticket_is_said_and_never_made_again(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    posted(world, case)
    people.delete("1", by=B)
    at_rest(world, desk)
    line = card(world, case).ticket
    assert (line.gone, line.current, line.missing) == (True, False, "deleted in the desk by Ben Okoro")
    assert said(world, case) == ["Ben Okoro deleted ticket #1 in the desk, so nothing is written there any more"]
    assert mentions(world) == ["anna@team.example"]
    desk.calls.clear()
    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
    assert run(world, desk, case) == []
    assert desk.calls == []
    with world.begin() as session:
        session.execute(update(DeskTicket).values(deleted_at=None))
    people.note("1", "it is back", by=B)
    at_rest(world, desk)
    assert card(world, case).ticket.current
    assert desk.calls.count("create") == 0


def test_a_merged_ticket_gives_way_to_the_one_it_went_into(world: World, desk: ShakyDesk, people: DeskWork) -> None:
    case = world.open()
    run(world, desk, case)
    look(world, desk)
    by_hand(desk, "by hand")
    people.change("2", TicketChange(priority=Priority.LOW, assignee=B), by=L)
    people.merge("1", "2", by=L)
    at_rest(world, desk)
    row, shown = world.case(case), desk.desk.get("2")
    assert (world.ticket(case).ticket_id, card(world, case).ticket.current) == ("2", True)
    assert (row.status, row.owner, row.priority) == ("open", "ben@team.example", "low")
    assert (shown.priority, shown.assignee) == (Priority.LOW, B)
    assert said(world, case)[0] == "Lea Lind merged ticket #1 into #2 in the desk, which is this case's ticket now"
    assert all(text.startswith("Lea Lind") for text in said(world, case))
    people.change("2", TicketChange(status=TicketStatus.SOLVED), by=B)
    at_rest(world, desk)
    assert world.case(case).status == "resolved"


def test_a_ticket_merged_into_that_of_another_case_closes_its_own(
    world: World, desk: ShakyDesk, people: DeskWork, case: int
) -> None:
    other = world.open(dedup_key="another")
    run(world, desk, other)
    people.merge("1", "2", by=L)
    at_rest(world, desk)
    row = world.case(case)
    assert (row.status, row.close_note) == ("resolved", "merged into CASE-2's ticket #2")
    assert said(world, other) == [
        "Lea Lind merged the ticket of CASE-1 into this case's ticket in the desk",
        "Lea Lind wrote in the desk: “#1 was merged into this ticket: [CASE-1] Invoice sync failed after 5 attempts”",
    ]
    assert card(world, case).ticket.missing == "merged into CASE-2's ticket #2"
    assert card(world, other).ticket.current


def test_both_sides_change_one_field_and_the_desk_wins(world: World, desk: ShakyDesk, people: DeskWork) -> None:
    case = world.open()
    run(world, desk, case)
    look(world, desk)
    with world.begin() as session:
        life.reassign(session, case, ANNA, "lea@team.example", world.ctx)
    people.change("1", TicketChange(assignee=B), by="mara@desk.example")
    at_rest(world, desk)
    assert (world.case(case).owner, desk.desk.get("1").assignee) == ("ben@team.example", B)
    text = said(world, case)[-1]
    assert text.startswith("Mara Lind (desk) assigned the ticket to Ben Okoro in the desk; ")
    assert text.endswith("; Anna Berg's change to Lea Lind in Slack did not hold")
    assert "update" not in desk.calls


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_lost_answer_and_then_an_edit_in_the_desk(
    world: World, desk: ShakyDesk, people: DeskWork, where: str
) -> None:
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        life.claim(session, case, BEN, world.ctx)
    getattr(desk, where)["update"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        run(world, desk, case)
    at_rest_patiently(world, desk)
    assert (world.case(case).owner, desk.desk.get("1").assignee) == ("ben@team.example", B)
    assert said(world, case) == ["Ben Okoro claimed this case"], "our own lost answer is nobody's edit"
    with world.begin() as session:
        life.reassign(session, case, ANNA, "lea@team.example", world.ctx)
    getattr(desk, where)["update"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        run(world, desk, case)
    people.change("1", TicketChange(assignee="anna@team.example"), by="anna@team.example")
    at_rest_patiently(world, desk)
    assert (world.case(case).owner, desk.desk.get("1").assignee) == ("anna@team.example", "anna@team.example")


def test_an_edit_that_ours_came_over_is_still_heard_and_wins(world: World, desk: ShakyDesk, people: DeskWork) -> None:
    """Between our look and our write somebody sets the field; our write covers it, and their word counts."""
    case = world.open()
    run(world, desk, case)
    with world.begin() as session:
        life.reassign(session, case, LEA, "ben@team.example", world.ctx)
    original = desk.desk.update

    def after_somebody(ticket: str, change: TicketChange, *, key: object) -> None:
        desk.desk.update = original  # type: ignore[method-assign]  # once
        people.change("1", TicketChange(assignee=L), by=L)
        original(ticket, change, key=key)  # type: ignore[arg-type]  # as it was given

    desk.desk.update = after_somebody  # type: ignore[method-assign]  # the test's race
    at_rest(world, desk)
    assert (world.case(case).owner, desk.desk.get("1").assignee) == ("lea@team.example", L)
    assert desk.calls.count("update") == 2


def test_a_closing_that_may_be_taken_back_is_no_reason_to_be_deaf(
    world: World, desk: ShakyDesk, people: DeskWork
) -> None:
    case = world.open()
    run(world, desk, case)
    look(world, desk)
    with world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", world.ctx)
    desk.calls.clear()
    people.change("1", TicketChange(priority=Priority.LOW), by=B)
    at_rest(world, desk)
    assert world.case(case).priority == "low"
    assert world.case(case).status == "resolved"
    assert desk.desk.get("1").status is TicketStatus.OPEN
    world.clock.move(world.ctx.timing.undo_for)
    at_rest(world, desk)
    assert desk.desk.get("1").status is TicketStatus.SOLVED


def at_rest_patiently(world: World, desk: ShakyDesk) -> None:
    for _ in range(10):
        try:
            at_rest(world, desk)
        except AdapterError:
            continue
        return
    raise AssertionError("never comes to rest")


def by_hand(desk: ShakyDesk, subject: str) -> str:
    """A ticket that is no case's."""
    draft = TicketDraft(subject, "body", Priority.NORMAL, "Support", None)
    return desk.desk.create(draft, key=IdempotencyKey(subject)).id
