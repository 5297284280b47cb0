"""A reload takes everything or nothing, says what it did, and what is under way sees one or the other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from automations.errors import ConfigError
from bot.live import Live, Terms
from bot.parts import make_context, make_terms
from bot.reload import Reloading, ask, newest
from bot.settings import Settings
from bot.settings_file import load
from bot.team import book
from storage.engine import Database
from storage.models import AuditEntry, ConfigReload, PeopleLink
from tests.bot.cli.conftest import TEAM
from tests.support import START, FakeClock, RecordingJobs


@dataclass
class Process:
    """One bot process, as far as it reads settings."""

    database: Database
    file: Path
    clock: FakeClock
    reloading: Reloading
    live: Live

    def asked(self, by: str = "os:anna") -> ConfigReload:
        with self.database.begin() as session:
            number = ask(session, by=by, clock=self.clock)
        self.reloading.look()
        return self.row(number)

    def row(self, number: int) -> ConfigReload:
        with self.database.read() as session:
            return session.get_one(ConfigReload, number)

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text("utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new, 1), "utf-8")

    def audited(self) -> list[AuditEntry]:
        with self.database.read() as session:
            return list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))


Start = Callable[[], Process]


@pytest.fixture
def start(database: Database, clock: FakeClock, tmp_path: Path) -> Start:
    file = tmp_path / "team.toml"
    file.write_text(TEAM, "utf-8")
    jobs = RecordingJobs()

    def read() -> Settings:
        return load(file, {}).settings

    def make(settings: Settings) -> Terms:
        return make_terms(settings, make_context(settings, database, "builtin", clock=clock, jobs=jobs))

    def process() -> Process:
        live = Live(make(read()))
        reloading = Reloading(database, live, clock, read, make, lambda _settings: None)
        return Process(database, file, clock, reloading, live)

    return process


@pytest.fixture
def bot(start: Start) -> Process:
    return start()


def test_new_rules_are_taken_said_and_written_down(bot: Process) -> None:
    bot.edit('escalate_after = "4h"', 'escalate_after = "2h"')
    row = bot.asked()
    assert (row.state, row.words) == ("taken", "Taken: failure_tickets.escalate_after.")
    assert bot.live.context().book.escalate_after == timedelta(hours=2)
    (entry,) = bot.audited()
    assert (entry.action, entry.actor, entry.target, entry.outcome) == (
        "config.reloaded", "os:anna", "settings", "done",
    )  # fmt: skip
    assert entry.after is not None
    assert entry.before is not None
    assert entry.after["changed"] == ["failure_tickets.escalate_after"]
    assert entry.before["digest"] != entry.after["digest"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('escalate_after = "4h"', 'escalate_after = "soon"', ["failure_tickets.escalate_after", "'soon'", "15m"]),
        ("[roles]", "[rolls]", ["rolls", "no such key", "roles"]),
        ('failures = "C_FAILURES"', 'other = "C_FAILURES"', ["default_channel", "'failures'", "Known: escalations"]),
        ('default_owner = "mara.lind@', 'default_owner = "nobody@', ["nobody@example.com"]),
        ("[team]", "[team", ["not valid TOML"]),
    ],
)
def test_wrong_ones_change_nothing_and_say_why(bot: Process, old: str, new: str, words: list[str]) -> None:
    before = bot.live.terms
    bot.edit(old, new)
    row = bot.asked()
    assert row.state == "refused"
    assert all(word in row.words for word in words), row.words
    assert bot.live.terms is before
    (entry,) = bot.audited()
    assert (entry.action, entry.outcome) == ("config.refused", "refused")
    bot.edit(new, old)
    assert bot.asked().words == "Nothing has changed in the settings."


def test_a_file_that_is_gone_keeps_the_old_rules(bot: Process) -> None:
    before = bot.live.terms
    bot.file.unlink()
    row = bot.asked()
    assert (row.state, bot.live.terms) == ("refused", before)
    assert "no such file" in row.words


def test_what_needs_a_restart_is_named_and_the_rest_taken(bot: Process) -> None:
    bot.edit("[channels]", "[http]\nport = 9999\n\n[channels]")
    bot.edit('queue = "Billing"', 'queue = "Money"')
    row = bot.asked()
    assert row.words == (
        "Taken: failure_tickets.rules.billing.queue. Needs a restart: http.port. These are as they were."
    )
    assert bot.live.terms.settings.http.port == 8080
    assert bot.live.context().book.rules[0].queue == "Money"
    assert "http.port" in bot.asked().words, "it is still open"


def test_every_replica_takes_it_and_an_asking_is_done_once(start: Start) -> None:
    one, other = start(), start()
    one.edit('queue = "Billing"', 'queue = "Money"')
    one.asked()
    other.reloading.look()
    assert other.live.context().book.rules[0].queue == "Money"
    rows = len(one.audited())
    one.reloading.look()
    other.reloading.look()
    assert (rows, len(one.audited())) == (2, 2)
    fresh = start()
    fresh.reloading.look()
    assert len(one.audited()) == 2, "a process that started later has read the new file already"


def test_where_replicas_disagree_the_refusal_is_shown(start: Start) -> None:
    one, other = start(), start()
    row = one.asked()
    assert row.state == "taken"
    one.edit("[team]", "[team")
    other.reloading.look()
    assert one.row(row.id).state == "refused"


def test_a_signal_asks_as_the_command_does(bot: Process) -> None:
    bot.edit('queue = "Billing"', 'queue = "Money"')
    bot.reloading.hang_up()
    bot.reloading.look()
    assert bot.live.context().book.rules[0].queue == "Money"
    assert [entry.actor for entry in bot.audited()] == ["SIGHUP"]


def test_a_link_that_stands_against_the_new_file_refuses_it(bot: Process) -> None:
    with bot.database.begin() as session:
        session.add(PeopleLink(email="mara.lind@example.com", slack="U_NEW", desk=None, set_by="os", set_at=START))
    bot.edit('slack = "U_AGENT1"', 'slack = "U_NEW"')
    row = bot.asked()
    assert row.state == "refused"
    assert "people link" in row.words


def test_without_a_file_there_is_nothing_to_read_again(bot: Process) -> None:
    bot.reloading.reread = None
    assert "without a settings file" in bot.asked().words


def test_a_refusal_leaves_no_asking_open(bot: Process) -> None:

    def away(_settings: Settings) -> Terms:
        raise ConfigError("the rotation has nobody")

    make = bot.reloading.make
    bot.reloading.make = away
    assert bot.asked().state == "refused"
    bot.reloading.make = make
    with bot.database.read() as session:
        assert newest(session) == newest(session, settled=True) == bot.reloading.applied


def test_a_case_of_a_rule_that_is_gone_is_judged_by_the_defaults(bot: Process) -> None:
    settings = bot.live.terms.settings
    section = settings.failure_tickets.model_copy(update={"rules": ()})
    rules = book(settings.model_copy(update={"failure_tickets": section}))
    assert rules.rule("billing").queue is None
    assert replace(rules).escalate_after == timedelta(hours=4)
