"""The jobs: what each is about, whose it is, and that an overdue case is escalated once per deadline."""

from datetime import timedelta
from typing import Any, cast

import pytest

from automations.domain import Mode
from automations.failure_tickets import pauses, shadow
from automations.failure_tickets.journal import SYNC
from automations.posting import DELIVER
from automations.runs.advance import Runner
from bot import run_jobs
from bot.conversation_side import ConversationSide
from bot.customer_notices import CustomerNotices
from bot.delivery import Delivery
from bot.engine.spec import QUEUES
from bot.jobs import ESCALATE, ROUTES, Work
from bot.mirror_side import MirrorSide
from bot.report_side import ReportSide
from bot.stuck_owners import StuckOwners
from bot.watch_acts import TicketActs
from bot.watch_side import WatchSide
from storage import modes
from storage.engine import Database
from tests.automations.failure_tickets.world import LEA, World
from tests.bot.desk_world import desk_of
from tests.support import START, FakeClock, RecordingJobs


class NoDelivery:
    """Stands where the delivery would be; these tests deliver nothing."""

    gateway = jobs = clock = None

    def advance(self, args: Any) -> None:
        raise AssertionError(f"nothing is delivered here: {args}")

    stuck = advance


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def work(world: World) -> Work:
    return Work(world.database, desk_of(world), cast("Delivery", NoDelivery()), lambda: world.ctx)


def test_whoever_asks_for_a_job_and_whoever_does_it_agree_on_its_queue(work: Work) -> None:
    """Those of runs are done by `run_jobs`, all others by their sides, as those that ask for runs by the clock are."""
    asked = {route.name: (route.queue, route.partition) for route in ROUTES}
    runner = Runner(work.database, {}, {}, cast("Any", None), cast("Any", None))
    none = cast("Any", None)
    reports, mirror = ReportSide(work.database, *([none] * 4)), MirrorSide(work.database, *([none] * 4))
    acts = TicketActs(work.database, none, none)
    watch = WatchSide(work.database, none, none, acts, START)
    conversations = ConversationSide(work.database, none, none)
    notices = CustomerNotices(work.database, none, lambda: None)
    owners = StuckOwners(work.database, none, none)
    sides = *reports.specs(), mirror.spec(), *watch.specs(), conversations.spec(), *notices.specs(), owners.spec()
    specs = (*work.specs(), *run_jobs.specs(runner), *sides)
    done = {spec.name: (spec.queue, spec.partition) for spec in specs}
    by_the_clock = dict.fromkeys(run_jobs.BY_THE_CLOCK, ("jobs", None))
    assert asked == {**done, **by_the_clock}
    assert {queue for queue, _ in done.values()} <= set(QUEUES)


def test_each_job_names_what_it_is_about_and_whose_it_is(work: Work, world: World) -> None:
    number = world.open()
    specs = {spec.name: spec for spec in work.specs()}
    with world.database.read() as session:
        for name in (SYNC, ESCALATE):
            assert specs[name].target({"case_id": number}) == "CASE-1"
            assert specs[name].owner_of(session, {"case_id": number}) == "anna@team.example"
            assert specs[name].owner_of(session, {"case_id": 99}) == ""
        deliver = specs[DELIVER]
        assert deliver.target({"key": "case/1"}) == deliver.target({"key": "case/1/entry/3"}) == "CASE-1"
        assert deliver.target({"key": "report/7"}) == "report/7"
        assert deliver.owner_of(session, {"key": "case/1"}) == "anna@team.example"
        assert deliver.owner_of(session, {"key": "nothing"}) == ""


def test_syncing_a_ticket_goes_on_step_by_step_until_it_rests(work: Work, world: World) -> None:
    number = world.open()
    sync = next(spec for spec in work.specs() if spec.name == SYNC)
    steps = []
    while (step := sync.advance({"case_id": number})) is not None:
        steps.append(step)
        assert len(steps) < 20
    assert steps
    assert world.ticket(number).state == "verified"


def test_an_overdue_case_is_escalated_once_per_deadline(work: Work, world: World, jobs: RecordingJobs) -> None:
    number = world.open()
    world.open(source="billing-worker", dedup_key="later")
    assert work.ask_for_escalations() == 0
    world.clock.move(timedelta(minutes=31))
    assert [work.ask_for_escalations() for _ in range(3)] == [1, 1, 1]
    (job,) = jobs.of(ESCALATE)
    assert job.args == {"case_id": number}

    escalate = next(spec for spec in work.specs() if spec.name == ESCALATE)
    for _ in range(3):
        assert escalate.advance(job.args) is None
    assert len(world.audited("case.escalated")) == 1
    assert work.ask_for_escalations() == 0
    assert world.case(number).escalated_by == "handoff"


def test_an_escalation_that_came_while_the_automation_was_off_is_asked_for_again(
    work: Work, world: World, jobs: RecordingJobs
) -> None:
    case = world.open()
    world.clock.move(timedelta(hours=1))
    assert work.ask_for_escalations() == work.ask_for_escalations() == 1
    escalation = next(spec for spec in work.specs() if spec.name == ESCALATE)
    for mode, overdue in ((Mode.OFF, 0), (Mode.AUTO, 1)):
        world.clock.move(timedelta(minutes=1))
        with world.begin() as session:
            modes.set_mode(session, shadow.NAME, mode, by="os:root", at=world.clock.now())
        assert work.ask_for_escalations() == overdue
        escalation.advance({"case_id": case})
        assert (world.case(case).escalated_at is not None) == bool(overdue)
    first, again = jobs.of(ESCALATE)
    assert again.key.startswith(first.key)


def test_an_escalation_that_came_during_a_pause_is_asked_for_again_after_it(
    work: Work, world: World, jobs: RecordingJobs
) -> None:
    case = world.open()
    world.clock.move(timedelta(hours=1))
    assert work.ask_for_escalations() == 1
    with world.begin() as session:
        until = world.clock.now() + timedelta(hours=1)
        pauses.pause(session, shadow.NAME, until, "a move", LEA, world.ctx)
    escalation = next(spec for spec in work.specs() if spec.name == ESCALATE)
    escalation.advance({"case_id": case})
    assert world.case(case).escalated_at is None
    assert work.ask_for_escalations() == 0
    world.clock.move(timedelta(hours=1))
    with world.begin() as session:
        pauses.end_by_the_clock(session, {"pause_id": 1, "until": until.isoformat()}, world.ctx)
    assert work.ask_for_escalations() == 1
    escalation.advance({"case_id": case})
    assert world.case(case).escalated_at is not None
    assert len(jobs.of(ESCALATE)) == 2


def test_a_message_that_is_given_up_is_told_on_in_the_same_transaction(world: World) -> None:
    told: list[str] = []

    class GivesUp(NoDelivery):
        def stuck(self, _session: Any, args: Any, _why: str) -> None:  # type: ignore[override]  # as the real one
            told.append(f"row {args['key']}")

    work = Work(
        world.database,
        desk_of(world),
        cast("Delivery", GivesUp()),
        lambda: world.ctx,
        not_delivered=lambda _session, args, why: told.append(f"{args['key']}: {why}"),
    )
    deliver = next(spec for spec in work.specs() if spec.name == DELIVER)
    assert deliver.on_stuck is not None
    with world.begin() as session:
        deliver.on_stuck(session, {"key": "report/7"}, "not_in_channel")
    assert told == ["row report/7", "report/7: not_in_channel"]
