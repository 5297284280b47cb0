"""A picture in a message: Slack shows it, or refuses it, and the text stands in either case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from automations.errors import OutcomeUnknown, Rejected
from bot.delivery import PICTURE, Delivery
from bot.views import Message
from storage import notifications
from storage.models import Notification
from tests.bot.delivery.acts import CARD, calls, deliver, render, row
from tests.bot.slack_room import CHANNEL, posted
from tests.bot.workspace.api.test_files import complete, picture, there
from tests.bot.workspace.room import Room
from tests.support import FakeClock

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pictured(session: Session, row: Notification) -> Message:
    shown = render(session, row)
    file = row.data.get(PICTURE)
    return {**shown, "blocks": [*shown["blocks"], *(picture(file) if file else [])]}


@pytest.fixture
def delivery(delivery: Delivery) -> Delivery:
    return replace(delivery, render=pictured)


def put(delivery: Delivery, text: str, file: str) -> None:
    with delivery.database.begin() as session:
        data = {"text": text, PICTURE: file}
        notifications.put(session, key=CARD, kind="t", channel=CHANNEL, data=data, at=delivery.clock.now())


def kinds(room: Room) -> list[str]:
    (message,) = room.messages()
    return [block["type"] for block in message["blocks"]]


def test_a_picture_that_slack_takes_is_in_the_message(room: Room, delivery: Delivery) -> None:
    file = there(room)
    complete(room, file, channel_id="C_REPORTS")
    put(delivery, "report", file)
    deliver(delivery)
    assert kinds(room) == ["section", "image"]
    assert row(delivery).data == {"text": "report", PICTURE: file}


def test_a_picture_that_slack_refuses_is_taken_out_of_a_post(room: Room, delivery: Delivery) -> None:
    put(delivery, "report", "F0000000000")
    assert delivery.advance({"key": CARD}) == "without its picture"
    assert (row(delivery).state, row(delivery).version, row(delivery).job_pending) == ("pending", 2, True)
    assert delivery.advance({"key": CARD}) is None
    assert (kinds(room), posted(room)) == (["section"], ["report"])
    after = row(delivery)
    assert after.data == {"text": "report", PICTURE: None, "picture_refused": True}
    assert (after.state, after.delivered_version, after.job_pending, after.error) == ("delivered", 2, False, None)


def test_a_picture_that_slack_refuses_is_taken_out_of_an_edit(room: Room, delivery: Delivery) -> None:
    put(delivery, "first", "")
    deliver(delivery)
    put(delivery, "second", "F0000000000")
    deliver(delivery)
    assert (kinds(room), posted(room)) == (["section"], ["second"])
    assert len(calls(room, "chat.postMessage")) == 1


def test_after_a_lost_answer_the_message_is_found_and_edited(room: Room, delivery: Delivery, clock: FakeClock) -> None:
    """The refusal of the edit must not forget that an earlier post may be there."""
    put(delivery, "report", "")
    room.act("faults", method="chat.postMessage", kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        delivery.advance({"key": CARD})
    put(delivery, "report with picture", "F0000000000")
    clock.move(timedelta(seconds=5))
    deliver(delivery)
    assert (kinds(room), posted(room)) == (["section"], ["report with picture"])


def test_what_is_refused_without_a_picture_too_is_not_tried_for_ever(room: Room, delivery: Delivery) -> None:
    put(delivery, "report", "F0000000000")
    room.act("faults", method="chat.postMessage", kind="error", error="invalid_blocks", times=5)
    assert delivery.advance({"key": CARD}) == "without its picture"
    with pytest.raises(Rejected, match="invalid_blocks"):
        delivery.advance({"key": CARD})
    assert len(calls(room, "chat.postMessage")) == 2
