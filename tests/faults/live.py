"""A bot that lives through a module's tests. Each test opens cases of its own and judges only those."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from automations.domain import parse_case_ref
from bot.engine import EngineClient
from bot.jobs import ROUTES
from storage import stuck
from storage.engine import Database
from storage.models import StuckItem
from tests.faults.checks import settled
from tests.faults.room import Json, Room, Sender, failure, until


@dataclass
class Live:
    """A running bot with its room and its database."""

    room: Room
    database: Database
    sender: Sender
    numbers: Iterator[int] = field(default_factory=count)

    def open(self, lane: int, **more: str) -> str:
        """A new case in this lane's channel; it is acknowledged, no more."""
        number = next(self.numbers)
        result = self.sender.send(failure(f"live-{number}", key=f"live-{number}", lane=lane, **more))[0]
        assert result["status"] == "opened", result
        return str(result["case_id"])

    def case(self, case: str) -> Json:
        return self.sender.case(case)

    def messages(self, case: str) -> list[tuple[str, Json]]:
        """Every message of this case that Slack shows outside threads, with its channel."""
        key = f"case/{parse_case_ref(case)}"
        return [row for row in self.room.slack.everywhere() if row[1]["metadata"]["event_payload"]["key"] == key]

    def message(self, case: str) -> tuple[str, Json]:
        """Its one message; waits until there is one."""
        until(lambda: self.messages(case), f"the message of {case}")
        (found,) = self.messages(case)
        return found

    def thread(self, case: str) -> list[str]:
        """The texts below its message."""
        channel, message = self.message(case)
        return [line["text"] for line in self.room.slack.thread(channel, message["ts"])]

    def posts(self, case: str) -> list[Json]:
        """Every call that tried to post this case's message, with what came of it."""
        key = f"case/{parse_case_ref(case)}"
        calls = self.room.slack.calls("chat.postMessage")
        return [call for call in calls if call["arguments"]["metadata"]["event_payload"]["key"] == key]

    def settled(self, timeout_s: float = 60) -> None:
        settled(self.database, timeout_s)

    def stuck(self) -> list[StuckItem]:
        """What waits for a person."""
        with self.database.read() as session:
            return stuck.open_items(session)

    def retry(self, item: StuckItem) -> None:
        """As `handoff stuck retry`."""
        client = EngineClient(self.database, ROUTES)
        with self.database.begin() as session:
            taken = stuck.retried(session, item.id, by="mara.lind@example.com", at=datetime.now(UTC))
            assert taken is not None
            client.retry(session, taken)
        client.close()

    def claim(self, case: str, user: str) -> Json:
        channel, message = self.message(case)
        return self.room.slack.click(user, channel, message["ts"])


@contextmanager
def living(room: Room, database_url: str, **env: str) -> Iterator[Live]:
    """Start a bot that is connected to Slack."""
    with room.bot(database_url, env=env):
        database = Database(database_url)
        try:
            until(room.ready, "a bot that is ready")
            yield Live(room, database, room.sender())
        finally:
            database.close()
