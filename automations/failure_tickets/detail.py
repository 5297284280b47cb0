"""One case in full, as plain JSON: what happened, what was done, what the desk and Slack show. For API and terminal."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import case_ref
from automations.errors import NotFound
from automations.failure_tickets import feedback
from automations.failure_tickets.context import Context
from automations.failure_tickets.known_customer import customer_standing
from automations.failure_tickets.offers import plain
from automations.failure_tickets.placing import group_ref, place
from automations.words import who
from storage.models import AuditEntry, Case, CaseEntry, CaseTicket, FailureEventRow, Notification
from storage.retention.asked import pruned

PLAIN = (
    "status", "version", "source", "reason", "summary", "details", "job_id", "job_name", "attempts", "checks",
    "impact", "diagnostics_url", "count", "flaps", "first_seen", "last_seen", "rule", "queue", "channel", "priority",
    "owner", "owner_why", "opened_at", "claimed_by", "claimed_at", "closed_at", "closed_by", "close_note",
    "close_fields", "hold_until", "snoozed_until", "snoozed_by", "stale_at",
    "escalate_at", "escalated_at", "escalated_by", "escalation_reason", "correlation_id",
)  # fmt: skip
"""Columns of the case that are shown under their own name."""


def case_detail(session: Session, case_id: int, ctx: Context, *, limit: int = 100) -> dict[str, Any]:
    """Show a case with its newest `limit` occurrences, its ticket, Slack message, history and newest audit entries.

    Times are ISO 8601 in UTC, people are e-mail addresses. Raises NotFound if there is no such case.
    """
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound(f"There is no {case_ref(case_id)}.{pruned(session, Case, case_id)}")
    following = session.scalars(select(Case.id).where(Case.previous_id == case_id).order_by(Case.id.desc())).first()
    customer = {"id": case.customer_id, "name": case.customer_name, "tier": case.customer_tier}
    customer["standing"] = customer_standing(session, case, ctx) or None
    return {
        "id": case_ref(case.id),
        "url": ctx.case_url(case.id),
        **{name: plain(getattr(case, name)) for name in PLAIN},
        "owner_name": who(case.owner, ctx),
        "customer": customer if case.customer_id else None,
        "priority_why": [{"label": label, "points": points} for label, points in case.priority_why],
        "group": group_ref(case.group_id) if case.group_id else None,
        "previous": case_ref(case.previous_id) if case.previous_id else None,
        "next": case_ref(following) if following else None,
        "last": {"actor": case.last_actor, "act": case.last_act, "at": plain(case.last_at)},
        "ticket": _ticket(session.get_one(CaseTicket, case_id)),
        "slack": _slack(session.get(Notification, place(session, case).key)),
        "occurrences": _occurrences(session, case_id, limit),
        "occurrences_total": session.scalar(select(func.count()).where(FailureEventRow.case_id == case_id)),
        "history": _history(session, case_id),
        "feedback": feedback.of_case(session, case_id),
        "audit": _audit(session, case_id, limit),
    }


def _ticket(row: CaseTicket) -> dict[str, Any]:
    current = row.state == "verified" and row.verified_version >= row.wanted_version
    seen = {name: value for name, value in row.seen.items() if name != "sent"}
    return {
        "system": row.system,
        "key": row.key,
        "id": row.ticket_id,
        "url": row.url,
        "state": row.state,
        "verified": current,
        "verified_at": plain(row.verified_at),
        "missing": row.missing,
        "unclear_at": plain(row.unclear_at),
        "named": row.named,
        "named_by": row.named_by,
        "read_at": plain(row.read_at),
        "seen": seen,
    }


def _slack(row: Notification | None) -> dict[str, Any] | None:
    if row is None:
        return None
    up_to_date = row.delivered_version >= row.version
    message = {"channel": row.posted_channel or row.channel, "ts": row.ts, "permalink": row.permalink}
    return {**message, "state": row.state, "up_to_date": up_to_date, "error": row.error}


def _occurrences(session: Session, case_id: int, limit: int) -> list[dict[str, Any]]:
    newest = (
        select(FailureEventRow)
        .where(FailureEventRow.case_id == case_id)
        .order_by(FailureEventRow.id.desc())
        .limit(limit)
    )
    return [
        {
            "event_id": row.event_id,
            "source": row.source,
            "status": row.status,
            "reason": row.reason,
            "outcome": row.outcome,
            "occurred_at": plain(row.occurred_at),
            "received_at": plain(row.received_at),
        }
        for row in session.scalars(newest)
    ]


def _history(session: Session, case_id: int) -> list[dict[str, Any]]:
    lines = select(CaseEntry).where(CaseEntry.case_id == case_id).order_by(CaseEntry.seq)
    return [
        {"seq": line.seq, "at": plain(line.at), "actor": line.actor, "verb": line.verb, "text": line.text}
        | {"in_desk_at": plain(line.written_at)}
        for line in session.scalars(lines)
    ]


def _audit(session: Session, case_id: int, limit: int) -> list[dict[str, Any]]:
    newest = (
        select(AuditEntry).where(AuditEntry.target == case_ref(case_id)).order_by(AuditEntry.seq.desc()).limit(limit)
    )
    names = ("seq", "at", "actor", "action", "target", "outcome", "correlation_id", "before", "after", "hash")
    return [{name: plain(getattr(row, name)) for name in names} for row in session.scalars(newest)]
