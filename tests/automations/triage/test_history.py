"""The desk's own history: what people made of a ticket in the end is what triage is measured by."""

from collections.abc import Sequence
from datetime import UTC, datetime

from automations.domain import Priority, TicketStatus
from automations.triage.evaluating import evaluate
from automations.triage.history import Example, history, of_the_desk
from automations.triage.inputs import Inputs
from automations.triage.judging import Model
from tests.automations.triage.stage import Stage
from tests.triage_terms import RULES

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def no_model(texts: Sequence[str], labels: Sequence[str]) -> Model | None:
    return None


def test_only_tickets_that_people_looked_after_and_solved_count(stage: Stage) -> None:
    stage.desk.opened("1", "My invoice is wrong", priority=Priority.HIGH)
    stage.desk.wrote("1", "We look at it.", "public")
    stage.desk.moved("1", group="Billing")
    stage.desk.moved("1", status=TicketStatus.SOLVED)
    stage.desk.opened("2", "Nobody answered this one")
    stage.desk.moved("2", status=TicketStatus.SOLVED)
    stage.desk.opened("3", "Still open, with an invoice")
    stage.desk.wrote("3", "Yes?", "public")
    stage.watch()
    with stage.database.read() as session:
        (only,) = of_the_desk(session, stage.ctx, 30).examples
    assert (only.queue, only.first_queue, only.label, only.priority) == ("Billing", "Support", "billing", "high")
    assert "invoice" in only.inputs.text


def test_a_queue_of_several_intents_tells_no_label_but_is_measured_all_the_same(stage: Stage) -> None:
    for name, words in (("1", "I lost my password"), ("2", "password again")):
        stage.desk.opened(name, words)
        stage.desk.wrote(name, "Here is a link.", "public")
        stage.desk.moved(name, status=TicketStatus.SOLVED)
    stage.watch()
    with stage.database.read() as session:
        found = of_the_desk(session, stage.ctx, 30)
    assert {one.label for one in found.examples} == {""}
    card = evaluate(found, no_model, source="the desk", now=stage.clock.now(), share_of_training=0)
    assert (card.examples, card.decided, card.right) == (2, 2, 2), "account and technical share the queue Support"


def test_what_a_file_names_as_train_and_test_is_kept_apart() -> None:
    def row(part: str) -> Example:
        return Example(Inputs(subject="invoice", language="en"), "billing", part=part)

    found = history([row("test"), row("train"), row("train")], RULES)
    card = evaluate(found, no_model, source="a file", now=NOW)
    assert (card.trained_on, card.examples) == (2, 1)
