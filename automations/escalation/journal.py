"""The row of an escalation, and what goes with every change of it: audit row, living message, lines of its thread.

Whoever changes one holds the audit head first, so two changes never wait for each other, and changes it only in the
version that the decision rested on. A case's escalation has no message of its own: the post that failure tickets made
of it stays, and lines stand in its thread.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import Actor, case_ref
from automations.errors import NotFound
from automations.escalation import case_posts
from automations.escalation.context import EscalationContext
from automations.escalation.watch import LINE, plain
from automations.posting import put_and_deliver
from automations.words import identity
from storage import audit, notifications
from storage.models import Escalation
from storage.retention.asked import pruned

CARD: Final = "escalation.card"


def escalation_ref(escalation_id: int) -> str:
    """The name people use for an escalation: `ESC-7`."""
    return f"ESC-{escalation_id}"


def subject_ref(row: Escalation) -> str:
    """What it is about, as people call it: `CASE-42`, or a ticket's `#123`."""
    return case_ref(int(row.subject_id)) if row.subject == "case" else f"#{row.subject_id}"


def card_key(escalation_id: int) -> str:
    """Name the notification that is the escalation's living message."""
    return f"escalation/{escalation_id}"


def found(session: Session, escalation_id: int) -> Escalation:
    """The escalation of this number, as it is now. Raises: NotFound."""
    row = session.get(Escalation, escalation_id, populate_existing=True)
    if row is None:
        why = pruned(session, Escalation, escalation_id)
        there = "`handoff escalations list` shows those there are."
        raise NotFound(f"There is no {escalation_ref(escalation_id)}.{why} {there}")
    return row


def open_of(session: Session, subject: str, system: str, subject_id: str) -> Escalation | None:
    """The escalation of a ticket or case that is not closed, None if there is none."""
    key = open_key(subject, system, subject_id)
    wanted = select(Escalation).where(Escalation.open_key == key)
    return session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def open_key(subject: str, system: str, subject_id: str) -> str:
    """What makes an open escalation the only one of its ticket or case."""
    return f"{subject}/{system}/{subject_id}"[:255]


def move(session: Session, row: Escalation, **values: Any) -> bool:
    """Change it if it still is as it was read. False if somebody was first; the row is then as they left it."""
    session.flush()
    same = Escalation.id == row.id, Escalation.version == row.version
    moved = update(Escalation).where(*same).values(version=row.version + 1, **values).returning(Escalation.id)
    done = session.scalar(moved, execution_options={"synchronize_session": False}) is not None
    session.refresh(row)
    return done


def write_down(
    session: Session,
    row: Escalation,
    actor: Actor | str,
    action: str,
    ctx: EscalationContext,
    *,
    outcome: str = "done",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row about an escalation; texts are redacted."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=actor if isinstance(actor, str) else identity(actor),
        action=action,
        target=escalation_ref(row.id),
        outcome=outcome,
        correlation_id=row.correlation_id,
        before=None if before is None else ctx.redactor.tree(plain(before)),
        after=None if after is None else ctx.redactor.tree(plain(after)),
    )


def show(session: Session, row: Escalation, ctx: EscalationContext) -> None:
    """Let the living message follow. A case's post follows its case by itself."""
    if row.subject == "case":
        return
    put_and_deliver(
        session,
        ctx,
        key=card_key(row.id),
        kind=CARD,
        channel=ctx.channel,
        data={"escalation_id": row.id},
        at=ctx.clock.now(),
        parent_key=row.parent,
    )


def say(
    session: Session, row: Escalation, text: str, ctx: EscalationContext, *, name: str, mention: str | None = None
) -> None:
    """Write one line into the thread; `name` tells it from the others, `mention` is the one e-mail that it calls."""
    root = _root(session, row)
    if root is None:
        return
    now = ctx.clock.now()
    put_and_deliver(
        session,
        ctx,
        key=f"{card_key(row.id)}/{name}",
        kind=LINE,
        channel=root.channel,
        data={"escalation_id": row.id, "text": ctx.redactor.text(text), "mention": mention, "at": now.isoformat()},
        at=now,
        parent_key=root.key,
    )


def _root(session: Session, row: Escalation) -> Any:
    """The message whose thread the lines stand in: its own, the summary's that gathered it, or the case's post."""
    if row.subject == "case":
        return case_posts.post_of(session, int(row.subject_id))
    return notifications.get(session, row.parent or card_key(row.id))
