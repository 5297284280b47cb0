"""Asking for an evaluation from Slack: a job measures triage on the desk's own history, and posts what it found.

An evaluation bears the moment and the person that asked, so a job that is repeated after a crash keeps and posts none a
second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.posting import put_and_deliver
from automations.triage.bar import model_in_use
from automations.triage.context import TriageContext
from automations.triage.evaluations import keep
from automations.triage.history import of_the_desk
from automations.triage.measuring import desk_source, measure
from storage import audit, uploads
from storage.engine import Database
from storage.models import TriageEvaluation

EVALUATE: Final = "triage.evaluate"
"""Job: measure triage on the desk's own history. Takes up to a minute, and calls no desk."""
EVALUATION: Final = "triage.evaluation"
PICTURE: Final = "triage.picture"
LINE: Final = "team.line"
USUAL_DAYS: Final = 180
ELSEWHERE: Final = (
    "Words of tickets are kept since triage or escalation was switched on. An export of older ones can be measured on "
    "the server with `handoff triage evaluate FILE`."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants what: `by` is an e-mail address or a Slack user id, `to` the Slack user id, `at` aware UTC."""

    days: int
    by: str
    to: str
    at: datetime

    @classmethod
    def of(cls, args: Mapping[str, str | int]) -> Self:
        """Read a job's arguments."""
        return cls(int(args["days"]), str(args["by"]), str(args["to"]), datetime.fromisoformat(str(args["at"])))

    @property
    def args(self) -> dict[str, str | int]:
        """The arguments of the job."""
        return {"days": self.days, "by": self.by, "to": self.to, "at": self.at.isoformat()}

    @property
    def key(self) -> str:
        """What tells this asking from every other."""
        return f"{self.at.isoformat()}/{self.to}"


def evaluation_key(number: int) -> str:
    """The notification that shows an evaluation."""
    return f"triage/evaluation/{number}"


def ask(session: Session, days: int, actor: Actor, ctx: TriageContext) -> None:
    """Ask for an evaluation of the last so many days. Raises: Refused if the settings name nothing to decide for."""
    if not ctx.rules.intents:
        raise Refused("There are no [[triage.intents]] in the settings, so there is nothing to measure.")
    asked = Asked(days, actor.email or actor.id, actor.id, ctx.clock.now().replace(microsecond=0))
    ctx.jobs.enqueue(session, EVALUATE, asked.key, asked.args)


def evaluate_asked(database: Database, asked: Asked, ctx: TriageContext) -> None:
    """Measure, keep the evaluation and post it with its picture. Too little history is told to whoever asked."""
    with database.read() as session:
        if _is_kept(session, asked):
            return
        found = of_the_desk(session, ctx, asked.days)
    try:
        card, no_classifier = measure(found, source=desk_source(ctx, asked.days), now=asked.at)
    except Refused as exc:
        with database.begin() as session:
            _tell(session, asked, f"{exc} {ELSEWHERE}", ctx)
        return
    with database.begin() as session:
        audit.hold(session)  # one at a time from here on, so that whoever comes second sees what the first has kept
        if not _is_kept(session, asked):
            number = keep(session, card, Actor(asked.by, asked.by), model_in_use(session, ctx), ctx)
            _post(session, number, no_classifier, asked, ctx)


def gave_up(session: Session, asked: Asked, why: str, ctx: TriageContext) -> None:
    """Tell whoever asked that nothing came of it."""
    _tell(session, asked, f"Triage was not measured: {why}. Nothing was changed; it waits in the failure queue.", ctx)


def _is_kept(session: Session, asked: Asked) -> bool:
    mine = TriageEvaluation.made_at == asked.at, TriageEvaluation.made_by == asked.by
    return session.scalar(select(TriageEvaluation.id).where(*mine).limit(1)) is not None


def _post(session: Session, number: int, no_classifier: str, asked: Asked, ctx: TriageContext) -> None:
    """In the channel of triage; to whoever asked where triage has none yet."""
    key, now, args = evaluation_key(number), ctx.clock.now(), {"evaluation_id": number}
    data = {**args, "no_classifier": ctx.redactor.text(no_classifier)}
    put_and_deliver(session, ctx, key=key, kind=EVALUATION, channel=ctx.channel or asked.to, data=data, at=now)
    uploads.put(session, key=f"{key}/picture", notification=key, kind=PICTURE, args=args, at=now)


def _tell(session: Session, asked: Asked, words: str, ctx: TriageContext) -> None:
    key, data = f"triage/evaluation/none/{asked.key}", {"text": ctx.redactor.text(words)}
    put_and_deliver(session, ctx, key=key, kind=LINE, channel=asked.to, data=data, at=ctx.clock.now())
