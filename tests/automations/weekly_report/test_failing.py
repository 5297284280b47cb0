"""A report that failed: its owner hears why, and Retry or the failure queue bring it about after all, once."""

import pytest

from automations.errors import Refused
from automations.posting import DELIVER
from automations.weekly_report.failing import fail, not_posted, retry, take_up
from automations.weekly_report.planned import ask_planned
from storage import notifications, stuck
from storage.engine import Database
from storage.models import Notification, StuckItem
from tests.automations.failure_tickets.world import ANNA, BEN, LEA
from tests.automations.weekly_report.newsroom import CHANNEL, MAKE, OWNERS_SLACK, Newsroom
from tests.support import START, FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHY = "the desk does not answer (tried 40 times)"


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    return Newsroom.on(database, clock, jobs)


def given_up(room: Newsroom, number: int, why: str = WHY) -> StuckItem:
    """As the engine does when the job has used up its tries."""
    with room.world.begin() as session:
        item = stuck.add(
            session, job=MAKE, key=f"report/{number}", args={"report_id": number}, target=f"REPORT-{number}",
            owner="lea@team.example", reason=why, attempts=40, at=room.clock.now(),
        )  # fmt: skip
        fail(session, number, why, room.ctx)
        return item


def refused_by_slack(room: Newsroom, number: int) -> None:
    """As the delivery does when Slack takes the message never."""
    key = f"report/{number}"
    with room.world.begin() as session:
        stuck.add(
            session, job=DELIVER, key=f"deliver/{key}/1", args={"key": key}, target=key, owner="lea@team.example",
            reason="not_in_channel", attempts=1, at=room.clock.now(),
        )  # fmt: skip
        notifications.take(session, key, room.clock.now())
        notifications.stuck(session, key, "not_in_channel")
        not_posted(session, key, "not_in_channel", room.ctx)


def message(room: Newsroom, key: str) -> Notification:
    found = room.world.notification(key)
    assert found is not None
    return found


def test_failed_told_retried_made(room: Newsroom) -> None:
    number = room.ask()
    item = given_up(room, number)
    report = room.report(number)
    assert (report.state, report.error) == ("failed", WHY)
    told = message(room, f"report/{number}/failed")
    assert (told.channel, told.data["why"], told.data["place"]) == (LEA.id, WHY, CHANNEL)
    (written,) = room.audited("report.failed")
    assert written.after == {"state": "failed", "why": WHY, "not_posted": CHANNEL}

    with room.world.begin() as session:
        assert retry(session, number, LEA, room.ctx).state == "asked"
    first, again = room.jobs.of(MAKE)
    assert (again.args, again.key != first.key) == (first.args, True)
    assert [one.state for one in room.stuck_items()] == ["retried"]
    assert room.stuck_items()[0].id == item.id
    assert room.make(number).state == "made"
    assert room.report(number).error == ""
    assert message(room, f"report/{number}/failed").version == 3, "told, asked again, made"
    assert len(room.audited("report.retry")) == len(room.audited("stuck.retry")) == 1


def test_giving_up_what_is_made_or_failed_already_changes_nothing(room: Newsroom) -> None:
    number = room.ask()
    for _ in range(2):
        given_up(room, number)
    assert len(room.audited("report.failed")) == 1
    other = room.ask(LEA, channel=LEA.id)
    room.make(other)
    given_up(room, other)
    assert room.report(other).state == "made"


def test_whose_it_is_not_may_not_retry_and_a_second_click_is_told(room: Newsroom) -> None:
    number = room.ask()
    given_up(room, number)
    with room.world.begin() as session, pytest.raises(Refused, match="Lea Lind or a lead"):
        retry(session, number, BEN, room.ctx)
    with room.world.begin() as session:
        retry(session, number, LEA, room.ctx)
    with room.world.begin() as session, pytest.raises(Refused, match="is being made"):
        retry(session, number, LEA, room.ctx)
    room.make(number)
    with room.world.begin() as session, pytest.raises(Refused, match="on its way"):
        retry(session, number, LEA, room.ctx)
    assert len(room.jobs.of(MAKE)) == 2


