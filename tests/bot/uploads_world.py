"""A message with files to come, against the local workspace: what is drawn, what runs, what there is in the end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from bot.delivery import PICTURE, Delivery
from bot.picture_shown import PictureShown
from bot.slack_files import SlackFiles
from bot.uploading import File, Uploading
from bot.views import Message
from storage import notifications, uploads
from storage.models import Notification, Upload
from tests.bot.delivery.acts import deliver, render
from tests.bot.slack_room import CHANNEL
from tests.bot.workspace.api.test_files import PNG, picture
from tests.bot.workspace.room import Json, Room

CARD, PICTURE_KEY, SHEET_KEY = "report/1", "report/1/picture", "report/1/csv"
SHEET = b"number,value\nbacklog_end,37\n"


def draw_picture(_session: Session, args: Mapping[str, Any]) -> File:
    return File(f"week-{args['week']}.png", "The week", PNG)


def draw_sheet(_session: Session, args: Mapping[str, Any]) -> File:
    return File(f"week-{args['week']}.csv", "Data sheet", SHEET)


DRAWERS = {"report.picture": draw_picture, "report.csv": draw_sheet}


def pictured(session: Session, row: Notification) -> Message:
    shown = render(session, row)
    file = row.data.get(PICTURE)
    return {**shown, "blocks": [*shown["blocks"], *(picture(file) if file else [])]}


@dataclass(frozen=True)
class Desk:
    """One report's message and its two files."""

    room: Room
    delivery: Delivery
    uploading: Uploading

    def asks(self, *, posted: bool = True) -> None:
        """The rows that an automation writes; with `posted` the message is in Slack."""
        with self.delivery.database.begin() as session:
            at = self.delivery.clock.now()
            notifications.put(session, key=CARD, kind="t", channel=CHANNEL, data={"text": "report"}, at=at)
            for kind, key in (("report.picture", PICTURE_KEY), ("report.csv", SHEET_KEY)):
                uploads.put(session, key=key, notification=CARD, kind=kind, args={"week": 45}, at=at)
        if posted:
            deliver(self.delivery, CARD)

    def upload(self, key: str = PICTURE_KEY) -> None:
        self.uploading.advance({"key": key})

    def row(self, key: str = PICTURE_KEY) -> Upload:
        with self.delivery.database.read() as session:
            found = uploads.get(session, key)
        assert found is not None
        return found

    def card(self) -> Notification:
        with self.delivery.database.read() as session:
            found = notifications.get(session, CARD)
        assert found is not None
        return found

    def thread(self) -> list[Json]:
        """What stands below the message."""
        ts = str(self.card().ts)
        return [line for line in self.room.messages(CHANNEL, thread_ts=ts) if line["ts"] != ts]

    def shown(self) -> list[str]:
        """The names of the files in the thread, as often as they are there."""
        return [file["name"] for line in self.thread() for file in line.get("files", ())]

    @property
    def pictures(self) -> PictureShown:
        own = self.uploading
        return PictureShown(own.database, own.files, own.jobs, own.clock)


def desk_in(room: Room, delivery: Delivery) -> Desk:
    given = replace(delivery, render=pictured)
    files = SlackFiles(given.gateway)
    return Desk(room, given, Uploading(given.database, files, given.jobs, given.clock, DRAWERS))
