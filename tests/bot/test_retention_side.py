"""Retention by the clock, and a team that works on after it."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from automations.domain import CaseStatus
from automations.errors import NotFound
from automations.failure_tickets import closing, life
from automations.failure_tickets.card import case_card
from automations.failure_tickets.detail import case_detail
from bot.live import Live
from bot.metrics import Metrics
from bot.retention_side import RetentionSide
from bot.settings import FailureTickets, Settings
from bot.settings_retention import RetentionSection
from storage.engine import Database
from storage.models import Case, CaseTicket, Notification
from storage.retention import Terms
from tests.automations.failure_tickets.world import ANNA, BEN, World
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs

YEARS = timedelta(days=800)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.without_rules()
    return made


def side_of(world: World, dropped: Counter[str], **given: str) -> RetentionSide:
    terms = terms_of(world.ctx, look=None)  # type: ignore[arg-type]  # nothing is shown here
    settings = Settings(
        failure_tickets=FailureTickets(default_owner="lea@team.example"),
        retention=RetentionSection.model_validate(given),
    )
    object.__setattr__(terms, "settings", settings)

    def told(rows: Mapping[str, int]) -> None:
        dropped.update(rows)

    return RetentionSide(world.database, Live(terms), world.clock, told)


def at_rest(world: World) -> None:
    """Let the desk show every case, and Slack every message."""
    with world.begin() as session:
        shown = {"state": "verified", "ticket_id": CaseTicket.key, "verified_version": CaseTicket.wanted_version}
        session.execute(update(CaseTicket).values(shown))
        there = {"state": "delivered", "delivered_version": Notification.version, "job_pending": False}
        session.execute(update(Notification).values(there | {"delivered_at": world.clock.now(), "ts": "1.1"}))


def closed(world: World) -> int:
    number = world.open()
    with world.begin() as session:
        life.claim(session, number, BEN, world.ctx)
        closing.resolve(session, number, BEN, "restarted", world.ctx)
    world.let_go(number)
    at_rest(world)
    return number


def test_a_living_case_goes_on_after_the_one_before_it_was_pruned(world: World) -> None:
    old = closed(world)
    world.clock.move(YEARS)
    new = world.open()
    assert world.case(new).previous_id == old
    at_rest(world)
    dropped: Counter[str] = Counter()
    assert side_of(world, dropped).sweep({}) is None
    assert dropped["cases"] == dropped["failure_event"] == dropped["case_ticket"] == 1
    assert dropped["case_entry"] > 0
    assert dropped["notification"] == 0, "they are pruned a while after their last delivery"
    assert world.case(new).previous_id is None
    with world.begin() as session:
        assert case_card(session, new, world.ctx).previous_id is None
        assert case_detail(session, new, world.ctx)["previous"] is None
        life.claim(session, new, ANNA, world.ctx)
    assert world.fail(occurred_at=world.clock.now()).case_id == f"CASE-{new}"
    with world.begin() as session:
        closing.resolve(session, new, ANNA, "again", world.ctx)
    world.let_go(new)
    assert world.case(new).status == CaseStatus.RESOLVED


def test_whoever_asks_for_a_pruned_case_is_told_since_when_and_why(world: World) -> None:
    old = closed(world)
    world.clock.move(YEARS)
    world.open()
    side_of(world, Counter(), cases="30d").sweep({})
    words = r"There is no CASE-1\. It was pruned: such are kept for 30 days after its closing \(setting `retention.cas"
    with world.begin() as session:
        with pytest.raises(NotFound, match=words):
            case_detail(session, old, world.ctx)
        with pytest.raises(NotFound, match=words):
            life.claim(session, old, ANNA, world.ctx)
        with pytest.raises(NotFound, match=r"^There is no CASE-99\.$"):
            case_detail(session, 99, world.ctx)


def test_what_is_open_stays_however_old_it_is(world: World) -> None:
    number = world.open()
    at_rest(world)
    world.clock.move(YEARS)
    dropped: Counter[str] = Counter()
    side_of(world, dropped).sweep({})
    assert dropped == Counter()
    assert world.audited("retention.swept") == []
    assert world.case(number).status == CaseStatus.OPEN


def test_a_case_whose_ticket_is_not_verified_stays(world: World) -> None:
    number = closed(world)
    with world.begin() as session:
        session.execute(update(CaseTicket).values(state="unknown"))
    world.clock.move(YEARS)
    world.open(dedup_key="another")
    dropped: Counter[str] = Counter()
    side_of(world, dropped).sweep({})
    assert dropped["cases"] == 0
    assert world.case(number).status == CaseStatus.RESOLVED


def test_what_was_dropped_is_logged_audited_and_counted(world: World) -> None:
    closed(world)
    world.clock.move(YEARS)
    world.open()
    metrics = Metrics(dict)
    side = side_of(world, Counter())
    side._dropped = metrics.note_dropped
    with capture_logs() as lines:
        side.sweep({})
    (line,) = [line for line in lines if line["event"] == "retention.swept"]
    (entry,) = world.audited("retention.swept")
    assert entry.after is not None
    assert entry.after["rows"] == line["rows"]
    assert entry.after["days"] == Terms().days()
    assert 'handoff_dropped_rows_total{table="cases"} 1.0' in metrics.render().decode()


def test_it_is_planned_and_the_engines_own_rows_go_by_the_same_settings(world: World) -> None:
    side = side_of(world, Counter(), jobs="3d")
    (once,) = side.timetable()
    (spec,) = side.specs()
    assert once.job == spec.name
    assert side.keep_jobs() == timedelta(days=3)
    with world.begin() as session:
        assert session.get(Case, 1) is None
        assert spec.owner_of(session, {}) == ""
    assert spec.target({}) == "retention"
