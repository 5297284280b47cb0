"""After an outage: what is found late at once comes as one message that mentions each person at most once.

Each escalation that it opens has its own message in the thread, without a mention. What did not fit into one
transaction, or was cut off by a crash, joins the same summary: its key is the last sweep before the outage.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.apart import Apart
from automations.domain import Mode
from automations.escalation.card_types import SummaryCard
from automations.escalation.chain import LATE
from automations.escalation.context import EscalationContext
from automations.escalation.firing import fire
from automations.escalation.found import Found, said
from automations.escalation.journal import subject_ref
from automations.escalation.reasons import PRESSING, EscalationReason
from automations.escalation.watch import Watch, write_down
from automations.posting import put_and_deliver
from automations.words import person
from storage import audit, notifications
from storage.engine import Database
from storage.models import Escalation, EscalationFiring

POST: Final = "escalation.summary"
SHOWN: Final = 30
"""Lines of a summary; the rest are in its thread."""
AT_ONCE: Final = 100
"""Firings kept in one transaction."""


def is_late(found: Found, now: datetime) -> bool:
    """Whether it was found long after its moment, as after an outage."""
    return now - found.due_at > LATE


def gathers(late: Sequence[Found], ctx: EscalationContext) -> bool:
    """Whether so many were found late that they come as one."""
    return len(late) >= ctx.rules.gather_from and len({(one.subject, one.subject_id) for one in late}) > 1


def summary_key(watch: Watch) -> str:
    """Name the summary of the outage that began after this sweep."""
    return f"escalation/summary/{watch.swept.isoformat()}"


def fire_gathered(
    database: Database, late: Sequence[Found], watch: Watch, ctx: EscalationContext, apart: Apart
) -> tuple[int, frozenset[str]]:
    """Fire what was found late, most pressing first, into one summary. How many fired, and whom the summary calls."""
    ordered = sorted(late, key=lambda one: (PRESSING.index(one.reason), one.due_at, one.key))
    fired, calls = 0, frozenset[str]()
    for begin in range(0, len(ordered), AT_ONCE):
        with database.begin() as session:
            some, calls = _fire_some(session, ordered[begin : begin + AT_ONCE], watch, ctx, apart)
            fired += some
    return fired, calls


def summary_card(session: Session, shown: Mapping[str, Any], ctx: EscalationContext) -> SummaryCard:
    """What the summary shows, from its notification's data."""
    ids = [int(one) for one in shown["firings"]]
    rows = session.scalars(select(EscalationFiring).where(EscalationFiring.id.in_(ids))).all()
    by_id = {row.id: row for row in rows}
    lines = [_line(session, by_id[one]) for one in ids[:SHOWN] if one in by_id]
    return SummaryCard(
        late=tuple(lines),
        total=len(ids),
        call=tuple(person(email, ctx) for email in shown["call"]),
        away_from=datetime.fromisoformat(shown["away_from"]) if shown.get("away_from") else None,
        away_until=datetime.fromisoformat(shown["away_until"]) if shown.get("away_until") else None,
    )


def _fire_some(
    session: Session, some: Sequence[Found], watch: Watch, ctx: EscalationContext, apart: Apart
) -> tuple[int, frozenset[str]]:
    audit.hold(session)
    key, now = summary_key(watch), ctx.clock.now()
    before = notifications.get(session, key)
    data = _empty(watch, now) if before is None else dict(before.data)
    if before is None:
        _put(session, key, data, ctx)  # so that there is a thread to stand in
    fired = []
    for found in some:
        with apart.row(found.key), session.begin_nested():
            if (one := fire(session, found, ctx, Mode.AUTO, gathered=key)) is not None:
                fired.append(one)
    calls = [one.calls for one in fired if one.calls]
    data["firings"] = [*data["firings"], *(one.firing_id for one in fired)]
    data["ids"] = list(dict.fromkeys([*data["ids"], *(one.escalation_id for one in fired)]))
    data["call"] = list(dict.fromkeys([*data["call"], *calls]))
    if fired:
        after = {"firings": len(data["firings"]), "called": data["call"]}
        write_down(session, ctx, "escalation.gathered", outcome="done", target=key, after=after)
    _put(session, key, data, ctx)
    return len(fired), frozenset(data["call"])


def _empty(watch: Watch, now: datetime) -> dict[str, Any]:
    """A summary of nothing yet; it names the time away only if it was one."""
    away = now - watch.swept > LATE
    times = (watch.swept.isoformat(), now.isoformat()) if away else (None, None)
    return {"firings": [], "ids": [], "call": [], "away_from": times[0], "away_until": times[1]}


def _put(session: Session, key: str, data: Mapping[str, Any], ctx: EscalationContext) -> None:
    put_and_deliver(session, ctx, key=key, kind=POST, channel=ctx.channel, data=dict(data), at=ctx.clock.now())


def _line(session: Session, row: EscalationFiring) -> tuple[str, str, str, str, datetime]:
    escalation = session.get_one(Escalation, row.escalation_id)
    reason = said(EscalationReason(row.reason), tuple(row.evidence))
    return subject_ref(escalation), escalation.url, escalation.title, reason, row.due_at
