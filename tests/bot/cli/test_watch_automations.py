"""Triage and escalation as automations: listed, their modes set and refused; what `handoff doctor` says of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from automations.failure_tickets.context import Context
from bot.engine import prepare
from bot.settings_file import load
from bot.triage_parts import make_triage_context
from storage import modes
from storage.engine import Database
from storage.models import TriageEvaluation
from tests.automations.triage.stage import GOOD
from tests.bot.cli.conftest import MARA, TEAM, Terminal, listed
from tests.bot.cli.desks import sqlite_alone
from tests.bot.workspace.room import Room

database_url = sqlite_alone

TRIAGE = """
[triage]
mode = "MODE"

[[triage.intents]]
name = "billing"
queue = "Billing"

[[triage.rules]]
name = "invoices"
keywords = ["invoice*"]
intent = "billing"
"""
ESCALATION = """
[escalation]
mode = "auto"
manager = "mara.lind@example.com"
duty = "support"

[[sla]]
name = "all"
first_reply = "4h"

[[groups]]
name = "support"
people = ["ines.holt@example.com"]
"""
WITH_CHANNEL = TEAM.replace("[channels]\n", '[channels]\ntriage = "C_TRIAGE"\n')


def triage(mode: str) -> str:
    return WITH_CHANNEL + TRIAGE.replace("MODE", mode)


def told(handoff: Terminal, area: str, settings: str) -> dict[str, str]:
    """What doctor says about it with these settings, with how bad it is."""
    handoff.file("team.toml", settings)
    return {one["found"]: one["state"] for one in handoff("doctor", "--json").json["findings"] if one["area"] == area}


@pytest.fixture
def evaluated(database: Database, context: Context) -> Callable[[bool], None]:
    """Writes down that triage's rules were evaluated on history."""

    def write(passed: bool) -> None:
        rules = make_triage_context(load().settings, context, desk_title="").rules
        with database.begin() as session:
            session.add(
                TriageEvaluation(
                    made_at=datetime.now(UTC), made_by="os:typist", source="history.csv", examples=300, passed=passed,
                    rules_version=rules.version, result=GOOD,
                )
            )  # fmt: skip

    return write


def test_both_are_listed_and_off_by_default(handoff: Terminal, database: Database) -> None:
    rows = listed(handoff)
    assert list(rows) == ["access", "customers", "escalation", "failure_tickets", "triage", "weekly_report"]
    for name in ("escalation", "triage"):
        assert (rows[name]["mode"], rows[name]["owner"], rows[name]["stuck"]) == ("off", "mara.lind@example.com", 0)
    shown = handoff("automations", "list").out
    assert "off: decides nothing" in shown
    assert "off: looks at nothing and calls nobody" in shown


def test_a_mode_needs_what_it_works_with(handoff: Terminal, database: Database) -> None:
    refused = handoff("automations", "mode", "triage", "ask", *MARA)
    assert (refused.code, "no channel 'triage' under [channels]" in refused.err) == (1, True)
    handoff.file("team.toml", WITH_CHANNEL)
    refused = handoff("automations", "mode", "triage", "shadow", *MARA)
    assert (refused.code, "There are no [[triage.intents]]" in refused.err) == (1, True)
    handoff.file("team.toml", triage("off"))
    assert handoff("automations", "mode", "triage", "ask", *MARA).out == (
        "triage is ask now: it proposes, and changes what people apply.\n"
    )
    never = handoff("automations", "mode", "escalation", "ask")
    assert (never.code, "nobody is asked before somebody is called" in never.err) == (64, True)
    assert handoff("automations", "mode", "escalation", "shadow", *MARA).code == 0
    assert (listed(handoff)["triage"]["mode"], listed(handoff)["escalation"]["mode"]) == ("ask", "shadow")
    nothing = handoff("automations", "run", "triage")
    assert (nothing.code, "nothing to begin" in nothing.err) == (1, True)


