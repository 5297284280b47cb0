"""`handoff triage list|show|apply|leave|undo|retry`: the verbs of decisions, beside the bot."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from automations.failure_tickets.context import Context
from automations.triage.deciding import APPLY
from bot.settings_file import load
from bot.triage_parts import make_triage_context
from storage.engine import Database
from storage.models import AuditEntry
from tests.automations.triage.stage import Stage
from tests.bot.cli.conftest import INES, MARA, TEAM, Terminal
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TRIAGE = """
[triage]
mode = "ask"
channel = "escalations"

[[triage.intents]]
name = "billing"
queue = "Billing"

[[triage.rules]]
name = "invoices"
keywords = ["refund*"]
intent = "billing"
"""


@pytest.fixture
def stage(handoff: Terminal, context: Context, database: Database, clock: FakeClock, jobs: RecordingJobs) -> Stage:
    """Triage by the team's settings; what is decided is what the commands find."""
    handoff.file("team.toml", TEAM + TRIAGE)
    made = Stage.on(database, clock, jobs)
    ctx = make_triage_context(load().settings, context, desk_title="The built-in desk")
    made.ctx = replace(ctx, jobs=jobs, clock=clock)
    return made


def test_what_was_decided_is_listed_and_shown(handoff: Terminal, stage: Stage) -> None:
    first = stage.decided("Refund please", subject="Charged twice")
    stage.decided("hm", name="2", group="Inbox")
    told = handoff("triage", "list", "--json").json
    assert [(one["id"], one["state"]) for one in told] == [("TRIAGE-2", "proposed"), ("TRIAGE-1", "proposed")]
    assert handoff("triage", "list", "--waiting", "--limit", "1", "--json").json[0]["id"] == "TRIAGE-1"
    assert "TRIAGE-1" in handoff("triage", "list").out
    whole = handoff("triage", "show", "1", "--json").json
    assert whole["rules"] == [["invoices", True, "“Refund”"]]
    assert whole["changes"] == [["queue", "Support", "Billing"]]
    assert [one["action"] for one in whole["history"]] == ["triage.decided"]
    shown = handoff("triage", "show", f"TRIAGE-{first.id}").out
    assert "#1 Charged twice" in shown
    assert "billing (level 3, by people)" in shown
    assert handoff("triage", "show", "9").code == 1
    assert "is not a decision of triage" in handoff("triage", "show", "CASE-1").err


def test_the_verbs_act_and_are_written_down(handoff: Terminal, stage: Stage, database: Database) -> None:
    row = stage.decided("Refund please")
    done = handoff("triage", "apply", "1", *INES, "--json")
    assert (done.code, done.json["id"]) == (0, "TRIAGE-1")
    assert "No bot is running" in done.err
    late = handoff("triage", "leave", "TRIAGE-1", *MARA)
    assert (late.code, "is being carried out by Ines Holt" in late.err) == (1, True)
    stage.run(row.id)
    assert stage.state(row) == "applied"
    assert handoff("triage", "undo", "1", *INES).code == 0
    stage.run(row.id)
    assert stage.state(row) == "undone"
    assert "was undone" in handoff("triage", "retry", "1", *INES).err
    assert handoff("triage", "apply", "1", "--as", "nobody@example.com").code == 1
    with database.read() as session:
        mine = session.scalars(select(AuditEntry).where(AuditEntry.target == "TRIAGE-1").order_by(AuditEntry.seq))
        rows = [(row.action, row.actor, row.outcome) for row in mine]
    assert ("triage.confirmed", "ines.holt@example.com", "applying") in rows
    assert ("command.triage.apply", "os:typist", "done") in rows
    assert ("command.triage.leave", "os:typist", "refused") in rows


def test_leaving_a_ticket_and_a_desk_without_triage(handoff: Terminal, stage: Stage) -> None:
    row = stage.decided("Refund please")
    assert handoff("triage", "leave", "1", *INES).out == "TRIAGE-1: ticket #1 is left as it is.\n"
    assert stage.state(row) == "declined"
    handoff.file("team.toml", TEAM)
    assert handoff("triage", "list").code == 0
    second = stage.decided("Refund please", name="2")
    assert "Triage is in mode off" in handoff("triage", "apply", str(second.id), *INES).err
    assert stage.jobs.of(APPLY) == []
