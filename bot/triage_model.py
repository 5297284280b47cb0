"""The team's classifier in a running bot: read when it is first needed, and again once a newer one was trained."""

from dataclasses import replace

import structlog
from sqlalchemy.orm import Session

from automations.errors import Refused
from automations.triage.bar import model_in_use
from automations.triage.context import TriageContext
from automations.triage.judging import Model

log = structlog.get_logger(__name__)


class ModelInUse:
    """What triage asks where no rule decides. A team without a classifier loads nothing of what it needs."""

    def __init__(self) -> None:
        self._read: Model | None = None
        self._damaged: int | None = None

    def of(self, session: Session, ctx: TriageContext) -> Model | None:
        """The newest classifier, None if there is none, the settings want none, or it cannot be read.

        Below the confidence that the settings ask for it decides nothing; else below what its training found.
        """
        number = model_in_use(session, ctx)
        if number is None or number == self._damaged:
            return None
        if self._read is None or self._read.id != number:
            self._read = self._newest(session, number)
        found = self._read
        if found is None or ctx.rules.at_least is None:
            return found
        return replace(found, threshold=ctx.rules.at_least)

    def _newest(self, session: Session, number: int) -> Model | None:
        from automations.triage.models import newest  # numpy and scipy, for those who have a classifier

        try:
            kept = newest(session)
        except Refused as exc:
            log.warning("triage.classifier_not_read", model=number, error=str(exc))
            self._damaged = number
            return None
        if kept is None:
            return None
        classifier = kept.classifier

        def guess(text: str) -> tuple[str, float]:
            (told,) = classifier.guess([text])
            return told.label, told.confidence

        return Model(kept.id, classifier.threshold, guess)
