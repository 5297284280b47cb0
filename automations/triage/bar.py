"""Whether triage may act by itself: only if its last evaluation on history reached the bar that the team set."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.triage.card_types import QueueFigures
from automations.triage.context import TriageContext
from automations.triage.evaluating import fails
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
    newest = select(TriageEvaluation).where(*same).order_by(TriageEvaluation.id.desc()).limit(1)
    last = session.scalar(newest)
    if last is None:
        return f"{with_what} not evaluated on history yet"
    if last.model_id is None and last.result.get("model"):
        return "the last evaluation was helped by a classifier, and none is in use: `handoff triage train` makes one"
    if not last.passed or _below(last.result, ctx):
        return f"in the last evaluation {with_what} below the bar"
    return ""


def _below(result: Mapping[str, Any], ctx: TriageContext) -> bool:
    """Whether its figures miss the bar of now, which may have been raised since."""
    queues = [QueueFigures(**one) for one in result["queues"]]
    figures = int(result["examples"]), float(result["coverage"]), result["precision"]
    return any(fails(ctx.rules.bar, *figures, queues))
