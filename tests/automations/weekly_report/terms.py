"""A team whose reports are counted: Monday to Friday, nine to five in Berlin."""

from datetime import date, time, timedelta

from automations.calendar import WorkingHours
from automations.domain import Mode
from automations.people import Roster
from automations.redact import Redactor
from automations.weekly_report.context import ReportContext
from automations.weekly_report.request import Filters
from tests.automations.weekly_report.mirrored import SYSTEM
from tests.support import FakeClock, RecordingJobs

ZONE = "Europe/Berlin"
HOURS = WorkingHours(frozenset(range(5)), time(9), time(17), ZONE, frozenset({date(2026, 12, 25)}))


def report_context(*, per_person: bool = False, compare_most: int = 0) -> ReportContext:
    """Reports of this team."""
    return ReportContext(
        roster=Roster(()),
        zone=ZONE,
        jobs=RecordingJobs(),
        clock=FakeClock(),
        redactor=Redactor(),
        mode=Mode.OFF,
        channel="",
        owner="lea@team.example",
        weekday=0,
        at=time(9),
        grace=timedelta(hours=24),
        hours=HOURS,
        filters=Filters(),
        open_until="solved",
        per_person=per_person,
        compare_most=compare_most,
        desk_system=SYSTEM,
        desk_title="The desk",
    )
