"""`handoff desk export`: the whole desk as a file that the import takes, or no file."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from automations.adapters.builtin.desk import BuiltinDesk
from automations.desks import Capability
from automations.domain import IdempotencyKey, Priority, TicketChange, TicketDraft, TicketStatus
from automations.errors import OverBudget, Rejected, Unavailable
from storage.engine import Database
from storage.models import DeskTicket
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.desks import Sign, raises, sqlite_alone
from tests.desks.small import AT, PAGE, SmallDesk
from tests.support import FakeClock

database_url = sqlite_alone


def filled(count: int) -> SmallDesk:
    """A desk with tickets; each seventh is on hold, which its pages do not tell whole."""
    desk = SmallDesk()
    for number in range(count):
        draft = TicketDraft(f"Ticket {number}", "", Priority.HIGH, "Support", "handoff@team.example", tags=("a", "b"))
        made = desk.create(draft, key=IdempotencyKey(f"k{number}"))
        if number % 7 == 0:
            desk.tickets[made.id] = replace(made, status=TicketStatus.ON_HOLD, created_at=AT)
    desk.asked.clear()
    return desk


def test_a_desk_becomes_a_file_that_the_import_takes(
    handoff: Terminal, small: Sign, database: Database, tmp_path: Path
) -> None:
    desk = small(filled(2 * PAGE + 10))
    ran = handoff("desk", "export", "out/desk.jsonl")
    assert ran.code == 0, ran.err
    assert "210 tickets of Smalldesk were written to out/desk.jsonl." in ran.out
    assert "For 180 of them the desk tells no time of creation" in ran.err
    assert (desk.asked.count("changed"), desk.asked.count("get"), len(desk.asked)) == (3, 30, 33)
    file = tmp_path / "out" / "desk.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["desk.jsonl"]
    assert handoff("import", "tickets", file, "--json").json["created"] == 210
    with database.read() as session:
        first = session.scalars(select(DeskTicket).order_by(DeskTicket.id)).first()
    assert first is not None
    assert (first.key, first.subject, first.status, first.priority) == ("import/1", "Ticket 0", "on_hold", "high")
    assert (first.tags, first.created_at) == (["a", "b"], AT)


def test_the_builtin_desk_is_exported_each_ticket_once(
    handoff: Terminal, database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    desk = BuiltinDesk(database, clock, "https://bot.example")
    desk.ensure_group("Support")
    for number in range(3):
        draft = TicketDraft(f"Ticket {number}", "body", Priority.LOW, "Support", None)
        made = desk.create(draft, key=IdempotencyKey(f"k{number}"))
        desk.update(made.id, TicketChange(status=TicketStatus.PENDING), key=IdempotencyKey(f"k{number}/v1"))
    ran = handoff("desk", "export", tmp_path / "desk.ndjson", "--json")
    assert (ran.code, ran.json["tickets"], ran.json["without_creation_time"]) == (0, 3, 0)
    rows = [json.loads(line) for line in (tmp_path / "desk.ndjson").read_text().splitlines()]
    assert [(row["id"], row["status"]) for row in rows] == [("1", "pending"), ("2", "pending"), ("3", "pending")]


def test_secrets_in_a_subject_are_not_exported(handoff: Terminal, small: Sign, tmp_path: Path) -> None:
    desk = filled(1)
    desk.tickets["1"] = replace(desk.tickets["1"], subject="login with password=hunter2secret", created_at=AT)
    desk.tickets["2"] = replace(desk.tickets["1"], id="2", subject=" ", status=TicketStatus.OPEN)
    small(desk)
    assert handoff("desk", "export", tmp_path / "desk.json").code == 0
    text = (tmp_path / "desk.json").read_text()
    assert "hunter2secret" not in text
    assert json.loads(text.splitlines()[1])["subject"] == "(no subject)"


def test_nothing_half_written_stands_under_the_name(handoff: Terminal, small: Sign, tmp_path: Path) -> None:
    file = handoff.file("desk.jsonl", "mine\n")
    desk = small(filled(2 * PAGE))
    refused = handoff("desk", "export", file)
    assert (refused.code, "is there already" in refused.err, desk.asked) == (1, True, [])
    desk.flaw = raises("get", Rejected("no right to this", system="small"))
    broken = handoff("desk", "export", file, "--force")
    assert (broken.code, "no right to this" in broken.err, file.read_text()) == (1, True, "mine\n")
    assert not list(tmp_path.glob(".handoff-*"))
    assert handoff("desk", "export", file, "--force").code == 0
    assert len(file.read_text().splitlines()) == 2 * PAGE


def test_a_ticket_that_is_gone_meanwhile_is_left_out(handoff: Terminal, small: Sign, tmp_path: Path) -> None:
    desk = small(filled(10))
    desk.flaw = raises("get", Rejected("ticket #8 was deleted", system="small", code="no_ticket"))
    assert handoff("desk", "export", tmp_path / "desk.jsonl", "--json").json["tickets"] == 9


def test_a_desk_that_asks_for_a_pause_gets_it(
    handoff: Terminal, small: Sign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("bot.cli.desk_waiting.time.sleep", waited.append)
    desk = small(filled(3))
    desk.flaw = raises("changed", OverBudget("used up", system="small", retry_after_s=40), times=3)
    assert handoff("desk", "export", tmp_path / "desk.jsonl").code == 0
    assert waited == [40, 40, 40]
    desk.flaw = raises("changed", Unavailable("cannot be reached", system="small"), times=999)
    waited.clear()
    ran = handoff("desk", "export", tmp_path / "other.jsonl")
    assert (ran.code, "cannot be reached" in ran.err) == (1, True)
    assert (waited[:6], 850 < sum(waited) <= 900) == ([1, 2, 4, 8, 16, 30], True)


class Stuck(SmallDesk):
    def changed(self, since: str | None) -> object:  # type: ignore[override]  # as an answer that leads nowhere
        return replace(super().changed(since), cursor="1", more=True)


def test_a_feed_that_does_not_get_on_ends_the_export(handoff: Terminal, small: Sign, tmp_path: Path) -> None:
    small(Stuck())
    ran = handoff("desk", "export", tmp_path / "desk.jsonl")
    assert (ran.code, "does not get on" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("name", "words"), [("desk.csv", "possible: .jsonl, .ndjson, .json"), ("mine/desk.jsonl", "cannot be written")]
)
def test_a_place_that_cannot_be_written_is_named(handoff: Terminal, small: Sign, name: str, words: str) -> None:
    small()
    handoff.file("mine", "a file, no folder")
    ran = handoff("desk", "export", name)
    assert (ran.code, words in ran.err) == (1, True)


def test_a_desk_without_a_feed_is_not_exported(handoff: Terminal, small: Sign, tmp_path: Path) -> None:
    small(SmallDesk(can=frozenset(Capability) - {Capability.CHANGES}))
    ran = handoff("desk", "export", tmp_path / "desk.jsonl")
    assert (ran.code, "Smalldesk cannot tell which tickets changed. Do it in Smalldesk" in ran.err) == (1, True)
