"""How each rule did: how often it fired, what people and outcomes said of that, how fast somebody acknowledged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.escalation.card_types import RuleFigures
from automations.escalation.context import EscalationContext
from automations.escalation.reasons import PRESSING, EscalationReason
from storage.models import Escalation, EscalationFiring

SPAN: Final = timedelta(days=90)
"""How far back figures look, so that what a rule was before it was mended fades."""
MOST: Final = 20_000
"""Firings that are counted at most, the newest ones."""
_BY_A_PERSON: Final = frozenset({"handled", "not_needed", "too_late"})


@dataclass(frozen=True, slots=True)
class _Fired:
    reason: EscalationReason
    rule: str
    verdict: str
    ack_s: float | None


def rule_figures(
    session: Session, ctx: EscalationContext, since: datetime | None = None, until: datetime | None = None
) -> tuple[RuleFigures, ...]:
    """The figures of each rule that fired in [since, until), the most pressing reason first; if unset, within `SPAN`.

    Verdicts are those of now, also on what fired long ago. What would have fired in mode shadow is not among it:
    nobody could say of that whether it was right.
    """
    fired = EscalationFiring
    ended = Escalation.claimed_at, Escalation.closed_at, Escalation.ending
    wanted = (
        select(fired.reason, fired.rule, fired.verdict, fired.fired_at, *ended)
        .join(Escalation, Escalation.id == fired.escalation_id)
        .where(fired.fired_at >= (since or ctx.clock.now() - SPAN), *([fired.fired_at < until] if until else []))
        .order_by(fired.id.desc())
        .limit(MOST)
    )
    rows = [
        _Fired(EscalationReason(reason), rule, verdict, _ack_s(at, claimed, closed, ending))
        for reason, rule, verdict, at, claimed, closed, ending in session.execute(wanted)
    ]
    rules = sorted({(row.reason, row.rule) for row in rows}, key=lambda one: (PRESSING.index(one[0]), one[1]))
    return tuple(
        _of_rule(reason, rule, [row for row in rows if (row.reason, row.rule) == (reason, rule)])
        for reason, rule in rules
    )


def _of_rule(reason: EscalationReason, rule: str, rows: Sequence[_Fired]) -> RuleFigures:
    said = [row.verdict for row in rows]
    right, not_needed, too_late = (said.count(word) for word in ("right", "not_needed", "too_late"))
    judged = right + not_needed + too_late
    return RuleFigures(
        rule=rule,
        reason=reason,
        fired=len(rows),
        right=right,
        not_needed=not_needed,
        too_late=too_late,
        unknown=said.count(""),
        missed=said.count("missed"),
        precision=right / judged if judged else None,
        median_ack_s=_median(row.ack_s for row in rows),
    )


def _ack_s(fired: datetime, claimed: datetime | None, closed: datetime | None, ending: str) -> float | None:
    """Seconds until somebody claimed it, or ended it at once; None if nobody did, or had it before this fired."""
    at = claimed or (closed if ending in _BY_A_PERSON else None)
    return (at - fired).total_seconds() if at is not None and at >= fired else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
