"""Modes, the failure queue and who is who."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from automations.adapters.builtin.desk import BuiltinDesk
from automations.domain import Actor, Role
from automations.failure_tickets import pauses
from automations.failure_tickets.context import Context
from storage import modes, stuck
from storage.engine import Database
from storage.models import AuditEntry, Case, StuckItem
from tests.bot.cli.conftest import INES, MARA, Terminal, an_event, listed, report
from tests.bot.workspace.room import Room
from tests.support import START, FakeClock

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_the_list_says_owner_mode_and_last_event(handoff: Terminal, database: Database, context: Context) -> None:
    assert "none yet" in handoff("automations", "list").out
    report(database, context, an_event())
    found = listed(handoff)["failure_tickets"]
    assert (found["name"], found["owner"], found["mode"]) == ("failure_tickets", "mara.lind@example.com", "auto")
    assert (found["mode_from"], found["stuck"]) == ("settings", 0)
    assert found["last_event"].endswith("+00:00")
    assert "Mara Lind" in handoff("automations", "list").out


@ON_SQLITE
def test_the_list_says_what_is_paused_and_the_mode_it_returns_to(
    handoff: Terminal, database: Database, context: Context
) -> None:
    report(database, context, an_event(source="invoicer"))
    mara = Actor("U_LEAD1", "Mara Lind", "mara.lind@example.com", Role.LEAD)
    with database.begin() as session:
        until = context.clock.now() + timedelta(hours=2)
        pauses.pause(session, "invoicer", until, "the ledger moves", mara, context)
        pauses.pause(session, "failure_tickets", until, "all of it moves", mara, context)
    found = listed(handoff)["failure_tickets"]
    assert found["mode"] == "auto"
    assert [(one["kind"], one["target"], one["by"]) for one in found["pauses"]] == [
        ("source", "invoicer", "mara.lind@example.com"),
        ("automation", "failure_tickets", "mara.lind@example.com"),
    ]
    shown = " ".join(handoff("automations", "list").out.split())
    assert "the source invoicer until" in shown
    assert "the ledger moves; all of it until" in shown


def test_a_mode_set_by_command_takes_effect_and_is_audited(
    handoff: Terminal, database: Database, context: Context
) -> None:
    ran = handoff("automations", "mode", "failure_tickets", "off", *MARA)
    assert (ran.code, ran.out) == (0, "failure_tickets is off now: it records failures and does nothing.\n")
    report(database, context, an_event())
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert modes.mode_of(session, "failure_tickets") == "off"
    assert handoff("automations", "mode", "failure_tickets", "shadow").code == 0
    with database.read() as session:
        first, second = session.scalars(select(AuditEntry).where(AuditEntry.action == "automation.mode")).all()
    assert (first.actor, first.before, first.after) == (
        "mara.lind@example.com", {"mode": "auto", "from": "settings"}, {"mode": "off", "by": "os:typist"},
    )  # fmt: skip
    assert (second.actor, second.before) == ("os:typist", {"mode": "off", "from": "command"})
    assert "by command; it wins over the settings" in " ".join(handoff("automations", "list").out.split())


@ON_SQLITE
def test_modes_and_names_that_do_not_exist_are_refused(handoff: Terminal) -> None:
    assert handoff("automations", "mode", "failure_tickets", "loud").code == 64
    ask = handoff("automations", "mode", "failure_tickets", "ask")
    assert ask.code == 64
    assert "off, shadow, auto" in ask.err
    unknown = handoff("automations", "mode", "coffee", "off")
    assert unknown.code == 1
    assert "Known: access, customers, escalation, failure_tickets, triage, weekly_report" in unknown.err
    assert handoff("automations", "mode", "failure_tickets", "off", "--as", "x@y.example").code == 1


@pytest.fixture
def item(database: Database, context: Context) -> StuckItem:
    """A ticket that could not be made."""
    report(database, context, an_event())
    with database.begin() as session:
        return stuck.add(
            session,
            job="ticket.sync",
            key="ticket/1/1",
            args={"case_id": 1},
            target="CASE-1",
            owner="mara.lind@example.com",
            reason="the desk has no group 'Billing'",
            attempts=5,
            at=START,
        )


def test_stuck_work_is_listed_retried_and_given_up(handoff: Terminal, database: Database, item: StuckItem) -> None:
    ran = handoff("stuck", "list")
    assert ran.code == 0
    for words in ("CASE-1", "Mara Lind", "Billing"):
        assert words in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    (found,) = handoff("stuck", "list", "--json").json
    assert (found["id"], found["attempts"], found["args"]) == (item.id, 5, {"case_id": 1})
    retried = handoff("stuck", "retry", str(item.id))
    assert (retried.code, "asked for again" in retried.out) == (0, True)
    assert "No bot is running" in retried.err
    table = "dbos.workflow_status" if database.dialect == "postgresql" else "workflow_status"
    with database.read() as session:
        jobs = session.scalars(text(f"select workflow_uuid from {table} where workflow_uuid like 'ticket.sync%~%'"))
        assert jobs.all() == [f"ticket.sync:ticket/1/1~{item.id}"]
        assert session.get_one(StuckItem, item.id).settled_by == "os:typist"
        acts = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq.desc()).limit(2)).all()
        assert acts == ["case.stuck_retried", "stuck.retry"], "its thread hears of it"
    again = handoff("stuck", "retry", str(item.id))
    assert again.code == 1
    assert f"Item {item.id} was retried by os:typist" in again.err


@ON_SQLITE
def test_one_item_is_shown_with_what_was_tried(handoff: Terminal, item: StuckItem) -> None:
    shown = handoff("stuck", "show", str(item.id))
    assert shown.code == 0
    assert "CASE-1: ticket.sync, open, with Mara Lind." in shown.out
    found = handoff("stuck", "show", str(item.id), "--json").json
    assert [(one["tries"], one["reason"]) for one in found["tried"]] == [(5, "the desk has no group 'Billing'")]
    missing = handoff("stuck", "show", "99")
    assert missing.code == 1
    assert "There is no item 99" in missing.err


@ON_SQLITE
def test_giving_up_needs_a_reason_which_is_kept(handoff: Terminal, database: Database, item: StuckItem) -> None:
    assert handoff("stuck", "discard", str(item.id)).code == 64
    assert handoff("stuck", "discard", str(item.id), "--reason", " ").code == 1
    assert handoff("stuck", "discard", str(item.id), "--reason", "done by hand").code == 0
    with database.read() as session:
        assert session.get_one(StuckItem, item.id).settled_note == "done by hand"
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "stuck.discard")).one()
    assert kept.after == {"state": "discarded", "reason": "done by hand"}
    assert handoff("stuck", "list", "--json").json == []
    missing = handoff("stuck", "retry", "99")
    assert missing.code == 1
    assert "There is no item 99" in missing.err


@ON_SQLITE
def test_what_one_cause_hit_is_settled_at_once(handoff: Terminal, database: Database, item: StuckItem) -> None:
    with database.begin() as session:
        for number in range(3):
            stuck.add(
                session, job="ticket.sync", key=f"ticket/1/{number + 2}", args={"case_id": 1}, target="CASE-1",
                owner="mara.lind@example.com", reason=f"the desk answered 503 (tried {number} times)", attempts=number,
                at=START,
            )  # fmt: skip
    (cause,) = handoff("stuck", "causes", "--json").json
    assert (cause["items"], cause["job"]) == (3, "ticket.sync")
    assert cause["cause"] in handoff("stuck", "causes").out
    for wrong in ((), (str(item.id), "--cause", cause["cause"])):
        assert handoff("stuck", "retry", *wrong).code == 64
    assert "3 are tried again now." in handoff("stuck", "retry", "--cause", cause["cause"]).out
    gone = handoff("stuck", "discard", "--cause", cause["cause"], "--reason", "no more")
    assert (gone.code, "Nothing was changed" in gone.err) == (1, True)
    assert [one["id"] for one in handoff("stuck", "list", "--json").json] == [item.id]


@ON_SQLITE
def test_what_was_wrong_is_corrected_on_behalf_of_somebody(
    handoff: Terminal, database: Database, item: StuckItem
) -> None:
    nobody = handoff("stuck", "edit", str(item.id), "--as", "x@y.example", "--to", "Second Line")
    assert (nobody.code, "nobody under [[people]]" in nobody.err) == (1, True)
    others = handoff("stuck", "edit", str(item.id), *INES, "--to", "Second Line")
    assert (others.code, "Mara Lind or a lead" in others.err) == (1, True)
    assert "Group in the desk: " in handoff("stuck", "edit", str(item.id), *MARA).out
    ran = handoff("stuck", "edit", str(item.id), *MARA, "--to", "Second Line")
    assert (ran.code, "Group in the desk is Second Line now" in ran.out) == (0, True)
    with database.read() as session:
        assert session.get_one(Case, 1).queue == "Second Line"
        typed = session.scalars(select(AuditEntry).where(AuditEntry.action == "command.stuck.edit")).one()
    assert (typed.actor, typed.target) == ("os:typist", "CASE-1")


@ON_SQLITE
def test_a_case_whose_ticket_is_stuck_says_how_to_go_on(
    handoff: Terminal, item: StuckItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.follow.bot_running", lambda _database: True)
    ran = handoff("cases", "claim", "1", *INES)
    assert ran.code == 3
    assert f"`handoff stuck retry {item.id}`" in ran.out


@ON_SQLITE
def test_a_bot_that_does_not_get_there_in_time_is_partial(
    handoff: Terminal, database: Database, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(database, context, an_event())
    monkeypatch.setattr("bot.cli.follow.bot_running", lambda _database: True)
    late = handoff("cases", "claim", "1", *INES, "--wait", "0.3")
    assert late.code == 3
    assert "Slack does not show it yet." in late.out
    assert handoff("cases", "release", "1", *INES, "--wait", "0").code == 0


@ON_SQLITE
def test_people_without_slack_are_joined_with_the_desk(handoff: Terminal, database: Database, clock: FakeClock) -> None:
    desk = BuiltinDesk(database, clock, "http://127.0.0.1:8080")
    desk.ensure_agent("Mara Lind", "mara.lind@example.com")
    desk.ensure_agent("Old Hand", "old.hand@example.com")
    ran = handoff("people", "check")
    assert ran.code == 1
    assert "there is no bot token" in ran.err
    assert "open: Ines Holt: is no agent of the desk. Settle it: handoff people link ines.holt@example.com" in ran.out
    assert "open: old.hand@example.com is an agent of the desk" in ran.out
    desk.ensure_agent("Ines Holt", "ines.holt@example.com")
    with database.begin() as session:
        session.execute(text("update desk_user set state = 'suspended' where name = 'Old Hand'"))
    found = handoff("people", "check", "--json")
    assert found.code == 0
    assert found.json["questions"] == []
    assert [one["slack"] for one in found.json["people"]] == ["U_LEAD1", "U_AGENT1"]


@ON_SQLITE
def test_a_question_is_settled_by_a_link(handoff: Terminal, database: Database, clock: FakeClock, room: Room) -> None:
    desk = BuiltinDesk(database, clock, "http://127.0.0.1:8080")
    for name, email in (("Mara Lind", "mara.lind@example.com"), ("Ines", "i.holt@desk.example")):
        desk.ensure_agent(name, email)
    assert "handoff people link ines.holt@example.com --desk ADDRESS" in handoff("people", "check").out
    nobody = handoff("people", "link", "ines.holt@example.com", "--desk", "else@desk.example")
    assert (nobody.code, "Active: i.holt@desk.example" in nobody.err) == (1, True)
    done = handoff("people", "link", "ines.holt@example.com", "--desk", "i.holt@desk.example")
    assert (done.code, "i.holt@desk.example in the desk" in done.out) == (0, True)
    assert handoff("people", "check").code == 0
    for wrong in ("U_GUEST", "U_OUTSIDE", "U_NOBODY", "ines"):
        refused = handoff("people", "link", "ines.holt@example.com", "--slack", wrong)
        assert (refused.code, "Nothing was changed" in refused.err) == (1, True), wrong
    assert handoff("people", "link", "ines.holt@example.com").code == 64
    assert handoff("people", "link", "ines.holt@example.com", "--clear").code == 0
    assert handoff("people", "check").code == 1
