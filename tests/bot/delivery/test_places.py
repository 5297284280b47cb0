"""Deliveries whose place is gone: a message deleted, a channel archived, the app refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.errors import OutcomeUnknown, Rejected, Unavailable
from bot.delivery import Delivery
from storage import notifications
from tests.bot.delivery.acts import CARD, deliver, put, row
from tests.bot.slack_room import CHANNEL, FALLBACK, posted
from tests.bot.workspace.room import Room
from tests.support import FakeClock

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed", "cant_update_message"])
def test_what_cannot_be_edited_is_posted_anew_and_pointed_to(room: Room, delivery: Delivery, code: str) -> None:
    put(delivery, "first")
    deliver(delivery)
    old = row(delivery).ts
    put(delivery, "second")
    room.act("faults", method="chat.update", kind="error", error=code)
    deliver(delivery)
    assert posted(room) == ["first", "second"]
    assert row(delivery).ts == room.messages()[1]["ts"] != old
    put(delivery, "third")
    deliver(delivery)
    assert posted(room) == ["first", "third"]


def test_what_an_administrator_deleted_is_posted_anew(room: Room, delivery: Delivery) -> None:
    put(delivery, "first")
    deliver(delivery)
    assert room.act("delete", user="U_ADMIN", channel=CHANNEL, ts=row(delivery).ts)["ok"]
    put(delivery, "second")
    deliver(delivery)
    assert posted(room) == ["second"]
    assert row(delivery).ts == room.messages()[0]["ts"]


def test_a_line_whose_thread_is_gone_is_found_where_it_went(room: Room, delivery: Delivery, clock: FakeClock) -> None:
    put(delivery, "head")
    deliver(delivery)
    assert room.act("delete", user="U_ADMIN", channel=CHANNEL, ts=row(delivery).ts)["ok"]
    put(delivery, "a line", key="line/1", parent=CARD)
    room.act("faults", method="chat.postMessage", kind="error", error="thread_not_found", times=1)
    room.act("faults", method="chat.postMessage", kind="drop_reply", times=1)
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": "line/1"})
    clock.move(timedelta(seconds=5))
    deliver(delivery, "line/1")
    assert posted(room).count("a line") == 1


def test_a_deleted_channel_is_replaced_by_the_fallback(room: Room, delivery: Delivery) -> None:
    """One message of it was there before: it is gone with its channel, and the next state comes elsewhere."""
    put(delivery, "first")
    deliver(delivery)
    room.act("faults", delete=CHANNEL)
    put(delivery, "second")
    deliver(delivery)
    assert [text.rpartition(". ")[2] for text in posted(room, FALLBACK)] == ["second"]
    assert row(delivery).posted_channel == FALLBACK


def test_a_dead_channel_is_replaced_and_the_message_says_where_it_belongs(room: Room, delivery: Delivery) -> None:
    room.act("faults", archive=CHANNEL)
    put(delivery, "still needed")
    deliver(delivery)
    (message,) = room.messages(FALLBACK)
    assert message["text"] == (
        f"This belongs in channel {CHANNEL}, which does not take messages from Handoff. still needed"
    )
    assert row(delivery).posted_channel == FALLBACK
    put(delivery, "changed")
    put(delivery, "a line", key="line/1", parent=CARD)
    deliver(delivery)
    deliver(delivery, "line/1")
    assert [text.rpartition(". ")[2] for text in posted(room, FALLBACK)] == ["changed"]
    assert posted(room, FALLBACK, thread_ts=str(row(delivery).ts))[1:] == ["a line"]


def test_a_report_goes_to_no_other_channel_and_comes_once_its_own_takes_it(room: Room, delivery: Delivery) -> None:
    room.act("faults", archive=CHANNEL)
    with delivery.database.begin() as session:
        notifications.put(
            session, key="report/1", kind="report.card", channel=CHANNEL, data={"text": "37 open"},
            at=delivery.clock.now(),
        )  # fmt: skip
    with pytest.raises(Rejected, match="is_archived"):
        deliver(delivery, "report/1")
    assert posted(room, FALLBACK) == []
    room.act("faults", unarchive=CHANNEL)
    room.act("faults", invite=CHANNEL)
    deliver(delivery, "report/1")
    assert posted(room) == ["37 open"]


def test_what_slack_does_not_send_in_private_says_for_whom_it_is(room: Room, delivery: Delivery) -> None:
    delivery = replace(delivery, belongs="This is for {}.".format)
    room.act("faults", method="chat.postMessage", kind="error", error="channel_not_found")
    put(delivery, "yours went to others", channel="U_AGENT1")
    deliver(delivery)
    assert posted(room, FALLBACK) == ["This is for U_AGENT1. yours went to others"]


def test_what_slack_did_send_in_private_says_nothing_of_it_when_it_changes(room: Room, delivery: Delivery) -> None:
    for text in ("for you", "for you, changed"):
        put(delivery, text, channel="U_AGENT1")
        deliver(delivery)
    private = str(row(delivery).posted_channel)
    assert private.startswith("D")
    assert posted(room, private) == ["for you, changed"]


def test_a_channel_that_died_after_the_post_is_replaced_too(room: Room, delivery: Delivery) -> None:
    put(delivery, "first")
    deliver(delivery)
    room.act("faults", archive=CHANNEL)
    put(delivery, "second")
    deliver(delivery)
    assert posted(room, FALLBACK)[0].endswith("second")
    assert row(delivery).posted_channel == FALLBACK


def test_without_another_channel_a_person_has_to_act(room: Room, delivery: Delivery) -> None:
    room.act("faults", archive=FALLBACK)
    put(delivery, "nowhere", channel=FALLBACK)
    with pytest.raises(Rejected, match="is_archived"):
        delivery.advance({"key": CARD})
    with delivery.database.begin() as session:
        delivery.stuck(session, {"key": CARD}, "is_archived")
    assert (row(delivery).state, row(delivery).error) == ("stuck", "is_archived")
    room.act("faults", unarchive=FALLBACK)
    deliver(delivery)  # the retry from the failure queue
    assert posted(room, FALLBACK) == ["nowhere"]


def test_a_line_that_slack_refuses_does_not_hold_the_later_ones(room: Room, delivery: Delivery) -> None:
    put(delivery, "head")
    deliver(delivery)
    put(delivery, "line 1", key="line/1", parent=CARD)
    put(delivery, "line 2", key="line/2", parent=CARD)
    room.act("faults", method="chat.postMessage", kind="error", error="invalid_blocks")
    deliver(delivery, "line/2")
    assert posted(room, thread_ts=str(row(delivery).ts)) == ["head", "line 2"]
    assert row(delivery, "line/1").state == "pending", "it is its own job's to fail"


def test_while_slack_refuses_the_app_everything_waits(room: Room, delivery: Delivery) -> None:
    put(delivery, "later")
    room.act("faults", revoke_token=True)
    with pytest.raises(Unavailable, match="token_revoked"):
        delivery.advance({"key": CARD})
    room.act("faults", revoke_token=False)
    deliver(delivery)
    assert posted(room) == ["later"]
