"""An outage nobody claims is brought before the lead once: one post for the group, however many cases are due."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.failure_tickets import group_life
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import group_key
from automations.posting import put_and_deliver
from automations.words import who
from storage.models import Case, CaseGroup, Notification

POST: Final = "group.escalation"


def key_of(group_id: int) -> str:
    """Name the group's one post in the escalation channel."""
    return f"{group_key(group_id)}/escalation"


def is_posted(session: Session, group_id: int) -> bool:
    """Say whether the group was brought before the lead already."""
    return session.scalar(select(Notification.key).where(Notification.key == key_of(group_id))) is not None


def post(session: Session, case: Case, lead: str, why: str, mention: str | None, ctx: Context) -> None:
    """Ask for the group's post, or let it follow; only the first one is told in the group's thread. `case` is a member.

    `lead` is whom it is for, by e-mail address, `why` says who is away, `mention` is whom it calls.
    """
    group = session.get_one(CaseGroup, case.group_id, populate_existing=True)
    standing, now = session.get(Notification, key_of(group.id), populate_existing=True), ctx.clock.now()
    data = {"group_id": group.id, "lead": lead, "lead_why": why, "mention": mention, "at": now.isoformat()}
    put_and_deliver(
        session,
        ctx,
        key=key_of(group.id),
        kind=POST,
        channel=ctx.book.escalation_channel,
        data=data if standing is None else dict(standing.data),
        at=now,
    )
    if standing is None:
        text = f"brought the cases that nobody had claimed in time before {who(lead, ctx)}"
        group_life.say(session, group.id, group.channel, HANDOFF, text, ctx)
