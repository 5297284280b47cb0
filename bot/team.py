"""From the settings to the roster and the rule book that automations work with."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from automations.calendar import WorkingHours
from automations.duty import Group, Rotation
from automations.errors import ConfigError
from automations.failure_tickets.rules import RuleBook
from automations.failure_tickets.timing import Timing
from automations.people import WEEKDAYS, Absence, Person, Roster
from bot.settings import PersonSection, Settings


def roster(settings: Settings) -> Roster:
    """Everybody named under [[people]]. Absences are whole days in the team's zone, [from, until).

    Raises: ConfigError if two people share an address or an absence ends before it starts.
    """
    zone = ZoneInfo(settings.team.zone)
    return Roster(tuple(_person(person, zone) for person in settings.people))


def book(settings: Settings) -> RuleBook:
    """The rules with their channels resolved to Slack's ids.

    Raises: ConfigError naming the key if a channel, person, rotation or group is not known.
    """
    section = settings.failure_tickets
    rules = RuleBook(
        default_owner=section.default_owner,
        default_queue=section.default_queue,
        default_channel=channel(settings, section.default_channel, "failure_tickets.default_channel"),
        escalation_channel=channel(settings, section.escalation_channel, "failure_tickets.escalation_channel"),
        rules=tuple(
            rule.model_copy(update={"channel": channel(settings, rule.channel, f"rule {rule.name}.channel")})
            if rule.channel
            else rule
            for rule in section.rules
        ),
        rotations=tuple(
            Rotation(r.name, r.people, r.hand_over, settings.team.zone, r.first) for r in settings.rotations
        ),
        groups=tuple(Group(g.name, g.people) for g in settings.groups),
        escalation_lead=section.escalation_lead,
        escalate_after=section.escalate_after,
        close_on_resolved=section.close_on_resolved,
        priority=section.priority,
        zone=settings.team.zone,
    )
    rules.validate(roster(settings))
    return rules


def timing(settings: Settings) -> Timing:
    """The team's numbers."""
    section = settings.failure_tickets
    return Timing(
        burst_over=section.burst_over,
        burst_within=section.burst_within,
        reopen_within=section.reopen_within,
        undo_for=section.undo_for,
        remind_after=section.remind_after,
        away_after=section.away_after,
        stuck_remind_after=settings.stuck.remind_after,
        stuck_remind_every=settings.stuck.remind_every,
        expect_every={source.name: source.expect_every for source in settings.sources},
    )


def hours(settings: Settings) -> WorkingHours | None:
    """When the team works, None for always. Raises: ConfigError if the hours end before they start."""
    if (section := settings.hours) is None:
        return None
    days = frozenset(WEEKDAYS.index(day) for day in section.days)
    try:
        return WorkingHours(days, section.start, section.end, settings.team.zone, frozenset(section.holidays))
    except ValueError as exc:
        raise ConfigError(f"hours: {exc}.") from exc


def _person(person: PersonSection, zone: ZoneInfo) -> Person:
    try:
        away = tuple(
            Absence(datetime.combine(a.start, time(), zone), datetime.combine(a.until, time(), zone))
            for a in person.away
        )
    except ValueError as exc:
        raise ConfigError(f"people: {person.name}.away: {exc}.") from exc
    return Person(person.name, person.email, person.slack, person.desk, away)


def channel(settings: Settings, name: str, key: str) -> str:
    """The id of a channel by its name. Raises: ConfigError naming the key that names it, if there is none."""
    if name in settings.channels:
        return settings.channels[name]
    known = ", ".join(sorted(settings.channels)) or "none yet"
    raise ConfigError(f"{key}: there is no channel {name!r} under [channels]. Known: {known}.")
