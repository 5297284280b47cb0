"""A case in Freshdesk as the core drives it: opened over a bad line, claimed here, taken over and solved there."""

from datetime import timedelta

from automations.domain import TicketChange, TicketStatus
from automations.errors import AdapterError
from automations.failure_tickets import desk_feed, life, tickets
from storage.engine import Database
from tests.automations.adapters.freshdesk.world import Colleagues, account, desk_of
from tests.automations.failure_tickets.world import ANNA, World
from tests.desks.fake import Fault, Faulty
from tests.support import FakeClock, RecordingJobs


def test_a_case_is_followed_through_the_desk(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    world = World.on(database, clock, jobs)
    fake = account(clock)
    fake.agent("Lea Lind", "lea@team.example")
    line = Faulty(fake, [Fault("POST .*/tickets$", "timeout_after"), Fault("POST .*/notes$", "timeout_after")])
    desk = desk_of(line, clock)
    people = Colleagues(fake)

    def advance(case: int) -> list[str]:
        steps: list[str] = []
        for _ in range(20):
            try:
                step = tickets.advance(database, desk, case, world.ctx)
            except AdapterError as exc:
                steps.append(type(exc).__name__)
                clock.move(timedelta(seconds=70))
                continue
            if step is None:
                return steps
            steps.append(step)
        raise AssertionError(f"never comes to rest: {steps}")

    desk_feed.read(database, desk, world.ctx)
    case = world.open()
    assert advance(case)[-1] == "read_back"
    assert len(line.met) == 2, "the ticket's answer was lost, and the note's"
    (ticket,) = (str(number) for number in fake.tickets)
    row = fake.tickets[int(ticket)]
    assert (row["custom_fields"]["cf_handoff_key"], row["priority"]) == (world.ticket(case).key, 4)
    assert len(fake.said[int(ticket)]) == 1

    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
    advance(case)
    assert fake.said[int(ticket)][-1]["user_id"] == fake.agent_by_email("anna@team.example")["id"]  # type: ignore[index]  # Anna is there

    people.change(ticket, TicketChange(assignee="lea@team.example"), by="lea@team.example")
    people.note(ticket, "I take it", by="lea@team.example")
    clock.move(timedelta(seconds=10))
    assert desk_feed.read(database, desk, world.ctx) == 1
    assert world.case(case).owner == "lea@team.example"
    advance(case)

    people.change(ticket, TicketChange(status=TicketStatus.SOLVED), by="lea@team.example")
    clock.move(timedelta(seconds=10))
    assert desk_feed.read(database, desk, world.ctx) == 1
    assert world.case(case).status == "resolved"
    assert len(fake.tickets) == 1
    assert set(fake.mails) == {"handoff@team.example: your ticket was received"}