def test_auto_is_refused_until_history_was_good_enough(handoff: Terminal, evaluated: Callable[[bool], None]) -> None:
    handoff.file("team.toml", triage("ask"))
    for why in ("not evaluated on history yet", "below the bar"):
        refused = handoff("automations", "mode", "triage", "auto", *MARA)
        assert (refused.code, f"{why}. `handoff triage evaluate FILE`" in refused.err) == (1, True)
        evaluated(False)
    evaluated(True)
    ran = handoff("automations", "mode", "triage", "auto", *MARA)
    assert (ran.code, ran.out) == (0, "triage is auto now: it sets queue and priority by itself.\n")


def test_auto_of_the_settings_acts_as_ask_and_says_so(handoff: Terminal, evaluated: Callable[[bool], None]) -> None:
    found = told(handoff, "triage", triage("auto"))
    held = "It acts as in mode ask: these rules were not evaluated on history yet."
    assert found[held] == "warning"
    row = listed(handoff)["triage"]
    assert (row["mode"], row["held_back"]) == ("auto", "these rules were not evaluated on history yet")
    assert "ask: these rules were not evaluated on history yet" in " ".join(handoff("automations", "list").out.split())
    evaluated(True)
    assert held not in told(handoff, "triage", triage("auto"))
    assert listed(handoff)["triage"]["held_back"] == ""


def test_doctor_finds_what_stands_in_the_way_of_triage(handoff: Terminal, database: Database, room: Room) -> None:
    prepare(database)
    assert told(handoff, "triage", TEAM) == {"It is off: no ticket is decided about.": "ok"}
    found = told(handoff, "triage", triage("ask"))
    assert found == {
        "It is in mode ask, with 1 rules for 1 intents.": "ok",
        "Not in the desk yet: Billing, Support.": "warning",
    }
    room.act("faults", kick="C_TRIAGE")
    assert told(handoff, "triage", triage("ask")).get("Handoff is not in the channel #triage.") == "problem"
    alone = triage("ask").replace('slack = "U_LEAD1"\n', "")
    assert any("its owner, has no Slack user here" in words for words in told(handoff, "triage", alone))
    broken = told(handoff, "triage", TEAM + TRIAGE.replace("MODE", "ask"))
    assert set(broken.values()) == {"problem"}
    with database.begin() as session:
        modes.set_mode(session, "triage", "ask", by="os:root", at=datetime.now(UTC))
    unplaced = told(handoff, "triage", TEAM)
    assert unplaced["There is no channel 'triage' under [channels], so it stays off."] == "problem"


def test_doctor_finds_chains_that_reach_nobody_and_promises_that_nobody_gets(
    handoff: Terminal, database: Database, room: Room
) -> None:
    prepare(database)
    assert list(told(handoff, "escalation", TEAM).values()) == ["ok"]
    assert told(handoff, "escalation", TEAM + ESCALATION) == {
        "It is in mode auto, with 1 SLA targets and a chain of 4 steps.": "ok"
    }
    nobody = ESCALATION.replace('manager = "mara.lind@example.com"\nduty = "support"\n', "")
    found = told(handoff, "escalation", TEAM + nobody)
    assert {words for words, state in found.items() if state == "warning"} == {
        "The step manager reaches nobody.",
        "The step group reaches nobody.",
    }
    shadowed = ESCALATION + '\n[[sla]]\nname = "gold"\ntier = "gold"\nfirst_reply = "1h"\n'
    words = "[[sla]] gold: no ticket comes to it, since all above it matches every one of them."
    assert told(handoff, "escalation", TEAM + shadowed)[words] == "warning"
    unpromised = ESCALATION.replace('[[sla]]\nname = "all"\nfirst_reply = "4h"\n', "")
    words = "There is no [[sla]], so no deadline is watched: only rules and people escalate."
    assert told(handoff, "escalation", TEAM + unpromised)[words] == "warning"
    alone = TEAM.replace('slack = "U_LEAD1"\n', "") + ESCALATION
    found = told(handoff, "escalation", alone)
    assert sum("has no Slack user here and cannot be called" in words for words in found) == 3
