"""What to say of something that somebody asks for by its number and that the sweep has dropped."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import AuditEntry
from storage.retention.registry import RULES

SWEPT: Final = "retention.swept"
TARGET: Final = "retention"


def pruned(session: Session, model: Any, number: int) -> str:
    """A sentence that begins with a space, for what was there under this number and was dropped; empty if not.

    Only the sweep drops any, and never the newest, so every number below that one which is not there was dropped.
    """
    newest = session.scalar(select(model.id).order_by(model.id.desc()).limit(1)) or 0
    if not 0 < number < newest or session.get(model, number) is not None:
        return ""
    swept = select(AuditEntry.after).where(AuditEntry.target == TARGET, AuditEntry.action == SWEPT)
    said = session.scalar(swept.order_by(AuditEntry.seq.desc()).limit(1)) or {}
    rule = next(rule for rule in RULES if rule.model is model)
    days = said.get("days", {}).get(rule.term)
    if days is None:
        return ""
    return (
        f" It was pruned: such are kept for {days} days after {rule.after} (setting `retention.{rule.term}`). "
        "The audit log still tells of it."
    )
