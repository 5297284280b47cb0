"""What comes late to Slack, as after an outage: only what is still open gets a message, and nobody is called twice.

A case that opened and closed meanwhile has no message of its own: one summary for the channel names all of those, and
calls nobody. Of late messages each person is called by the first; the others name them. Both are decided when a message
is about to leave for the first time, in that transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, case_ref
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import CARD
from automations.failure_tickets.present import present
from automations.posting import put_and_deliver
from automations.words import who
from bot.views import Message
from bot.views.meanwhile import MeanwhileCard, MeanwhileLine
from bot.views.texts import esc
from storage import audit, notifications
from storage.models import Case, LateCall, Notification
from storage.upsert import insert_into

GATHERED: Final = timedelta(minutes=10)
"""A closed case whose message waited for this long is told in the summary."""
CALLED_ONCE: Final = timedelta(minutes=2)
"""What waited for this long calls nobody whom another such message has called within `WINDOW`."""
WINDOW: Final = timedelta(minutes=30)
"""What comes within this time is of one outage."""
POST: Final = "case.meanwhile"
SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Late:
    """Decides about late messages. `context` gives people and clock as they are now."""

    context: Callable[[], Context]

    def gathers(self, session: Session, row: Notification, *, looked: bool = False) -> bool:
        """Put a closed case whose message never arrived into the summary. True if so: then it is not posted.

        `looked`: an earlier call whose outcome was not known has been looked for and did not arrive.
        """
        now, unclear = self.context().clock.now(), row.attempt_at is not None and not looked
        if row.kind != CARD or row.ts is not None or unclear or now - row.created_at < GATHERED:
            return False
        ctx, case_id = present(session, self.context()), int(row.data["case_id"])
        if not _is_closed(session, case_id):
            return False
        audit.hold(session)
        if not _is_closed(session, case_id) or not notifications.passed_over(session, row):
            return False
        key = _summary_key(session, row.channel, now)
        before = notifications.get(session, key)
        cases = [*(before.data["cases"] if before else []), case_id]
        data = {"cases": list(dict.fromkeys(cases))}
        put_and_deliver(session, ctx, key=key, kind=POST, channel=row.channel, data=data, at=now)
        audit.append(
            session, at=now, actor=HANDOFF.id, action="slack.gathered", target=case_ref(case_id), outcome="done",
            correlation_id=row.key, after={"summary": key},
        )  # fmt: skip
        return True

    def calm(self, session: Session, row: Notification, message: Message) -> Message:
        """The message, with everybody named instead of called whom another late one has called."""
        now = self.context().clock.now()
        if row.ts is not None or now - row.created_at < CALLED_ONCE:
            return message
        ctx = self.context()
        for user in sorted(called_by(message)):
            if not _claims(session, user, row.key, now):
                person = ctx.roster.by_slack(user)
                message = _named(message, user, person.name if person else "a colleague")
        return message


def meanwhile_card(session: Session, data: Mapping[str, Any], ctx: Context) -> MeanwhileCard:
    """What the summary shows, from its notification's data."""
    numbers: Sequence[int] = data["cases"]
    shown = session.scalars(select(Case).where(Case.id.in_(numbers[:SHOWN])).order_by(Case.id)).all()
    lines = tuple(
        MeanwhileLine(one.id, one.summary, who(one.closed_by, ctx) if one.closed_by else "", one.close_note or "")
        for one in shown
    )
    return MeanwhileCard(lines, len(numbers))


def called_by(value: Any) -> set[str]:
    """Whom a message calls, by Slack user id."""
    if isinstance(value, Mapping):
        if value.get("type") == "user" and "user_id" in value:
            return {str(value["user_id"])}
        return set().union(*(called_by(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(called_by(one) for one in value))
    return set()


def _named(value: Any, user: str, name: str) -> Any:
    """The same with this person named where they were called."""
    if isinstance(value, Mapping):
        if value.get("type") == "user" and value.get("user_id") == user:
            style = {"style": value["style"]} if "style" in value else {}
            return {"type": "text", "text": name, **style}
        return {key: _named(one, user, name) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, user, name) for one in value]
    return value.replace(f"<@{user}>", esc(name, 80)) if isinstance(value, str) else value


def _is_closed(session: Session, case_id: int) -> bool:
    status = session.scalar(select(Case.status).where(Case.id == case_id))
    return status is not None and CaseStatus(status).closed


def _summary_key(session: Session, channel: str, now: datetime) -> str:
    """The summary of this outage in this channel: that which was begun a while ago, else a new one."""
    lately = Notification.kind == POST, Notification.channel == channel, Notification.created_at > now - WINDOW
    found = select(Notification.key).where(*lately).order_by(Notification.created_at.desc()).limit(1)
    return session.scalar(found) or f"meanwhile/{channel}/{now.isoformat()}"


def _claims(session: Session, user: str, key: str, now: datetime) -> bool:
    """Whether this message is the one that calls them; again and again for the same message, whose post may fail."""
    row = insert_into(session, LateCall).values(user=user, key=key, at=now)
    mine = or_(LateCall.at <= now - WINDOW, LateCall.key == key)
    taken = row.on_conflict_do_update(
        index_elements=["user"], set_={"key": row.excluded.key, "at": row.excluded.at}, where=mine
    ).returning(LateCall.user)
    return session.scalar(taken) is not None
