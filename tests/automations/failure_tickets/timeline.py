"""Time that goes by: everything that happens by the clock, and a Slack that takes every message, without an engine."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from automations.failure_tickets.present import present
from automations.ports import HelpDesk
from bot import timed
from bot.delivery import Delivery
from bot.gateway import SlackGateway
from bot.jobs import ESCALATE, Work
from bot.render import render
from bot.slack_types import Posted
from storage import notifications
from tests.automations.failure_tickets.world import World


@dataclass(frozen=True)
class Said:
    """One post (not an edit): when, where, in which thread, and whom it called."""

    at: datetime
    channel: str
    thread_ts: str | None
    key: str
    text: str
    mentions: tuple[str, ...]


@dataclass
class Recorder:
    """Stands where the way to Slack would be, and keeps what was said."""

    world: World
    said: list[Said] = field(default_factory=list)
    edits: dict[str, Any] = field(default_factory=dict)

    def post(self, channel: str, message: Any, *, key: str, version: int, thread_ts: str | None = None) -> Posted:
        called = tuple(sorted(set(re.findall(r'"user_id": "(\w+)"|<@(\w+)>', json.dumps(message)))))
        mentions = tuple(sorted({one or other for one, other in called}))
        self.said.append(Said(self.world.clock.now(), channel, thread_ts, key, message["text"], mentions))
        self.edits[key] = message
        return Posted(channel, f"{1_795_000_000 + len(self.said)}.000100", version=version)

    def update(self, _channel: str, _ts: str, message: Any, *, key: str, version: int) -> None:
        assert version > 1
        assert "<@" not in message["text"], "an edit calls nobody"
        self.edits[key] = message

    def permalink(self, _channel: str, ts: str) -> str:
        return f"https://chat.example/{ts}"


class Timeline:
    """A world in which time goes by."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.slack = Recorder(world)
        delivery = Delivery(
            world.database,
            cast("SlackGateway", self.slack),
            lambda session, row: render(session, row, present(session, world.ctx)),
            world.ctx.jobs,
            world.clock,
        )
        self._work = Work(world.database, cast("HelpDesk", None), delivery, lambda: world.ctx)
        self._specs = {spec.name: spec for spec in self._work.specs()}
        self._done: set[str] = set()

    def run(self) -> None:
        """Do what is due now, and bring all of it to Slack."""
        self._work.ask_for_escalations()
        self._work.ask_for_what_is_due()
        self._do({ESCALATE, *(one.name for one in timed.TIMED)})
        self.deliver()

    def deliver(self) -> None:
        """Bring everything to Slack that is asked for."""
        while self._do({"slack.deliver"}):
            pass

    def go(self, by: timedelta, *, step: timedelta) -> None:
        """Let time go by in steps, and do what is due after each."""
        until = self.world.clock.now() + by
        while self.world.clock.now() < until:
            self.world.clock.move(step)
            self.run()

    def mentions(self, user: str) -> list[Said]:
        """What called this Slack user."""
        return [one for one in self.slack.said if user in one.mentions]

    def key_of(self, key: str) -> Said:
        """The one post with this key."""
        (found,) = [one for one in self.slack.said if one.key == key]
        return found

    def shown(self, key: str) -> Any:
        """The message as it stands in Slack, None if it is not there."""
        with self.world.database.read() as session:
            row = notifications.get(session, key)
        assert row is None or row.delivered_version == row.version
        return self.slack.edits.get(key)

    def _do(self, names: set[str]) -> int:
        waiting = [job for job in self.world.jobs.calls if job.job in names and job.key not in self._done]
        for job in waiting:
            self._done.add(job.key)
            while self._specs[job.job].advance(job.args) is not None:
                pass
        return len(waiting)
