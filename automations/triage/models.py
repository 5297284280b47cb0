"""The team's classifiers in the database: each training adds one, and the newest that is not retired is in use."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.texts.classifier import Classifier
from automations.texts.model_file import dump, load
from storage import audit
from storage.models import TriageModel


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A classifier and where it came from. `made_at` is aware UTC."""

    id: int
    made_at: datetime
    made_by: str
    source: str
    classifier: Classifier


def keep(session: Session, classifier: Classifier, *, source: str, by: str, at: datetime) -> int:
    """Keep a trained classifier, and write down who trained it on what. Its number.

    `source` names the examples and must be redacted, as the examples were before training: a model holds their words.
    """
    audit.hold(session)
    scores = classifier.scores
    row = TriageModel(
        made_at=at,
        made_by=by,
        source=source,
        training_hash=classifier.training_hash,
        examples=classifier.examples,
        labels=list(classifier.labels),
        scores=scores.as_document(),
        threshold=classifier.threshold,
        body=dump(classifier),
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        at=at,
        actor=by,
        action="triage.trained",
        target=f"triage_model/{row.id}",
        outcome="done",
        correlation_id=f"triage_model/{row.id}",
        after={
            "source": source,
            "examples": classifier.examples,
            "labels": len(classifier.labels),
            "training_hash": classifier.training_hash,
            "accuracy": round(scores.accuracy, 4),
            "threshold": round(classifier.threshold, 4),
        },
    )
    return row.id


def newest_id(session: Session) -> int | None:
    """The number of the classifier in use, None if none was trained. Cheap: it tells whether a loaded one is stale."""
    return session.scalar(
        select(TriageModel.id).where(TriageModel.retired_at.is_(None)).order_by(TriageModel.id.desc()).limit(1)
    )


def newest(session: Session) -> KeptModel | None:
    """The classifier in use, None if none was trained. Raises: Refused if it is damaged, or of another version."""
    row = session.scalar(
        select(TriageModel).where(TriageModel.retired_at.is_(None)).order_by(TriageModel.id.desc()).limit(1)
    )
    return KeptModel(row.id, row.made_at, row.made_by, row.source, load(row.body)) if row is not None else None
