"""Generated lives of tickets around the days on which clocks change, and teams that work then."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis.strategies import (
    DrawFn,
    booleans,
    builds,
    composite,
    frozensets,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
)

from automations.calendar import WorkingHours
from automations.domain import Priority
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import SlaPolicy, SlaTarget

CHANGES = {
    "Europe/Oslo": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Santiago": (date(2026, 4, 5), date(2026, 9, 6)),
    "Pacific/Apia": (date(2011, 12, 30), date(2020, 4, 5)),
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 3, 22)),
}
"""Lord Howe's clock changes by half an hour, Santiago's at midnight, Casablanca's for Ramadan; Apia left out a day."""
STATUSES = ("open", "pending", "on_hold", "solved", "closed")
SIDES = ("customer", "customer", "agent", "bot")
PRIORITIES = ("urgent", "normal", "")
GROUPS = ("Support", "Billing", "")
TIERS = ("", "gold", "Enterprise EU")
KINDS = ("status", "status", "status", "said", "said", "said", "priority", "group", "merged", "deleted")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class World:
    """A ticket, what was promised for it, and when the team works."""

    life: Life
    policy: SlaPolicy
    hours: WorkingHours | None


@composite
def worlds(draw: DrawFn) -> World:
    """Any of these, around one change of the clocks."""
    zone = draw(sampled_from(sorted(CHANGES)))
    change = draw(sampled_from(CHANGES[zone]))
    return World(draw(lives(change, zone)), draw(policies()), draw(hours(change, zone)))


@composite
def hours(draw: DrawFn, change: date, zone: str) -> WorkingHours | None:
    """Hours with holidays near and a free fortnight further on; now and then none."""
    if draw(integers(0, 9)) == 0:
        return None
    clock = builds(time, integers(0, 23), sampled_from([0, 1, 15, 30, 59]))
    pair = lists(clock, min_size=2, max_size=2, unique=True).map(sorted)
    start, end = draw(one_of(just([time(8), time(16)]), just([time(1), time(5)]), pair))
    near = draw(frozensets(integers(-3, 5), max_size=3))
    free = range(4, 18) if draw(booleans()) else ()
    days = draw(sampled_from([frozenset(range(7)), frozenset(range(5)), frozenset({change.weekday(), 2})]))
    return WorkingHours(days, start, end, zone, frozenset(change + timedelta(days=n) for n in {*near, *free}))


@composite
def policies(draw: DrawFn) -> SlaPolicy:
    """Up to three targets, of which a ticket may match any, or none."""
    return SlaPolicy(
        targets=tuple(draw(_target(f"target {n}")) for n in range(draw(integers(1, 3)))),
        warn_at=draw(sampled_from([0.75, 0.5, 1 / 3, 0.999])),
    )


@composite
def _target(draw: DrawFn, name: str) -> SlaTarget:
    length = one_of(
        none(), sampled_from([1, 15, 60, 120, 240, 480, 960]), integers(1, 1200)
    ).map(lambda minutes: timedelta(minutes=minutes) if minutes else None)  # fmt: skip
    first, following, solved = draw(length), draw(length), draw(length)
    return SlaTarget(
        name=name,
        tier=draw(sampled_from([(), (), ("enterprise*",), ("gold", "silver")])),
        priority=draw(sampled_from([(), (), (Priority.URGENT,)])),
        group=draw(sampled_from([(), (), ("support",)])),
        first_reply=first,
        next_reply=following,
        resolution=solved or timedelta(hours=6),
        count=draw(sampled_from(["working", "working", "calendar"])),
    )


@composite
def lives(draw: DrawFn, change: date, zone: str) -> Life:
    """A ticket made within two days of a change of the clocks, and up to ten things that happen to it."""
    noon = datetime.combine(change, time(), ZoneInfo(zone)).astimezone(UTC)
    at = noon + draw(integers(-2880, 1440)) * MINUTE + _seconds(draw)
    standing = Stood(at, draw(sampled_from(("open", "open", "open", "pending", "solved"))), "normal", "Support")
    life = Life(draw(sampled_from(("customer", "customer", "agent", "bot"))), draw(sampled_from(TIERS)), (standing,))
    gap = one_of(just(0), integers(0, 3), integers(0, 90), integers(0, 1440))
    for kind in draw(lists(sampled_from(KINDS), max_size=10)):
        at += draw(gap) * MINUTE + _seconds(draw)
        life = draw(happen(life, at, kind))
        if life.deleted_at is not None:
            break
    return life


@composite
def happen(draw: DrawFn, life: Life, at: datetime, kind: str) -> Life:
    """One thing happens to a ticket."""
    if kind == "deleted":
        return replace(life, deleted_at=at)
    if kind == "said":
        return replace(life, said=(*life.said, Said(at, draw(sampled_from(SIDES)))))
    was = life.now
    match kind:
        case "status":
            now = was._replace(at=at, status=draw(sampled_from(STATUSES)))
        case "priority":
            now = was._replace(at=at, priority=draw(sampled_from(PRIORITIES)))
        case "group":
            now = was._replace(at=at, group=draw(sampled_from(GROUPS)))
        case _:
            now = was._replace(at=at, merged=not was.merged, status="closed")
    if now._replace(at=was.at) == was:
        return life
    return replace(life, stood=(*life.stood[: -1 if at == was.at else None], now))


def _seconds(draw: DrawFn) -> timedelta:
    """Mostly whole minutes, now and then some seconds or a microsecond."""
    return draw(sampled_from([timedelta()] * 6 + [timedelta(seconds=17), timedelta(microseconds=1)]))
