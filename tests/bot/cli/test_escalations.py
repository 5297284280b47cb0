"""Escalations from the terminal: what there is and why, and verbs that work while Slack does not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from automations.domain import Actor, Mode, Role
from automations.escalation import acts
from automations.escalation.context import EscalationContext
from automations.failure_tickets.context import Context
from bot.escalation_parts import make_escalation_context
from bot.settings_file import load
from storage import modes
from storage.engine import Database
from storage.models import AuditEntry, Escalation, MirrorTicket
from tests.bot.cli.conftest import INES, MARA, TEAM, Terminal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SECTION = """
[escalation]
mode = "auto"
"""


@pytest.fixture
def escalation(handoff: Terminal, context: Context) -> EscalationContext:
    """What the commands are given, with escalation switched on."""
    handoff.file("team.toml", TEAM + SECTION)
    return make_escalation_context(load(handoff.folder / "team.toml").settings, context, desk_title="The built-in desk")


@pytest.fixture
def one(database: Database, escalation: EscalationContext) -> str:
    """ESC-1, which Ines escalated."""
    now = escalation.clock.now()
    with database.begin() as session:
        modes.set_mode(session, "escalation", Mode.AUTO.value, by="x", at=now)
        session.add(a_ticket("812", now, "Payouts \x1b[31mfail\x07"))
    with database.begin() as session:
        ines = escalation.roster.by_email("ines.holt@example.com")
        assert ines is not None
        actor = Actor("U_AGENT1", ines.name, ines.email, Role.AGENT)
        why = "the customer rang, token=ghp_abcdefghijklmnopqrstuvwxyz0123456789"
        assert acts.escalate_ticket(session, "builtin", "812", actor, why, escalation).changed
    return "ESC-1"


def a_ticket(number: str, now: datetime, subject: str) -> MirrorTicket:
    made: dict[str, Any] = {
        "system": "builtin", "ticket_id": number, "url": f"https://desk.example/{number}", "subject": subject,
        "opened_by": "customer", "created_at": now - timedelta(hours=1), "updated_at": now, "status": "open",
        "priority": "high", "group_name": "Billing", "assignee": "", "tags": [], "customer_id": "acct_42",
        "customer_name": "Acme GmbH", "tier": "enterprise", "told_by": "history", "changed_at": now, "channel": "email",
        "requester": "kim@acme.example",
    }  # fmt: skip
    return MirrorTicket(**made)


def test_nothing_is_said_in_words(handoff: Terminal) -> None:
    assert handoff("escalations", "list").out == "Nothing to show.\n"
    assert handoff("escalations", "list", "--json").json == []


def test_it_is_listed_and_shown_with_its_rule_and_evidence(handoff: Terminal, one: str) -> None:
    ran = handoff("escalations", "list")
    assert "#812" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    (row,) = handoff("escalations", "list", "--json").json
    assert (row["id"], row["ref"], row["reason"], row["state"]) == (one, "#812", "person", "open")
    shown = handoff("escalations", "show", "1")
    for words in (
        "ESC-1  #812 Payouts \\x1b[31mfail\\x07",
        "Escalated by a colleague: the customer rang",
        "rule person",
    ):
        assert words in shown.out
    assert "ghp_" not in shown.out
    card = handoff("escalations", "show", one, "--json").json
    assert (card["ref"], card["opened_by"], card["tier"]) == ("#812", "ines.holt@example.com", "enterprise")
    assert card["firings"][0]["rule"] == "person"


@pytest.mark.parametrize(
    ("args", "words", "state"),
    [
        (("claim", "1", *MARA), "ESC-1 is yours", "claimed"),
        (("reassign", "1", *INES, "--to", "mara.lind@example.com"), "is with Mara Lind now", "open"),
        (("snooze", "1", *INES, "--until", "2h"), "is snoozed until", "open"),
        (("resolve", "1", *MARA, "--note", "called them"), "ESC-1 is resolved", "closed"),
        (("not-needed", "1", *MARA), "ended as not needed", "closed"),
        (("too-late", "1", *MARA, "--note", "an hour before"), "ended as come too late", "closed"),
    ],
)  # fmt: skip
def test_every_verb_does_it_and_both_who_and_who_typed_are_written_down(
    handoff: Terminal, database: Database, one: str, args: tuple[str, ...], words: str, state: str
) -> None:
    ran = handoff("escalations", *args)
    assert (ran.code, words in ran.out) == (0, True), ran
    assert "No bot is running" in ran.err
    with database.read() as session:
        assert session.get_one(Escalation, 1).state == state
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert (last.actor, last.action, last.target) == (
        "os:typist",
        f"command.escalation.{args[0].replace('-', '_')}",
        one,
    )
    if state == "closed":
        assert handoff("escalations", "list", "--json").json == []
        assert [row["id"] for row in handoff("escalations", "list", "--all", "--json").json] == [one]


def test_released_it_is_open_again_and_twice_is_no_error(handoff: Terminal, one: str) -> None:
    assert handoff("escalations", "claim", one, *MARA, "--json").json["changed"] is True
    again = handoff("escalations", "claim", one, *MARA, "--json")
    assert (again.code, again.json["changed"]) == (0, False)
    late = handoff("escalations", "release", one, *INES)
    assert (late.code, "only they or a lead release it" in late.err) == (1, True)
    assert handoff("escalations", "release", one, *MARA).code == 0


@pytest.mark.parametrize("named", ["ESC-9", "nine", "0"])
def test_one_that_is_not_there_is_named(handoff: Terminal, escalation: EscalationContext, named: str) -> None:
    for args in (("show", named), ("claim", named, *INES)):
        ran = handoff("escalations", *args)
        assert ran.code == 1
        assert "escalations list" in ran.err
