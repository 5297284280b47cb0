"""Making a report: read on, counted, kept and handed on, once; a desk that is away leaves it to the next try."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from automations.errors import Refused, Unavailable
from automations.weekly_report.card import recent, report_card
from automations.weekly_report.definitions import stamps
from automations.weekly_report.failing import fail
from automations.weekly_report.making import count_and_keep
from automations.weekly_report.result import Result
from storage.engine import Database
from storage.models import Notification, Upload
from tests.automations.failure_tickets.world import ANNA, LEA
from tests.automations.weekly_report.newsroom import CHANNEL, Newsroom
from tests.support import FakeClock, RecordingJobs

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    return Newsroom.on(database, clock, jobs)


def uploads(room: Newsroom) -> list[tuple[str, str, str]]:
    with room.database.read() as session:
        found = session.scalars(select(Upload).order_by(Upload.key))
        return [(one.key, one.kind, one.notification) for one in found]


@on_sqlite
def test_a_made_report_keeps_what_it_was_counted_from_and_by(room: Newsroom) -> None:
    room.world.open()
    number = room.ask()
    room.later(minutes=1)
    made = room.make(number)
    assert (made.state, made.made_at, made.data_at) == ("made", room.clock.now(), room.clock.now())
    assert made.definitions == stamps("solved")
    assert made.hash == Result.of(made.result).hash
    (message,) = room.messages("report.card")
    assert (message.key, message.channel, message.data) == (f"report/{number}", CHANNEL, {"report_id": number})
    assert uploads(room) == [
        (f"report/{number}/data", "report.csv", f"report/{number}"),
        (f"report/{number}/picture", "report.picture", f"report/{number}"),
    ]
    (written,) = room.audited("report.made")
    assert written.after is not None
    assert written.after["hash"] == made.hash
    with room.database.read() as session:
        card = report_card(session, number, room.ctx)
        assert (card.state, card.by, card.owner, card.hash) == ("made", "Lea Lind", "Lea Lind", made.hash)
        assert {one.name for one in card.definitions} == set(stamps("solved"))
        assert [one.id for one in recent(session, room.ctx, 5)] == [number]


@on_sqlite
def test_a_report_about_another_desk_is_neither_made_nor_run_again(room: Newsroom) -> None:
    made, asked = room.ask(), room.ask(LEA, channel=LEA.id)
    room.make(made)
    room.terms(desk_system="zendesk", desk_title="Zendesk")
    for act in (lambda: room.make(asked), lambda: room.ask(LEA, channel=LEA.id, kind="rerun", rerun_of=made)):
        with pytest.raises(Refused, match="is about the tickets of builtin, and the desk is Zendesk now"):
            act()
    assert [one.state for one in room.reports()] == ["made", "asked"]
    with room.database.read() as session:
        assert report_card(session, made, room.ctx).desk == "builtin"


def test_made_twice_at_the_same_moment_it_is_made_once(room: Newsroom) -> None:
    number, start = room.ask(), Barrier(4)

    def work(_number: int) -> str:
        start.wait(timeout=30)
        try:
            return room.make(number).hash
        except Unavailable:  # one reads the desk at a time; the engine tries again
            return ""

    with ThreadPoolExecutor(4) as workers:
        hashes = set(workers.map(work, range(4)))
    assert room.make(number).state == "made"
    assert len(hashes - {""}) <= 1
    assert len(room.audited("report.made")) == 1
    with room.database.read() as session:
        assert session.get_one(Notification, f"report/{number}").version == 1
    assert len(uploads(room)) == 2


@on_sqlite
def test_without_a_channel_it_is_kept_and_posted_nowhere(room: Newsroom) -> None:
    assert room.make(room.ask(channel="")).state == "made"
    assert (room.messages("report.card"), uploads(room)) == ([], [])


@on_sqlite
def test_a_desk_that_is_away_leaves_it_asked_for(room: Newsroom) -> None:
    number = room.ask()
    room.desk.away = True
    with pytest.raises(Unavailable):
        room.make(number)
    assert room.report(number).state == "asked"
    with pytest.raises(Refused, match="not read to its end yet"):
        count_and_keep(room.database, number, None, room.ctx)
    room.desk.away = False
    assert room.make(number).state == "made"


@on_sqlite
def test_one_that_has_failed_is_not_made_behind_its_owners_back(room: Newsroom) -> None:
    number = room.ask()
    with room.world.begin() as session:
        fail(session, number, "the desk is away", room.ctx)
    assert room.make(number).state == "failed"
    assert room.messages("report.card") == []


@on_sqlite
def test_run_again_over_the_same_past_it_comes_to_the_same(room: Newsroom) -> None:
    room.world.open()
    first = room.make(room.ask())
    room.later(days=3)
    again = room.make(room.ask(ANNA, channel=ANNA.id, kind="rerun", rerun_of=first.id))
    assert (again.rerun_of, again.hash, again.id != first.id) == (first.id, first.hash, True)
    with room.database.read() as session:
        card = report_card(session, again.id, room.ctx)
    assert (card.again, card.changes, card.change_count) == (first.id, (), 0)


@on_sqlite
def test_of_another_versions_definition_only_the_version_is_told(room: Newsroom) -> None:
    number = room.ask(LEA)
    room.make(number)
    with room.world.begin() as session:
        report_card(session, number, room.ctx)
        row = room.report(number)
        session.merge(row).definitions = {**row.definitions, "created": 7}
    with room.database.read() as session:
        created = next(one for one in report_card(session, number, room.ctx).definitions if one.name == "created")
    assert created.stamp == "created/7"
    assert "does not have" in created.words
