"""The main job of Handoff on Intercom: failure, owned ticket, claim, solved; and following what colleagues do there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from automations.adapters.intercom.desk import IntercomDesk
from automations.domain import Priority, TicketChange, TicketStatus
from automations.errors import OutcomeUnknown, Unavailable
from automations.failure_tickets import closing, desk_feed, life
from automations.failure_tickets.card import entry_line
from automations.failure_tickets.tickets import advance
from storage.engine import Database
from storage.models import CaseEntry
from tests.automations.adapters.intercom.world import REQUESTER, desk_on, world
from tests.automations.adapters.intercom.world import World as Workspace
from tests.automations.failure_tickets.world import ANNA, World
from tests.desks.fake import Fault
from tests.desks.intercom import ITEMS
from tests.support import FakeClock, RecordingJobs

BEN = "ben@team.example"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def there(clock: FakeClock) -> Workspace:
    return world(clock, lag_s=300)


@pytest.fixture
def team(database: Database, clock: FakeClock, jobs: RecordingJobs, there: Workspace) -> World:
    made = World.on(database, clock, jobs)
    made.ctx = replace(made.ctx, desk_system="intercom", desk_can=there.desk.capabilities)
    return made


def rest(team: World, desk: IntercomDesk, case: int) -> None:
    """Step after step, waiting as long as is asked for."""
    for _ in range(60):
        try:
            if advance(team.database, desk, case, team.ctx) is None:
                return
        except Unavailable as later:
            team.clock.move(timedelta(seconds=later.retry_after_s or 10))
        except OutcomeUnknown as unknown:
            team.clock.move(timedelta(seconds=unknown.settle_s or 10))
    raise AssertionError("it never came to rest")


def thread(team: World, case: int) -> list[str]:
    with team.database.read() as session:
        seqs = session.scalars(select(CaseEntry.seq).where(CaseEntry.case_id == case).order_by(CaseEntry.seq)).all()
        return [entry_line(session, case, seq, team.ctx).text for seq in seqs[1:]]


def test_a_failure_is_owned_claimed_and_solved(team: World, there: Workspace) -> None:
    case = team.open()
    rest(team, there.desk, case)
    assert team.ticket(case).state == "verified"
    (held,) = there.fake.tickets.values()
    assert held.attributes["handoff_key"] == team.ticket(case).key
    assert held.attributes["Priority"] in ITEMS.values()
    with team.begin() as session:
        life.claim(session, case, ANNA, team.ctx)
    rest(team, there.desk, case)
    with team.begin() as session:
        closing.resolve(session, case, ANNA, "Restarted the ledger", team.ctx)
    team.let_go(case)
    rest(team, there.desk, case)
    assert team.ticket(case).state == "verified"
    assert there.desk.get(held.id).status is TicketStatus.SOLVED
    notes = [part for part in held.parts if part["part_type"] == "note"]
    assert notes[-1]["author"]["email"] == "anna@team.example", "a note is its author's own"
    assert there.fake.mails == []
    assert set(there.fake.contacts) == {REQUESTER}


def test_the_case_follows_colleagues_by_name_and_a_workflow_by_its_value(team: World, there: Workspace) -> None:
    case = team.open()
    rest(team, there.desk, case)
    desk_feed.read(team.database, there.desk, team.ctx)
    team.clock.move(timedelta(hours=1))
    (ticket,) = there.fake.tickets
    there.fake.workflow_sets(ticket, Priority.LOW)
    team.clock.move(timedelta(minutes=10))
    assert desk_feed.read(team.database, there.desk, team.ctx) == 1
    assert team.case(case).priority == "low"
    there.fake.change(ticket, TicketChange(status=TicketStatus.SOLVED), by="anna@team.example")
    team.clock.move(timedelta(minutes=10))
    assert desk_feed.read(team.database, there.desk, team.ctx) == 1
    assert team.case(case).status == "resolved"
    lines = thread(team, case)
    assert any("Anna Berg" in line for line in lines), lines
    before = len(list(there.fake.bodies("PUT", "/tickets")))
    rest(team, there.desk, case)
    assert len(list(there.fake.bodies("PUT", "/tickets"))) == before, "nothing done there comes back to it"


@pytest.mark.parametrize("on", ["POST /tickets$", "/reply$"])
@pytest.mark.parametrize("kind", ["timeout_after", "timeout", "cut", "refused"])
def test_a_process_that_dies_over_a_create_leaves_one_ticket(
    on: str, kind: str, team: World, there: Workspace, clock: FakeClock
) -> None:
    """The next process knows of nothing but the database, and its first looks find nothing in the late search."""
    case = team.open()
    there.line.faults.append(Fault(on, kind))
    with pytest.raises((OutcomeUnknown, Unavailable)):
        advance(team.database, there.desk, case, team.ctx)
    rest(team, desk_on(there.line, clock), case)
    assert team.ticket(case).state == "verified"
    (held,) = there.fake.tickets.values()
    assert len([part for part in held.parts if part["part_type"] == "note"]) == 1
