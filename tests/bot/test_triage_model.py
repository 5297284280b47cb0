"""The classifier of a running bot: the newest that was trained, at the settings' confidence; a damaged one is none."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from automations.texts.training import train
from automations.triage.context import TriageContext
from automations.triage.models import keep
from bot.triage_model import ModelInUse
from storage.engine import Database
from storage.models import TriageModel
from tests.automations.failure_tickets.samples import context
from tests.support import START, FakeClock, RecordingJobs
from tests.triage_terms import RULES, triage_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BILLING = [f"please refund the invoice number {n} of last month" for n in range(12)]
ACCOUNT = [f"I cannot log in with my password since {n} days" for n in range(12)]


@pytest.fixture
def ctx(clock: FakeClock, jobs: RecordingJobs) -> TriageContext:
    return triage_of(context(clock, jobs))


def trained(database: Database, texts: list[str], labels: list[str]) -> int:
    made = train(texts, labels)
    with database.begin() as session:
        return keep(session, made, source="history.csv", by="lead@example.com", at=START)


def test_the_newest_classifier_is_asked_at_the_confidence_that_the_team_set(
    database: Database, ctx: TriageContext
) -> None:
    used = ModelInUse()
    with database.read() as session:
        assert used.of(session, ctx) is None
    first = trained(database, BILLING + ACCOUNT, ["billing"] * 12 + ["account"] * 12)
    with database.read() as session:
        model = used.of(session, ctx)
        assert model is not None
        assert (model.id, model.guess("refund my invoice please")[0]) == (first, "billing")
        assert used.of(session, ctx) is model, "it is read once"
        strict = used.of(session, replace(ctx, rules=RULES.model_copy(update={"at_least": 0.99})))
        assert strict is not None
        assert strict.threshold == 0.99
        assert used.of(session, replace(ctx, rules=RULES.model_copy(update={"classifier": False}))) is None
    second = trained(database, ACCOUNT + BILLING, ["sign-in"] * 12 + ["money"] * 12)
    with database.read() as session:
        newer = used.of(session, ctx)
        assert newer is not None
        assert (newer.id, newer.guess("refund my invoice please")[0]) == (second, "money")


def test_a_damaged_classifier_is_as_none(database: Database, ctx: TriageContext) -> None:
    trained(database, BILLING + ACCOUNT, ["billing"] * 12 + ["account"] * 12)
    with database.begin() as session:
        session.execute(update(TriageModel).values(body=b"no model"))
    used = ModelInUse()
    for _ in range(2):
        with database.read() as session:
            assert used.of(session, ctx) is None
