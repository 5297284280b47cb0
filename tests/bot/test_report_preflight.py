"""The look ahead: each thing that would keep a report from its channel is named with what to do about it."""

from collections.abc import Iterator

import pytest

from automations.domain import Mode
from automations.errors import Unavailable
from automations.mirror.reading import read_on
from automations.weekly_report.request import Filters
from bot.gateway import SlackGateway
from bot.report_preflight import look
from storage.engine import Database
from storage.models import MirrorName
from tests.automations.weekly_report.mirrored import SYSTEM, History, write
from tests.automations.weekly_report.newsroom import Newsroom
from tests.bot.slack_room import gateway_in, slack_room
from tests.bot.workspace.room import Room
from tests.support import START, FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def slack(workspace: Room) -> Room:
    workspace.act("reset")
    workspace.act("faults", clear=True)
    return workspace


@pytest.fixture
def gateway(slack: Room) -> SlackGateway:
    return gateway_in(slack)


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    made = Newsroom.on(database, clock, jobs)
    read_on(database, made.desk, made.customers, clock=clock, redactor=made.ctx.redactor)
    return made


def found(room: Newsroom, gateway: SlackGateway) -> list[str]:
    problems = look(room.database, gateway, room.desk, room.ctx)
    assert all(todo for _, todo in problems), problems
    return [words for words, _ in problems]


def test_nothing_is_said_where_nothing_is_wrong(room: Newsroom, gateway: SlackGateway) -> None:
    assert found(room, gateway) == []


def test_a_channel_without_the_bot_archived_unknown_or_not_named(room: Newsroom, slack: Room) -> None:
    slack.act("faults", kick="C_REPORTS")
    assert found(room, gateway_in(slack)) == ["Handoff is not in the channel #reports."]
    slack.act("faults", archive="C_REPORTS")
    assert found(room, gateway_in(slack)) == ["The channel #reports is archived."]
    room.terms(channel="C_NOWHERE")
    assert "Slack knows no channel C_NOWHERE" in found(room, gateway_in(slack))[0]
    room.terms(channel="")
    assert found(room, gateway_in(slack)) == ["There is no channel for it."]
    room.terms(mode=Mode.SHADOW)
    assert found(room, gateway_in(slack)) == [], "in shadow nothing goes to a channel"


def test_a_desk_that_is_away_and_a_mirror_that_is_old(room: Newsroom, gateway: SlackGateway) -> None:
    room.desk.away = True
    room.later(days=1, seconds=1)
    away, old = found(room, gateway)
    assert "cannot be asked: the desk does not answer" in away
    assert "was last read at 21 Nov 03:14" in old


def test_filters_of_the_settings_that_no_ticket_fits(room: Newsroom, gateway: SlackGateway) -> None:
    with room.world.begin() as session:
        write(session, [History("1", START)], read_at=START)
        session.add(MirrorName(system=SYSTEM, key="group", value="Support"))
    room.terms(desk_system=SYSTEM, filters=Filters((("group", ("suport",)),)))
    assert found(room, gateway) == ["No ticket that was read has the group “suport”. I know: support."]


def test_a_desk_never_read_to_its_end_and_an_owner_nobody_can_write_to(
    database: Database, clock: FakeClock, jobs: RecordingJobs, gateway: SlackGateway
) -> None:
    unread = Newsroom.on(database, clock, jobs)
    unread.terms(owner="nobody@team.example")
    first, second = found(unread, gateway)
    assert "has not been read to its end yet" in first
    assert "nobody@team.example, who hears when a report fails, has no Slack user" in second


def test_while_slack_is_away_nothing_is_known_and_the_job_tries_again(room: Newsroom, slack: Room) -> None:
    slack.act("faults", method="conversations.info", kind="http_500", times=1)
    with pytest.raises(Unavailable):
        look(room.database, gateway_in(slack), room.desk, room.ctx)
