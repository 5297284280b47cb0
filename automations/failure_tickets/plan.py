"""Where a new case goes: queue, channel, owner and priority, each with its reason in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from automations.duty import Group, Rotation, least_loaded, turn
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.priority import Assessment, fixed_by, priority
from automations.failure_tickets.rules import OwnerRef, Rule, RuleBook
from automations.people import WEEKDAYS, Roster, moment_in_words


@dataclass(frozen=True, slots=True)
class Routing:
    """What the rules say of one new case. `owner` is an e-mail address, `channel` a Slack channel id.

    `escalate_after` is counted from the opening, None means never.
    """

    rule: str
    queue: str
    channel: str
    owner: str
    owner_why: str
    assessment: Assessment
    escalate_after: timedelta | None
    close_on_resolved: bool


def route(
    event: FailureEvent,
    book: RuleBook,
    roster: Roster,
    load: Mapping[str, int],
    at: datetime,
    *,
    rule: Rule | None = None,
) -> Routing:
    """Route one event that opens a case.

    `load` is the number of open cases per owner's e-mail address. `rule` is the rule already matched, if the event's
    reason was changed by it since.
    """
    rule = book.match(event) if rule is None else rule
    owner, why = choose_owner(rule.owner_ref, book, roster, load, at)
    tier = event.customer.tier if event.customer else ""
    return Routing(
        rule=rule.name,
        queue=rule.queue or book.default_queue,
        channel=rule.channel or book.default_channel,
        owner=owner,
        owner_why=why,
        assessment=(
            priority(event.impact, event.reason, tier, book.priority)
            if rule.priority is None
            else fixed_by(rule.name, rule.priority)
        ),
        escalate_after=book.escalate_after if rule.escalate_after is None else rule.escalate_after,
        close_on_resolved=book.closes_on_resolved(rule),
    )


def choose_owner(
    wanted: OwnerRef | None, book: RuleBook, roster: Roster, load: Mapping[str, int], at: datetime
) -> tuple[str, str]:
    """Choose the owner, by e-mail address, and say why. Nobody available: the default owner, so always somebody."""
    zone = ZoneInfo(book.zone)
    if wanted is None:
        return _default(book, "no rule names an owner", roster, at)
    if wanted.kind == "person":
        if roster.available(wanted.name, at):
            return wanted.name, "named by the rule"
        return _default(book, absence_words(wanted.name, roster, at, zone), roster, at)
    if wanted.kind == "rotation":
        rotation = book.rotation(wanted.name)
        found = None if rotation is None else _from_rotation(rotation, roster, at, zone)
        return found or _default(book, f"nobody of {wanted.name} is on duty", roster, at)
    group = book.group(wanted.name)
    found = None if group is None else _from_group(group, roster, load, at)
    return found or _default(book, f"nobody of {wanted.name} is available", roster, at)


def _from_rotation(rotation: Rotation, roster: Roster, at: datetime, zone: ZoneInfo) -> tuple[str, str] | None:
    now = turn(rotation, roster, at)
    if now.email is None:
        return None
    local = now.until.astimezone(ZoneInfo(rotation.zone))
    shift = f"on duty in {rotation.name} until {WEEKDAYS[local.weekday()]} {local:%H:%M}"
    skipped = [absence_words(email, roster, at, zone) for email in now.skipped]
    return now.email, "; ".join([*skipped, f"next in rotation, {shift}" if skipped else shift])


def _from_group(group: Group, roster: Roster, load: Mapping[str, int], at: datetime) -> tuple[str, str] | None:
    email = least_loaded(group, roster, load, at)
    return None if email is None else (email, f"least loaded of {group.name} ({load.get(email, 0)} open)")


def _default(book: RuleBook, why: str, roster: Roster, at: datetime) -> tuple[str, str]:
    """The last resort takes it even when away, and then it is said, since somebody has to look after it."""
    email = book.default_owner.lower()
    absence = "" if roster.available(email, at) else absence_words(email, roster, at, ZoneInfo(book.zone))
    return email, f"default owner: {why}" if absence in why else f"default owner: {why}; {absence}"


def absence_words(email: str, roster: Roster, at: datetime, zone: ZoneInfo) -> str:
    """Say why somebody cannot take anything now: away until when, blocked, or none of the team."""
    if roster.blocked(email):
        return f"{roster.name(email)} has no access any more"
    absence = roster.away(email, at)
    if absence is None:
        return f"{email} is not one of the team"
    return f"{roster.name(email)} is away until {moment_in_words(absence.end, zone)}"