def test_one_for_everybody_is_not_made_for_nobody(room: Newsroom) -> None:
    room.terms(channel="")
    with room.world.begin() as session:
        planned = ask_planned(session, START, room.ctx).report
    assert planned is not None
    assert planned.state == "failed"
    with room.world.begin() as session, pytest.raises(Refused, match="There is no channel for REPORT-1"):
        retry(session, planned.id, LEA, room.ctx)
    assert (room.report(planned.id).state, room.jobs.of(MAKE)) == ("failed", [])
    room.terms(channel=CHANNEL)
    with room.world.begin() as session:
        assert retry(session, planned.id, LEA, room.ctx).channel == CHANNEL


def test_the_owner_does_not_hear_that_what_stands_in_slack_was_not_posted(room: Newsroom) -> None:
    number = room.ask()
    room.make(number)
    key = f"report/{number}"
    with room.world.begin() as session:
        task = notifications.take(session, key, room.clock.now())
        notifications.delivered(session, key, task.version, CHANNEL, "1.0", None, room.clock.now())
        notifications.amend(session, key, {"picture": "F1"})
        notifications.stuck(session, key, "is_archived")
        not_posted(session, key, "is_archived", room.ctx)
    assert room.messages("report.failed") == []
    assert room.audited("report.not_posted") == []


def test_each_failure_is_a_message_of_its_own(room: Newsroom) -> None:
    number = room.ask(ANNA, channel=ANNA.id)
    for _ in range(2):
        given_up(room, number)
        with room.world.begin() as session:
            retry(session, number, ANNA, room.ctx)
    assert {one.key for one in room.messages("report.failed")} == {
        f"report/{number}/failed", f"report/{number}/failed/2",
    }  # fmt: skip


def test_without_a_slack_user_the_channel_hears(room: Newsroom) -> None:
    room.terms(owner="nobody@team.example")
    number = room.ask(LEA)
    with room.world.begin() as session:
        session.merge(room.report(number)).owner = "nobody@team.example"
    given_up(room, number)
    assert message(room, f"report/{number}/failed").channel == CHANNEL


def test_a_retry_from_the_failure_queue_is_a_retry_of_the_report(room: Newsroom) -> None:
    number = room.ask()
    item = given_up(room, number)
    with room.world.begin() as session:
        take_up(session, number, room.ctx)
    assert room.report(number).state == "failed", "the engine's own repeat brings nothing back"
    with room.world.begin() as session:
        assert stuck.retried(session, item.id, by="lea@team.example", at=room.clock.now())
        take_up(session, number, room.ctx)
    assert room.make(number).state == "made"


def test_what_slack_refuses_is_told_and_retry_posts_it_without_counting_again(room: Newsroom) -> None:
    number = room.ask()
    made = room.make(number)
    refused_by_slack(room, number)
    told = message(room, f"report/{number}/failed")
    assert (told.channel, told.data["what"], told.data["why"]) == (LEA.id, "post", "not_in_channel")
    assert len(room.audited("report.not_posted")) == 1
    with room.world.begin() as session:
        assert retry(session, number, LEA, room.ctx).hash == made.hash
    assert message(room, f"report/{number}").state == "pending"
    assert [one.state for one in room.stuck_items()] == ["retried"]
    assert len(room.jobs.of(MAKE)) == 1
    assert len({job.key for job in room.jobs.of(DELIVER) if job.args == {"key": f"report/{number}"}}) == 2


def test_what_is_for_its_owner_alone_and_cannot_be_posted_is_not_told_there_too(room: Newsroom) -> None:
    number = room.ask(ANNA, channel=OWNERS_SLACK)
    room.make(number)
    refused_by_slack(room, number)
    assert room.messages("report.failed") == []
    with room.world.begin() as session:
        not_posted(session, "case/1", "not_in_channel", room.ctx)
    assert len(room.audited("report.not_posted")) == 1


def test_a_channel_named_since_gets_the_report_by_the_clock(room: Newsroom) -> None:
    number = room.ask(LEA, kind="weekly", window="weekly/2026-11-09/2026-11-16")
    given_up(room, number)
    room.terms(channel="C_ELSEWHERE")
    with room.world.begin() as session:
        retry(session, number, LEA, room.ctx)
    room.make(number)
    assert message(room, f"report/{number}").channel == "C_ELSEWHERE"
