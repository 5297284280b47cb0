"""The team: who is who (e-mail, Slack user, desk agent) and who is away when.

A person is identified by a lower-case e-mail address; Slack user and desk agent are joined to it. Times are aware,
absences half-open [start, end).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from automations.errors import ConfigError

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which somebody is away, [start, end). Both ends are aware.

    Raises: ValueError if an end has no zone or the end is not later than the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an absence needs a zone at both ends")
        if self.end <= self.start:
            raise ValueError("an absence must end after it starts")

    def covers(self, at: datetime) -> bool:
        """Say whether the person is away at `at`."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Person:
    """One colleague. `slack` is the Slack user id, `desk` the e-mail of the desk agent if it is another one.

    `blocked`: their access to Handoff was taken away. They may do nothing, have no duty and get no cases.
    """

    name: str
    email: str
    slack: str | None = None
    desk: str | None = None
    away: tuple[Absence, ...] = ()
    blocked: bool = False


@dataclass(frozen=True)
class Roster:
    """Everybody Handoff knows.

    Raises: ConfigError if two people share an e-mail address, a Slack user or a desk agent.
    """

    people: tuple[Person, ...] = ()
    _emails: Mapping[str, Person] = field(init=False, repr=False, compare=False)
    _slack: Mapping[str, Person] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", tuple(self.people))
        object.__setattr__(self, "_emails", _unique("e-mail address", [(p.email.lower(), p) for p in self.people]))
        object.__setattr__(self, "_slack", _unique("Slack user", [(p.slack, p) for p in self.people if p.slack]))
        _unique("desk agent", [((p.desk or p.email).lower(), p) for p in self.people])

    def by_email(self, email: str | None) -> Person | None:
        """Find the person with this address, whatever its case."""
        return self._emails.get(email.lower()) if email else None

    def by_slack(self, slack: str | None) -> Person | None:
        """Find the person behind a Slack user id."""
        return self._slack.get(slack) if slack else None

    def name(self, email: str | None) -> str:
        """Say what to call somebody: the name if we know one, else the address as given, `nobody` for None."""
        person = self.by_email(email)
        return person.name if person else email or "nobody"

    def away(self, email: str, at: datetime) -> Absence | None:
        """Find the absence that covers `at`, joined with those that follow it without a gap, or None."""
        person = self.by_email(email)
        if person is None or not (covering := [a for a in person.away if a.covers(at)]):
            return None
        start, end = min(a.start for a in covering), max(a.end for a in covering)
        for absence in sorted(person.away, key=lambda a: a.start):
            if absence.covers(end):
                end = absence.end
        return Absence(start, end)

    def available(self, email: str, at: datetime) -> bool:
        """Say whether we know this person, and they are neither away nor blocked."""
        person = self.by_email(email)
        return person is not None and not person.blocked and self.away(email, at) is None

    def blocked(self, email: str) -> bool:
        """Say whether this is one of the team whose access was taken away."""
        person = self.by_email(email)
        return person is not None and person.blocked


def _unique(what: str, pairs: list[tuple[str, Person]]) -> dict[str, Person]:
    seen: dict[str, Person] = {}
    for key, person in pairs:
        if key in seen:
            raise ConfigError(f"people: {seen[key].name} and {person.name} have the same {what} {key}.")
        seen[key] = person
    return seen


def moment_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """`24 Nov 14:00` in the given zone; midnight is only `24 Nov`. English whatever the machine's language is."""
    local = moment.astimezone(zone)
    clock = "" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
    return f"{local.day} {MONTHS[local.month - 1]}{clock}"
