"""Payloads to the app: one attempt for a person's act, several for an event, over whichever transport is set."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, Protocol

from bot.workspace.faults import Faults
from bot.workspace.model import Json
from bot.workspace.payloads import event_callback, subscribed
from bot.workspace.state import Workspace

REORDER_WAIT_S = 1.0
"""How long a payload that should be overtaken waits for another one."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One payload on its way; `attempt` 0 is the first, `reason` why the one before failed."""

    kind: Literal["events_api", "interactive", "slash_commands"]
    payload: Json
    attempt: int = 0
    reason: str = ""


class Reply(NamedTuple):
    """What came back: acknowledged or not, the body of the acknowledgement, and why not."""

    acked: bool
    body: Json | None
    reason: str
    no_retry: bool = False


class Transport(Protocol):
    """A way to the app. `sent` is called once the payload is out, before its acknowledgement."""

    async def deliver(self, envelope: Envelope, sent: Callable[[], None]) -> Reply:
        """One attempt; never raises for what the app does wrong."""


class Delivery:
    """Sends events in the background and people's acts while they wait."""

    def __init__(self, workspace: Workspace, faults: Faults, transport: Transport) -> None:
        self.workspace, self.faults, self.transport = workspace, faults, transport
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: asyncio.Event | None = None
        workspace.on_event = self.emit

    @property
    def busy(self) -> bool:
        """Whether something is still on its way."""
        return bool(self._tasks)

    def emit(self, event: Json) -> None:
        """Deliver an event when the app listens for it; returns at once."""
        if subscribed(self.workspace, event):
            self._spawn(self._deliver_event(event_callback(self.workspace, event)))

    def tell(self, kind: Literal["interactive"], payload: Json) -> None:
        """Deliver a payload nobody waits for, such as view_closed."""
        self._spawn(self.ask(kind, payload))

    async def ask(self, kind: Literal["interactive", "slash_commands"], payload: Json) -> Reply:
        """Deliver a person's act once and wait for its acknowledgement. Slack does not redeliver these."""
        return await self._attempt(Envelope(kind, payload))

    async def _deliver_event(self, payload: Json) -> None:
        reply = await self._attempt(Envelope("events_api", payload))
        for number, delay_s in enumerate(self.faults.retry_delays_s, start=1):
            if reply.acked or reply.no_retry:
                return
            await asyncio.sleep(delay_s)
            reply = await self._attempt(Envelope("events_api", payload, number, reply.reason))
        if not reply.acked:
            self.workspace.notice(f"The app never acknowledged the event {payload['event']['type']} ({reply.reason})")

    async def _attempt(self, envelope: Envelope) -> Reply:
        for _ in range(self.faults.copies_of_next() - 1):
            self._spawn(self.transport.deliver(replace(envelope), lambda: None))
        overtaken = await self._place_in_line()
        return await self.transport.deliver(envelope, overtaken.set)

    async def _place_in_line(self) -> asyncio.Event:
        """Wait when this payload shall be overtaken; returns what to set once it is out, so that the held one goes."""
        if self._held is not None:
            held, self._held = self._held, None
            return held
        if self.faults.reorders:
            self.faults.reorders -= 1
            self._held = mine = asyncio.Event()
            try:
                async with asyncio.timeout(REORDER_WAIT_S):
                    await mine.wait()
            except TimeoutError:
                self._held = None
        return asyncio.Event()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is still on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
