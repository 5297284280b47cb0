"""The audit row of a new message in Slack: an act of the bot like any other. Edits of the same message write none."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, case_ref
from automations.failure_tickets.placing import card_key, group_key, group_ref
from bot.slack_types import Posted
from storage import audit, notifications
from storage.models import Case, CaseGroup


def write_down(session: Session, key: str, posted: Posted, at: datetime) -> list[str]:
    """Write down that the notification `key` has a message of its own now, in the transaction that keeps its place.

    Returns the keys of messages that need a delivery now since they point to this one. A message about a case or a
    group is found from that, by target and correlation id.
    """
    audit.hold(session)  # before the notification, as everywhere
    row = notifications.get(session, key)
    number = row.data.get("case_id") if row is not None else None
    case = session.get(Case, number) if isinstance(number, int) else None
    number = row.data.get("group_id") if row is not None and case is None else None
    group = session.get(CaseGroup, number) if isinstance(number, int) else None
    about = group_ref(group.id) if group else key
    audit.append(
        session,
        at=at,
        actor=HANDOFF.id,
        action="slack.posted",
        target=case_ref(case.id) if case else about,
        outcome="done",
        correlation_id=case.correlation_id if case else group.correlation_id if group else key,
        after={"message": key, "channel": posted.channel, "ts": posted.ts, "version": posted.version},
    )
    return _pointing(session, group.id, at) if group and key == group_key(group.id) else []


def _pointing(session: Session, group_id: int, at: datetime) -> list[str]:
    """Let the messages of a group's own cases, which were there before it, lead to the group's."""
    members = session.scalars(select(Case.id).where(Case.group_id == group_id).order_by(Case.id))
    rows = [notifications.get(session, card_key(number)) for number in members]
    own = [row for row in rows if row is not None]
    return [
        row.key
        for row in own
        if notifications.put(session, key=row.key, kind=row.kind, channel=row.channel, data=row.data, at=at)
    ]
