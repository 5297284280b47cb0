"""What the desk wants to know before a ticket is solved, asked of whoever resolves the case."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import TicketField
from automations.errors import Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.desk_facts import required_fields
from automations.words import typed
from storage.models import CaseTicket


class FieldMissing(Refused):
    """A field of the desk has no value, or one it does not know. `field` is the field's id."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field


def asked_fields(session: Session, case_id: int, ctx: Context) -> tuple[TicketField, ...]:
    """The fields that the desk of this case's ticket asks for."""
    system = session.scalar(select(CaseTicket.system).where(CaseTicket.case_id == case_id))
    return required_fields(session, system or ctx.desk_system)


def desk_values(asked: Sequence[TicketField], given: Mapping[str, str], ctx: Context) -> dict[str, str] | None:
    """Take one value for each field that is asked for, redacted; None if the desk asks for nothing.

    An option counts in whatever case it is written. Raises: FieldMissing.
    """
    kept: dict[str, str] = {}
    for field in asked:
        value = typed(given.get(field.id, ""), ctx)
        known = next((option for option in field.options if option.casefold() == value.casefold()), None)
        if field.options and known is None:
            choose = f"Please choose one of: {', '.join(field.options)}."
            said = f"“{value[:80]}” is not one of its values. " if value else ""
            raise FieldMissing(f"The desk asks for “{field.label}” before a ticket is solved. {said}{choose}", field.id)
        if not value:
            raise FieldMissing(f"The desk asks for “{field.label}” before a ticket is solved.", field.id)
        kept[field.id] = known or value
    return kept or None
