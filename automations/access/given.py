"""Who gave somebody their access: a review by the same person would be no second look."""

from collections.abc import Set
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.access.kinds import PROVISION
from automations.domain import Actor
from automations.plan import RunState
from automations.words import identity
from storage.models import Run

_GAVE: Final = (RunState.RUNNING, RunState.DONE, RunState.PARTIAL)


def given_by(session: Session, emails: Set[str], actor: Actor) -> int | None:
    """The newest run that gave one of these addresses access and was not taken back, if this actor asked for it."""
    gave = select(Run.id, Run.requested_by).where(Run.subject.in_(emails), Run.kind == PROVISION, Run.state.in_(_GAVE))
    newest = session.execute(gave.order_by(Run.id.desc()).limit(1)).one_or_none()
    return newest.id if newest is not None and newest.requested_by == identity(actor) else None
