"""Failure tickets and triage in a running bot, as far as they are taken back: from the ask to the end, by real jobs."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from automations.domain import Mode
from automations.failure_tickets import intake, shadow
from automations.failure_tickets.withdrawing import Opened, ask_to_withdraw
from automations.runs.window import Window
from automations.triage import context as triage_context
from bot.live import Live
from bot.rollback_side import RestoringSide, WithdrawingSide, restoring_contexts
from bot.runs_side import RunsSide
from bot.views.texts import Look
from storage.engine import Database
from storage.models import Case
from tests.automations.failure_tickets.samples import LEAD, context, event
from tests.automations.runs.played import Runs
from tests.automations.runs.stage import Rooms
from tests.automations.triage.stage import Desk
from tests.automations.triage.test_restoring import LEA
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import triage_of


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def test_both_are_in_the_runner_and_work_in_every_mode(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    ctx = context(clock, jobs)
    live = Live(terms_of(ctx, Look(zone="UTC")))
    side = RunsSide(database, Rooms(), [WithdrawingSide(database, live), RestoringSide(database, live, Desk().desk)])
    for name in (shadow.NAME, triage_context.NAME):
        held = side.context(name)
        assert (held.automation, held.only_restores, held.owner) == (name, True, LEAD)
    with database.begin() as session:
        intake.receive(session, [event()], ctx)
    now = clock.now()
    window = Window(now - timedelta(hours=1), now + timedelta(hours=1))
    with database.begin() as session:
        asked = ask_to_withdraw(session, Opened(window, "billing-worker"), LEA, side.context(shadow.NAME))
        run_id = asked.id
    runs = Runs(side.runner, jobs, clock, shadow.NAME)
    runs.play()
    runs.confirm(run_id, LEA)
    with database.read() as session:
        assert session.get_one(Case, 1).status == "not_needed"


def test_cards_go_to_the_leads_where_triage_has_no_channel(clock: FakeClock, jobs: RecordingJobs) -> None:
    ctx = context(clock, jobs)
    made = restoring_contexts(ctx, triage_of(ctx, Mode.OFF))
    assert made[shadow.NAME].channel == ctx.book.escalation_channel
    assert made[triage_context.NAME].channel == triage_of(ctx).channel
