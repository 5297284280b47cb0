"""Filling a group's card, its pages and the lines of its thread, read fresh from storage."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    CaseStatus,
    Priority,
)
from automations.errors import NotFound
from automations.failure_tickets.card_types import TicketLine
from automations.failure_tickets.context import Context
from automations.failure_tickets.group_types import PAGE, GroupCard, GroupEscalation, GroupLine, GroupPage, OwnerLine
from automations.failure_tickets.lists import group_rows, verified_count
from automations.failure_tickets.placing import group_key, group_ref
from automations.words import PersonRef, person
from storage.models import Case, CaseGroup, Notification
from storage.retention.asked import pruned

FIRST = 5
"""Cases that the message itself lists."""

TIERS = ("enterprise", "business", "pro", "team", "starter", "free")
"""Tiers that have an order among people; others follow by name, and cases without a customer come last."""


def group_card(session: Session, group_id: int, ctx: Context) -> GroupCard:
    """Everything the living message of a group shows. Raises NotFound if there is no such group."""
    group = _group(session, group_id)
    columns = Case.status, Case.owner, Case.priority, Case.customer_tier, Case.open_key
    rows = session.execute(select(*columns).where(Case.group_id == group_id)).all()
    by_status = Counter(row.status for row in rows)
    live = [row for row in rows if row.open_key is not None] or rows
    summary = session.scalar(select(Case.summary).where(Case.group_id == group_id).order_by(Case.id).limit(1))
    newest = select(Case.last_actor, Case.last_act, Case.last_at).where(Case.group_id == group_id)
    last = session.execute(newest.order_by(Case.last_at.desc(), Case.id.desc()).limit(1)).one_or_none()
    return GroupCard(
        id=group.id,
        source=group.source,
        reason=group.reason,
        summary=summary or "",
        priority=max((Priority(row.priority) for row in live), key=list(Priority).index),
        total=len(rows),
        open=by_status[CaseStatus.OPEN.value],
        claimed=by_status[CaseStatus.CLAIMED.value],
        resolved=by_status[CaseStatus.RESOLVED.value],
        not_needed=by_status[CaseStatus.NOT_NEEDED.value],
        verified=verified_count(session, group_id),
        tiers=_tiers(row.customer_tier for row in rows),
        owners=_owners(group, live, ctx),
        system=group.ticket_system,
        ticket=_ticket(group) if Capability.PARENTS in ctx.desk_can or group.ticket_id else None,
        first=tuple(group_rows(session, ctx, group_id, limit=FIRST)),
        opened_at=group.opened_at,
        last_joined_at=group.last_joined_at,
        closed_at=group.closed_at,
        last_line=f"{person(last.last_actor, ctx).name} {last.last_act}" if last else None,
        last_at=last.last_at if last else None,
    )


def group_page(session: Session, group_id: int, page: int, ctx: Context) -> GroupPage:
    """One page of a group's cases, those not closed first; a page after the last is the last.

    Raises NotFound if there is no such group.
    """
    _group(session, group_id)
    total = session.scalar(select(func.count()).where(Case.group_id == group_id)) or 0
    pages = max(1, -(-total // PAGE))
    shown = min(max(1, page), pages)
    rows = group_rows(session, ctx, group_id, limit=PAGE, offset=(shown - 1) * PAGE)
    return GroupPage(group_id, shown, pages, total, tuple(rows))


def group_line(shown: Mapping[str, Any], ctx: Context, *, mention: str | None) -> GroupLine:
    """One line of a group's thread from its notification's data, as a whole sentence."""
    actor = person(shown["actor"], ctx)
    called = person(mention, ctx) if mention else None
    return GroupLine(datetime.fromisoformat(shown["at"]), f"{actor.name} {shown['text']}", called)


def group_escalated(session: Session, shown: Mapping[str, Any], ctx: Context) -> GroupEscalation:
    """A group's escalation from its notification's data. A lead who is not to be called comes without a Slack user."""
    lead, group_id = person(shown["lead"], ctx), int(shown["group_id"])
    late = select(func.count()).where(Case.group_id == group_id, Case.escalated_at.is_not(None))
    return GroupEscalation(
        card=group_card(session, group_id, ctx),
        lead=lead if shown["mention"] else PersonRef(lead.email, lead.name),
        lead_why=shown["lead_why"],
        at=datetime.fromisoformat(shown["at"]),
        escalated=session.scalar(late) or 0,
        permalink=session.scalar(select(Notification.permalink).where(Notification.key == group_key(group_id))),
    )


def _group(session: Session, group_id: int) -> CaseGroup:
    group = session.get(CaseGroup, group_id, populate_existing=True)
    if group is None:
        raise NotFound(f"There is no {group_ref(group_id)}.{pruned(session, CaseGroup, group_id)}")
    return group


def _tiers(tiers: Any) -> tuple[tuple[str, int], ...]:
    counted = Counter(tier or "unknown" for tier in tiers)

    def rank(tier: str) -> tuple[int, str]:
        return (len(TIERS) + (tier == "unknown"), tier) if tier not in TIERS else (TIERS.index(tier), tier)

    return tuple((tier, counted[tier]) for tier in sorted(counted, key=rank))


def _owners(group: CaseGroup, live: Any, ctx: Context) -> tuple[OwnerLine, ...]:
    """Owners with counts, most cases first. Called by the first post: who is to be, and still has one unclaimed."""
    counted = Counter(row.owner for row in live)
    unclaimed = {row.owner for row in live if row.status == CaseStatus.OPEN}
    called = {one["email"] for one in group.called if one["by"] == "group"} & unclaimed
    ordered = sorted(counted, key=lambda email: (-counted[email], email))
    return tuple(OwnerLine(person(email, ctx), counted[email], email in called) for email in ordered)


def _ticket(group: CaseGroup) -> TicketLine:
    current = group.ticket_state == "verified" and group.ticket_verified >= group.ticket_wanted
    return TicketLine(
        system=group.ticket_system,
        state=group.ticket_state,
        id=group.ticket_id,
        url=group.ticket_url,
        current=current,
        verified_at=group.ticket_verified_at,
        missing=group.ticket_missing,
    )
