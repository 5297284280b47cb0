"""When many new cases become one group: the rule by itself, at any times of openings, with eight senders."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from automations.failure_tickets import bursts, life
from automations.failure_tickets.intake import receive
from automations.failure_tickets.timing import Timing
from storage.models import Case, CaseEntry, CaseGroup, CaseTicket, Notification
from tests.automations.failure_tickets.groups_world import burst, groups, lines, messages
from tests.automations.failure_tickets.world import ANNA, World, an_event
from tests.support import START

TIMING = Timing()
WITHIN = TIMING.burst_within


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [([0] * 6, True), ([0] * 5, False), ([10, 0, 0, 0, 0, 0], False), ([9.99, 0, 0, 0, 0, 0], True)],
)
def test_more_than_five_within_ten_minutes(minutes: list[float], expected: bool) -> None:
    assert bursts.is_burst([START - timedelta(minutes=ago) for ago in minutes], START, TIMING) is expected


def test_an_outage_goes_on_while_the_last_one_joined_a_short_while_ago() -> None:
    assert bursts.goes_on(START - WITHIN + timedelta(seconds=1), START, TIMING)
    assert not bursts.goes_on(START - WITHIN, START, TIMING)


def test_the_sixth_makes_a_group_and_the_others_keep_their_messages(world: World) -> None:
    burst(world, 6)
    assert messages(world) == ["case/1", "case/2", "case/3", "case/4", "case/5", "group/1"]
    assert [world.case(number).group_id for number in range(1, 7)] == [1] * 6
    (row,) = world.audited("group.opened")
    assert (row.target, row.outcome, row.actor) == ("GROUP-1", "done", "handoff")
    assert (row.after or {})["cases"] == [f"CASE-{number}" for number in range(1, 7)]
    assert world.entries(6)[0].text.endswith("; it is part of GROUP-1")
    burst(world, 34, start=6)
    assert len(messages(world)) == 6
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CaseTicket)) == 40
        assert session.scalar(select(func.count()).where(Case.group_id == 1)) == 40


def test_a_closed_case_counts_but_is_not_taken_in(world: World) -> None:
    burst(world, 5)
    world.fail(dedup_key="burst-0", status="resolved")
    burst(world, 1, start=5)
    assert world.case(1).group_id is None
    assert [world.case(number).group_id for number in range(2, 7)] == [1] * 5


def test_another_source_reason_or_channel_is_another_outage(world: World) -> None:
    for number in range(12):
        world.open(dedup_key=f"a-{number}", source=("one", "two", "three")[number % 3])
    assert groups(world) == []


def test_after_a_quiet_time_a_new_burst_is_a_new_group_and_the_old_one_stays(world: World) -> None:
    burst(world, 6)
    world.clock.move(WITHIN)
    burst(world, 5, start=6)
    assert len(groups(world)) == 1
    assert world.case(7).group_id is None
    burst(world, 1, start=11)
    old, new = groups(world)
    assert (old.open_key, old.closed_at) == (None, None)
    assert new.open_key is not None
    assert world.case(12).group_id == new.id


def test_a_group_goes_on_for_as_long_as_cases_come(world: World) -> None:
    burst(world, 6)
    for number in range(6, 20):
        world.clock.move(WITHIN - timedelta(seconds=1))
        burst(world, 1, start=number)
    (group,) = groups(world)
    assert group.last_joined_at == world.clock.now()
    assert len(messages(world)) == 6


def test_a_failure_that_joins_a_case_of_the_group_leaves_the_groups_message_alone(world: World) -> None:
    """It tells of cases, not of occurrences; and many who count at once share no row."""
    burst(world, 7)
    before = world.notification("group/1")
    world.fail(dedup_key="burst-6")
    after = world.notification("group/1")
    assert before is not None
    assert after is not None
    assert after.version == before.version
    assert world.case(7).count == 2
    assert world.notification("case/7") is None


def test_a_line_about_one_case_stands_in_the_groups_thread(world: World) -> None:
    burst(world, 7)
    with world.begin() as session:
        life.claim(session, 7, ANNA, world.ctx)
    line = world.notification("case/7/entry/3") or world.notification("case/7/entry/2")
    assert line is not None
    assert (line.parent_key, line.data["in_group"]) == ("group/1", True)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(gaps=st.lists(st.integers(0, 700), min_size=1, max_size=30))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_messages_and_mentions_follow_the_rule(world: World, gaps: list[int]) -> None:
    """A second telling of the rule, kept as plain lists, agrees after every opening."""
    source = f"source-{len(groups(world))}-{world.audit_rows()}"
    singles = 0
    group_sizes: list[int] = []
    last_joined = None
    recent: list[datetime] = []
    for number, gap in enumerate(gaps):
        world.clock.move(timedelta(seconds=gap))
        now = world.clock.now()
        case = world.case(world.open(source=source, dedup_key=f"{source}-{number}"))
        recent = [at for at in recent if now - at < WITHIN]
        if last_joined is not None and now - last_joined < WITHIN:
            last_joined = now
            group_sizes[-1] += 1
            assert case.group_id is not None
            continue
        recent.append(now)
        if len(recent) > TIMING.burst_over:
            group_sizes.append(len(recent))
            recent, last_joined = [], now
            assert case.group_id is not None
        else:
            singles += 1
            assert case.group_id is None
    made = [one for one in groups(world) if one.source == source]
    with world.database.read() as session:
        counted = Counter(
            session.scalars(select(Case.group_id).where(Case.source == source, Case.group_id.is_not(None)))
        )
        own = session.scalars(
            select(Case.id)
            .join(Notification, Notification.data["case_id"].as_integer() == Case.id)
            .where(Case.source == source, Notification.kind == "case.card")
        ).all()
    assert [counted[one.id] for one in made] == group_sizes
    assert len(own) == singles
    for one in made:
        assert len({called["email"] for called in one.called}) == len(one.called)


def test_eight_senders_make_one_group_of_forty(world: World) -> None:
    def send(number: int) -> None:
        with world.begin() as session:
            receive(session, [an_event(dedup_key=f"burst-{number}")], world.ctx)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(40)))
    (group,) = groups(world)
    assert len(messages(world)) == 6
    with world.database.read() as session:
        assert session.scalar(select(func.count()).where(Case.group_id == group.id)) == 40
        assert session.scalar(select(func.count()).select_from(CaseTicket)) == 40
        called = session.scalars(select(Case.owner).where(Case.call_owner)).all()
        assert session.scalar(select(func.count()).where(CaseEntry.verb == "opened")) == 40
        assert session.scalar(select(func.count()).select_from(CaseGroup)) == 1
    assert max(Counter(called).values()) == 1, "one message of a case calls each owner"
    assert {one["by"] for one in group.called} == {"message"}
    assert lines(world) == []


def test_one_over_no_time_is_no_burst(world: World) -> None:
    world.ctx = replace(world.ctx, timing=Timing(burst_over=100))
    burst(world, 30)
    assert groups(world) == []
