"""What people think of the rules: each "not needed" counts against the rule that opened the case, until a reopening."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import Case, RuleFeedback


def keep(session: Session, case: Case, *, by: str, note: str, at: datetime) -> None:
    """Keep that somebody found this case not needed. `note` is redacted and may be empty."""
    session.add(RuleFeedback(rule=case.rule, case_id=case.id, actor=by, at=at, note=note))
    session.flush()


def withdraw(session: Session, case_id: int, *, at: datetime) -> None:
    """Let it count no longer, since the case was reopened: it was needed. The row stays."""
    standing = RuleFeedback.case_id == case_id, RuleFeedback.withdrawn_at.is_(None)
    session.execute(
        update(RuleFeedback).where(*standing).values(withdrawn_at=at),
        execution_options={"synchronize_session": False},
    )


def not_needed_per_rule(session: Session, since: datetime) -> list[tuple[str, int, int]]:
    """Rules with feedback that stands: name, cases not needed, cases opened. Most often not needed first.

    Both are counted for cases opened from `since` on.
    """
    standing = select(RuleFeedback.case_id).where(RuleFeedback.withdrawn_at.is_(None))
    unwanted = func.count().filter(Case.id.in_(standing))
    counted = (
        select(Case.rule, unwanted, func.count())
        .where(Case.opened_at >= since)
        .group_by(Case.rule)
        .having(unwanted > 0)
        .order_by(unwanted.desc(), Case.rule)
    )
    return [(rule, count, cases) for rule, count, cases in session.execute(counted)]


def of_case(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The feedback on one case, oldest first, as plain JSON."""
    rows = select(RuleFeedback).where(RuleFeedback.case_id == case_id).order_by(RuleFeedback.id)
    return [
        {
            "rule": row.rule,
            "actor": row.actor,
            "at": row.at.isoformat(),
            "note": row.note,
            "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
        }
        for row in session.scalars(rows)
    ]
