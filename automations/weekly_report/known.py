"""What can be filtered by: the groups, tiers, tags and people that the mirror knows. A value nobody bears is refused.

Else a group that was mistyped would be reported as one without tickets. Nobody filters by person where figures per
person are off: that would be such figures.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from automations.errors import Refused
from automations.weekly_report.context import ReportContext
from automations.weekly_report.request import FilterKey, Filters
from automations.words import in_brief
from storage.models import MirrorName, MirrorTicket

LISTED: Final = 15
"""Known values that a refusal lists."""

_ASIDE: Final = frozenset({"priority"})
"""Keys whose values are the same in every desk, and looked at by whoever reads them."""


def refuse_persons(filters: Filters, ctx: ReportContext) -> None:
    """Raises: Refused for a filter by assignee where figures per person are off."""
    if not ctx.per_person and any(key == "assignee" for key, _ in filters.chosen):
        raise Refused(
            "Figures per person are off, and a filter by assignee would make some. An admin switches them on with "
            "report.per_person. Nothing was counted."
        )


def fitted(session: Session, filters: Filters, ctx: ReportContext, plain: Callable[[str], str]) -> Filters:
    """The same filters, each value as the desk spells it (in lower case).

    `plain` takes out of a text what a keyboard may have put in (curly quotes, long dashes), so that a group which has
    such signs is found too. Where nothing was read of the desk yet, everything is taken as it is.

    Raises: Refused for a value that no ticket bears or has borne, with those there are, and as `refuse_persons`.
    """
    refuse_persons(filters, ctx)
    system = ctx.desk_system
    if not filters or not session.scalar(select(exists().where(MirrorTicket.system == system))):
        return filters
    return Filters(
        tuple(
            (key, values if key in _ASIDE else tuple(sorted(set(_spelled(session, key, values, system, plain)))))
            for key, values in filters.chosen
        )
    )


def _spelled(
    session: Session, key: FilterKey, values: tuple[str, ...], system: str, plain: Callable[[str], str]
) -> Iterable[str]:
    borne = select(MirrorName.value).where(MirrorName.system == system, MirrorName.key == key)
    known = {"": ""} | {plain(value).lower(): value.lower() for value in session.scalars(borne)}
    missing = [value for value in values if plain(value).lower() not in known]
    if missing:
        raise Refused(
            f"No ticket that was read has the {key} “{in_brief(missing[0], 40)}”. {_listed(known)} Nothing was counted."
        )
    return (known[plain(value).lower()] for value in values)


def _listed(known: dict[str, str]) -> str:
    named = sorted(value for value in known.values() if value)
    if not named:
        return "None has any."
    more = f" and {len(named) - LISTED} more" if len(named) > LISTED else ""
    return f"I know: {', '.join(in_brief(value, 40) for value in named[:LISTED])}{more}."
