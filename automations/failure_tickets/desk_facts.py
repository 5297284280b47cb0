"""What is asked of a desk seldom and known at once: its agents, and the fields it wants before a ticket is solved.

`refresh` reads both from the desk into rows, so that acts of people can rest on them inside their own transaction and
work while the desk is away.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    TicketField,
)
from automations.failure_tickets.context import Context
from automations.ports import HelpDesk
from storage.engine import Database
from storage.models import DeskFact
from storage.upsert import insert_into

AGENTS: Final = "agents"
FIELDS: Final = "required_fields"

KEEP: Final = timedelta(minutes=5)
"""How old what was read may be before it is read again."""


def required_fields(session: Session, system: str) -> tuple[TicketField, ...]:
    """The fields that must be filled in before a ticket is solved; none while they have not been read yet."""
    known = _value(session, system, FIELDS) or {"fields": []}
    return tuple(TicketField(one["id"], one["label"], tuple(one["options"])) for one in known["fields"])


def agent_problem(session: Session, system: str, email: str) -> str | None:
    """Say why the desk's agent with this address can do nothing there: reads on from a name ("has no agent …").

    None for an active agent, and where nobody can be known: agents not read yet, or a desk that lists none.
    """
    known = _value(session, system, AGENTS)
    if not known or not known["agents"]:
        return None
    state = known["agents"].get(email.lower())
    if state is None:
        return "has no agent in the desk"
    return None if state == "active" else f"is {state} in the desk"


def stale(session: Session, system: str, now: datetime) -> bool:
    """True if the facts have never been read or are too old."""
    ours = AGENTS, FIELDS
    kept = select(DeskFact.read_at).where(DeskFact.system == system, DeskFact.name.in_(ours))
    read = session.scalars(kept).all()
    return len(read) < len(ours) or min(read) < now - KEEP


def refresh(database: Database, desk: HelpDesk, ctx: Context) -> None:
    """Read agents and required fields from the desk. Raises: AdapterError, with what was known left as it was."""
    agents = {agent.email.lower(): agent.state for agent in desk.agents()}
    asked = desk.required_fields() if Capability.FIELDS in desk.capabilities else ()
    fields = [{"id": one.id, "label": one.label, "options": list(one.options)} for one in asked]
    now = ctx.clock.now()
    with database.begin() as session:
        for name, value in ((AGENTS, {"agents": agents}), (FIELDS, {"fields": fields})):
            row = {"system": desk.system, "name": name, "value": value, "read_at": now}
            insert = insert_into(session, DeskFact).values(row)
            newer = {"value": insert.excluded.value, "read_at": insert.excluded.read_at}
            session.execute(insert.on_conflict_do_update(index_elements=["system", "name"], set_=newer))


def _value(session: Session, system: str, name: str) -> dict[str, Any] | None:
    return session.scalar(select(DeskFact.value).where(DeskFact.system == system, DeskFact.name == name))
