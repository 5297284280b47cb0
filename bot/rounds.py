"""Asking for what is due, kind by kind. A kind or a row that cannot be asked for leaves the others alone.

It is asked for again by a job of its own, once an hour, which reaches the failure queue with the reason if it fails and
leaves it once somebody has mended the row. So a bad row is seen, is tried again, and never stands in another's way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.orm import Session

from automations.apart import BAD_ROW, in_words
from automations.ports import Clock, Jobs
from bot.engine import Args, JobSpec
from storage.engine import Database

log = structlog.get_logger(__name__)

AGAIN_EVERY_S: Final = 3600

Due = tuple[str, Args]
"""One thing that is due: the job's key, with the deadline in it, and its arguments (ids)."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is due of one kind. `job` does one of it; `again` is the job that asks for all of it once more."""

    kind: str
    job: str
    due: Callable[[Session], Sequence[Due]]
    again: str


def ask(database: Database, one: Round, jobs: Jobs, clock: Clock) -> int:
    """Ask for everything of one kind that is due. Says how much there was that could be asked for."""
    asked = 0
    bad: Exception | None = None
    try:
        with database.read() as session:
            found = one.due(session)
    except BAD_ROW as exc:
        found, bad = (), exc
    for key, args in found:
        try:
            with database.begin() as session:
                jobs.enqueue(session, one.job, key, args)
            asked += 1
        except BAD_ROW as exc:
            bad = exc
    if bad is not None:
        ask_again(database, one.again, one.kind, bad, jobs, clock)
    return asked


def ask_again(database: Database, again: str, kind: str, error: Exception, jobs: Jobs, clock: Clock) -> None:
    """Ask for the job that tries a kind once more, at most once an hour for all replicas together."""
    log.warning("round.passed_over", kind=kind, error=in_words(error))
    slot = int(clock.now().timestamp() // AGAIN_EVERY_S)
    with database.begin() as session:
        jobs.enqueue(session, again, f"{kind}/{slot}", {"kind": kind})


def all_of_it(database: Database, one: Round, jobs: Jobs) -> None:
    """As `ask`, but the first that cannot be asked for is raised."""
    with database.read() as session:
        found = one.due(session)
    for key, args in found:
        with database.begin() as session:
            jobs.enqueue(session, one.job, key, args)


def again_spec(name: str, again: Callable[[str], None]) -> JobSpec:
    """The job that tries a kind once more, with what fails. Its owner is the default owner: a round is nobody's."""

    def advance(args: Args) -> None:
        again(str(args["kind"]))

    return JobSpec(
        name=name,
        queue="jobs",
        advance=advance,
        target=lambda args: f"round {args['kind']}",
        owner_of=lambda _session, _args: "",
    )
