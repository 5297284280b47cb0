"""People's acts in the built-in desk's own pages, each written down in the transaction of what it changed."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.adapters.builtin.moves import MESSAGES
from automations.adapters.builtin.tables import DeskTables
from automations.domain import Actor
from automations.ports import Clock
from automations.redact import Redactor
from storage import audit
from storage.engine import Database
from storage.exclusive import until_commit
from storage.models import DeskMessage

CHANGED = "desk.changed"


class AuditedTables(DeskTables):
    """The desk_* tables for one person's act on one ticket. An act that changes nothing leaves no row in the log.

    The log says which fields changed, from what to what; what was written to anybody stays in the ticket.
    """

    def __init__(self, database: Database, clock: Clock, redactor: Redactor, actor: Actor, ticket: str) -> None:
        super().__init__(database)
        self._clock = clock
        self._redactor = redactor
        self._actor = actor
        self._ticket = ticket

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that writes, and its row in the audit log."""
        with super().writing() as session:
            audit.hold(session)
            until_commit(session, MESSAGES)
            last = session.scalar(select(func.max(DeskMessage.id))) or 0
            yield session
            session.flush()
            added = session.scalars(select(DeskMessage).where(DeskMessage.id > last).order_by(DeskMessage.id)).all()
            if added:
                self._write_down(session, added[0])

    def _write_down(self, session: Session, message: DeskMessage) -> None:
        changes = [(str(field), before, after) for field, before, after in message.changes or ()]
        audit.append(
            session,
            at=self._clock.now(),
            actor=self._actor.id,
            action=CHANGED,
            target=f"ticket/{self._ticket}",
            outcome="done",
            correlation_id=f"ticket/{self._ticket}",
            before=self._redactor.tree({field: before for field, before, _ in changes}) if changes else None,
            after=self._redactor.tree({field: after for field, _, after in changes} if changes else _kind(message)),
        )


def _kind(message: DeskMessage) -> dict[str, str]:
    return {"message": "customer" if message.from_customer else message.kind}
