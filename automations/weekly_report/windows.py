"""When the scheduled report comes, what period it is about, and when all that it needs is looked at before. Pure.

Each ISO week of the zone has one planned moment: its weekday at a time of day. Where that day is no working day, the
report comes on the next one at the same time, within the six days up to the next planned day; in a longer holiday it
comes as planned. It is always about the week before the planned day's own. A time that the clocks skip is as long
after midnight as on other days; of one that they repeat it is the first.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automations.calendar import WorkingHours
from automations.weekly_report.request import Period

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When reports are planned: `weekday` (0 is Monday) and `at` on the clocks of `zone`, an IANA name.

    `hours` tells which days are working days, None for a team that works on all of them.
    """

    weekday: int
    at: time
    zone: str
    hours: WorkingHours | None = None

    def next_after(self, moment: datetime) -> datetime:
        """The first planned moment after this one, in UTC."""
        monday = self._week_of(moment) - WEEK
        while (planned := self._planned(monday)) <= moment:
            monday += WEEK
        return planned

    def window(self, moment: datetime) -> Period:
        """The period that the newest report planned up to this moment, itself included, is about: one ISO week."""
        monday = self._week_of(moment)
        while self._planned(monday) > moment:
            monday -= WEEK
        return Period(self._clock(monday - WEEK, time()), self._clock(monday, time()), self.zone, "week")

    def next_preflight(self, moment: datetime) -> datetime:
        """The first moment after this one, in UTC, to look at what the next report needs.

        That is the planned time on the last working day before the planned day.
        """
        monday = self._week_of(moment) - WEEK
        while (look := self._preflight(monday)) <= moment:
            monday += WEEK
        return look

    def _week_of(self, moment: datetime) -> date:
        """The Monday of the week that the moment lies in."""
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        return day - day.weekday() * DAY

    def _planned(self, monday: date) -> datetime:
        return self._clock(self._day(monday), self.at)

    def _preflight(self, monday: date) -> datetime:
        day = self._day(monday) - DAY
        while not self._works_on(day):
            day -= DAY
        return self._clock(day, self.at)

    def _day(self, monday: date) -> date:
        """The day of this week's report, which may lie in the week after."""
        planned = monday + self.weekday * DAY
        return next((day for n in range(7) if self._works_on(day := planned + n * DAY)), planned)

    def _works_on(self, day: date) -> bool:
        return self.hours is None or self.hours.works_on(day)

    def _clock(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
