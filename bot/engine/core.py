"""The engine's life: start, take over what the dead left, show what failed, forget what is long done, stop."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import enumerate as living_threads
from typing import ClassVar, Final

from dbos import DBOS
from sqlalchemy.orm import Session

from automations.ports import Clock
from bot.engine.client import APPLICATION, VERSION, EngineClient, forget_ended, job_id, quiet, serializer, set_back
from bot.engine.delays import count_by_the_server
from bot.engine.failures import Left, nobody_told
from bot.engine.lifeline import Lifeline, take_lifeline
from bot.engine.spec import QUEUES, Args, JobSpec
from bot.engine.tenure import Lost, still_failed
from bot.engine.waiting import Oldest, oldest_job
from bot.engine.worker import SLACK_PERIOD_S, Worker
from storage.engine import Database
from storage.models import StuckItem

POLL_S: Final = 0.2
"""Seconds between two looks at a queue. Half of it is added to a job's way, and each look costs: at 0.1 s an idle bot
took 6 % of a core, at 0.2 s under 4 % (`python -m tests.bench.engine`)."""
JOBS_POLLS: Final = 5
"""Queue `jobs` is looked at that much less often: nobody waits for it."""

DESK_AT_ONCE: Final = 8
JOBS_AT_ONCE: Final = 4

GRACE: Final = 3
"""Looks in a row at which a process must be missing before its work is taken over: a server restart drops all locks."""

FAILED: Final = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
SWEEP_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the engine can work, and in words why not."""

    ok: bool
    words: str


