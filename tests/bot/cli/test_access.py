"""Access from the terminal: plans on paper that store nothing, and runs that are asked for and followed."""

import csv
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from automations.access.reconcile import Reconciling
from automations.adapters.builtin.access import BuiltinAccess
from automations.domain import IdempotencyKey
from automations.failure_tickets.context import Context
from automations.plan import RunState
from automations.runs.advance import Runner
from bot.access_parts import make_access_context, open_doors, run_actions, run_kinds
from bot.builtin_desk import furnish, open_builtin
from bot.cli.access_paper import SlackOnPaper, slack_on_paper
from bot.cli.options import Opened
from bot.cli.run_opened import open_all
from bot.parts import make_terms
from bot.settings_file import load
from storage.engine import Database
from storage.models import AuditEntry, Finding, Run
from tests.bot.cli.conftest import INES, MARA, TEAM, Terminal
from tests.bot.workspace.room import Room

ACCESS = """
[access]
mode = "ask"
channel = "access"

[[access.roles]]
name = "agent"
desk_role = "agent"
groups = ["Support"]
from_groups = ["support"]

[identity]
kind = "file"
path = "people.csv"
"""
PEOPLE = """email,name,active,groups
mara.lind@example.com,Mara Lind,true,support
ines.holt@example.com,Ines Holt,true,support
june.adler@example.com,June Adler,true,support
"""
SETTINGS = TEAM.replace("[roles]", 'access = "C_ACCESS"\n\n[roles]') + ACCESS


class InSlack(SlackOnPaper):
    """The same for a bot that posts: nobody who leaves reads the channel of access."""

    def is_member(self, channel: str, user: str) -> bool:
        return False


