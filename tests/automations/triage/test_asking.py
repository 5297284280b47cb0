"""Triage measured for whoever asked in Slack: kept and posted once, and too little history is said in words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from automations.domain import TicketStatus
from automations.errors import Refused
from automations.triage.asking import EVALUATE, EVALUATION, PICTURE, Asked, ask, evaluate_asked, gave_up
from automations.triage.evaluations import evaluation
from storage.models import AuditEntry, Notification, TriageEvaluation, Upload
from tests.automations.triage.stage import ANNA, Stage
from tests.triage_terms import TRIAGE_CHANNEL


def asked_of(stage: Stage) -> Asked:
    with stage.database.begin() as session:
        ask(session, 90, ANNA, stage.ctx)
    return Asked.of(stage.jobs.of(EVALUATE)[-1].args)


def rows(stage: Stage, of: Callable[[Any], Any], *models: type[Any]) -> list[Any]:
    with stage.database.read() as session:
        return [of(one) for model in models for one in session.scalars(select(model))]


def lived(stage: Stage, count: int) -> None:
    """So many tickets that customers opened, and that somebody answered and solved."""
    for number in range(count):
        said, group = [("Please refund my invoice", "Billing"), ("My password is lost", "Support")][number % 2]
        stage.desk.opened(f"{number}", said)
        stage.desk.moved(f"{number}", group=group)
        stage.desk.wrote(f"{number}", "Done.", "public")
        stage.desk.moved(f"{number}", status=TicketStatus.SOLVED)
    stage.watch()


def test_it_is_kept_and_posted_once_however_often_the_job_runs(stage: Stage) -> None:
    lived(stage, 20)
    asked = asked_of(stage)
    for _ in range(2):
        evaluate_asked(stage.database, asked, stage.ctx)
    with stage.database.read() as session:
        card = evaluation(session, 1)
    assert (card.examples, card.decided, card.right, card.source) == (6, 6, 6, "builtin, 90 days")
    assert not card.passed, "six tickets are too few for the bar"
    assert rows(stage, lambda one: (one.made_by, one.made_at), TriageEvaluation) == [(ANNA.email, asked.at)]
    made = [(one.key, one.channel) for one in rows(stage, lambda one: one, Notification) if one.kind == EVALUATION]
    assert made == [("triage/evaluation/1", TRIAGE_CHANNEL)]
    files = rows(stage, lambda one: (one.key, one.kind, one.notification), Upload)
    assert files == [("triage/evaluation/1/picture", PICTURE, "triage/evaluation/1")]
    assert rows(stage, lambda one: one.action, AuditEntry).count("triage.evaluated") == 1
    assert "examples" in stage.notification("triage/evaluation/1").data["no_classifier"]  # type: ignore[union-attr]  # it was posted


def test_too_little_history_is_told_to_whoever_asked(stage: Stage) -> None:
    asked = asked_of(stage)
    for _ in range(2):
        evaluate_asked(stage.database, asked, stage.ctx)
    assert rows(stage, lambda one: one.id, TriageEvaluation, Upload) == []
    ((channel, words),) = rows(stage, lambda one: (one.channel, one.data["text"]), Notification)
    assert channel == ANNA.id
    assert words.startswith("There is too little history to measure on: 0 tickets")
    assert "handoff triage evaluate FILE" in words


def test_without_a_channel_it_comes_to_whoever_asked(stage: Stage) -> None:
    lived(stage, 4)
    stage.ctx = replace(stage.ctx, channel="")
    evaluate_asked(stage.database, asked_of(stage), stage.ctx)
    found = stage.notification("triage/evaluation/1")
    assert found is not None
    assert found.channel == ANNA.id


def test_what_cannot_be_measured_is_refused_or_said(stage: Stage) -> None:
    asked = asked_of(stage)
    with stage.database.begin() as session:
        gave_up(session, asked, "the database is full", stage.ctx)
    (words,) = rows(stage, lambda one: one.data["text"], Notification)
    assert words.startswith("Triage was not measured: the database is full.")
    stage.ctx = replace(stage.ctx, rules=stage.ctx.rules.model_copy(update={"intents": ()}))
    with pytest.raises(Refused, match="nothing to measure"):
        asked_of(stage)
