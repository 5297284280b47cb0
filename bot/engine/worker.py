"""Doing one job: step after step until it rests, and what happens when the outside says no or nothing."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from dbos import DBOS
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from automations.errors import HandoffError, OutcomeUnknown, OverBudget, Unavailable
from automations.ports import Clock
from bot.engine.client import EngineClient, job_id
from bot.engine.failures import FailureQueue, Left, nobody_told
from bot.engine.fault import InWords, words_of
from bot.engine.spec import Args, JobSpec, pause_s
from bot.engine.tenure import held
from bot.engine.trace import ended, traced
from storage import stuck
from storage.boundaries import reach
from storage.engine import Database

SLACK_PERIOD_S: Final = 1.1
"""Seconds between two starts in one channel. Slack allows about one message a second and drops more without a word."""

MOST_STEPS: Final = 500
"""A job that takes more steps than this goes in a circle."""

EXPECTED: Final = (HandoffError, OperationalError, InterfaceError)
"""What a step may raise for us to turn into an outcome."""

Result = TypeVar("Result")

Turn = dict[str, Any]
"""What one step came to, as the engine records it.

kind (step, rest, wait, paced, stuck), words, retry_after_s, at (epoch)."""


class Stopping(BaseException):
    """Leaves a run where it is, for the next start. Not an Exception: the engine must not record it as a failure."""


class Worker:
    """Runs jobs. One for the whole process, used by many threads."""

    def __init__(
        self,
        database: Database,
        client: EngineClient,
        specs: Mapping[str, JobSpec],
        *,
        redact: Callable[[str], str],
        clock: Clock,
        default_owner: Callable[[], str],
        left: Left = nobody_told,
    ) -> None:
        self._database = database
        self._client = client
        self._specs = specs
        self._redact = redact
        self._clock = clock
        self._failures = FailureQueue(specs, clock, default_owner, left)
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._active: Counter[str] = Counter()

    def put_back(self, job: str, key: str, args: Args, attempt: int) -> str:
        """Body of the queues `desk` and `jobs`: on trouble the job goes back into its queue and leaves room."""
        spec = self._spec(job)
        with self._running(job_id(job, key, attempt)), traced(spec, args):
            turn = self._advance(spec, args)
            if turn["kind"] == "wait":
                if attempt < spec.max_attempts:
                    delay_s = pause_s(attempt, retry_after_s=turn["retry_after_s"])
                    self._commit(
                        lambda session: self._client.put(
                            session, job, key, args, attempt=attempt + 1, delay_s=max(delay_s, 0.001)
                        )
                    )
                    reach("job.again")
                    return f"again: {turn['words']}"
                turn |= {"kind": "stuck", "words": f"{turn['words']} (tried {attempt} times)"}
            return self._ended(spec, key, args, attempt, turn)

    def wait_in_place(self, job: str, key: str, args: Args, attempt: int) -> str:
        """Body of queue `slack`: on trouble the job stays at the head of its channel, so that the order holds.

        When the outside named a time, the next try is never before it, not even after a restart: the moment of the
        answer is recorded with the step.
        """
        spec = self._spec(job)
        with self._running(job_id(job, key, attempt)), traced(spec, args):
            tries, since = 0, None
            while True:
                turn = self._advance(spec, args, between_s=SLACK_PERIOD_S)
                if turn["kind"] != "wait":
                    break
                tries += 1
                since = turn["at"] if since is None else since
                if turn["at"] - since >= spec.give_up_after_s:
                    turn |= {"kind": "stuck", "words": f"{turn['words']} (tried {tries} times)"}
                    break
                self._wait(turn, tries)
            outcome = self._ended(spec, key, args, max(tries, 1), turn)
            if tries:
                self._pause(SLACK_PERIOD_S)  # the limiter counted our start, which was long before our call
            return outcome

    def give_up(self, job: str, key: str, args: Args, *, attempts: int, words: str) -> None:
        """Put a job into the failure queue, with an audit row, in one transaction. A repeat changes nothing more."""
        self._commit(lambda session: self._failures.put(session, job, key, args, attempts=attempts, words=words))

    @property
    def active(self) -> frozenset[str]:
        """The ids of the jobs that run in this process now."""
        with self._idle:
            return frozenset(self._active)

    def stop(self, timeout_s: float) -> bool:
        """Let every run end at its next pause. True if all did within `timeout_s` seconds."""
        self._stopping.set()
        with self._idle:
            return self._idle.wait_for(lambda: not self._active, timeout_s)

    def words(self, error: BaseException) -> str:
        """An error for people: redacted, one paragraph, with its kind where it is none of ours."""
        return words_of(error, self._redact)

    def _spec(self, job: str) -> JobSpec:
        spec = self._specs.get(job)
        if spec is None:
            raise LookupError(f"no job {job!r} in this version of Handoff")
        return spec

    def _advance(self, spec: JobSpec, args: Args, *, between_s: float = 0.0) -> Turn:
        """Step after step, with a pause between, until one is not followed by another.

        A step for which our own limit had no room waits here for it, so that it neither counts as a try nor brings
        others to ask for the same room.
        """
        steps = 0
        while steps < MOST_STEPS:
            if self._stopping.is_set():
                raise Stopping
            try:
                turn: Turn = DBOS.run_step({"name": spec.name}, self._turn, spec, args)
            except (OperationalError, InterfaceError):
                # The engine could not write the step down, on a full disk for instance. That is no fault of the job: it
                # takes the step again, as after a crash at this place.
                self._pause(1.0)
                continue
            match turn["kind"]:
                case "step":
                    steps += 1
                    self._pause(between_s)
                case "paced":
                    self._wait(turn, 1)
                case _:
                    return turn
        return {"kind": "stuck", "words": f"the job took {MOST_STEPS} steps and did not come to rest"}

    def _turn(self, spec: JobSpec, args: Args) -> Turn:
        """One step. What is ours to expect becomes a recorded outcome; anything else is a bug and ends the run."""
        retry_after_s = None
        began = self._clock.now().timestamp()
        try:
            with InWords(self._redact, but=EXPECTED):
                name = spec.advance(args)
        except (Unavailable, OutcomeUnknown, OperationalError, InterfaceError) as exc:
            if isinstance(exc, Unavailable):
                retry_after_s = exc.retry_after_s
            elif isinstance(exc, OutcomeUnknown):  # a look before that would prove nothing
                retry_after_s = exc.settle_s
            words = self.words(exc)
            at = self._clock.now().timestamp()
            kind = "paced" if isinstance(exc, OverBudget) else "wait"
            return {"kind": kind, "words": words, "retry_after_s": retry_after_s, "at": at}
        except HandoffError as exc:
            return {"kind": "stuck", "words": self.words(exc)}
        return {"kind": "rest", "words": "done", "at": began} if name is None else {"kind": "step", "words": name}

    def _ended(self, spec: JobSpec, key: str, args: Args, attempts: int, turn: Turn) -> str:
        if turn["kind"] == "stuck":
            self.give_up(spec.name, key, args, attempts=attempts, words=turn["words"])
        elif turn["kind"] == "rest":
            self._settle(spec.name, key, args, datetime.fromtimestamp(turn["at"], UTC))
        reach("job.finished")
        ended(turn["kind"])
        return f"{turn['kind']}: {turn['words']}"

    def _settle(self, job: str, key: str, args: Args, since: datetime) -> None:
        """Take out of the failure queue what this run has done after all.

        The look before the write keeps the many runs that have nothing to settle from standing in line to write.
        """

        def look() -> bool:
            with self._database.read() as session:
                return stuck.waits(session, job=job, args=args, since=since)

        if self._patiently(look):
            self._commit(lambda session: self._failures.settle(session, job, key, args, since))

    def _commit(self, write: Callable[[Session], None]) -> None:
        """Write in a transaction of our own."""

        def act() -> None:
            with self._database.begin() as session:
                write(session)

        self._patiently(act)

    def _patiently(self, act: Callable[[], Result]) -> Result:
        """Do it, again and again while the database is away."""
        while True:
            try:
                return act()
            except (OperationalError, InterfaceError):
                self._pause(1.0)

    def _wait(self, turn: Turn, tries: int) -> None:
        """Pause until as long after the answer as it asks for.

        Never longer than that from now on: the moment may be one of a process whose clock was ahead of ours.
        """
        asked_s = pause_s(tries, retry_after_s=turn["retry_after_s"])
        self._pause(min(asked_s, turn["at"] + asked_s - self._clock.now().timestamp()))

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(max(seconds, 0.0)):
            raise Stopping

    @contextmanager
    def _running(self, workflow: str) -> Iterator[None]:
        """Count it while it runs. Twice at a time: after a freeze we may be given a job again that we still leave."""
        with self._idle:
            self._active[workflow] += 1
        try:
            with InWords(self._redact), held(self._database, workflow):
                yield
        finally:
            with self._idle:
                self._active[workflow] -= 1
                self._active += Counter()  # forgets what is at zero
                self._idle.notify_all()