@dataclass
class Team:
    """The command line of a team with access set up, its desk, and a bot that runs when it is let."""

    handoff: Terminal
    database: Database
    context: Context

    @property
    def desk(self) -> BuiltinAccess:
        return BuiltinAccess(self.database)

    def go(self) -> None:
        """What a running bot does: plan what was asked for and carry out what was confirmed."""
        settings = load().settings
        here = Opened(settings, self.database, self.context)
        outside = open_all(here)
        terms = make_terms(settings, self.context, doors=outside)
        runs = make_access_context(settings, self.context, outside)
        assert runs is not None
        paper = slack_on_paper(here)
        slack = InSlack(paper.slack, paper.able)
        doors = open_doors(outside, self.database, lambda: terms, lambda: runs, slack, slack)
        comparing = Reconciling(self.database, doors).kind
        kinds = {**run_kinds(doors), comparing.name: comparing}
        runner = Runner(self.database, kinds, run_actions(doors), slack, lambda _automation: runs)
        with self.database.read() as session:
            ids = list(session.scalars(select(Run.id).order_by(Run.id)))
        for run_id in ids:
            runner.plan(run_id)
            while runner.advance(run_id):
                pass

    def runs(self) -> list[tuple[str, str, str]]:
        """Kind, state and who asked, of every run."""
        with self.database.read() as session:
            return [(run.kind, run.state, run.requested_by) for run in session.scalars(select(Run).order_by(Run.id))]

    def written(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: the engine of runs is tested on both."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


@pytest.fixture
def team(handoff: Terminal, room: Room, database: Database, context: Context, monkeypatch: pytest.MonkeyPatch) -> Team:
    """Mara, who is a lead, and Ines are in the desk; June is to come."""
    monkeypatch.setenv("COLUMNS", "240")
    handoff.file("team.toml", SETTINGS)
    handoff.file("people.csv", PEOPLE)
    made = Team(handoff, database, context)
    furnish(open_builtin(load().settings, database, context.clock), load().settings)
    for email in ("mara.lind@example.com", "ines.holt@example.com"):
        made.desk.join(email, "Support")
    return made


@pytest.fixture
def bot(team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A bot that runs, and is quick."""

    def running(_database: Database) -> bool:
        team.go()
        return True

    monkeypatch.setattr("bot.cli.run_follow.bot_running", running)
    return team


JUNE = ("access", "provision", "june.adler@example.com", "agent")


class TestOnPaper:
    def test_a_plan_is_printed_and_nothing_is_stored(self, team: Team) -> None:
        before = team.written()
        ran = team.handoff(*JUNE)
        assert ran.code == 2
        shown = " ".join(ran.out.split())
        for words in ("June Adler", "Support", "Undo"):
            assert words in shown, words
        assert "Nothing was changed. --apply asks for it." in ran.err
        plan = team.handoff(*JUNE, "--json").json
        assert (plan["kind"], plan["approvals"], plan["changes"] > 1) == ("provision", 1, True)
        assert len(plan["digest"]) == 16
        assert team.runs() == []
        assert team.written() == before
        assert team.desk.agent("june.adler@example.com") is None

    def test_what_is_true_already_needs_nothing(self, team: Team) -> None:
        team.desk.invite("june.adler@example.com", "June Adler", "agent", key=IdempotencyKey("k"))
        team.desk.join("june.adler@example.com", "Support")
        ran = team.handoff(*JUNE)
        assert (ran.code, "Nothing to change" in ran.out) == (0, True)
        assert team.handoff(*JUNE, "--apply", *MARA, "--yes").code == 0
        assert team.runs() == []

    def test_an_unknown_role_is_refused_with_the_known_ones(self, team: Team) -> None:
        ran = team.handoff("access", "provision", "june.adler@example.com", "agnet", "--apply", *MARA)
        assert ran.code == 1
        assert "There is no role 'agnet'. Known: agent" in ran.err
        assert team.runs() == []

    def test_a_leaver_is_planned_with_what_cannot_be_undone(self, team: Team) -> None:
        ran = team.handoff("access", "offboard", "ines.holt@example.com", "--to", "mara.lind@example.com")
        assert ran.code == 2
        assert "Two people" in ran.out
        assert "by hand, Mara Lind" in ran.out
        assert team.handoff("access", "offboard", "nobody").code == 1
        assert team.runs() == []

    def test_suspending_at_once_needs_a_reason(self, team: Team) -> None:
        assert team.handoff("access", "offboard", "ines.holt@example.com", "--now").code == 64
        now = team.handoff(
            "access", "offboard", "ines.holt@example.com", "--now", "--because", "laptop stolen", "--json"
        )
        assert (now.code, now.json["kind"], now.json["approvals"]) == (2, "suspend", 1)

    def test_differences_are_listed_and_what_mends_them(self, team: Team) -> None:
        ran = team.handoff("access", "reconcile")
        assert ran.code == 2
        for words in ("missing", "June Adler", "3 people, 3 of them active", "1 missing."):
            assert words in ran.out, words
        found = team.handoff("access", "reconcile", "--json").json
        assert [(one["kind"], one["subject"]) for one in found["findings"]] == [("missing", "june.adler@example.com")]
        team.handoff.file("people.csv", "\n".join(PEOPLE.splitlines()[:3]))
        same = team.handoff("access", "reconcile")
        assert (same.code, "Nobody's access differs" in same.out) == (0, True)
        assert team.runs() == []

    def test_a_source_that_is_cut_is_an_error_and_no_leaver(self, team: Team) -> None:
        team.handoff.file("people.csv", "email,name\n")
        for more in ((), ("--json",)):
            ran = team.handoff("access", "reconcile", *more)
            assert (ran.code, ran.out) == (1, "")
            assert ran.err
        team.handoff.file("team.toml", SETTINGS.replace('kind = "file"', 'kind = "none"'))
        assert "No identity source is set up" in team.handoff("access", "reconcile").err


def test_without_slack_a_leaver_is_planned_by_whom_the_settings_name(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HANDOFF_SLACK__BOT_TOKEN")
    leaver = ("access", "offboard", "ines.holt@example.com")
    by_name = SETTINGS.replace("S_AGENTS", "U_AGENT1")
    team.handoff.file("team.toml", by_name)
    assert team.handoff(*leaver).code == 2
    team.handoff.file("team.toml", by_name.replace("U_LEAD1", "S_LEADS", 1))
    ran = team.handoff(*leaver)
    assert (ran.code, "Who is in S_LEADS only Slack knows" in ran.err) == (1, True)


class TestApplied:
    def test_one_lead_confirms_and_it_is_followed_to_its_end(self, bot: Team) -> None:
        ran = bot.handoff(*JUNE, "--apply", *MARA, "--yes")
        (run,) = bot.runs()
        assert (run[0], run[2]) == ("provision", "mara.lind@example.com")
        assert ran.code in (0, 3), ran.out
        agent = bot.desk.agent("june.adler@example.com")
        assert agent is not None
        assert list(bot.desk.memberships("june.adler@example.com")) == ["Support"]
        typed = bot.handoff("audit", "list", "--target", "RUN-1", "--actor", "os:typist", "--json").json
        assert [entry["action"] for entry in typed] == ["command.access.provision"]

    def test_without_a_terminal_nothing_is_asked_for(self, bot: Team) -> None:
        ran = bot.handoff(*JUNE, "--apply", *MARA)
        assert (ran.code, "--yes confirms what is printed" in ran.err) == (2, True)
        unseen = bot.handoff(*JUNE, "--apply", *MARA, "--json")
        assert (unseen.code, "--json prints no plan" in unseen.err) == (1, True)
        assert bot.runs() == []

    def test_without_a_name_it_is_proposed_to_those_who_may_confirm(self, bot: Team) -> None:
        ran = bot.handoff(*JUNE, "--apply")
        assert ran.code == 2
        assert bot.runs() == [("provision", "proposed", "os:typist")]
        assert "1 of these have to confirm RUN-1: Mara Lind." in ran.err
        again = bot.handoff(*JUNE, "--apply")
        assert (again.code, "RUN-1 is open for the same" in again.err) == (1, True)

    def test_an_agent_asks_for_nothing(self, bot: Team) -> None:
        for given in ((*JUNE, "--apply", *INES, "--yes"), ("access", "reconcile", "--apply", *INES)):
            ran = bot.handoff(*given)
            assert (ran.code, "needs the role lead" in ran.err) == (1, True)
        myself = bot.handoff("access", "offboard", "mara.lind@example.com", "--apply", *MARA)
        assert (myself.code, "This is about you" in myself.err) == (1, True)
        assert bot.runs() == []
        refused = bot.handoff("audit", "list", "--actor", "os:typist", "--json").json
        assert [entry["outcome"] for entry in refused] == ["refused", "refused"]

    def test_what_two_people_decide_is_proposed_and_counts_for_nobody(self, bot: Team) -> None:
        ran = bot.handoff("access", "offboard", "ines.holt@example.com", "--apply", *MARA, "--yes")
        assert ran.code == 2
        assert bot.runs() == [("offboard", "proposed", "os:typist")]
        assert "2 of these have to confirm RUN-1: Mara Lind. The terminal cannot tell who types" in ran.err
        shown = bot.handoff("runs", "show", "1", "--json").json
        assert shown["approvals"] == []

    def test_a_reconciliation_is_asked_for_and_its_findings_told(self, bot: Team) -> None:
        ran = bot.handoff("access", "reconcile", "--apply", *MARA)
        assert (ran.code, "RUN-1 found 1 missing." in ran.out) == (2, True)
        with bot.database.read() as session:
            assert session.scalars(select(Finding.kind)).all() == ["missing"]
        bot.handoff.file("people.csv", "\n".join(PEOPLE.splitlines()[:3]))
        same = bot.handoff("automations", "run", "access")
        assert (same.code, "RUN-2 found nothing." in same.out) == (0, True)
        assert [state for _, state, _ in bot.runs()] == [RunState.DONE, RunState.DONE]

    def test_switched_off_nothing_is_asked_for(self, bot: Team) -> None:
        assert bot.handoff("automations", "mode", "access", "off").code == 0
        ran = bot.handoff(*JUNE, "--apply", *MARA, "--yes")
        assert (ran.code, "Access is switched off" in ran.err) == (1, True)
        assert bot.runs() == []


class TestExport:
    def test_the_review_is_written_as_csv_and_as_json(self, bot: Team) -> None:
        none = bot.handoff("access", "export")
        assert (none.code, "There was no reconciliation yet" in none.err) == (1, True)
        bot.handoff("access", "reconcile", "--apply", *MARA)
        ran = bot.handoff("access", "export", "review.csv")
        assert (ran.code, "3 rows of RUN-1" in ran.out) == (0, True)
        written = (bot.handoff.folder / "review.csv").read_bytes()
        assert written == bot.handoff("access", "export", "-").out.encode()
        rows = list(csv.DictReader(io.StringIO(written.decode())))
        assert {row["email"] for row in rows} == {
            f"{who}@example.com" for who in ("mara.lind", "ines.holt", "june.adler")
        }
        assert bot.handoff("access", "export", "--run", "RUN-1", "--json").json == rows
        assert "is there already" in bot.handoff("access", "export", "review.csv").err
        assert bot.handoff("access", "export", "review.csv", "--force").code == 0

    def test_what_is_no_reconciliation_has_none(self, bot: Team) -> None:
        bot.handoff(*JUNE, "--apply")
        ran = bot.handoff("access", "export", "--run", "1")
        assert (ran.code, "RUN-1 is no reconciliation" in ran.err) == (1, True)


def test_without_access_in_the_settings_it_is_said(handoff: Terminal, database: Database) -> None:
    for args in (JUNE, ("access", "reconcile"), ("automations", "mode", "access", "ask")):
        ran = handoff(*args)
        assert (ran.code, "There is no [access] in the settings" in ran.err) == (1, True), args
    assert "There is no RUN-1" in handoff("runs", "show", "1").err
    assert handoff("runs", "list").out == "Nothing to show.\n"
    access, *_ = handoff("automations", "list", "--json").json
    assert (access["name"], access["mode"], access["last_run"]) == ("access", "off", None)
