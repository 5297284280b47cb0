from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from storage import stuck
from storage.engine import Database
from storage.models import StuckItem
from tests.support import START

LATER = START + timedelta(minutes=5)


def give_up(session: Session, reason: str = "channel_not_found", *, attempts: int = 8, **other: Any) -> StuckItem:
    values: dict[str, Any] = {"job": "slack.deliver", "key": "deliver/case/1/3", "args": {"key": "case/1"}, "at": START}
    return stuck.add(
        session, target="case/1", owner="lead@example.com", reason=reason, attempts=attempts, **{**values, **other}
    )


def test_one_open_item_per_job(database: Database) -> None:
    with database.begin() as session:
        first = give_up(session)
        again = give_up(session, "not_in_channel", attempts=16, at=LATER)
        assert again.id == first.id
        assert (again.reason, again.attempts, again.first_at, again.last_at) == ("not_in_channel", 16, START, LATER)
        other = give_up(session, key="deliver/case/2/1")
        assert [item.id for item in stuck.open_items(session)] == [first.id, other.id]
        assert stuck.count_open(session) == 2


def test_the_same_work_is_found_whatever_its_key(database: Database) -> None:
    work: dict[str, Any] = {"job": "slack.deliver", "args": {"key": "case/1"}}
    with database.begin() as session:
        assert stuck.key_of(session, **work) is None
        item = give_up(session)
        assert stuck.key_of(session, **work) == item.key
        assert stuck.key_of(session, job="slack.deliver", args={"key": "case/2"}) is None
        stuck.discard(session, item.id, by="anna@example.com", note="gone", at=LATER)
        assert stuck.key_of(session, **work) is None


def test_only_one_person_settles_an_item(database: Database) -> None:
    with database.begin() as session:
        item = give_up(session)
        settled = stuck.discard(session, item.id, by="anna@example.com", note="channel is gone", at=LATER)
        assert settled is not None
        assert (settled.state, settled.settled_by) == ("discarded", "anna@example.com")
        assert (settled.settled_note, settled.settled_at) == ("channel is gone", LATER)
        assert stuck.retried(session, item.id, by="bea@example.com", at=LATER) is None
        assert stuck.discard(session, 404, by="x", note="", at=LATER) is None
        found = stuck.get(session, item.id)
        assert found is not None
        assert found.settled_by == "anna@example.com"
        assert stuck.open_items(session) == []


def test_a_retry_that_fails_again_is_a_new_item(database: Database) -> None:
    with database.begin() as session:
        first = give_up(session)
        retried = stuck.retried(session, first.id, by="anna@example.com", at=LATER)
        assert retried is not None
        assert (retried.state, retried.args) == ("retried", {"key": "case/1"})
        assert give_up(session).id != first.id


def done(session: Session, since: datetime, **other: Any) -> list[int]:
    work: dict[str, Any] = {"job": "slack.deliver", "args": {"key": "case/1"}, **other}
    found = stuck.waits(session, since=since, **work)
    settled = stuck.done_since(session, since=since, by="handoff", note="done since", at=LATER, **work)
    assert found == bool(settled)
    return [item.id for item in settled]


def test_the_same_work_done_since_settles_what_was_given_up_before(database: Database) -> None:
    with database.begin() as session:
        first, second = give_up(session), give_up(session, key="deliver/case/1/4")
        newer = give_up(session, key="deliver/case/1/5", at=LATER + timedelta(seconds=1))
        others = [
            give_up(session, key="deliver/case/11/1", args={"key": "case/11"}),
            give_up(session, job="ticket.sync"),
        ]
        assert done(session, START - timedelta(seconds=1)) == []
        assert done(session, LATER, args={"key": "case/404"}) == []
        assert sorted(done(session, LATER)) == [first.id, second.id]
        assert done(session, LATER) == []
        settled = stuck.get(session, first.id)
        assert settled is not None
        assert (settled.state, settled.settled_by, settled.settled_note) == ("done", "handoff", "done since")
        assert [item.id for item in stuck.open_items(session)] == [newer.id, *(item.id for item in others)]


def test_the_order_of_arguments_does_not_matter(database: Database) -> None:
    with database.begin() as session:
        item = give_up(session, args={"b": 1, "a": 'x\u00e9 "quoted"'})
        assert done(session, LATER, args={"a": 'x\u00e9 "quoted"', "b": 1}) == [item.id]


def test_what_a_person_settled_stays_as_it_was(database: Database) -> None:
    with database.begin() as session:
        item = give_up(session)
        stuck.discard(session, item.id, by="anna@example.com", note="gone", at=LATER)
        assert done(session, LATER) == []


def test_the_same_work_is_taken_out_for_another_try_whatever_its_key(database: Database) -> None:
    work: dict[str, Any] = {"job": "slack.deliver", "args": {"key": "case/1"}}
    with database.begin() as session:
        assert stuck.last_state(session, **work) is None
        item = give_up(session)
        assert stuck.last_state(session, **work) == "open"
        (taken,) = stuck.retried_work(session, **work, by="lea@example.com", at=LATER)
        assert (taken.id, taken.state, taken.settled_by, taken.settled_at) == (
            item.id,
            "retried",
            "lea@example.com",
            LATER,
        )
        assert stuck.retried_work(session, **work, by="leo@example.com", at=LATER) == []
        assert stuck.last_state(session, **work) == "retried"
        give_up(session)
        assert stuck.last_state(session, **work) == "open"


def test_what_was_tried_stays_in_sight_also_after_a_retry(database: Database) -> None:
    with database.begin() as session:
        first = give_up(session)
        give_up(session, "not_in_channel", attempts=3, at=LATER)
        give_up(session, "of other work", key="deliver/case/2/1")
        told = [(one.at, one.tries, one.reason) for one in stuck.tried(session, first)]
        assert told == [(START, 8, "channel_not_found"), (LATER, 3, "not_in_channel")]
        stuck.retried(session, first.id, by="anna@example.com", at=LATER)
        again = give_up(session, "is_archived", at=LATER)
        assert again.id != first.id
        assert [one.reason for one in stuck.tried(session, again)][-2:] == ["not_in_channel", "is_archived"]
        assert [one.reason for one in stuck.tried(session, again, limit=1)] == ["is_archived"]
        assert len(stuck.tried(session, first)) == 2, "what came after it is the next item's"


def test_a_second_report_of_one_run_is_told_from_a_second_run(database: Database) -> None:
    work: dict[str, Any] = {"job": "slack.deliver", "run": "deliver/case/1/3", "tries": 8}
    with database.begin() as session:
        assert not stuck.is_known(session, **work)
        item = give_up(session, run="deliver/case/1/3")
        assert stuck.is_known(session, **work)
        assert not stuck.is_known(session, **{**work, "run": "deliver/case/1/4"})
        assert not stuck.is_known(session, **{**work, "tries": 9})
        stuck.discard(session, item.id, by="anna@example.com", note="gone", at=LATER)
        assert not stuck.is_known(session, **work), "of what is settled nothing is kept from coming back"
