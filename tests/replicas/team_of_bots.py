"""Three bots on one database, and an application that reports to whichever of them answers."""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle

import httpx

from tests.faults.bots import BotProcess, Forked
from tests.faults.room import Json, Room, Sender, new_port, until

RESTS_S = 5.0
"""How long a bot that gave no answer is passed over."""


class Spread(Sender):
    """As behind a load balancer: each try goes to the next bot, and one that is silent is passed over for a while."""

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__(urls[0])
        self.http.timeout = httpx.Timeout(3)
        self._urls = cycle(urls)
        self._rests = dict.fromkeys(urls, 0.0)

    def _try(self, events: Json | list[Json]) -> list[Json] | None:
        url = next((one for one, _ in zip(self._urls, self._rests, strict=False) if self._awake(one)), next(self._urls))
        self.http.base_url = url
        before = self.repeats
        found = super()._try(events)
        if self.repeats > before:
            self._rests[url] = time.monotonic() + RESTS_S
        return found

    def _awake(self, url: str) -> bool:
        return self._rests[url] < time.monotonic()


@dataclass
class Replicas:
    """The bots, by number."""

    room: Room
    bots: list[BotProcess]
    rooms: list[Room]
    senders: list[Spread] = field(default_factory=list)

    def sender(self) -> Spread:
        """A new application."""
        made = Spread([room.url for room in self.rooms])
        self.senders.append(made)
        self.room.senders.append(made)
        return made

    def pid(self, number: int) -> int:
        bot = self.bots[number]
        assert isinstance(bot, Forked)
        assert bot.child.pid is not None
        return bot.child.pid

    def freeze(self, number: int) -> None:
        os.kill(self.pid(number), signal.SIGSTOP)

    def thaw(self, number: int) -> None:
        os.kill(self.pid(number), signal.SIGCONT)


@contextmanager
def replicas(room: Room, urls: Sequence[str], env: Sequence[Mapping[str, str]] | None = None) -> Iterator[Replicas]:
    """A bot for each database URL (they name the same database), connected to Slack. A frozen one is thawed to end."""
    rooms = [replace(room, port=new_port()) for _ in urls]
    envs = env or [{} for _ in urls]
    with ExitStack() as stack:
        bots = [stack.enter_context(one.bot(url, env=more)) for one, url, more in zip(rooms, urls, envs, strict=True)]
        for one in rooms:
            until(one.ready, "a bot that is ready")
        yield Replicas(room, bots, rooms)
