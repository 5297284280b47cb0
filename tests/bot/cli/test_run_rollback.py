"""`handoff runs rollback`: failure tickets and triage from the terminal. Runs by number are in `test_runs`."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from automations.failure_tickets import intake
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.failure_tickets.withdrawing import Withdrawing, run_context
from automations.plan import RunState
from automations.runs.advance import Runner
from storage.engine import Database
from storage.models import AuditEntry, Case, Run
from tests.automations.failure_tickets.samples import event
from tests.bot.cli.conftest import INES as AS_INES
from tests.bot.cli.conftest import MARA as AS_MARA
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.plans import Nobody


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: the engine of runs is tested on both."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


@dataclass
class Bot:
    """What a running bot does for runs of failure tickets."""

    database: Database
    context: Context

    def go(self, _database: Database) -> bool:
        with self.database.read() as session:
            here = present(session, self.context)
            ids = list(session.scalars(select(Run.id).order_by(Run.id)))
        kind = Withdrawing(self.database, lambda: here)
        ctx = run_context(here)
        runner = Runner(self.database, {kind.kind.name: kind.kind}, kind.actions, Nobody(), lambda _name: ctx)
        for run_id in ids:
            runner.plan(run_id)
            while runner.advance(run_id) is not None:
                continue
        return True

    def case(self) -> Case:
        with self.database.read() as session:
            return session.get_one(Case, 1)


@pytest.fixture
def bot(database: Database, context: Context, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """A bot that runs and is quick, with one case; on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "240")
    made = Bot(database, context)
    monkeypatch.setattr("bot.cli.run_follow.bot_running", made.go)
    with database.begin() as session:
        intake.receive(session, [event(source="probe")], context)
    return made


CASES = ("runs", "rollback", "failure-tickets")


def test_cases_are_withdrawn_after_the_plan_was_printed_and_confirmed(handoff: Terminal, bot: Bot) -> None:
    asked = handoff(*CASES, "--source", "probe", "--since", "1h", *AS_MARA)
    assert (asked.code, bot.case().status) == (2, "open"), "nobody could be asked, so nothing was changed"
    assert "! Messages that were sent stay sent" in asked.out
    handoff("runs", "cancel", "1", *AS_MARA)
    ran = handoff(*CASES, "--source", "probe", "--since", "1h", "--because", "a wrong probe", *AS_MARA, "--yes")
    assert ran.code == 0, ran.err
    assert "RUN-2: looking what can be taken back. Nothing changes by it." in ran.out
    assert (bot.case().status, bot.case().closed_by) == ("not_needed", "mara.lind@example.com")
    assert bot.case().close_note == "withdrawn by RUN-2: a wrong probe"
    listed = handoff("runs", "list")
    assert "Withdraw 1 case of probe" in listed.out


def test_it_is_written_down_who_typed_it_also_where_it_is_refused(
    handoff: Terminal, bot: Bot, database: Database
) -> None:
    ran = handoff(*CASES, "--source", "nosuch", "--since", "1h", *AS_MARA)
    assert (ran.code, "Known sources: probe" in ran.err) == (1, True)
    with database.read() as session:
        typed = session.scalars(select(AuditEntry).where(AuditEntry.action == "command.run.rollback")).all()
    assert [(row.actor, row.target, row.outcome) for row in typed] == [("os:typist", "failure-tickets", "refused")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("failure-tickets", "--since", "1h"), "Of which source or rule?"),
        (("failure-tickets", "--source", "probe"), "Since when?"),
        (("failure-tickets", "--source", "probe", "--since", "1h", "--intent", "x"), "--intent says nothing about"),
        (("triage", "--since", "1h", "--source", "probe"), "--source says nothing about triage"),
        (("RUN-1", "--since", "1h"), "--since says nothing about RUN-1"),
        (("everything",), "'everything' is not a run"),
    ],
)
def test_what_says_nothing_is_refused(handoff: Terminal, bot: Bot, words: tuple[str, ...], said: str) -> None:
    ran = handoff("runs", "rollback", *words, *AS_MARA)
    assert (ran.code, said in " ".join(ran.err.split())) == (1, True), ran.err
    assert bot.case().status == "open"


def test_only_a_lead_confirms_it(handoff: Terminal, bot: Bot, database: Database) -> None:
    ran = handoff(*CASES, "--source", "probe", "--since", "1h", *AS_INES, "--yes")
    assert ran.code == 1
    assert "lead" in ran.err
    with database.read() as session:
        assert all(run.state != RunState.APPROVED for run in session.scalars(select(Run)))
    assert bot.case().status == "open"


def test_triage_is_asked_for(handoff: Terminal, bot: Bot, database: Database) -> None:
    ran = handoff("runs", "rollback", "triage", "--since", "1h", *AS_MARA, "--wait", "0")
    assert "RUN-1: looking what can be taken back" in ran.out
    with database.read() as session:
        assert session.get_one(Run, 1).automation == "triage"
