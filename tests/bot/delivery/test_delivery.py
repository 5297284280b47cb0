"""Deliveries against the local workspace: one message per notification, whatever goes wrong on the way."""

from datetime import timedelta
from typing import Any

import pytest

from automations.errors import NotFound, OutcomeUnknown, Unavailable
from bot.delivery import JOB, Delivery, thread_channel
from storage import audit
from tests.bot.delivery.acts import CARD, calls, deliver, put, row
from tests.bot.slack_room import CHANNEL, posted
from tests.bot.workspace.room import Room
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_first_delivery_posts_and_the_next_edits_the_same_message(room: Room, delivery: Delivery) -> None:
    assert put(delivery, "first")
    deliver(delivery)
    first = row(delivery)
    assert (first.state, first.posted_channel, first.delivered_version) == ("delivered", CHANNEL, 1)
    assert first.permalink == room.messages()[0]["permalink"]
    assert put(delivery, "second")
    deliver(delivery)
    assert posted(room) == ["second"]
    second = row(delivery)
    assert (second.ts, second.permalink, second.delivered_version) == (first.ts, first.permalink, 2)


def test_a_post_is_audited_with_its_place_and_an_edit_is_not(room: Room, delivery: Delivery) -> None:
    put(delivery, "first")
    deliver(delivery)
    put(delivery, "second")
    deliver(delivery)
    with delivery.database.read() as session:
        (entry,) = audit.entries(session, action="slack.posted")
        assert audit.verify(session).ok
    assert (entry.actor, entry.target, entry.outcome) == ("handoff", CARD, "done")
    assert entry.after == {"message": CARD, "channel": CHANNEL, "ts": row(delivery).ts, "version": 1}


def test_a_storm_of_changes_is_one_edit_with_the_newest(room: Room, delivery: Delivery) -> None:
    put(delivery, "first")
    deliver(delivery)
    assert put(delivery, "change 1")
    assert not any(put(delivery, f"change {number}") for number in range(2, 50))
    deliver(delivery)
    deliver(delivery)
    assert posted(room) == ["change 49"]
    assert len(calls(room, "chat.update")) == 1


def test_a_change_while_a_call_is_out_asks_for_one_more_job(
    room: Room, delivery: Delivery, jobs: RecordingJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(delivery, "first")
    post = delivery.gateway.post

    def post_slowly(*args: Any, **more: Any) -> Any:
        assert not put(delivery, "meanwhile"), "the running job brings it along"
        return post(*args, **more)

    monkeypatch.setattr(delivery.gateway, "post", post_slowly)
    deliver(delivery)
    assert [(job.key, job.args) for job in jobs.of(JOB)] == [("deliver/case/1/2", {"key": CARD})]
    deliver(delivery)
    assert posted(room) == ["meanwhile"]


def test_lines_wait_for_the_head_and_come_in_their_order(room: Room, delivery: Delivery, jobs: RecordingJobs) -> None:
    put(delivery, "head")
    for number in (1, 2, 3):
        assert not put(delivery, f"line {number}", key=f"line/{number}", parent=CARD)
    deliver(delivery)
    assert [job.args["key"] for job in jobs.of(JOB)] == ["line/1", "line/2", "line/3"]
    for key in ("line/3", "line/1", "line/2"):  # the jobs of one transaction come in any order
        deliver(delivery, key)
    assert posted(room, thread_ts=str(row(delivery).ts)) == ["head", "line 1", "line 2", "line 3"]
    assert posted(room) == ["head"]


def test_a_lost_answer_is_looked_up_and_never_posted_again(room: Room, delivery: Delivery, clock: FakeClock) -> None:
    put(delivery, "once")
    room.act("faults", method="chat.postMessage", kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": CARD})
    assert row(delivery).state == "unknown"
    with pytest.raises(Unavailable, match="may still arrive") as early:
        delivery.advance({"key": CARD})
    assert 0 < (early.value.retry_after_s or 0) <= 2
    clock.move(timedelta(seconds=2))
    deliver(delivery)
    assert posted(room) == ["once"]
    assert row(delivery).ts == room.messages()[0]["ts"]
    assert len(calls(room, "chat.postMessage")) == 1


def test_a_lost_answer_and_a_newer_state_become_one_edited_message(
    room: Room, delivery: Delivery, clock: FakeClock
) -> None:
    put(delivery, "old")
    room.act("faults", method="chat.postMessage", kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": CARD})
    put(delivery, "new")
    clock.move(timedelta(seconds=5))
    deliver(delivery)
    assert posted(room) == ["new"]


def test_a_lost_answer_in_a_thread_is_found_in_the_thread(room: Room, delivery: Delivery, clock: FakeClock) -> None:
    put(delivery, "head")
    deliver(delivery)
    put(delivery, "line", key="line/1", parent=CARD)
    room.act("faults", method="chat.postMessage", kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": "line/1"})
    clock.move(timedelta(seconds=5))
    deliver(delivery, "line/1")
    assert posted(room, thread_ts=str(row(delivery).ts)) == ["head", "line"]


def test_a_call_that_did_nothing_is_made_again(room: Room, delivery: Delivery, clock: FakeClock) -> None:
    put(delivery, "once")
    room.act("faults", method="chat.postMessage", kind="http_500")
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": CARD})
    clock.move(timedelta(seconds=5))
    deliver(delivery)
    assert posted(room) == ["once"]
    assert len(calls(room, "conversations.history")) == 2, "the channel and the fallback channel were looked at"


@pytest.mark.parametrize("fault", [{"kind": "http_500"}, {"kind": "error", "error": "missing_scope"}])
def test_a_look_back_that_fails_is_never_taken_for_nothing_there(
    room: Room, delivery: Delivery, clock: FakeClock, fault: dict[str, str]
) -> None:
    put(delivery, "once")
    room.act("faults", method="chat.postMessage", kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": CARD})
    clock.move(timedelta(seconds=5))
    room.act("faults", method="conversations.history", **fault)
    with pytest.raises(Unavailable):
        delivery.advance({"key": CARD})
    assert row(delivery).state == "unknown"
    assert len(calls(room, "chat.postMessage")) == 1
    deliver(delivery)
    assert posted(room) == ["once"]


def test_a_429_changes_nothing_and_is_no_lost_answer(room: Room, delivery: Delivery) -> None:
    put(delivery, "once")
    room.act("faults", method="chat.postMessage", kind="rate_limited", retry_after=9)
    with pytest.raises(Unavailable) as caught:
        delivery.advance({"key": CARD})
    assert caught.value.retry_after_s == 9.0
    assert row(delivery).state == "pending"
    deliver(delivery)
    assert posted(room) == ["once"]
    assert calls(room, "conversations.history") == []


def test_a_missing_permalink_does_not_hold_the_delivery(room: Room, delivery: Delivery) -> None:
    put(delivery, "once")
    room.act("faults", method="chat.getPermalink", kind="http_500")
    deliver(delivery)
    assert (row(delivery).state, row(delivery).permalink) == ("delivered", None)


def test_the_order_is_kept_by_the_channel_the_thread_was_meant_for(delivery: Delivery) -> None:
    put(delivery, "head")
    put(delivery, "line", key="line/1", parent=CARD, channel="C_REPORTS")
    with delivery.database.read() as session:
        assert thread_channel(session, {"key": CARD}) == CHANNEL
        assert thread_channel(session, {"key": "line/1"}) == CHANNEL
        with pytest.raises(NotFound):
            thread_channel(session, {"key": "nothing"})
    with pytest.raises(NotFound):
        delivery.advance({"key": "nothing"})
