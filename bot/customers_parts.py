"""The parts of customer context, made from the settings: what every act of it is given, and what the desk can keep."""

from collections.abc import Mapping
from typing import Final

from automations.customer_context.context import AUTOMATION, CustomerContext
from automations.customer_context.rules import DOMAINS, NAME, STATUS, CustomerField, Direction
from automations.desks import Capability, cannot
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.ports import CustomerBook
from bot.settings import Settings
from bot.team import channel

OF_CUSTOMERS: Final = frozenset(
    {
        Capability.CUSTOMERS,
        Capability.CUSTOMER_LIST,
        Capability.DOMAINS,
        Capability.REFERENCES,
        Capability.CUSTOMER_FIELDS,
        Capability.CUSTOMER_SUSPENDS,
    }
)
"""What a desk can do about customers."""

_KEPT_BY: Final[Mapping[str, Capability]] = {
    NAME: Capability.CUSTOMERS,
    DOMAINS: Capability.DOMAINS,
    STATUS: Capability.CUSTOMER_SUSPENDS,
}


def make_customer_context(
    settings: Settings, context: Context, *, desk_title: str, book: CustomerBook | None = None
) -> CustomerContext | None:
    """What every act of customer context is given; None where the settings say nothing of it.

    `book` are the desk's customers as they were opened; without it the desk is taken for what the context says of it,
    and for able to keep everything where that says nothing.
    Raises: ConfigError if a channel or a person that [customers] names is not there, or the desk cannot keep a field
    that is to be brought to it.
    """
    section = settings.customers
    if section is None:
        return None
    owner = section.owner or settings.failure_tickets.default_owner
    if context.roster.by_email(owner) is None:
        known = ", ".join(sorted(one.email for one in context.roster.people)) or "nobody yet"
        raise ConfigError(f"customers.owner: nobody under [[people]] has the address {owner}. Known: {known}.")
    can = book.capabilities if book is not None else context.desk_can
    lacks = cannot(book.title, book.by_hand) if book is not None else context.desk_cannot
    wrong = [words for field in section.fields if (words := why_not_kept(field, can, lacks))]
    if wrong and can:
        raise ConfigError("\n".join(wrong))
    return CustomerContext(
        roster=context.roster,
        zone=context.zone,
        jobs=context.jobs,
        clock=context.clock,
        redactor=context.redactor,
        automation=AUTOMATION,
        mode=section.mode,
        channel=channel(settings, section.channel, "customers.channel"),
        owner=owner,
        expires_after=section.expires_after,
        remind_after=section.remind_after,
        rules=section,
        desk_system=context.desk_system,
        desk_title=book.title if book is not None else desk_title,
        desk_can=can & OF_CUSTOMERS,
        whole_every_s=section.whole_every.total_seconds(),
        note_open_cases=section.note_open_cases,
    )


def why_not_kept(field: CustomerField, can: frozenset[Capability], lacks: Mapping[Capability, str]) -> str:
    """Why the desk cannot keep a field that is to be brought to it, and what to set instead; empty where it can.

    `lacks` says what the desk cannot do, in words.
    """
    if field.direction is not Direction.TO_DESK:
        return ""
    needed = dict.fromkeys((Capability.CUSTOMERS, _KEPT_BY.get(field.name, Capability.CUSTOMER_FIELDS)))
    missing = next((one for one in needed if one not in can), None)
    if missing is None:
        return ""
    return (
        f'customers.fields: {field.name} is to be brought to the desk (direction = "to_desk"). '
        f'{lacks.get(missing, "The desk cannot keep it.")} Set direction = "to_handoff": Handoff then keeps it for its '
        "own messages and clocks, and the desk is not changed."
    )
