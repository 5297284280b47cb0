"""What the engine is told about a kind of job, and how long it pauses between tries. Nothing here knows DBOS."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from sqlalchemy.orm import Session

QueueName = Literal["desk", "slack", "jobs"]
QUEUES: Final[tuple[QueueName, ...]] = get_args(QueueName)

Args: TypeAlias = Mapping[str, str | int]
"""What a job gets: ids and counts, at most 4 KB as JSON."""

ARGS_LIMIT: Final = 4096
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where the jobs of one name go: all that somebody has to know who only asks for them.

    `partition` names what keeps its order (the channel); it is required for queue `slack` and refused elsewhere.
    """

    name: str
    queue: QueueName
    partition: Callable[[Session, Args], str] | None = None

    def __post_init__(self) -> None:
        if (self.queue == "slack") != (self.partition is not None):
            raise ValueError(f"job {self.name!r}: queue slack needs a partition, the other queues have none")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec(Route):
    """How the jobs of one name are done, and who is told when they cannot be.

    `advance` makes one next step true and returns its name, None at rest; it raises the errors of `automations.errors`.
    `target` names in a word what the job is about; `owner_of` says whose it is (an e-mail address); `on_stuck` is
    called in the transaction that writes the failure queue. `max_attempts` bounds the queues `desk` and `jobs`,
    `give_up_after_s` the wait in place of queue `slack`.
    """

    advance: Callable[[Args], str | None]
    target: Callable[[Args], str]
    owner_of: Callable[[Session, Args], str]
    on_stuck: Callable[[Session, Args, str], None] | None = None
    max_attempts: int = 20
    give_up_after_s: float = 7200.0


def pause_s(attempt: int, *, retry_after_s: float | None = None) -> float:
    """Seconds to wait after try number `attempt` (from 1) failed.

    What the outside asked for, and never less; else 1, 2, 4 … 120 s, each between its half and its whole by chance, so
    that many jobs that failed together do not come back together.
    """
    if retry_after_s is not None:
        return max(retry_after_s, 0.0)
    whole = min(FIRST_PAUSE_S * 2.0 ** min(attempt, 10), LONGEST_PAUSE_S)
    return max(FIRST_PAUSE_S, whole * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
