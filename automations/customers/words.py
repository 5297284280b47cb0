"""What is known of a customer, in words: tier and status with their age, and whose a ticket is where that is not clear.

Texts are redacted already but not escaped.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from automations.customers.known import Clarity, Standing, Whose
from automations.durations import in_words
from automations.people import moment_in_words

NAMED: Final = 3
"""Customers named where a domain belongs to several."""
_FRESH: Final = timedelta(minutes=1)


def standing_words(standing: Standing, now: datetime, zone: str) -> str:
    """`enterprise, active (crm as of 02:15, 6 h ago)`: a message stands still, so it says the moment and the age."""
    known = [tier_words(standing), standing.status]
    if standing.gone_since is not None:
        known.append(f"gone from the source since {_moment(standing.gone_since, now, zone)}")
    told = f"{', '.join(known)} ({age_words(standing, now, zone)})"
    return "; ".join([told, *conflict_words(standing.open_conflicts)])


def tier_words(standing: Standing) -> str:
    """`enterprise`; `no tier` where that is known, `tier not kept` where it is none of the fields."""
    return standing.tier or ("no tier" if standing.knows_tier else "tier not kept")


def age_words(standing: Standing, now: datetime, zone: str) -> str:
    """`crm as of 02:15, 6 h ago`: how old what is known is, by the oldest of its sources."""
    if standing.as_of is None:
        return "age not known"
    age = now - standing.as_of
    ago = "just now" if age < _FRESH else f"{in_words(_round(age))} ago"
    return f"{standing.source} as of {_moment(standing.as_of, now, zone)}, {ago}"


def conflict_words(fields: Iterable[str]) -> list[str]:
    """`open conflict on its tier`, one for each field; which customer it is comes without a field."""
    return [f"open conflict on its {field}" if field else "open conflict on which customer it is" for field in fields]


def unclear_words(whose: Whose) -> str:
    """Why it is not clear whose a ticket is; empty where it is, or where there is nothing to say."""
    match whose.clarity:
        case Clarity.NONE:
            return f"{whose.domain} belongs to no customer"
        case Clarity.TWO:
            named = ", ".join(whose.several[:NAMED])
            more = f" and {len(whose.several) - NAMED} more" if len(whose.several) > NAMED else ""
            what = whose.domain or "the desk's customer"
            return f"{what} belongs to {len(whose.several)} customers: {named}{more}"
        case _:
            return ""


def _round(age: timedelta) -> timedelta:
    """Whole minutes below an hour, whole hours below two days, then whole days."""
    unit = timedelta(minutes=1) if age < timedelta(hours=1) else timedelta(hours=1)
    unit = timedelta(days=1) if age >= timedelta(days=2) else unit
    return age // unit * unit


def _moment(at: datetime, now: datetime, zone: str) -> str:
    """`02:15` if it is today there, else `21 Nov 02:15`."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    return f"{local:%H:%M}" if local.date() == today else moment_in_words(at, ZoneInfo(zone))
