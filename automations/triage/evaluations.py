"""Evaluations as they are kept: the figures with what was measured, so that `auto` rests on one of them."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import NotFound
from automations.triage.card_types import EvaluationCard, QueueFigures
from automations.triage.context import NAME, TriageContext
from storage import audit
from storage.models import TriageEvaluation

_TIMES = ("made_at", "train_from", "test_from", "test_to")


def evaluation_ref(number: int) -> str:
    """What people call it: `EVAL-7`."""
    return f"EVAL-{number}"


def keep(session: Session, card: EvaluationCard, actor: Actor, model_id: int | None, ctx: TriageContext) -> int:
    """Keep an evaluation, with an audit row; its number."""
    audit.hold(session)
    row = TriageEvaluation(
        made_at=card.made_at,
        made_by=actor.email or actor.id,
        source=card.source,
        rules_version=card.rules_version,
        model_id=model_id,
        examples=card.examples,
        passed=card.passed,
        result=ctx.redactor.tree(_plain(card)),
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        at=card.made_at,
        actor=actor.email or actor.id,
        action="triage.evaluated",
        target=evaluation_ref(row.id),
        outcome="passed" if card.passed else "below the bar",
        correlation_id=f"{NAME}/evaluation/{row.id}",
        after={
            "source": card.source,
            "examples": card.examples,
            "coverage": round(card.coverage, 4),
            "precision": None if card.precision is None else round(card.precision, 4),
            "rules": card.rules_version,
            "model": model_id,
        },
    )
    return row.id


def evaluation(session: Session, number: int) -> EvaluationCard:
    """One that was kept. Raises: NotFound."""
    if (row := session.get(TriageEvaluation, number)) is None:
        raise NotFound(f"There is no {evaluation_ref(number)}.")
    return card_of(row)


def card_of(row: TriageEvaluation) -> EvaluationCard:
    """The figures of a row."""
    told: dict[str, Any] = dict(row.result)
    times = {name: datetime.fromisoformat(told[name]) if told[name] else None for name in _TIMES}
    listed = {
        "queues": tuple(QueueFigures(**one) for one in told["queues"]),
        **{name: tuple(tuple(one) for one in told[name]) for name in ("confusion", "curve", "baselines")},
        **{name: tuple(told[name]) for name in ("moved", "lint", "fails")},
        "priority_cost": tuple(told["priority_cost"]) if told["priority_cost"] else None,
    }
    return replace(EvaluationCard(**{**told, **times, **listed}), id=row.id)


def _plain(card: EvaluationCard) -> dict[str, Any]:
    told = asdict(card)
    return {**told, **{name: told[name].isoformat() if told[name] else None for name in _TIMES}}
