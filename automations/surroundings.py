"""What every act is given, whatever automation it belongs to: the people, the clock, the engine, the redactor."""

from typing import Protocol

from automations.people import Roster
from automations.ports import Clock, Jobs
from automations.redact import Redactor


class Surroundings(Protocol):
    """The part of each automation's context that all of them share. Frozen: one reload is one new context."""

    @property
    def roster(self) -> Roster:
        """Everybody Handoff knows, with what people settled since the settings were read."""

    @property
    def zone(self) -> str:
        """The IANA name of the zone in which people read times."""

    @property
    def jobs(self) -> Jobs:
        """The job engine."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    @property
    def redactor(self) -> Redactor:
        """Takes secrets out of text before it is stored."""
