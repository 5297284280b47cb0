"""An evaluation that is kept reads back as it was made, is audited, and is what auto rests on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from automations.domain import Actor
from automations.errors import NotFound
from automations.triage.bar import why_not_auto
from automations.triage.card_types import EvaluationCard, QueueFigures
from automations.triage.evaluations import evaluation, keep
from storage.models import AuditEntry
from tests.automations.triage.stage import Stage

LEAD = Actor("U_LEAD1", "Mara Lind", "mara@example.com")


def made(stage: Stage, *, passed: bool) -> EvaluationCard:
    return EvaluationCard(
        id=None, source="history.csv", made_at=datetime(2026, 11, 28, tzinfo=UTC), train_from=None,
        test_from=datetime(2026, 10, 1, tzinfo=UTC), test_to=None,
        trained_on=700, examples=300 if passed else 3, decided=200, right=200,
        coverage=2 / 3, precision=1.0, accuracy=2 / 3, queues=(QueueFigures("Billing", 2, 2, 2, 1.0, 1.0),),
        confusion=(("Billing", "Billing", 2),), curve=((0.5, 0.6, 1.0),), baselines=(("majority", 0.4),), moved=(1, 0),
        priority_cost=(0.5, 1.0), lint=("A rule does nothing.",), rules_version=stage.ctx.rules.version, model="",
        passed=passed, fails=() if passed else ("Too few.",),
    )  # fmt: skip


@pytest.mark.parametrize("passed", [True, False])
def test_it_reads_back_as_it_was_and_decides_about_auto(stage: Stage, passed: bool) -> None:
    card = made(stage, passed=passed)
    with stage.database.begin() as session:
        number = keep(session, card, LEAD, None, stage.ctx)
    with stage.database.read() as session:
        assert evaluation(session, number) == replace(card, id=number)
        assert bool(why_not_auto(session, stage.ctx)) is not passed
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "triage.evaluated")).one()
    assert (entry.target, entry.actor) == (f"EVAL-{number}", "mara@example.com")


def test_one_that_is_not_there(stage: Stage) -> None:
    with stage.database.read() as session, pytest.raises(NotFound, match="no EVAL-9"):
        evaluation(session, 9)
