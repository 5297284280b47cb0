"""What reports say in Slack: the report with its files, and messages to its owner about what went wrong."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.posting import put_and_deliver
from automations.weekly_report.context import ReportContext
from storage import uploads
from storage.models import Notification, Report

CARD: Final = "report.card"
FAILED: Final = "report.failed"
PREFLIGHT: Final = "report.preflight"
FILES: Final[Mapping[str, str]] = {"picture": "report.picture", "data": "report.csv"}
"""The files in a report's thread: the last part of their key, and what says how they are made."""


def card_key(report_id: int) -> str:
    """The notification that is the report's message."""
    return f"report/{report_id}"


def file_key(report_id: int, name: str) -> str:
    """The upload of one of its files."""
    return f"{card_key(report_id)}/{name}"


def post(session: Session, report: Report, ctx: ReportContext) -> None:
    """Hand a report that is made on to its channel, with the files for its thread; nothing without a channel."""
    if not report.channel:
        return
    key, now = card_key(report.id), ctx.clock.now()
    args = {"report_id": report.id}
    put_and_deliver(session, ctx, key=key, kind=CARD, channel=report.channel, data=args, at=now)
    for name, kind in FILES.items():
        uploads.put(session, key=file_key(report.id, name), notification=key, kind=kind, args=args, at=now)


def owners_place(owner: str, channel: str, ctx: ReportContext) -> str:
    """Where a report's owner hears of it: privately, else in `channel`, else in that of all reports. May be empty."""
    person = ctx.roster.by_email(owner)
    reached = person.slack if person is not None and not person.blocked else None
    return reached or channel or ctx.channel


def tell_owner(session: Session, report: Report, what: Mapping[str, Any], ctx: ReportContext) -> None:
    """Tell the owner that it failed or stands nowhere, in a message of its own for each time that happens."""
    if not (place := owners_place(report.owner, report.channel, ctx)):
        return
    times = len(failure_messages(session, report.id))
    key = f"{card_key(report.id)}/failed{f'/{times + 1}' if times else ''}"
    data = ctx.redactor.tree({"report_id": report.id, **what})
    put_and_deliver(session, ctx, key=key, kind=FAILED, channel=place, data=data, at=ctx.clock.now())


def follow(session: Session, report_id: int, ctx: ReportContext) -> None:
    """Let the messages about a failure show what has become of it since."""
    for row in failure_messages(session, report_id):
        put_and_deliver(session, ctx, key=row.key, kind=FAILED, channel=row.channel, data=row.data, at=ctx.clock.now())


def failure_messages(session: Session, report_id: int) -> list[Notification]:
    """The messages about failures of one report, first to last."""
    first = f"{card_key(report_id)}/failed"
    ours = (Notification.key == first) | Notification.key.startswith(f"{first}/", autoescape=True)
    found = session.scalars(select(Notification).where(ours, Notification.kind == FAILED))
    return sorted(found, key=lambda row: (row.created_at, row.key))


def warn_owner(session: Session, problems: Sequence[tuple[str, str]], due: datetime, ctx: ReportContext) -> bool:
    """Tell the owner what stands in the way of the report that is due then, each with what to do about it.

    One message for each such report, whose newest list replaces the one before. False if there is nowhere to say so.
    """
    if not (place := owners_place(ctx.owner, "", ctx)):
        return False
    listed = [[ctx.redactor.text(part) for part in problem] for problem in problems]
    data = {"problems": listed, "due": due.isoformat()}
    key = f"report/preflight/{due.isoformat()}"
    put_and_deliver(session, ctx, key=key, kind=PREFLIGHT, channel=place, data=data, at=ctx.clock.now())
    return True
