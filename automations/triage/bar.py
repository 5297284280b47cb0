"""Whether triage may act by itself: only if its last evaluation on history reached the bar that the team set."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.triage.context import TriageContext
from storage.models import TriageEvaluation


def why_not_auto(session: Session, ctx: TriageContext) -> str:
    """Why mode auto acts as ask for now, in words; empty if it may act."""
    newest = select(TriageEvaluation).where(TriageEvaluation.rules_version == ctx.rules.version)
    last = session.scalars(newest.order_by(TriageEvaluation.id.desc()).limit(1)).one_or_none()
    if last is None:
        return "these rules were not evaluated on history yet"
    return "" if last.passed else "the last evaluation of these rules was below the bar"