class Engine:
    """The running engine. Implements the port `Jobs`. One at a time per process: the library is a singleton.

    `redact` takes secrets out of what failures say; `default_owner` gets what no job spec knows an owner for; `left` is
    told of stuck work that was done after all.
    """

    _started: ClassVar["Engine | None"] = None
    _left_held: ClassVar[list[Lifeline]] = []
    """Lifelines of work that outlived a stop; the end of the process lets go of them."""

    def __init__(
        self,
        database: Database,
        *,
        jobs: Sequence[JobSpec],
        redact: Callable[[str], str],
        clock: Clock,
        default_owner: Callable[[], str],
        left: Left = nobody_told,
        poll_s: float = POLL_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._poll_s = poll_s
        self._client = EngineClient(database, jobs)
        self._worker = Worker(
            database,
            self._client,
            {spec.name: spec for spec in jobs},
            redact=redact,
            clock=clock,
            default_owner=default_owner,
            left=left,
        )
        self._lifeline: Lifeline | None = None
        self._missing: dict[str, int] = {}
        self._strays: dict[str, int] = {}

    def enqueue(self, session: Session, job: str, key: str, args: Args) -> None:
        """Ask for one run of `job` in the caller's transaction. The same `key` runs once, however often asked for.

        Raises: LookupError for a job nobody does; ValueError for arguments over 4 KB.
        """
        self._client.enqueue(session, job, key, args)

    def retry(self, session: Session, item: StuckItem) -> None:
        """Ask for the job of an item that was just taken out of the failure queue; it goes on at the failed step."""
        self._client.retry(session, item)

    def start(self) -> None:
        """Take the lifeline, start the queues, take over what a dead process left.

        Raises: AlreadyRunning if another process holds the SQLite file.
        """
        if Engine._started is not None:
            raise RuntimeError("one engine per process")
        self._lifeline = take_lifeline(self._database)
        Engine._started = self
        try:
            self._launch(self._lifeline.name)
            if self._database.dialect == "sqlite":
                set_back(self._database)
        except BaseException:
            self._shut()
            raise
        self.reap(grace=1 if self._database.dialect == "sqlite" else GRACE)

    def stop(self, timeout_s: float = 6.0) -> None:
        """Let running work end at its next pause, at most `timeout_s` seconds. The next start goes on with the rest.

        Work that is still in a call then keeps our lifeline until the process ends, so that nobody takes it over early.
        """
        if Engine._started is not self:
            return
        self._shut(keep_lifeline=not self._worker.stop(timeout_s))

    def health(self) -> Health:
        """Whether jobs are being done, without asking the database."""
        if Engine._started is not self:
            return Health(ok=False, words="the job engine is not started")
        present = {thread.name for thread in living_threads()}
        idle = [queue for queue in QUEUES if f"queue-worker-{queue}" not in present]
        if idle:
            return Health(ok=False, words=f"nobody looks at the job queue {', '.join(idle)}")
        return Health(ok=True, words="the job engine is running")

    def oldest(self) -> Oldest | None:
        """The job that has waited longest, None for none. Raises: SQLAlchemyError while the database is away."""
        return oldest_job(self._clock.now()) if Engine._started is self else None

    def reap(self, *, grace: int = GRACE) -> int:
        """Put back into their queues the jobs of dead processes, and our own that never got a thread. Says how many.

        Raises: sqlalchemy.exc.SQLAlchemyError while the database is away; the next look starts to count anew.
        """
        lifeline = self._lifeline
        if lifeline is None:
            return 0
        missing, self._missing = self._missing, {}
        strays, self._strays = self._strays, {}
        lifeline.keep()
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        alive = lifeline.alive()
        active = self._worker.active
        self._missing = {
            run.executor_id: missing.get(run.executor_id, 0) + 1
            for run in pending
            if run.executor_id is not None and run.executor_id not in alive
        }
        self._strays = {
            run.workflow_id: strays.get(run.workflow_id, 0) + 1
            for run in pending
            if run.executor_id == lifeline.name and run.workflow_id not in active
        }
        dead = [name for name, looks in self._missing.items() if looks >= grace]
        lifeline.part(dead)
        # There is no public call for this in the open part; a repeat is harmless, and the dead one is fenced off.
        taken = len(DBOS._recover_pending_workflows(dead)) if dead else 0  # noqa: SLF001 - see the line above
        for run in pending:
            if self._strays.get(run.workflow_id, 0) >= GRACE:
                DBOS.resume_workflow(run.workflow_id, queue_name=run.queue_name)
                taken += 1
        return taken

    def sweep(self) -> int:
        """Bring runs that ended in an unexpected error into the failure queue. Says how many.

        Raises: sqlalchemy.exc.SQLAlchemyError while the database is away.
        """
        failed, swept = DBOS.list_workflows(status=FAILED, limit=SWEEP_AT_ONCE), 0
        for run in failed:
            job, key, args, attempt = run.input["args"] if run.input else (run.name, run.workflow_id, {}, 1)
            reason = self._worker.words(run.error) if run.error else "it crashed the bot again and again"
            with suppress(Lost), still_failed(self._database, run.workflow_id):
                self._worker.give_up(job, key, args, attempts=attempt, words=f"a fault in Handoff: {reason}")
                DBOS.delete_workflows([run.workflow_id])
                swept += 1
        return swept

    def prune(self, *, keep: timedelta) -> int:
        """Forget runs that ended longer than `keep` ago. Says how many. Their keys could run again after that."""
        return forget_ended(before=datetime.now(UTC) - keep)

    def newest_key(self, job: str) -> str | None:
        """The key of the run of this job that was asked for last, None if none is kept."""
        runs = DBOS.list_workflows(
            workflow_id_prefix=job_id(job, ""), sort_desc=True, limit=1, load_input=False, load_output=False
        )
        return runs[0].workflow_id.removeprefix(job_id(job, "")).partition("#")[0] if runs else None

    def _launch(self, name: str) -> None:
        quiet()
        worker = self._worker

        @DBOS.workflow(name="desk")
        def desk(job: str, key: str, args: dict[str, str | int], attempt: int) -> str:
            return worker.put_back(job, key, args, attempt)

        @DBOS.workflow(name="jobs")
        def jobs(job: str, key: str, args: dict[str, str | int], attempt: int) -> str:
            return worker.put_back(job, key, args, attempt)

        @DBOS.workflow(name="slack")
        def slack(job: str, key: str, args: dict[str, str | int], attempt: int) -> str:
            return worker.wait_in_place(job, key, args, attempt)

        count_by_the_server()
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._database.url,
                "system_database_engine": self._database.engine,
                "executor_id": name,
                "application_version": VERSION,
                "serializer": serializer(),
                "log_level": "WARNING",
                "scheduler_polling_interval_sec": 3600.0,  # our schedules are APScheduler's
            }
        )
        DBOS.launch()
        DBOS.register_queue("desk", worker_concurrency=DESK_AT_ONCE, polling_interval_sec=self._poll_s)
        DBOS.register_queue("jobs", worker_concurrency=JOBS_AT_ONCE, polling_interval_sec=JOBS_POLLS * self._poll_s)
        DBOS.register_queue(
            "slack",
            partition_concurrency=1,
            partition_limiter={"limit": 1, "period": SLACK_PERIOD_S},
            polling_interval_sec=self._poll_s,
        )

    def _shut(self, *, keep_lifeline: bool = False) -> None:
        DBOS.destroy(destroy_registry=True)
        Engine._started = None
        if self._lifeline is not None and keep_lifeline:
            Engine._left_held.append(self._lifeline)
        elif self._lifeline is not None:
            self._lifeline.release()
        self._lifeline = None
