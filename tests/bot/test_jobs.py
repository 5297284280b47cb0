"""What is asked for without anybody asking: jobs that were lost, and the end of old payloads."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from automations.adapters.builtin import BuiltinDesk
from automations.failure_tickets.journal import DELIVER, SYNC
from bot.delivery import Delivery
from bot.gateway import SlackGateway
from bot.jobs import KEEP_PAYLOADS, Work
from bot.render import renderer
from bot.views.texts import Look
from storage import inbox
from storage.engine import Database
from storage.models import CaseTicket, InboxRow, Notification
from tests.automations.failure_tickets.world import World
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


def working(world: World) -> Work:
    gateway = SlackGateway("xoxb-nobody", base_url="http://127.0.0.1:9/")
    delivery = Delivery(world.database, gateway, renderer(world.ctx, Look()), world.jobs, world.clock)
    desk = BuiltinDesk(world.database, world.clock, "http://127.0.0.1:8080")
    return Work(world.database, desk, delivery, lambda: world.ctx)


def restored(world: World) -> None:
    """Leave things as a restore does: every row is there, no job is."""
    with world.begin() as session:
        session.execute(update(Notification).values(job_pending=False))
    world.jobs.clear()


def test_after_a_restore_every_ticket_and_message_that_waits_gets_its_job_again(world: World) -> None:
    case_id, verified = world.open(), world.open(dedup_key="another")
    with world.begin() as session:
        shown: dict[str, Any] = {"state": "verified", "ticket_id": "7", "verified_version": 1}
        session.execute(update(CaseTicket).where(CaseTicket.case_id == verified).values(shown))
    restored(world)
    assert working(world).ask_for_what_was_lost() == 3
    assert [(job.key, job.args) for job in world.jobs.of(SYNC)] == [(f"ticket/{case_id}/1", {"case_id": case_id})]
    assert [job.key for job in world.jobs.of(DELIVER)] == [f"deliver/case/{n}/1" for n in (case_id, verified)]


def test_what_has_its_job_is_asked_for_by_the_same_key_only(world: World) -> None:
    world.open()
    asked = {(job.job, job.key) for job in world.jobs.calls}
    working(world).ask_for_what_was_lost()
    assert {(job.job, job.key) for job in world.jobs.calls} == asked, "the engine runs a key once"


def test_old_payloads_are_dropped_and_those_that_slack_may_repeat_are_kept(world: World) -> None:
    for key, ago in (("old", KEEP_PAYLOADS + timedelta(seconds=1)), ("new", timedelta(days=1))):
        with world.begin() as session:
            inbox.put(session, key=key, kind="slack.event", actor="U1", body={}, at=world.clock.now() - ago)
    assert working(world).forget_payloads() == 1
    with world.database.read() as session:
        assert session.scalars(select(InboxRow.key)).all() == ["new"]
