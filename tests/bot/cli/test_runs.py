"""Runs from the terminal: lists, and decisions that can be made while Slack is away."""

import io
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from automations.domain import Mode
from automations.failure_tickets.context import Context
from automations.plan import RunState
from bot.access_parts import make_access_context
from bot.settings_file import load
from storage.engine import Database
from storage.models import AccessBlock, AuditEntry, Run
from tests.bot.cli.conftest import INES as AS_INES
from tests.bot.cli.conftest import MARA as AS_MARA
from tests.bot.cli.conftest import TEAM, Terminal
from tests.bot.cli.plans import INES, MARA, Plans, a_step
from tests.bot.workspace.room import Room
from tests.support import START

ACCESS = '\n[access]\nmode = "ask"\nchannel = "failures"\n'


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: the engine of runs is tested on both."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


@pytest.fixture
def plans(handoff: Terminal, database: Database, context: Context, monkeypatch: pytest.MonkeyPatch) -> Plans:
    """A team that asks before it changes access, and an outside with one group; on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "240")
    handoff.file("team.toml", TEAM + ACCESS)
    access = make_access_context(load().settings, context)
    assert access is not None
    made = Plans(database, access, steps=(a_step(),))
    made.outside.values["groups"] = "out"
    return made


@pytest.fixture
def bot(plans: Plans, monkeypatch: pytest.MonkeyPatch) -> Plans:
    """A bot that runs, and is quick."""

    def running(_database: Database) -> bool:
        plans.go()
        return True

    monkeypatch.setattr("bot.cli.run_follow.bot_running", running)
    return plans


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody at a terminal will type."""
    waiting: list[str] = []

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Keyboard())
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", lambda _prompt="": waiting.pop(0))
    return waiting


def typed(database: Database) -> list[tuple[str, str, str]]:
    """The commands that were written down: who typed, what, how it ended."""
    with database.read() as session:
        rows = select(AuditEntry).where(AuditEntry.action.like("command.run.%")).order_by(AuditEntry.seq)
        assert all(row.after and "@" in row.after["as"] for row in session.scalars(rows))
        return [(row.actor, row.action, row.outcome) for row in session.scalars(rows)]


def test_nothing_is_said_in_words(handoff: Terminal, plans: Plans) -> None:
    assert handoff("runs", "list").out == "Nothing to show.\n"
    assert handoff("runs", "list", "--json").json == []
    missing = handoff("runs", "show", "RUN-9")
    assert (missing.code, "There is no RUN-9" in missing.err) == (1, True)
    wrong = handoff("runs", "show", "CASE-9")
    assert (wrong.code, "A run looks like RUN-7" in wrong.err) == (1, True)


