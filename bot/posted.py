"""The audit row of a new message in Slack: an act of the bot like any other. Edits of the same message write none."""

from datetime import datetime

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, case_ref
from automations.failure_tickets.placing import group_ref
from bot.slack_types import Posted
from storage import audit, notifications
from storage.models import Case, CaseGroup


def write_down(session: Session, key: str, posted: Posted, at: datetime) -> None:
    """Write down that the notification `key` has a message of its own now, in the transaction that keeps its place.

    The audit head must be held. A message about a case or a group is found from that, by target and correlation id.
    """
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
