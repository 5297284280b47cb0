"""Asking for jobs: inside the caller's transaction, by a running bot or by a command beside it."""

import json
import logging
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.engine.delays import put_off
from bot.engine.spec import ARGS_LIMIT, Args, Route
from storage.boundaries import reach
from storage.engine import Database
from storage.models import StuckItem

APPLICATION: Final = "handoff"
RETRY_MARK: Final = "~"
VERSION: Final = "1"
"""Fixed: by default the engine hashes its source, and every update would strand the work of the one before."""

_SET_BACK: Final = (
    text("update workflow_status set started_at_epoch_ms = :now where started_at_epoch_ms > :now"),
    text(
        "update workflow_status set delay_until_epoch_ms = delay_until_epoch_ms - (created_at - :now)"
        " where status = 'DELAYED' and created_at > :now"
    ),
)


def prepare(database: Database) -> None:
    """Create or update the engine's own tables, so that jobs can be written before a bot ever ran."""
    quiet()
    DBOS.migrate(database.url)


def set_back(database: Database) -> None:
    """Let nothing in the queues of an SQLite file lie ahead of now, as after the machine's clock was set back.

    There the limiter counts starts by this machine's clock, and would hold a channel until that time has come; a job
    that is to be tried again would wait as long. On PostgreSQL the engine asks the server's clock.
    """
    with database.begin() as session:
        for statement in _SET_BACK:
            session.execute(statement, {"now": int(time.time() * 1000)})


def serializer() -> DBOSPortableJSONSerializer:
    """JSON; the default would be pickle."""
    return DBOSPortableJSONSerializer()


def quiet() -> None:
    """Let the engine's log lines go through our own formatter (which redacts), warnings and worse only."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:  # with a handler in place the engine does not add its own
        logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)


class EngineClient:
    """Implements the port `Jobs`. Needs the engine's tables (`prepare`), not a running bot."""

    def __init__(self, database: Database, routes: Iterable[Route]) -> None:
        quiet()
        self._routes = {route.name: route for route in routes}
        self._client = DBOSClient(
            system_database_engine=database.engine,
            serializer=serializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def enqueue(self, session: Session, job: str, key: str, args: Args) -> None:
        """Ask for one run of `job` in the caller's transaction. The same `key` runs once, however often asked for.

        Raises: LookupError for a job nobody does; ValueError for arguments over 4 KB.
        """
        self.put(session, job, key, args)

    def put(self, session: Session, job: str, key: str, args: Args, *, attempt: int = 1, delay_s: float = 0.0) -> None:
        """As `enqueue`, for one certain attempt (from 1), which starts after `delay_s` seconds."""
        route = self._routes.get(job)
        if route is None:
            raise LookupError(f"there is no job {job!r}; there are {', '.join(sorted(self._routes))}")
        if len(json.dumps(dict(args)).encode()) > ARGS_LIMIT:
            raise ValueError(f"job {job!r}: arguments are ids and counts, at most {ARGS_LIMIT} bytes")
        options: EnqueueOptions = {
            "workflow_name": route.queue,
            "queue_name": route.queue,
            "workflow_id": job_id(job, key, attempt),
            "app_version": VERSION,
        }
        if route.partition is not None:
            options["queue_partition_key"] = route.partition(session, args)
        if delay_s > 0:
            options["delay_seconds"] = delay_s
        self._client.enqueue_in_transaction(session.connection(), options, job, key, dict(args), attempt)
        if delay_s > 0:
            put_off(session, options["workflow_id"], delay_s)
        reach("job.enqueued")

    def retry(self, session: Session, item: StuckItem) -> None:
        """Ask for the job of an item that was just taken out of the failure queue; it goes on at the failed step."""
        self.put(session, item.job, retry_key(item), item.args)
        reach("stuck.retried")

    def close(self) -> None:
        """Let go of the engine's client; the database stays open."""
        self._client.destroy()


def retry_key(item: StuckItem) -> str:
    """The key of the job that tries stuck work again: another than that which failed, and one for each item."""
    return f"{item.key}{RETRY_MARK}{item.id}"


def forget_ended(*, before: datetime) -> int:
    """Delete the engine's runs that ended well before a moment, or were cancelled. Says how many."""
    gone = 0
    while runs := DBOS.list_workflows(
        status=["SUCCESS", "CANCELLED"],
        completed_before=before.isoformat(),
        limit=500,
        load_input=False,
        load_output=False,
    ):
        DBOS.delete_workflows([run.workflow_id for run in runs])
        gone += len(runs)
    return gone


def first_key(key: str) -> str:
    """The key as it was asked for at first, without the mark of a retry from the failure queue."""
    return key.partition(RETRY_MARK)[0]


def job_id(job: str, key: str, attempt: int = 1) -> str:
    """The one name of an attempt; the database allows each once."""
    return f"{job}:{key}" if attempt == 1 else f"{job}:{key}#{attempt}"
