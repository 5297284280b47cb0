"""What every act of the queue report is given."""

from dataclasses import dataclass
from datetime import time, timedelta

from automations.calendar import WorkingHours
from automations.domain import Mode
from automations.people import Roster
from automations.ports import Clock, Jobs
from automations.redact import Redactor
from automations.weekly_report.request import Filters, OpenUntil


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """The surroundings of an act, and what the settings say of reports. Frozen: one reload is one new context.

    `mode`: off (nothing by the clock), shadow (by the clock, to the owner alone) or auto (to `channel`). `weekday`
    (0 is Monday) and `at` say when, in `zone`; `grace` how late a report may still come. `hours` are the team's, None
    for a team that always works: then there are no business hours. `open_until` is None where the settings say nothing
    of it (see `ending`). `compare_most`: tickets that the desk is asked about at most, to set its own figures beside
    ours.
    """

    roster: Roster
    zone: str
    jobs: Jobs
    clock: Clock
    redactor: Redactor
    mode: Mode
    channel: str
    owner: str
    weekday: int
    at: time
    grace: timedelta
    hours: WorkingHours | None
    filters: Filters
    open_until: OpenUntil | None
    per_person: bool
    compare_most: int
    desk_system: str
    desk_title: str
