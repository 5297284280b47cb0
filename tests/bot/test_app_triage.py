"""Triage in a whole bot, over the built-in desk and the local workspace: shown, asked, applied by itself, undone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from automations.adapters.builtin.import_mapping import ImportMapping
from automations.adapters.builtin.importing import import_tickets
from automations.redact import Redactor
from bot.app import Bot
from bot.cli.demo import demo_app
from bot.mirror_side import READ
from bot.wire_triage import TriageAct
from bot.workspace import WorkspaceServer, sample_seed
from storage import audit, modes
from storage.models import DeskGroup, DeskTicket, TriageEvaluation
from tests.automations.triage.stage import GOOD
from tests.bot.bot_room import ask, settings_for, until

CHANNEL: Final = "C_REPORTS"
TRIAGE: Final = """
[triage]
mode = "ask"
channel = "reports"

[[triage.intents]]
name = "billing"
queue = "Billing"

[[triage.rules]]
name = "money"
keywords = ["refund*"]
intent = "billing"
"""

Json = dict[str, Any]


@dataclass
class Office:
    """The bot, its Slack and its desk."""

    bot: Bot
    slack: WorkspaceServer
    folder: Path

    def writes(self, name: str, words: str) -> str:
        """A customer opens a ticket; its number in the desk."""
        now, who = datetime.now(UTC).isoformat(), {"group": "Support", "requester": "kim@acme.example"}
        row = {"id": name, "subject": f"About {name}", "body": words, "status": "open", "created_at": now, **who}
        path = self.folder / f"{name}.jsonl"
        path.write_text(json.dumps(row), encoding="utf-8")
        result = import_tickets(self.bot.database, path, ImportMapping(), redactor=Redactor(), now=datetime.now(UTC))
        assert result.rejected == ()
        with self.bot.database.read() as session:
            number = session.scalars(select(DeskTicket.id).order_by(DeskTicket.id.desc()).limit(1)).one()
        with self.bot.database.begin() as session:  # sooner than by the clock
            self.bot.live.context().jobs.enqueue(session, READ, f"test/{name}", {})
        return str(number)

    def mode(self, mode: str) -> None:
        with self.bot.database.begin() as session:
            modes.set_mode(session, "triage", mode, by="mara.lind@example.com", at=datetime.now(UTC))

    def line(self, ticket: str, words: str) -> Json:
        """The ticket's line in the thread of its day, once it says these words."""

        def look() -> list[Json]:
            lines = [line for day in self.days() for line in self.thread(day)]
            return [one for one in lines if f"#{ticket} " in shown(one) and words in shown(one)]

        found: Json = until(look, bool, within_s=60)[-1]
        return found

    def days(self) -> list[Json]:
        there = ask(f"{self.slack.url}/_control/messages?channel={CHANNEL}")[1]["messages"]
        return [one for one in there if "Triage, " in shown(one)]

    def thread(self, message: Json) -> list[Json]:
        where = f"channel={CHANNEL}&thread_ts={message['ts']}"
        return list(ask(f"{self.slack.url}/_control/messages?{where}")[1]["messages"])[1:]

    def press(self, line: Json, act: TriageAct, user: str = "U_AGENT1") -> None:
        button = next(one for one in buttons(line) if one["action_id"] == act)
        body = {"user": user, "channel": CHANNEL, "ts": line["ts"], "action_id": act, "value": button["value"]}
        answer = ask(f"{self.slack.url}/_control/click", body)[1]
        assert answer.get("acked", answer["ok"]), answer

    def place(self, ticket: str) -> tuple[str | None, str | None]:
        with self.bot.database.read() as session:
            row = session.get_one(DeskTicket, int(ticket))
            return session.scalar(select(DeskGroup.name).where(DeskGroup.id == row.group_id)), row.priority


def shown(message: Json) -> str:
    return json.dumps([message.get("text", ""), message.get("blocks", [])], ensure_ascii=False)


def buttons(line: Json) -> list[Json]:
    return [one for block in line["blocks"] if block["type"] == "actions" for one in block["elements"]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    slack = WorkspaceServer(sample_seed(), demo_app()).start()
    settings = settings_for(folder, slack.base_url, lambda text: text.partition("\n[triage]")[0] + TRIAGE)
    bot = Bot(settings)
    try:
        bot.start()
        yield Office(bot, slack, folder)
        with bot.database.read() as session:
            verdict = audit.verify(session)
        assert verdict.ok, verdict.problem
    finally:
        bot.stop()
        slack.stop()


def test_ask_then_undo(office: Office) -> None:
    ticket = office.writes("ask", "Please refund us, production is down for everyone")
    line = office.line(ticket, "Waits for you")
    assert office.place(ticket) == ("Support", "normal")
    office.press(line, TriageAct.APPLY)
    line = office.line(ticket, "verified in")
    assert "Applied by Ines Holt" in shown(line)
    assert office.place(ticket) == ("Billing", "high")
    office.press(line, TriageAct.UNDO, "U_AGENT2")
    assert "Undone by" in shown(office.line(ticket, "Undone"))
    assert office.place(ticket) == ("Support", "normal")
    assert len(office.days()) == 1, "one message a day"


def test_shadow_shows_and_changes_nothing(office: Office) -> None:
    office.mode("shadow")
    ticket = office.writes("shadow", "A refund, please")
    line = office.line(ticket, "Only shown")
    assert [one["action_id"] for one in buttons(line)] == [TriageAct.WHY]
    assert office.place(ticket)[0] == "Support"


def test_auto_applies_by_itself_once_history_allows_it(office: Office) -> None:
    office.mode("auto")
    held = office.writes("held", "A refund, please")
    assert "mode auto is held back" in shown(office.line(held, "Waits for you"))
    with office.bot.database.begin() as session:
        version = office.bot.live.terms.triage.rules.version
        session.add(
            TriageEvaluation(
                made_at=datetime.now(UTC), made_by="mara.lind@example.com", source="history.csv", rules_version=version,
                model_id=None, examples=500, passed=True, result=GOOD,
            )
        )  # fmt: skip
    ticket = office.writes("auto", "A refund, please")
    line = office.line(ticket, "verified in")
    assert [one["action_id"] for one in buttons(line)] == [TriageAct.UNDO, TriageAct.WHY]
    assert office.place(ticket)[0] == "Billing"
