"""A report as messages, pages and commands show it, from its row as it is now."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.weekly_report.again import differences
from automations.weekly_report.asking import found
from automations.weekly_report.card_types import Comparison, ReportCard
from automations.weekly_report.compare import comparison
from automations.weekly_report.context import ReportContext
from automations.weekly_report.definitions import Definition, definitions
from automations.weekly_report.period import period_words
from automations.weekly_report.posting import card_key, file_key
from automations.weekly_report.request import Request
from automations.weekly_report.result import Result
from automations.words import who
from storage.models import Notification, Report, Upload

MOST_CHANGES = 50
"""Tickets that a card names which count otherwise than in the report run again."""


def report_card(session: Session, report_id: int, ctx: ReportContext, *, with_before: bool = True) -> ReportCard:
    """One report as people see it; without `with_before` nothing is compared. Raises: NotFound."""
    report = found(session, report_id)
    earlier = found(session, report.rerun_of) if report.rerun_of is not None else None
    made = report.state == "made"
    changes = differences(session, earlier, report) if earlier is not None and made and with_before else ()
    picture = session.get(Upload, file_key(report_id, "picture"))
    request = Request.of(report.request)
    return ReportCard(
        id=report.id,
        state=report.state,  # type: ignore[arg-type]  # the database holds it to these words
        request=request,
        title=f"{'Weekly queue report' if report.window else 'Queue report'}, {period_words(request.period)}",
        desk=ctx.desk_title if report.system == ctx.desk_system else report.system,
        by="" if report.asked_by == HANDOFF.id else who(report.asked_by, ctx),
        owner=who(report.owner, ctx),
        result=Result.of(report.result) if made else None,
        before=comparison(session, report) if made and with_before else Comparison(None),
        definitions=_counted_by(report, request),
        hash=report.hash,
        made_at=report.made_at,
        data_at=report.data_at,
        since=report.since,
        error=report.error,
        picture=picture.file_id if picture is not None and picture.state == "shared" else None,
        refused=picture is not None and picture.state == "refused",
        again=report.rerun_of,
        changes=changes[:MOST_CHANGES],
        change_count=len(changes),
    )


def recent(session: Session, ctx: ReportContext, limit: int) -> tuple[ReportCard, ...]:
    """The newest reports, newest first, compared with nothing."""
    newest = select(Report.id).order_by(Report.id.desc()).limit(limit)
    return tuple(report_card(session, number, ctx, with_before=False) for number in session.scalars(newest))


def newest_posted(session: Session, ctx: ReportContext) -> tuple[int, str] | None:
    """The newest report in the channel of reports: its number, and where its message is. None if there is none."""
    if not ctx.channel:
        return None
    made = select(Report.id).where(Report.state == "made", Report.channel == ctx.channel)
    number = session.scalar(made.order_by(Report.id.desc()).limit(1))
    message = session.get(Notification, card_key(number)) if number is not None else None
    return (number, message.permalink) if number is not None and message is not None and message.permalink else None


def _counted_by(report: Report, request: Request) -> tuple[Definition, ...]:
    """The definitions it was counted by; the present ones while it is not made yet.

    Of a version that this program does not know any more only the version is told, never another meaning.
    """
    known = definitions(request.open_until)
    if not report.definitions:
        return known
    return tuple(
        one if report.definitions[one.name] == one.version else _another(one, int(report.definitions[one.name]))
        for one in known
        if one.name in report.definitions
    )


def _another(known: Definition, version: int) -> Definition:
    words = f"Version {version} of this definition, which this version of Handoff does not have; its own is version "
    return Definition(known.name, known.title, version, f"{words}{known.version}.")
