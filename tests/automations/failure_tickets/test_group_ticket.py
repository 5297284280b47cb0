"""The parent ticket of a group: made once, every ticket under it, closed and opened with the group, true when read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.desks import Capability
from automations.domain import (
    TicketStatus,
)
from automations.errors import AdapterError, NotFound, OutcomeUnknown, Rejected, Unavailable
from automations.failure_tickets import closing, group_acts, group_ticket
from automations.failure_tickets.group_card import group_card
from automations.failure_tickets.group_wanted import load
from tests.automations.failure_tickets.groups_world import burst, groups
from tests.automations.failure_tickets.shaky import ShakyDesk, run
from tests.automations.failure_tickets.world import ANNA, BEN, World

LOST = OutcomeUnknown("the desk did not answer", system="builtin")
NO = Rejected("the desk answered 422", system="builtin", code="422")


@pytest.fixture
def outage(world: World) -> World:
    """Seven cases in a group, in a desk that has parent tickets."""
    world.ctx = replace(world.ctx, desk_can=frozenset({Capability.PARENTS}))
    burst(world, 7)
    return world


def bring(world: World, desk: ShakyDesk) -> list[str]:
    """Advance until rest, as the engine does."""
    steps: list[str] = []
    while (step := group_ticket.advance(world.database, desk, 1, world.ctx)) is not None:
        steps.append(step)
        assert len(steps) < 20, steps
    return steps


def bring_all(world: World, desk: ShakyDesk) -> None:
    bring(world, desk)
    for number in range(1, 8):
        run(world, desk, number)


def test_every_ticket_ends_under_one_parent_and_is_read_back(outage: World, desk: ShakyDesk) -> None:
    run(outage, desk, 1)
    assert bring(outage, desk) == ["create", "bring"]
    (group,) = groups(outage)
    assert (group.ticket_state, group.ticket_verified) == ("verified", group.ticket_wanted)
    assert group.ticket_id is not None
    parent = desk.get(group.ticket_id)
    assert (parent.key, parent.status, parent.group) == (group.ticket_key, TicketStatus.OPEN, "Support")
    assert {job.args["case_id"] for job in outage.jobs.of("ticket.sync")} == set(range(1, 8))
    for number in range(1, 8):
        run(outage, desk, number)
        assert desk.get(outage.ticket(number).ticket_id or "").parent == group.ticket_id
    with outage.database.read() as session:
        assert group_card(session, 1, outage.ctx).all_verified
    made = [row for row in outage.audited("ticket.create") if row.target == "GROUP-1"]
    assert [row.outcome for row in made] == ["done"]
    assert bring(outage, desk) == []


def test_a_lost_answer_is_looked_up_and_never_made_twice(outage: World, desk: ShakyDesk) -> None:
    desk.after["create"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        group_ticket.advance(outage.database, desk, 1, outage.ctx)
    assert groups(outage)[0].ticket_state == "unknown"
    assert bring(outage, desk) == ["look_up", "bring"]
    assert desk.calls.count("create") == 1


def test_a_create_that_never_arrived_is_made_after_looking(outage: World, desk: ShakyDesk) -> None:
    desk.before["create"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        group_ticket.advance(outage.database, desk, 1, outage.ctx)
    assert bring(outage, desk) == ["look_up", "create", "bring"]


@pytest.mark.parametrize("error", [NO, Unavailable("the desk answered 503", system="builtin")])
def test_what_the_desk_refuses_is_said_on_the_card(outage: World, desk: ShakyDesk, error: AdapterError) -> None:
    desk.before["create"] = [error]
    before = outage.notification("group/1")
    with pytest.raises(type(error)):
        group_ticket.advance(outage.database, desk, 1, outage.ctx)
    (group,) = groups(outage)
    assert (group.ticket_state, group.ticket_missing) == ("wanted", str(error))
    after = outage.notification("group/1")
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1
    assert bring(outage, desk) == ["create", "bring"]
    assert groups(outage)[0].ticket_missing is None


def test_it_closes_with_the_group_once_nothing_can_be_taken_back(outage: World, desk: ShakyDesk) -> None:
    bring_all(outage, desk)
    with outage.begin() as session:
        group_acts.resolve_all(session, 1, BEN, "The ledger is back.", {}, outage.ctx)
    assert bring(outage, desk) == [], "a closing that may be taken back is not told"
    outage.clock.move(timedelta(seconds=60))
    assert bring(outage, desk) == ["bring"]
    ticket = groups(outage)[0].ticket_id or ""
    assert desk.get(ticket).status == TicketStatus.SOLVED
    with outage.begin() as session:
        closing.reopen(session, 7, ANNA, outage.ctx)
    assert bring(outage, desk) == ["bring"]
    assert desk.get(ticket).status == TicketStatus.OPEN


def test_whoever_has_all_cases_has_the_parent(outage: World, desk: ShakyDesk) -> None:
    with outage.begin() as session:
        group_acts.claim_all(session, 1, BEN, outage.ctx)
    bring(outage, desk)
    assert desk.get(groups(outage)[0].ticket_id or "").assignee == "b.okoro@desk.example"


def test_the_clock_asks_again_when_the_hold_is_over(outage: World, desk: ShakyDesk) -> None:
    bring_all(outage, desk)
    with outage.begin() as session:
        group_acts.resolve_all(session, 1, BEN, "The ledger is back.", {}, outage.ctx)
    with outage.database.read() as session:
        assert group_ticket.due(session, outage.ctx) == []
    outage.clock.move(timedelta(seconds=60))
    for number in range(1, 8):
        with outage.begin() as session:
            case = outage.case(number)
            session.merge(case).hold_until = None
    with outage.database.read() as session:
        ((_key, args),) = group_ticket.due(session, outage.ctx)
    with outage.begin() as session:
        group_ticket.go_on(session, args, outage.ctx)
    assert outage.jobs.of("group.sync")[-1].key.endswith("/settled")


def test_a_desk_without_parents_is_never_asked(outage: World, desk: ShakyDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ShakyDesk, "capabilities", frozenset())
    assert bring(outage, desk) == []
    assert desk.calls == []


def test_no_group_is_told(world: World) -> None:
    with world.database.read() as session, pytest.raises(NotFound, match="GROUP-9"):
        load(session, 9, world.ctx)
