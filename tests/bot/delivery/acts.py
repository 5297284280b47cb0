"""A delivery against the local workspace, and what its tests say and ask."""

from typing import Any

from sqlalchemy.orm import Session

from bot.delivery import Delivery
from bot.views import Message
from storage import notifications
from storage.models import Notification
from tests.bot.slack_room import CHANNEL
from tests.bot.workspace.room import Room

CARD = "case/1"


def render(_session: Session, row: Notification) -> Message:
    text = str(row.data["text"])
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text}}]}


def put(delivery: Delivery, text: str, *, key: str = CARD, parent: str | None = None, channel: str = CHANNEL) -> bool:
    with delivery.database.begin() as session:
        return notifications.put(
            session, key=key, kind="t", channel=channel, data={"text": text}, at=delivery.clock.now(), parent_key=parent
        )


def row(delivery: Delivery, key: str = CARD) -> Notification:
    with delivery.database.read() as session:
        found = notifications.get(session, key)
    assert found is not None
    return found


def deliver(delivery: Delivery, key: str = CARD) -> None:
    while delivery.advance({"key": key}) is not None:
        pass


def calls(room: Room, method: str) -> list[Any]:
    return list(room.read("calls", method=method)["calls"])
