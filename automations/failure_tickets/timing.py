"""How long things may take and when several become one: the team's own numbers, with defaults. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """The numbers of the settings.

    More than `burst_over` new cases of one source and reason within `burst_within` become a group. A case closed by its
    source reopens by itself within `reopen_within`. An act may be taken back for `undo_for`, and a closing reaches the
    desk only after it. A claimed case that nobody touches is spoken of after `remind_after` (None: never). An owner who
    is away for longer than `away_after` loses open cases to somebody else. `expect_every` says by source how often it
    has to be heard from. Of stuck work its owner is reminded after `stuck_remind_after` (None: never), then every
    `stuck_remind_every`.
    """

    burst_over: int = 5
    burst_within: timedelta = timedelta(minutes=10)
    reopen_within: timedelta = timedelta(minutes=30)
    undo_for: timedelta = timedelta(seconds=60)
    remind_after: timedelta | None = timedelta(hours=4)
    away_after: timedelta = timedelta(hours=4)
    stuck_remind_after: timedelta | None = timedelta(hours=1)
    stuck_remind_every: timedelta = timedelta(days=1)
    expect_every: Mapping[str, timedelta] = field(default_factory=dict)
