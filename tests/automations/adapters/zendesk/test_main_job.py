"""The core's work over Zendesk: a failure becomes a ticket with an owner, and follows what people do to it there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.adapters.zendesk.desk import ZendeskDesk
from automations.domain import Priority, TicketChange, TicketStatus
from automations.errors import OutcomeUnknown
from automations.failure_tickets import desk_feed, life, tickets
from storage.engine import Database
from tests.automations.adapters.zendesk import opened
from tests.automations.failure_tickets.world import BEN as WORLDS_BEN
from tests.automations.failure_tickets.world import World
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock, RecordingJobs

BEN = "b.okoro@desk.example"


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    fake = opened.zendesk(clock)
    fake.seed_user("Ben Okoro", BEN)
    fake.seed_user("Lea Lind", "lea@team.example")
    return fake


@pytest.fixture
def line(fake: FakeZendesk) -> Faulty:
    return Faulty(HeldToContract(fake, "zendesk"))


@pytest.fixture
def desk(line: Faulty, clock: FakeClock) -> ZendeskDesk:
    return opened.desk(line, clock)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs, desk: ZendeskDesk) -> World:
    world = World.on(database, clock, jobs)
    world.ctx = replace(world.ctx, desk_can=desk.capabilities)
    return world


def run(world: World, desk: ZendeskDesk, case: int) -> list[str]:
    steps: list[str] = []
    while (step := tickets.advance(world.database, desk, case, world.ctx)) is not None:
        steps.append(step)
        assert len(steps) < 30, steps
    return steps


def look(world: World, desk: ZendeskDesk) -> int:
    """Read the desk once its last minute is over."""
    world.clock.move(timedelta(seconds=61))
    return desk_feed.read(world.database, desk, world.ctx)


def test_a_failure_becomes_a_ticket_and_follows_the_desk(world: World, desk: ZendeskDesk, fake: FakeZendesk) -> None:
    case = world.open()
    assert run(world, desk, case) == ["create", "read_back"]
    row = world.ticket(case)
    assert (row.state, row.ticket_id, row.url) == ("verified", "1", "https://desk.example/agent/tickets/1")
    ticket = fake.tickets[1]
    assert (ticket["external_id"], ticket["assignee_id"]) == (row.key, fake.user_id("anna@team.example"))
    look(world, desk)
    fake.note("1", "the ledger is slow", by=BEN)
    fake.change("1", TicketChange(priority=Priority.LOW, assignee=BEN), by=BEN)
    assert look(world, desk) == 1
    assert (world.case(case).priority, world.case(case).owner) == ("low", "ben@team.example")
    run(world, desk, case)
    assert (fake.tickets[1]["priority"], fake.tickets[1]["assignee_id"]) == ("low", fake.user_id(BEN))
    assert any("the ledger is slow" in str(entry.text) for entry in world.entries(case))
    fake.change("1", TicketChange(status=TicketStatus.SOLVED), by=BEN)
    assert look(world, desk) == 1
    assert world.case(case).closed_at is not None
    run(world, desk, case)
    assert fake.tickets[1]["status"] == "solved"
    assert look(world, desk) == 0, "what we wrote is nobody's doing"


@pytest.mark.parametrize("kind", ["timeout", "timeout_after", "reset_after", "cut", "html_after"])
def test_a_lost_answer_is_looked_up(
    kind: str, world: World, desk: ZendeskDesk, fake: FakeZendesk, line: Faulty
) -> None:
    case = world.open()
    line.faults = [Fault("POST /api/v2/tickets", kind), Fault("PUT ", kind, 2)]

    def work() -> None:
        for _ in range(4):
            try:
                run(world, desk, case)
            except OutcomeUnknown as exc:
                world.clock.move(timedelta(seconds=exc.settle_s or 0))

    work()
    with world.begin() as session:
        life.claim(session, case, WORLDS_BEN, world.ctx)
    world.let_go(case)
    work()
    assert line.met == [kind] * 3
    assert (world.ticket(case).state, len(fake.tickets)) == ("verified", 1)
    assert fake.tickets[1]["assignee_id"] == fake.user_id(BEN)
    said = list(desk.events("1", after=None))
    assert [(one.author, one.body) for one in said[1:]] == [("Ben Okoro", "Ben Okoro claimed this case")]
    assert {one.ours for one in said} == {True}


def test_a_ticket_deleted_in_the_desk_is_told(world: World, desk: ZendeskDesk, fake: FakeZendesk) -> None:
    case = world.open()
    run(world, desk, case)
    look(world, desk)
    fake.delete("1", by=BEN)
    assert look(world, desk) == 1
    assert world.ticket(case).deleted_at is not None
