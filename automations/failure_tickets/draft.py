"""The words of a new ticket: everything the failure told us, why it is this urgent, and whose it is. Plain text.

The customer is attached as a reference and never as a requester, so no desk has anybody to write to.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import CustomerRef, Priority, TicketDraft, case_ref
from automations.failure_tickets.context import Context
from automations.failure_tickets.known_customer import customer_standing
from automations.words import in_brief, who
from storage.models import Case, CaseTicket, FailureEventRow

SUBJECT_LIMIT = 150
"""Characters. Desks allow more; lists of tickets show less."""


def write_draft(
    session: Session, case: Case, key: str, assignee: str, ctx: Context, *, can: frozenset[Capability]
) -> TicketDraft:
    """Write the ticket of a case. `key` is our own key of it, `assignee` the desk agent's e-mail.

    What the desk, which `can` do so much, has no field for stands in the text.
    """
    return TicketDraft(
        subject=in_brief(f"{subject_begins(case.id)} {' '.join(case.summary.split())}", SUBJECT_LIMIT),
        body="\n\n".join(part for part in _parts(session, case, key, ctx, can) if part),
        priority=Priority(case.priority),
        group=case.queue,
        assignee=assignee,
        customer=customer_of(case),
        tags=("handoff", f"reason-{case.reason.replace('_', '-')}"),
        since=case.opened_at,
    )


def subject_begins(case_id: int) -> str:
    """What the subject of a case's ticket begins with, so that people can tell whose it is."""
    return f"[{case_ref(case_id)}]"


def customer_of(case: Case) -> CustomerRef | None:
    """The customer a case names: id and name in the sender's words, the tier that the case goes by."""
    if case.customer_id is None:
        return None
    return CustomerRef(case.customer_id, case.customer_name or "", case.customer_tier or "")


def _parts(session: Session, case: Case, key: str, ctx: Context, can: frozenset[Capability]) -> list[str]:
    zone = ZoneInfo(ctx.book.zone)
    queue = "" if Capability.GROUPS in can else f"\nQueue: {case.queue}"
    attempts = [f"{_at(datetime.fromisoformat(tried['at']), zone)}: {tried['outcome']}" for tried in case.attempts]
    return [
        case.summary,
        _facts(session, case, ctx),
        case.details,
        _listed(f"Attempts ({len(attempts)})", attempts),
        _listed("Checks already done", case.checks),
        f"Diagnostics: {case.diagnostics_url}" if case.diagnostics_url else "",
        f"Impact: {_impact(case)}",
        _priority(case),
        f"Owner: {who(case.owner, ctx)} ({case.owner_why})\nRule: {case.rule}{queue}",
        _seen(case, zone),
        _previous(session, case),
        f"Case: {case_ref(case.id)} {ctx.case_url(case.id)}\nKey: {key}",
    ]


def _facts(session: Session, case: Case, ctx: Context) -> str:
    event = session.scalars(
        select(FailureEventRow.event_id).where(FailureEventRow.case_id == case.id).order_by(FailureEventRow.id).limit(1)
    ).one_or_none()
    customer = customer_of(case)
    facts = {
        "Source": case.source,
        "Reason": case.reason.replace("_", " "),
        "Event": event,
        "Job": case.job_name,
        "Job id": case.job_id,
        "Customer": customer and ", ".join(part for part in (customer.name, customer.id, customer.tier) if part),
        "Tier and status": customer_standing(session, case, ctx),
    }
    return "\n".join(f"{label}: {value}" for label, value in facts.items() if value)


def _impact(case: Case) -> str:
    said = [
        "work is blocked" if case.impact.get("blocked") else "",
        "a paid workflow has stopped" if case.impact.get("paid_workflow") else "",
        f"customers concerned: {case.impact['customers']:,}" if case.impact.get("customers") else "",
    ]
    return "; ".join(part for part in said if part) or "not stated by the sender"


def _priority(case: Case) -> str:
    lines = [f"{points:+d} {label}" if points else str(label) for label, points in case.priority_why]
    total = sum(points for _, points in case.priority_why)
    return _listed(f"Priority: {case.priority}, {total} points" if total else f"Priority: {case.priority}", lines)


def _seen(case: Case, zone: ZoneInfo) -> str:
    if case.count == 1:
        return f"Seen once, {_at(case.last_seen, zone)}"
    return f"Seen {case.count:,} times, first {_at(case.first_seen, zone)}, last {_at(case.last_seen, zone)}"


def _previous(session: Session, case: Case) -> str:
    if case.previous_id is None:
        return ""
    url = session.scalar(select(CaseTicket.url).where(CaseTicket.case_id == case.previous_id))
    return f"Follows {case_ref(case.previous_id)}, which was closed{f': {url}' if url else ''}"


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([f"{title}:", *(f"- {line}" for line in lines)]) if lines else ""


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
