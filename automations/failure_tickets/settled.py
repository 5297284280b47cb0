"""What absences, covers and pauses have in common: how long they may be, who may settle them for whom, who is told."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.domain import Actor, Priority, Role
from automations.errors import Refused
from automations.failure_tickets import calls, journal
from automations.failure_tickets.context import Context
from automations.people import MONTHS, WEEKDAYS, Person
from automations.posting import put_and_deliver
from automations.words import when
from storage import audit

LINE: Final = "team.line"
LONGEST: Final = timedelta(days=366)
"""How long an absence, a cover or a pause may last: a year."""


def bounded(start: datetime, until: datetime, what: str) -> None:
    """Raise Refused if `what` ends before it begins or after more than a year."""
    if until <= start:
        raise Refused(f"{what} has to end after it begins. Nothing was changed.")
    if until - start > LONGEST:
        raise Refused(f"{what} ends after a year at the latest. Nothing was changed; say an earlier end.")


def own_or_lead(person: Person, actor: Actor, what: str) -> None:
    """Raise Refused unless `person` is the actor, or the actor is a lead. `what` reads on from "A lead may"."""
    if person.email.lower() != journal.identity(actor):
        lead_only(actor, what)


def lead_only(actor: Actor, what: str) -> None:
    """Raise Refused unless the actor is a lead. `what` reads on from "A lead may"."""
    if not actor.may(Role.LEAD):
        raise Refused(f"A lead may {what}; you are {actor.role or 'without a role'}. Nothing was changed.")


def day_and_time(at: datetime, ctx: Context) -> str:
    """Say a moment ahead in the team's zone: `18:00` if it is today, else `Fri 27 Nov 09:00`, with a year far ahead."""
    zone = ZoneInfo(ctx.book.zone)
    local, today = at.astimezone(zone), ctx.clock.now().astimezone(zone).date()
    if local.date() == today:
        return when(at, ctx)
    year = f" {local.year}" if (local.date() - today).days > 180 else ""
    day = f"{WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}{year}"
    return day if (local.hour, local.minute) == (0, 0) else f"{day} {local:%H:%M}"


def write_down(
    session: Session, ctx: Context, *, actor: Actor, action: str, target: str, before: Any = None, after: Any = None
) -> None:
    """One audit row of what was settled."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=journal.identity(actor),
        action=action,
        target=target,
        outcome="done",
        correlation_id=uuid4().hex,
        before=before,
        after=after,
    )


def tell(session: Session, ctx: Context, *, key: str, text: str, mention: str | None = None) -> None:
    """Post one line into the channel. `text` is redacted; `mention`, an e-mail, is called within working hours."""
    at = ctx.clock.now()
    data = {"text": text, "mention": mention if calls.may_call(ctx, Priority.NORMAL, at) else None}
    put_and_deliver(session, ctx, key=key, kind=LINE, channel=ctx.book.default_channel, data=data, at=at)
