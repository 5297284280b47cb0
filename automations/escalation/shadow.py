"""Mode shadow: firings are kept without an escalation, and told in one message a day that calls nobody."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import Mode, case_ref
from automations.escalation.card_types import SHADOW_SHOWN, ShadowDay
from automations.escalation.context import EscalationContext
from automations.escalation.found import Found, said
from automations.escalation.reasons import EscalationReason
from automations.escalation.watch import write_down
from automations.posting import put_and_deliver
from storage.models import Case, EscalationFiring, MirrorTicket

POST: Final = "escalation.shadow"


def tell(session: Session, firing_id: int, found: Found, title: str, ctx: EscalationContext) -> None:
    """Write down what would have been escalated, and let the day's message follow."""
    now = ctx.clock.now()
    after = {"reason": found.reason.value, "rule": found.rule, "about": title}
    target = f"firing/{firing_id}"
    write_down(session, ctx, "escalation.would_open", outcome=Mode.SHADOW.value, target=target, after=after)
    day = now.astimezone(ZoneInfo(ctx.zone)).date().isoformat()
    put_and_deliver(
        session, ctx, key=f"escalation/shadow/{day}", kind=POST, channel=ctx.channel, data={"day": day}, at=now
    )


def shadow_day(session: Session, data: Mapping[str, Any], ctx: EscalationContext) -> ShadowDay:
    """What the day's message shows, from its notification's data."""
    day = date.fromisoformat(str(data["day"]))
    zone = ZoneInfo(ctx.zone)
    begin, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    of_day = (
        EscalationFiring.mode == Mode.SHADOW.value,
        EscalationFiring.fired_at >= begin,
        EscalationFiring.fired_at < end,
    )
    total = session.scalar(select(func.count()).select_from(EscalationFiring).where(*of_day)) or 0
    newest = select(EscalationFiring).where(*of_day).order_by(EscalationFiring.id.desc()).limit(SHADOW_SHOWN)
    rows = list(reversed(session.scalars(newest).all()))
    return ShadowDay(day, total, tuple(_line(session, row, ctx) for row in rows))


def _line(session: Session, row: EscalationFiring, ctx: EscalationContext) -> tuple[str, str, str, str, datetime]:
    reason = said(EscalationReason(row.reason), tuple(row.evidence))
    if row.subject == "case":
        title = session.scalar(select(Case.summary).where(Case.id == int(row.ticket_id))) or ""
        return case_ref(int(row.ticket_id)), ctx.case_url(int(row.ticket_id)), title, reason, row.fired_at
    mine = MirrorTicket.system == row.system, MirrorTicket.ticket_id == row.ticket_id
    ticket = session.execute(select(MirrorTicket.url, MirrorTicket.subject).where(*mine)).one_or_none()
    url, title = (ticket.url, ticket.subject) if ticket else ("", "")
    return f"#{row.ticket_id}", url, title, reason, row.fired_at
