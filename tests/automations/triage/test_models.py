"""Classifiers in the database: the newest one that is not retired is in use, and each training is written down."""

import pytest
from sqlalchemy import select, update

from automations.errors import Refused
from automations.texts.classifier import Classifier
from automations.texts.training import train
from automations.triage.models import keep, newest, newest_id
from storage.engine import Database
from storage.models import AuditEntry, TriageModel
from tests.automations.texts.requests import LABELS, TEXTS
from tests.support import FakeClock


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return train(TEXTS, LABELS)


def test_the_newest_that_is_not_retired_is_in_use(database: Database, clock: FakeClock, classifier: Classifier) -> None:
    with database.read() as session:
        assert newest(session) is None
        assert newest_id(session) is None
    with database.begin() as session:
        first = keep(session, classifier, source="old.csv", by="os:ines", at=clock.now())
        second = keep(session, classifier, source="new.csv", by="os:ines", at=clock.now())
    with database.read() as session:
        kept = newest(session)
        assert kept is not None
        assert (kept.id, kept.source, kept.made_by, kept.made_at) == (second, "new.csv", "os:ines", clock.now())
        assert kept.classifier.guess(TEXTS) == classifier.guess(TEXTS)
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [(each.action, each.target, each.actor) for each in entries] == [
        ("triage.trained", f"triage_model/{first}", "os:ines"),
        ("triage.trained", f"triage_model/{second}", "os:ines"),
    ]
    assert entries[1].after is not None
    assert entries[1].after["training_hash"] == classifier.training_hash
    with database.begin() as session:
        session.execute(update(TriageModel).where(TriageModel.id == second).values(retired_at=clock.now()))
    with database.read() as session:
        assert newest_id(session) == first


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_model_is_told(database: Database, clock: FakeClock, classifier: Classifier) -> None:
    with database.begin() as session:
        keep(session, classifier, source="x.csv", by="os:ines", at=clock.now())
        session.execute(update(TriageModel).values(body=b"PK\x03\x04 not a model"))
    with database.read() as session, pytest.raises(Refused, match="damaged"):
        newest(session)
