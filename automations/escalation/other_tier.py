"""What tickets would be promised if they went by another tier, and which would escalate at once: a look ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.escalation.clock_rules import KINDS
from automations.escalation.context import EscalationContext
from automations.escalation.found import key_of
from automations.escalation.journal import open_key
from automations.escalation.watch import mode, on_since
from automations.sla.clocks import ClockNow, clocks
from automations.sla.life import Life
from automations.sla.reading import Seen, lives
from automations.sla.replay import due_now
from automations.sla.worked import WorkedHours
from storage.models import Escalation, EscalationFiring, MirrorTicket, SlaClock

AT_ONCE: Final = 500
"""Tickets looked at in one query."""
Turn = tuple[str, str, int]
"""A ticket's id, the kind of a clock, and its turn."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of one ticket. `promised` are the SLA targets' names now and then, empty for none.

    `escalates` says why it would escalate at once, in words; empty if it would not.
    """

    promised: tuple[str, str]
    escalates: str = ""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """By what a ticket would go."""

    tier: str
    priority: str


def outlooks(
    session: Session, tickets: Sequence[MirrorTicket], then: Mapping[int, Otherwise], ctx: EscalationContext
) -> dict[int, Outlook]:
    """What would become of each of these tickets, by the mirror's numbers. No escalations but in mode auto.

    One that is escalated already starts none, nor does what happened before the automation was switched on.
    """
    since = on_since(session, ctx) if mode(session, ctx) is Mode.AUTO else None
    worked, found = WorkedHours(ctx.hours), dict[int, Outlook]()
    mine = [one for one in tickets if one.system == ctx.desk_system]
    for start in range(0, len(mine), AT_ONCE):
        some = mine[start : start + AT_ONCE]
        seen = [Seen(one.id, one.ticket_id, one.changed_at, one.opened_by, one.tier, one.deleted_at) for one in some]
        past = _Past(session, ctx.desk_system, some) if since is not None else None
        for one, life in lives(session, seen):
            other = _otherwise(life, then[one.number])
            promised = _promised(life, ctx), _promised(other, ctx)
            why = _escalates(one, life, other, since, past, worked, ctx) if past is not None and since else ""
            found[one.number] = Outlook(promised, why)
    return found


class _Past:
    """What has fired for these tickets, what of their clocks was told, and which of them are escalated now."""

    def __init__(self, session: Session, system: str, tickets: Sequence[MirrorTicket]) -> None:
        names = [one.ticket_id for one in tickets]
        mine = SlaClock.system == system, SlaClock.ticket_id.in_(names)
        columns = SlaClock.ticket_id, SlaClock.kind, SlaClock.turn, SlaClock.told
        rows = session.execute(select(*columns).where(*mine))
        self.told: dict[Turn, str] = {(one, kind, turn): told for one, kind, turn, told in rows}
        keys = [open_key("ticket", system, one) for one in names]
        self.escalated = set(session.scalars(select(Escalation.subject_id).where(Escalation.open_key.in_(keys))))
        accounts = EscalationFiring.fired_key.in_([key_of("account", system, one) for one in names])
        self.by_tier = set(session.scalars(select(EscalationFiring.ticket_id).where(accounts)))


def _otherwise(life: Life, then: Otherwise) -> Life:
    last = life.stood[-1]._replace(priority=then.priority)
    return replace(life, tier=then.tier, stood=(*life.stood[:-1], last))


def _promised(life: Life, ctx: EscalationContext) -> str:
    target = ctx.policy.target(life.tier, life.now.priority, life.now.group)
    return target.name if target is not None else ""


def _escalates(
    one: Seen,
    life: Life,
    other: Life,
    since: datetime,
    past: _Past,
    worked: WorkedHours,
    ctx: EscalationContext,
) -> str:
    if one.ticket_id in past.escalated:
        return ""
    tiers, new = ctx.rules.tiers, life.created_at >= since
    if other.tier in tiers and life.tier not in tiers and new and one.ticket_id not in past.by_tier:
        return f"tier {other.tier} escalates"
    now = ctx.clock.now()
    pending = {clock.kind for clock in clocks(life, ctx.policy, worked, now) if _due(one, clock, since, past, now)}
    for clock in clocks(other, ctx.policy, worked, now):
        if clock.kind not in pending and (which := _due(one, clock, since, past, now)):
            return f"{KINDS[clock.kind.value]} {which} at once"
    return ""


def _due(one: Seen, clock: ClockNow, since: datetime, past: _Past, now: datetime) -> str:
    """What would be told of a clock now; empty for nothing."""
    told = past.told.get((one.ticket_id, clock.kind.value, clock.turn), "")
    which = due_now(now, clock.warn_at, clock.due_at, told)
    at = clock.due_at if which == "breach" else clock.warn_at
    if which is None or at is None or at < since:
        return ""
    return "is overdue" if which == "breach" else "warns"
