"""What mode auto needs: the newest evaluation of these very rules with this very classifier, passed."""

from dataclasses import replace
from typing import Any

import pytest

from automations.failure_tickets.context import Context
from automations.triage.bar import why_not_auto
from automations.triage.context import TriageContext
from automations.triage.rules import Bar
from storage.engine import Database
from storage.models import TriageEvaluation, TriageModel
from tests.automations.failure_tickets.world import World
from tests.automations.triage.stage import GOOD
from tests.support import START, FakeClock, RecordingJobs
from tests.triage_terms import RULES, triage_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def ctx(database: Database, clock: FakeClock, jobs: RecordingJobs) -> TriageContext:
    here: Context = World.on(database, clock, jobs).ctx
    return triage_of(here)


def evaluated(database: Database, *, passed: bool, **more: Any) -> None:
    made = {"made_at": START, "made_by": "lea@team.example", "source": "history.csv", "examples": 300, "result": GOOD}
    with database.begin() as session:
        session.add(TriageEvaluation(**(made | {"rules_version": RULES.version, "passed": passed} | more)))


def why(database: Database, ctx: TriageContext) -> str:
    with database.read() as session:
        return why_not_auto(session, ctx)


def test_the_newest_evaluation_of_these_rules_decides(database: Database, ctx: TriageContext) -> None:
    evaluated(database, passed=True, rules_version="of others")
    assert why(database, ctx) == "these rules were not evaluated on history yet"
    evaluated(database, passed=True)
    assert why(database, ctx) == ""
    evaluated(database, passed=False)
    assert why(database, ctx) == "in the last evaluation these rules were below the bar"
    evaluated(database, passed=True)
    others = replace(ctx, rules=RULES.model_copy(update={"default_queue": "Billing"}))
    assert (why(database, ctx), why(database, others)[:11]) == ("", "these rules")


def test_another_classifier_has_to_be_evaluated_anew(database: Database, ctx: TriageContext) -> None:
    evaluated(database, passed=True)
    with database.begin() as session:
        made = TriageModel(
            made_at=START, made_by="lea@team.example", source="history.csv", training_hash="ab", examples=300,
            labels=[], scores={}, threshold=0.5, body=b"",
        )  # fmt: skip
        session.add(made)
        session.flush()
        number = made.id
    assert why(database, ctx) == "these rules with this classifier were not evaluated on history yet"
    assert why(database, replace(ctx, rules=RULES.model_copy(update={"classifier": False}))) != "", "other rules"
    evaluated(database, passed=True, model_id=number)
    assert why(database, ctx) == ""
    with database.begin() as session:
        session.get_one(TriageModel, number).retired_at = START
    assert why(database, ctx) == "", "the rules alone passed too"


def test_a_bar_that_was_raised_since_counts(database: Database, ctx: TriageContext) -> None:
    evaluated(database, passed=True)
    raised = RULES.model_copy(update={"bar": Bar(precision=0.97)})
    assert why(database, replace(ctx, rules=raised)) == "in the last evaluation these rules were below the bar"


def test_rules_alone_do_not_act_on_what_a_classifier_reached(database: Database, ctx: TriageContext) -> None:
    evaluated(database, passed=True, result={**GOOD, "model": "trained on the 300 tickets before"})
    assert why(database, ctx).startswith("the last evaluation was helped by a classifier, and none is in use")
