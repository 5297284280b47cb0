"""Duty, absences and pauses on the terminal: the same acts as in Slack, with who typed them."""

import pytest
from sqlalchemy import select

from automations.failure_tickets.context import Context
from storage.engine import Database
from storage.models import AuditEntry
from tests.bot.cli.conftest import INES, MARA, Terminal, an_event, report

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def actions(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.scalars(select(AuditEntry).where(~AuditEntry.action.startswith("case")).order_by(AuditEntry.seq))
        return [(row.actor, row.action) for row in rows]


def test_somebody_is_away_and_back_again(handoff: Terminal, database: Database) -> None:
    ran = handoff("duty", "away", "--until", "3d", *INES)
    assert ran.code == 0
    assert ran.out.startswith("You are away until")
    shown = handoff("duty", "show", "--json").json
    assert [one["person"] for one in shown["away"]] == ["ines.holt@example.com"]
    assert "away: Ines Holt from" in handoff("duty", "show").out
    assert handoff("duty", "back", *INES).code == 0
    assert handoff("duty", "show", "--json").json["away"] == []
    assert actions(database) == [
        ("ines.holt@example.com", "absence.set"),
        ("os:typist", "command.duty.away"),
        ("ines.holt@example.com", "absence.ended"),
        ("os:typist", "command.duty.back"),
    ]


def test_of_others_only_leads_may_say_it(handoff: Terminal, database: Database) -> None:
    refused = handoff("duty", "away", "--person", "Mara", "--until", "3d", *INES)
    assert (refused.code, refused.out) == (1, "")
    assert "A lead may say that somebody else is away" in refused.err
    assert actions(database) == []
    assert "Ines Holt is away until" in handoff("duty", "away", "--person", "ines", "--until", "3d", *MARA).out


def test_a_source_is_paused_and_resumed(handoff: Terminal, database: Database, context: Context) -> None:
    report(database, context, an_event(source="invoicer"))
    ran = handoff("duty", "pause", "invoicer", "--until", "2h", "--because", "the ledger moves", *MARA)
    assert ran.out.startswith("The source invoicer is paused until")
    assert "the ledger moves" in handoff("duty", "show").out
    assert "ended early, by Mara Lind; 0 events" in handoff("duty", "resume", "invoicer", *MARA).out
    unknown = handoff("duty", "pause", "nothing", "--until", "2h", "--because", "x", *MARA)
    assert (unknown.code, unknown.out) == (1, "")
    assert "Known: failure_tickets, invoicer" in unknown.err


def test_what_cannot_be_read_is_refused(handoff: Terminal) -> None:
    assert "cannot read “never”" in handoff("duty", "away", "--until", "never", *INES).err
    assert "There is no rotation 'nights'" in handoff("duty", "cover", "nights", *INES).err
