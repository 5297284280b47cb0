"""Measuring triage on history with a classifier that knows the earlier part alone, as the command and Slack do it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from automations.errors import Refused
from automations.triage.card_types import EvaluationCard
from automations.triage.context import TriageContext
from automations.triage.evaluating import TRAIN_SHARE, evaluate
from automations.triage.history import History
from automations.triage.judging import Model


def desk_source(ctx: TriageContext, days: int) -> str:
    """What the history of the desk itself is called in an evaluation."""
    return f"{ctx.desk_title}, {days} days"


def measure(
    found: History,
    *,
    source: str,
    now: datetime,
    share_of_training: float = TRAIN_SHARE,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[EvaluationCard, str]:
    """The evaluation, and why no classifier could be trained, empty if one was or none is wanted.

    Raises: Refused if there is too little history.
    """
    why_not: list[str] = []

    def trainer(texts: Sequence[str], labels: Sequence[str]) -> Model | None:
        from automations.texts.training import train  # it takes a second to import: only whoever trains pays

        try:
            made = train(texts, labels)
        except Refused as exc:
            why_not.append(str(exc))
            return None

        def guess(text: str) -> tuple[str, float]:
            (told,) = made.guess([text])
            return told.label, told.confidence

        return Model(None, made.threshold, guess)

    card = evaluate(
        found, trainer, source=source, now=now, share_of_training=share_of_training, on_progress=on_progress
    )
    return card, " ".join(why_not)
