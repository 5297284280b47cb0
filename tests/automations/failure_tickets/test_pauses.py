"""Pauses: recorded and nothing done meanwhile, ended by themselves or by a lead, told once, audited."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from automations.domain import Mode
from automations.errors import Refused
from automations.failure_tickets import escalate, pauses, shadow
from automations.failure_tickets.journal import identity
from automations.failure_tickets.team_types import PauseLine
from automations.failure_tickets.timing import Timing
from automations.words import PersonRef
from storage.models import FailureEventRow, Notification, Pause
from tests.automations.failure_tickets.world import ANNA, BOOK, LEA, World
from tests.support import START

HOUR = timedelta(hours=1)
WHY = "the ledger is being moved"


def pause(world: World, name: str = "invoicer", until: timedelta = 2 * HOUR, because: str = WHY) -> str:
    with world.begin() as session:
        return pauses.pause(session, name, world.clock.now() + until, because, LEA, world.ctx)


def resume(world: World, name: str = "invoicer") -> str:
    with world.begin() as session:
        return pauses.resume(session, name, LEA, world.ctx)


def by_the_clock(world: World) -> int:
    """Do all that is due. Says how much was done."""
    with world.database.read() as session:
        due = pauses.due(session, world.ctx)
    done = 0
    for _, args in due:
        with world.begin() as session:
            done += pauses.end_by_the_clock(session, args, world.ctx)
    return done


def told(world: World) -> list[str]:
    """What the channel was told of pauses, in order."""
    with world.database.read() as session:
        lines = select(Notification).where(Notification.kind == "team.line")
        ordered = session.scalars(lines.order_by(Notification.created_at, Notification.key))
        return [row.data["text"] for row in ordered]


def outcomes(world: World) -> list[str]:
    with world.database.read() as session:
        return list(session.scalars(select(FailureEventRow.outcome).order_by(FailureEventRow.id)))


@pytest.fixture
def world(world: World) -> World:
    """A team that has heard of the source `invoicer`, without a case."""
    world.fail(reason="info")
    return world


def test_events_of_a_paused_source_are_recorded_and_act_on_nothing(world: World) -> None:
    number = world.open()
    said = pause(world)
    assert said.startswith(f"The source invoicer is paused until 05:14: {WHY}.")
    world.clock.move(HOUR)
    again = world.fail(occurred_at=world.clock.now())
    over = world.fail(status="resolved", occurred_at=world.clock.now())
    assert (again.status, over.status) == ("recorded", "recorded")
    assert again.case_id == over.case_id == f"CASE-{number}"
    assert (world.case(number).count, world.case(number).status) == (1, "open")
    assert world.fail(dedup_key="another").case_id is None
    assert world.fail(source="mailer").status == "opened"


def test_a_request_may_hold_events_of_paused_sources_and_of_others(world: World) -> None:
    pause(world)
    assert world.fail(source="mailer", dedup_key="x").status == "opened"
    assert world.fail(dedup_key="x").status == "recorded"


def test_a_pause_counts_until_its_end_whether_or_not_that_was_noticed(world: World) -> None:
    pause(world, until=HOUR)
    world.clock.move(HOUR - timedelta(microseconds=1))
    assert world.fail().status == "recorded"
    world.clock.move(timedelta(microseconds=1))
    assert world.fail().status == "opened"


def test_it_ends_by_itself_once_and_says_what_was_only_recorded(world: World) -> None:
    pause(world)
    for number in range(3):
        world.fail(dedup_key=f"k{number}")
    world.fail(source="mailer", reason="info")
    assert by_the_clock(world) == 0
    world.clock.move(2 * HOUR)
    world.fail(reason="info", dedup_key="after")
    with world.database.read() as session:
        ((key, args),) = pauses.due(session, world.ctx)
    assert key == f"{args['pause_id']}/{(START + 2 * HOUR).isoformat()}"
    assert by_the_clock(world) == 1
    with world.begin() as session:
        assert not pauses.end_by_the_clock(session, args, world.ctx)
    assert by_the_clock(world) == 0
    first, last = told(world)
    assert first.startswith(f"The source invoicer is paused until 05:14 by Lea Lind: {WHY}. Its events are recorded")
    assert last == "The pause of invoicer ended; 3 events were only recorded meanwhile."
    (row,) = world.audited("pause.ended")
    assert (row.actor, row.target, row.after) == ("handoff", "invoicer", {"events_only_recorded": 3})


def test_a_lead_may_end_it_early(world: World) -> None:
    pause(world)
    world.fail()
    world.clock.move(HOUR)
    said = resume(world, "Invoicer")
    assert said == "The pause of invoicer ended early, by Lea Lind; 1 event was only recorded meanwhile."
    assert world.fail().status == "opened"
    (row,) = world.audited("pause.ended")
    assert row.actor == identity(LEA)
    with pytest.raises(Refused, match="not paused"):
        resume(world)


def test_an_open_pause_is_given_another_end_and_stays_one(world: World) -> None:
    pause(world)
    world.clock.move(HOUR)
    pause(world, until=4 * HOUR, because="it takes longer")
    with world.database.read() as session:
        (row,) = session.scalars(select(Pause))
        assert (row.start, row.until, row.because) == (START, START + 5 * HOUR, "it takes longer")
    first, second = world.audited("pause.began")
    assert first.before is None
    assert second.before == first.after
    assert len(told(world)) == 2


def test_a_pause_that_is_over_unnoticed_makes_room_for_another(world: World) -> None:
    pause(world, until=HOUR)
    world.clock.move(2 * HOUR)
    pause(world)
    with world.database.read() as session:
        assert [row.ended_at is None for row in session.scalars(select(Pause).order_by(Pause.id))] == [False, True]
    assert len(told(world)) == 3


def test_the_automation_is_off_while_paused_whatever_its_mode(world: World) -> None:
    assert pause(world, "failure-tickets").startswith("failure_tickets is paused until 05:14")
    with world.database.read() as session:
        assert shadow.mode(session, world.ctx) is Mode.OFF
        assert shadow.unpaused_mode(session, world.ctx) is Mode.AUTO
    assert world.fail().status == "recorded"
    in_shadow = replace(world.ctx, mode=Mode.SHADOW)
    with world.database.read() as session:
        assert shadow.mode(session, in_shadow) is Mode.OFF
    resume(world, "failure_tickets")
    assert world.fail().status == "opened"


def test_the_clock_escalates_nothing_while_the_automation_is_paused(world: World) -> None:
    number = world.open()
    pause(world, "failure_tickets", until=3 * HOUR)
    world.clock.move(HOUR)
    with world.begin() as session:
        assert escalate.due(session, world.ctx) == []
        assert not escalate.escalate_overdue(session, number, world.ctx)
        assert pauses.last_end(session) is None
    world.clock.move(2 * HOUR)
    by_the_clock(world)
    with world.begin() as session:
        assert escalate.due(session, world.ctx) == [number]
        assert pauses.last_end(session) == world.clock.now()


def test_what_is_paused_is_listed_while_it_counts(world: World) -> None:
    pause(world)
    pause(world, "failure_tickets", until=HOUR)
    lea = PersonRef("lea@team.example", "Lea Lind", "U_LEAD1")
    with world.database.read() as session:
        listed = pauses.open_pauses(session, world.ctx)
    assert listed == [
        PauseLine("automation", "failure_tickets", START, START + HOUR, WHY, lea),
        PauseLine("source", "invoicer", START, START + 2 * HOUR, WHY, lea),
    ]
    world.clock.move(HOUR)
    with world.database.read() as session:
        assert [line.target for line in pauses.open_pauses(session, world.ctx)] == ["invoicer"]


@pytest.mark.parametrize("name", ["billing", "billing-*", "", "  "])
def test_a_name_nobody_knows_is_refused_with_the_known_ones(world: World, name: str) -> None:
    with pytest.raises(Refused, match=r"Known: failure_tickets, invoicer\. Nothing was paused"):
        pause(world, name)
    assert world.audited("pause.began") == []


def test_a_source_is_known_from_the_rules_and_the_settings_too(world: World) -> None:
    exact = BOOK.rules[0].model_copy(update={"source": ("ledger", "pay-*")})
    world.ctx = replace(
        world.ctx, book=replace(BOOK, rules=(exact,)), timing=replace(Timing(), expect_every={"nightly-export": HOUR})
    )
    with world.database.read() as session:
        assert pauses.known_sources(session, world.ctx) == ["invoicer", "ledger", "nightly-export"]
    pause(world, "Nightly_Export")
    assert world.fail(source="nightly-export").status == "recorded"


@pytest.mark.parametrize(
    ("until", "because", "why"),
    [(HOUR, "  ", "needs a reason"), (timedelta(0), WHY, "end after it begins"), (timedelta(days=367), WHY, "year")],
)
def test_a_pause_needs_a_reason_and_an_end_within_a_year(
    world: World, until: timedelta, because: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        pause(world, until=until, because=because)


def test_only_leads_pause_and_resume(world: World) -> None:
    with world.begin() as session, pytest.raises(Refused, match="A lead may pause"):
        pauses.pause(session, "invoicer", START + HOUR, WHY, ANNA, world.ctx)
    pause(world)
    with world.begin() as session, pytest.raises(Refused, match="A lead may end"):
        pauses.resume(session, "invoicer", ANNA, world.ctx)


def test_a_secret_in_the_reason_is_kept_by_nobody(world: World) -> None:
    secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    pause(world, because=f"token {secret} leaked")
    with world.database.read() as session:
        kept = [*session.scalars(select(Pause.because)), *told(world)]
    assert not any(secret in text for text in kept)


def test_an_end_that_was_moved_since_it_was_asked_for_is_left_alone(world: World) -> None:
    pause(world, until=HOUR)
    world.clock.move(HOUR)
    with world.database.read() as session:
        ((_, args),) = pauses.due(session, world.ctx)
    world.clock.move(-HOUR / 2)
    pause(world, until=3 * HOUR)
    with world.begin() as session:
        assert not pauses.end_by_the_clock(session, args, world.ctx)
    assert world.fail().status == "recorded"