def test_the_list_says_what_waits_and_fits_80_columns(
    handoff: Terminal, plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans.ask(subject="a@example.com")
    plans.steps = ()
    plans.ask(subject="b@example.com")
    assert "waits to be confirmed" in handoff("runs", "list").out
    monkeypatch.setenv("COLUMNS", "80")
    for ran in (handoff("runs", "list"), handoff("runs", "show", "1")):
        to_read = [line for line in ran.out.splitlines() if "`handoff" not in line]
        assert max(map(len, to_read)) <= 80
    assert [row["ref"] for row in handoff("runs", "list", "--json").json] == ["RUN-2", "RUN-1"]
    (only,) = handoff("runs", "list", "--open", "--json").json
    assert (only["ref"], only["state"], only["needed"]) == ("RUN-1", "proposed", 1)


def test_one_run_is_shown_with_its_steps_and_its_history(handoff: Terminal, plans: Plans) -> None:
    run_id = plans.ask()
    ran = handoff("runs", "show", str(run_id))
    shown = " ".join(ran.out.split())
    for words in ("RUN-1 Give new@example.com access", "Confirmed 0 of 1", "by Mara Lind", "starts on Monday",
                  "! The invitation cannot be called back.", "out → in", "Take out again", "History",
                  "handoff runs approve RUN-1"):  # fmt: skip
        assert words in shown, words
    assert plans.runner.context("access").channel == "C_FAILURES"
    detail = handoff("runs", "show", "#1", "--json").json
    assert detail["steps"][0] | {"found": ""} == detail["steps"][0]
    assert [line["action"] for line in detail["history"]] == ["run.asked", "plan.proposed"]
    assert len(detail["digest"]) == 16
    assert detail["digest"] not in ran.out


def test_a_lead_confirms_what_is_printed_and_follows_it(
    handoff: Terminal, bot: Plans, database: Database, keys: list[str]
) -> None:
    run_id = bot.ask()
    keys += ["n", "y"]
    no = handoff("runs", "approve", "1", *AS_MARA)
    assert (no.code, "Nothing was changed" in no.err) == (2, True)
    assert bot.state(run_id)[0] is RunState.PROPOSED
    ran = handoff("runs", "approve", "1", *AS_MARA)
    assert (ran.code, bot.state(run_id)) == (0, (RunState.DONE, ["verified"]))
    assert "Put into groups" in ran.out
    assert "verified " in ran.out
    assert bot.outside.values == {"groups": "in"}
    assert typed(database) == [("os:typist", "command.run.approve", "done")]
    again = handoff("runs", "approve", "1", *AS_MARA, "--yes")
    assert (again.code, "was confirmed by Mara Lind" in again.err) == (1, True)


def test_without_a_terminal_nobody_is_asked_and_nothing_confirmed(handoff: Terminal, bot: Plans) -> None:
    run_id = bot.ask()
    ran = handoff("runs", "approve", "1", *AS_MARA)
    assert (ran.code, "--yes confirms what is printed" in ran.err) == (2, True)
    digest = handoff("runs", "show", "1", "--json").json["digest"]
    other = handoff("runs", "approve", "1", *AS_MARA, "--digest", "0" * 16)
    assert (other.code, "The plan has changed" in other.err) == (1, True)
    assert bot.state(run_id)[0] is RunState.PROPOSED
    assert handoff("runs", "approve", "1", *AS_MARA, "--digest", digest).code == 0


def test_without_a_bot_it_is_confirmed_and_done_later(handoff: Terminal, plans: Plans) -> None:
    run_id = plans.ask()
    ran = handoff("runs", "approve", "1", *AS_MARA, "--yes")
    assert (ran.code, "No bot is running: RUN-1 goes on when" in ran.err) == (2, True)
    assert plans.state(run_id)[0] is RunState.APPROVED
    plans.go()
    assert plans.state(run_id)[0] is RunState.DONE


def test_what_needs_two_people_is_confirmed_in_slack(handoff: Terminal, plans: Plans, database: Database) -> None:
    plans.approvals = 2
    run_id = plans.ask(INES)
    ran = handoff("runs", "approve", "1", *AS_MARA, "--yes")
    assert (ran.code, "The terminal cannot tell who types" in ran.err) == (1, True)
    assert plans.state(run_id)[0] is RunState.PROPOSED
    assert typed(database) == [("os:typist", "command.run.approve", "refused")]
    assert "2 people have to confirm it, in Slack" in " ".join(handoff("runs", "show", "1").out.split())


def test_agents_and_the_subject_decide_nothing(handoff: Terminal, plans: Plans, database: Database) -> None:
    run_id = plans.ask(subject="mara.lind@example.com")
    for who, words in ((AS_INES, "Only a lead decides this"), (AS_MARA, "This is about you")):
        for verb in (("approve", "1", "--yes"), ("cancel", "1")):
            ran = handoff("runs", *verb, *who)
            assert (ran.code, words in ran.err) == (1, True), (verb, ran.err)
    unknown = handoff("runs", "cancel", "1", "--as", "nobody@example.com")
    assert (unknown.code, "nobody under [[people]]" in unknown.err) == (1, True)
    assert plans.state(run_id)[0] is RunState.PROPOSED
    assert {outcome for _, _, outcome in typed(database)} == {"refused"}
    assert len(typed(database)) == 5


def test_whoever_is_blocked_does_nothing_on_the_terminal_either(
    handoff: Terminal, plans: Plans, database: Database
) -> None:
    run_id = plans.ask(INES)
    with database.begin() as session:
        session.add(AccessBlock(email="mara.lind@example.com", run_id=run_id, since=START, set_by="handoff"))
    for args in (("runs", "cancel", "1"), ("cases", "claim", "1")):
        ran = handoff(*args, *AS_MARA)
        assert (ran.code, "has no access to Handoff any more" in ran.err) == (1, True)


def test_a_plan_is_given_up(handoff: Terminal, plans: Plans) -> None:
    run_id = plans.ask()
    ran = handoff("runs", "cancel", "RUN-1", *AS_MARA)
    assert (ran.code, ran.out) == (0, "RUN-1 is cancelled. Nothing was changed.\n")
    assert plans.state(run_id)[0] is RunState.CANCELLED


def test_a_failed_step_is_tried_again(handoff: Terminal, bot: Plans) -> None:
    bot.steps = (a_step(), a_step("token", undo=""))
    bot.outside.values["token"] = "out"
    bot.outside.broken.add("token")
    run_id = bot.ask()
    partial = handoff("runs", "approve", "1", *AS_MARA, "--yes")
    assert (partial.code, bot.state(run_id)) == (3, (RunState.PARTIAL, ["verified", "failed"]))
    shown = " ".join(partial.out.split())
    for words in ("partial: some of it is done", "the desk refuses token", "cannot be undone", "runs retry RUN-1 2"):
        assert words in shown, words
    wrong = handoff("runs", "retry", "1", "1", *AS_MARA)
    assert (wrong.code, "there is nothing to try again" in wrong.err) == (1, True)
    bot.outside.broken.clear()
    assert handoff("runs", "retry", "1", "2", *AS_MARA).code == 0
    assert bot.state(run_id)[0] is RunState.DONE


def test_a_step_by_hand_is_stated_and_looked_at(handoff: Terminal, bot: Plans, monkeypatch: pytest.MonkeyPatch) -> None:
    bot.steps = (a_step(by_hand="Take the badge back.", owner="ines.holt@example.com"),)
    run_id = bot.ask()
    waits = handoff("runs", "approve", "1", *AS_MARA, "--yes")
    assert (waits.code, bot.state(run_id)) == (3, (RunState.RUNNING, ["waiting"]))
    shown = " ".join(waits.out.split())
    assert "waits for Ines Holt" in shown
    assert "Take the badge back." in shown
    assert "runs done RUN-1 1" in shown

    def looks(_database: Database) -> bool:
        bot.stated(run_id, 1, INES)
        return True

    monkeypatch.setattr("bot.cli.run_follow.bot_running", looks)
    early = handoff("runs", "done", "1", "1", *AS_INES)
    assert (early.code, "it still is 'out'" in " ".join(early.out.split())) == (3, True)
    bot.outside.values["groups"] = "in"
    assert handoff("runs", "done", "1", "1", *AS_INES).code == 0
    assert bot.state(run_id) == (RunState.DONE, ["verified"])
    assert "nothing" not in handoff("runs", "show", "1").err


def test_a_run_is_taken_back_with_a_confirmation_of_its_own(handoff: Terminal, bot: Plans, keys: list[str]) -> None:
    run_id = bot.ask()
    handoff("runs", "approve", "1", *AS_MARA, "--yes")
    keys.append("y")
    ran = handoff("runs", "rollback", "1", *AS_MARA)
    assert ran.code == 0, ran.err
    assert "Undo RUN-1: Give new@example.com access" in " ".join(ran.out.split())
    assert bot.outside.values == {"groups": "out"}
    assert bot.state(run_id) == (RunState.ROLLED_BACK, ["rolled_back"])
    again = handoff("runs", "rollback", "1", *AS_MARA)
    assert (again.code, "only what was done can be undone" in again.err) == (1, True)


def test_taking_back_what_two_people_decided_needs_two_in_slack(
    handoff: Terminal, bot: Plans, database: Database
) -> None:
    bot.approvals = 2
    run_id = bot.ask(INES)
    bot.confirm(run_id, MARA)
    assert bot.state(run_id)[0] is RunState.DONE
    ran = handoff("runs", "rollback", "1", *AS_MARA, "--yes")
    assert (ran.code, "0 of 2" in ran.out) == (2, True)
    assert bot.state(2)[0] is RunState.PROPOSED
    with database.read() as session:
        asked = session.scalars(select(AuditEntry).where(AuditEntry.action == "run.asked")).all()
    assert [entry.actor for entry in asked] == ["ines.holt@example.com", "os:typist"]


def test_taking_back_what_is_looked_at_later_needs_two_in_slack_too(
    handoff: Terminal, bot: Plans, database: Database
) -> None:
    """A suspension at once is confirmed by one and looked at by another; giving it back takes two."""
    run_id = bot.ask(INES)
    bot.confirm(run_id, MARA)
    with database.begin() as session:
        run = session.get_one(Run, run_id)
        run.plan = {**run.plan, "reviewed": True}
    ran = handoff("runs", "rollback", "1", *AS_MARA, "--yes")
    assert (ran.code, "0 of 2" in ran.out) == (2, True)


class TestRolesByGroup:
    """Who is in a user group only Slack knows."""

    @pytest.fixture(autouse=True)
    def _group(self, handoff: Terminal, plans: Plans) -> None:
        handoff.file("team.toml", (TEAM + ACCESS).replace('lead = ["U_LEAD1"]', 'lead = ["S_LEADS"]'))

    def test_without_slack_it_is_refused_in_words(self, handoff: Terminal, plans: Plans) -> None:
        plans.ask(INES)
        ran = handoff("runs", "cancel", "1", *AS_MARA)
        assert ran.code == 1
        assert "Whether Mara Lind is a lead only Slack knows" in ran.err
        assert "Name U_LEAD1 itself under [roles]" in ran.err

    def test_slack_is_asked_where_it_can_be(self, handoff: Terminal, plans: Plans, room: Room) -> None:
        plans.ask(INES)
        agent = handoff("runs", "cancel", "1", *AS_INES)
        assert (agent.code, "Only a lead decides this" in agent.err) == (1, True)
        assert handoff("runs", "cancel", "1", *AS_MARA).code == 0

    def test_whom_slack_deactivated_decides_nothing(self, handoff: Terminal, plans: Plans, room: Room) -> None:
        plans.ask(INES)
        handoff.file("team.toml", (TEAM + ACCESS).replace('"U_LEAD1"', '"U_GUEST"'))
        ran = handoff("runs", "cancel", "1", *AS_MARA)
        assert (ran.code, "guests may do nothing in Handoff" in ran.err) == (1, True)


def test_the_mode_is_told_where_nothing_is_applied(handoff: Terminal, plans: Plans) -> None:
    assert handoff("automations", "mode", "access", "shadow").code == 0
    run_id = plans.ask()
    assert plans.state(run_id)[0] is RunState.CANCELLED
    assert "shadow mode: nothing is applied" in " ".join(handoff("runs", "show", "1").out.split())
    assert plans.context.mode is Mode.ASK
    assert handoff("runs", "show", "1", "--json").json["requested_by"]["email"] == MARA.email
