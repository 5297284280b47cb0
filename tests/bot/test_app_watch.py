"""Triage and escalation in a whole bot over the built-in desk: a deadline during a restart, and new rules at once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Bot
from bot.cli import run
from bot.cli.demo import demo_app
from bot.demo_history import customer_opens
from bot.settings_file import load
from bot.workspace import WorkspaceServer, sample_seed
from storage.models import Escalation, EscalationFiring, TriageDecision
from tests.bot.bot_room import environment, messages, settings_for, until

PROMISED = timedelta(minutes=30)
"""The first reply that the demo's settings promise customers of tier premium."""


@dataclass
class Moved:
    """The real clock, so much ahead."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class Office:
    """One bot after another over one database, and its Slack."""

    slack: WorkspaceServer
    folder: Path
    clock: Moved
    bot: Bot

    def start(self) -> None:
        self.bot = made(self.folder, self.slack, self.clock)
        self.bot.start()

    def opens(self, subject: str, words: str, *, ago: timedelta = timedelta(), tier: str = "premium") -> str:
        """A customer opens a ticket, as if so long ago."""
        now = self.clock.now()
        at = now - ago
        return customer_opens(self.bot.database, subject, words, customer="Nordlys Energi", tier=tier, at=at, until=now)

    def firings(self, ticket: str) -> list[str]:
        with self.bot.database.read() as session:
            mine = select(EscalationFiring.reason).where(EscalationFiring.ticket_id == ticket)
            return list(session.scalars(mine.order_by(EscalationFiring.id)))

    def decided(self, ticket: str) -> list[tuple[str, str]]:
        with self.bot.database.read() as session:
            mine = select(TriageDecision).where(TriageDecision.ticket_id == ticket)
            return [(row.rule, row.queue) for row in session.scalars(mine.order_by(TriageDecision.id))]


def made(folder: Path, slack: WorkspaceServer, clock: Moved) -> Bot:
    env = environment(folder, slack.base_url)
    return Bot(
        settings_for(folder, slack.base_url, watching=True), clock=clock, reread=lambda: load(
            folder / "handoff.toml", env
        ).settings,
    )  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("bot.watch_side.WATCH_EVERY", timedelta(seconds=1))
    monkeypatch.setattr("bot.watch_side.READ_EVERY", timedelta(seconds=1))
    monkeypatch.setattr("bot.app.RELOAD_S", 0.2)
    slack, clock = WorkspaceServer(sample_seed(), demo_app()).start(), Moved()
    here = Office(slack, tmp_path, clock, made(tmp_path, slack, clock))
    try:
        here.bot.start()
        yield here
    finally:
        here.bot.stop()
        slack.stop()


def test_a_deadline_that_passes_during_a_restart_is_told_once_within_a_minute(office: Office) -> None:
    until(lambda: messages(office.slack, "C_ESCALATIONS"), lambda seen: "Escalation is on" in json.dumps(seen))
    late = office.opens("Second site", "How do we add a second site?")
    until(lambda: office.decided(late), bool)
    office.bot.stop()
    office.clock.by += PROMISED - timedelta(seconds=1)
    office.start()
    until(lambda: office.firings(late), lambda seen: "sla_breach" in seen, within_s=60)
    message = until(lambda: about(office, late), bool)
    assert "SLA breached" in json.dumps(message)
    office.bot.stop()
    office.clock.by += timedelta(minutes=1)
    office.start()
    later = office.opens("Contract", "I am going to cancel our contract.")
    until(lambda: office.firings(later), bool)
    assert office.firings(late).count("sla_breach") == 1, "one that was told before the restart is not told again"
    with office.bot.database.read() as session:
        assert len(session.scalars(select(Escalation)).all()) == 2


def test_new_rules_decide_in_a_running_bot(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.opens("A question", "Where do I find the quokka page?")
    assert until(lambda: office.decided(first), bool) == [("", "Support")]
    for name, value in environment(office.folder, office.slack.base_url).items():
        monkeypatch.setenv(name, value)
    file = office.folder / "handoff.toml"
    rules = file.read_text("utf-8").replace('keywords = ["invoice*"', 'keywords = ["quokka*", "invoice*"')
    file.write_text(rules, "utf-8")
    assert run(["--config", str(file), "config", "reload"]) == 0
    second = office.opens("Another question", "And where are the quokkas kept?")
    assert until(lambda: office.decided(second), bool) == [("money", "Billing")]


def about(office: Office, ticket: str) -> list[dict[str, Any]]:
    """The escalation's message about this ticket."""
    found = messages(office.slack, "C_ESCALATIONS")
    return [one for one in found if f"#{ticket}" in json.dumps(one)]
