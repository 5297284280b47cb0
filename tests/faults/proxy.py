"""A TCP proxy that does to a connection what networks do: slowness, resets, silence, cut answers, lost answers.

It stands between two processes and forwards bytes both ways until a `Fault` is ordered. A fault strikes the connections
that are open as well as new ones. The far side is a TCP address or the path of a UNIX socket (PostgreSQL's).
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

CHUNK = 64 * 1024
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on with zero seconds: a close is a reset, and what was not sent is dropped."""
PATIENCE_S = 10.0

Address = tuple[str, int] | Path


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the bytes. `times`: after so many strikes the line is well again; None until it is mended.

    `latency_s`: every piece of an answer comes that much later; this one never wears off.
    `reset`: a connection is reset as soon as anything is asked on it, before the far side hears of it.
    `half_open`: nothing gets through any more in either direction, and no connection is closed.
    `cut_after`: the answer to what is asked next is reset after so many bytes of it.
    `lose_answers`: what is asked is done, and the connection is reset in place of the answer.
    `asked`: only a request in which these bytes occur is struck, a `COMMIT` for instance.
    """

    latency_s: float = 0.0
    reset: bool = False
    half_open: bool = False
    cut_after: int | None = None
    lose_answers: bool = False
    asked: bytes = b""
    times: int | None = None


WELL = Fault()


class _Line:
    """One connection through the proxy, and what its side that asks said last."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near = near
        self.far = far
        self.struck: Fault | None = None
        self.left = 0

    def reset(self) -> None:
        for writer in (self.near, self.far):
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.family != socket.AF_UNIX:
                with suppress(OSError):  # closed by now
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            writer.transport.abort()


class Proxy:
    """Forwards `port` of this machine to `target`, from a thread of its own. `strikes` counts what faults did.

    `ordered_at` is the count of strikes when the present fault was ordered.
    """

    def __init__(self, target: Address, port: int = 0) -> None:
        self.target = target
        self.port = port
        self.strikes = 0
        self.ordered_at = 0
        self.connections = 0
        self._fault = WELL
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fault(self, fault: Fault) -> None:
        """From now on this happens, to open connections too."""
        self._call(self._order(fault))

    def mend(self) -> None:
        """The line is well again. Connections that were silent are reset, as the system does when it notices."""
        silent = self._fault.half_open
        self._call(self._order(WELL))
        if silent:
            self.cut()

    def cut(self) -> None:
        """Reset every open connection, once."""
        self._call(self._cut())

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _order(self, fault: Fault) -> None:
        self.ordered_at = self.strikes
        self._fault = fault

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _cut(self) -> None:
        for line in list(self._lines):
            line.reset()

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        assert me is not None
        self._tasks.add(me)
        self.connections += 1
        line = None
        try:
            far_reader, far = await self._reach_target()
            line = _Line(writer, far)
            self._lines.add(line)
            await asyncio.gather(self._ask(line, reader), self._answer(line, far_reader))
        except OSError:  # either side went away, or is not there: so does the other
            writer.transport.abort()
        finally:
            if line is not None:
                self._lines.discard(line)
                line.far.close()
            writer.close()
            self._tasks.discard(me)

    async def _reach_target(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)

    async def _ask(self, line: _Line, reader: asyncio.StreamReader) -> None:
        """Bytes of the side that asks."""
        while piece := await reader.read(CHUNK):
            fault = self._fault
            if fault.half_open:
                continue  # swallowed; nobody is told
            if fault.asked in piece and (fault.reset or fault.lose_answers or fault.cut_after is not None):
                self._strike()
                if fault.reset:
                    line.reset()
                    return
                line.struck, line.left = fault, fault.cut_after or 0
            line.far.write(piece)
            await line.far.drain()
        if line.far.can_write_eof():
            line.far.write_eof()

    async def _answer(self, line: _Line, reader: asyncio.StreamReader) -> None:
        """Bytes of the side that answers."""
        while piece := await reader.read(CHUNK):
            fault = self._fault
            if fault.half_open:
                continue
            if fault.latency_s:
                await asyncio.sleep(fault.latency_s)
            if line.struck is not None:
                passes, line.left = piece[: line.left], max(0, line.left - len(piece))
                if line.left == 0:
                    if passes:
                        line.near.write(passes)
                        await line.near.drain()
                    line.reset()
                    return
                piece = passes
            line.near.write(piece)
            await line.near.drain()
        line.near.close()

    def _strike(self) -> None:
        self.strikes += 1
        if self._fault.times is not None:
            left = self._fault.times - 1
            self._fault = replace(self._fault, times=left) if left > 0 else WELL
