"""Whether triage may act by itself: only if its last evaluation on history reached the bar that the team set."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.triage.context import TriageContext
from storage.models import TriageEvaluation, TriageModel


def model_in_use(session: Session, ctx: TriageContext) -> int | None:
    """The number of the classifier in use, the newest that is not retired; None if rules alone decide."""
    if not ctx.rules.classifier:
        return None
    standing = select(TriageModel.id).where(TriageModel.retired_at.is_(None))
    return session.scalar(standing.order_by(TriageModel.id.desc()).limit(1))


def why_not_auto(session: Session, ctx: TriageContext) -> str:
    """Why mode auto acts as ask for now, in words; empty if it may act.

    Only the newest evaluation of these rules with this classifier counts: other ones say nothing of what would act.
    """
    with_what = (
        "these rules with this classifier were" if model_in_use(session, ctx) is not None else "these rules were"
    )
    same = (
        TriageEvaluation.rules_version == ctx.rules.version,
        TriageEvaluation.model_id.is_not_distinct_from(model_in_use(session, ctx)),
    )
    newest = select(TriageEvaluation.passed).where(*same).order_by(TriageEvaluation.id.desc()).limit(1)
    passed = session.scalar(newest)
    if passed is None:
        return f"{with_what} not evaluated on history yet"
    return "" if passed else f"in the last evaluation {with_what} below the bar"
