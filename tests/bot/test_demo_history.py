"""The demo's desk before its first day: the same sample each time, whole lives, nothing that lies ahead."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from automations.adapters.builtin.desk import BuiltinDesk
from bot.demo_history import AGENTS, fill
from storage.engine import Database
from storage.models import DeskMessage, DeskTicket
from tests.support import FakeClock

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_sample_is_whole_and_put_there_once(database: Database, clock: FakeClock) -> None:
    desk = BuiltinDesk(database, clock, "https://bot.example")
    for group in ("Support", "Billing"):
        desk.ensure_group(group)
    for agent in AGENTS:
        desk.ensure_agent(agent, agent)
    assert 150 < (made := fill(database, clock.now())) < 400
    assert fill(database, clock.now() + timedelta(days=1)) == 0
    with database.read() as session:
        tickets = session.scalars(select(DeskTicket)).all()
        newest = session.scalar(select(func.max(DeskMessage.at)))
        first = {row.ticket_id: row.at for row in session.scalars(select(DeskMessage).order_by(DeskMessage.id.desc()))}
    assert len(tickets) == made
    assert newest is not None
    assert newest <= clock.now()
    assert {row.id: row.created_at for row in tickets} == first, "each begins with its customer's words"
    assert {row.status for row in tickets} == {"open", "pending", "solved", "closed"}
    assert all((row.solved_at is not None) == (row.status in ("solved", "closed")) for row in tickets)
    waiting = [row for row in tickets if row.status in ("open", "pending")]
    assert 10 < len(waiting) < 80
    assert {ticket.assignee for ticket in desk.assigned(AGENTS[0])} == {AGENTS[0]}
