"""How long things are kept, by the names of the settings' section `[retention]`."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """One time for each kind of thing, counted from when it was settled (`storage.retention.registry` says from what).

    The defaults let a year be compared with the one before it, and give an access review two years.
    """

    inbox: timedelta = timedelta(days=14)
    messages: timedelta = timedelta(days=30)
    stuck: timedelta = timedelta(days=180)
    cases: timedelta = timedelta(days=400)
    escalations: timedelta = timedelta(days=400)
    triage: timedelta = timedelta(days=400)
    team: timedelta = timedelta(days=400)
    runs: timedelta = timedelta(days=730)
    customers: timedelta = timedelta(days=730)
    reports: timedelta = timedelta(days=730)

    def days(self) -> dict[str, int]:
        """Each in whole days, by its name."""
        return {name: getattr(self, name).days for name in self.__dataclass_fields__}
