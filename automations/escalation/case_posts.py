"""Where a case is shown in Slack: the escalation post that failure tickets made of it, else its own message.

Read from rows alone. The keys are those that `failure_tickets` gives its notifications.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import notifications
from storage.models import Case, CaseEntry, Notification


def post_of(session: Session, case_id: int) -> Notification | None:
    """The newest escalation post of the case or its group, else the message of the case or its group."""
    escalated = CaseEntry.case_id == case_id, CaseEntry.verb == "escalated"
    times = session.scalar(select(func.count()).where(*escalated)) or 0
    group_id = session.scalar(select(Case.group_id).where(Case.id == case_id))
    keys = [f"case/{case_id}/escalation/{number}" for number in range(times, 0, -1)]
    keys += [f"group/{group_id}/escalation"] if group_id is not None and times else []
    keys += [f"case/{case_id}"] + ([f"group/{group_id}"] if group_id is not None else [])
    return next((row for key in keys if (row := notifications.get(session, key)) is not None), None)


def called_by(post: Notification | None) -> str | None:
    """Whom an escalation post calls, by e-mail address; None for nobody, or if it is no such post."""
    return (post.data.get("mention") or None) if post is not None and post.kind.endswith(".escalation") else None
