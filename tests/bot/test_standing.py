"""What is wrong, in words: the same for /readyz and /support status, and nothing where nothing is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import insert

from automations.failure_tickets.team_types import AuditLine, StatusSummary
from automations.ports import HelpDesk
from bot.engine import Health
from bot.outage import Outage
from bot.standing import Standing, until_at_work
from storage.engine import Database
from storage.models import DeskCursor, StuckItem
from tests.support import START

CALM = StatusSummary(0, 0, 0, 0, 0, 0)
WORKS = Health(ok=True, words="the job engine is running")


@dataclass
class Saw:
    """What an outage saw last."""

    slack: str = ""
    jobs: str = ""


@dataclass
class Desk:
    system: str = "zendesk"
    title: str = "Zendesk"


def standing(database: Database, saw: Saw, *, engine: Health = WORKS, socket: str = "") -> Standing:
    every = timedelta(seconds=10)
    return Standing(database, cast("Outage", saw), lambda: engine, lambda: socket, cast("HelpDesk", Desk()), every)


def wrong(database: Database, one: Standing, status: StatusSummary = CALM, **later: float) -> tuple[str, ...]:
    with database.read() as session:
        return one.wrong(session, status, START + timedelta(**later))


def cursor(database: Database) -> None:
    with database.begin() as session:
        session.execute(insert(DeskCursor).values(system="zendesk", cursor="c", read_at=START))


def stuck(database: Database, *hours: int) -> None:
    row: dict[str, Any] = {
        "job": "ticket.sync", "args": {}, "target": "CASE-1", "owner": "a@example.com", "reason": "no", "attempts": 1,
        "last_at": START, "state": "open",
    }  # fmt: skip
    with database.begin() as session:
        for number, ago in enumerate(hours):
            first = {"key": f"k{number}", "first_at": START - timedelta(hours=ago)}
            session.execute(insert(StuckItem).values(row | first))


def test_nothing_is_wrong(database: Database) -> None:
    cursor(database)
    one = standing(database, Saw())
    assert one.parts() == {"database": "ok", "engine": "ok", "slack": "ok"}
    assert wrong(database, one, minutes=9) == ()


def test_what_readyz_says_is_said_in_the_same_words_and_first(database: Database) -> None:
    stuck(database, 5, 3)
    one = standing(database, Saw("Slack has not answered for 14 minutes", "the oldest job, desk.sync, has waited"))
    assert one.parts() == {
        "database": "ok",
        "engine": "the oldest job, desk.sync, has waited",
        "slack": "Slack has not answered for 14 minutes",
    }
    assert wrong(database, one) == (
        "engine: the oldest job, desk.sync, has waited",
        "slack: Slack has not answered for 14 minutes",
        "failure queue: 2 things wait for somebody, the oldest for 5 hours",
    )


@pytest.mark.parametrize(("minutes", "told"), [(10, False), (11, True), (4_000, True)])
def test_a_desk_that_is_not_read_is_named(database: Database, minutes: int, told: bool) -> None:
    cursor(database)
    found = wrong(database, standing(database, Saw()), minutes=minutes)
    ago = "11 minutes" if minutes == 11 else "2 days"
    words = f"desk: Zendesk has not been read for {ago}; what is due there is tried again"
    assert found == ((words,) if told else ())


def test_a_desk_that_tells_no_changes_is_not_missed(database: Database) -> None:
    assert wrong(database, standing(database, Saw()), days=3) == ()


def test_an_engine_that_stands_still_and_a_socket_that_is_down(database: Database) -> None:
    one = standing(database, Saw(jobs="late"), engine=Health(ok=False, words="not started"), socket="no connection")
    assert wrong(database, one) == ("engine: not started", "slack: no connection")


def test_an_audit_log_that_nobody_signed_is_named(database: Database) -> None:
    late = StatusSummary(0, 0, 0, 0, 0, 0, audit=AuditLine(START, 1_200, late=True))
    said = "audit log: 1,200 rows are signed by no checkpoint; an admin runs `handoff doctor`"
    assert wrong(database, standing(database, Saw()), late) == (said,)
    calm = StatusSummary(0, 0, 0, 0, 0, 0, audit=AuditLine(START, 1_200, late=False))
    assert wrong(database, standing(database, Saw()), calm) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_named(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    one = standing(database, Saw())
    monkeypatch.setattr("bot.standing.database_words", lambda _database: "not available (OperationalError)")
    assert wrong(database, one)[0] == "database: not available (OperationalError)"


def test_a_start_waits_until_jobs_are_done() -> None:
    answers = [Health(ok=False, words="idle")] * 2 + [WORKS]
    asked: Callable[[], Health] = lambda: answers.pop(0)  # noqa: E731 - one that is used up
    until_at_work(asked)
    assert answers == []
