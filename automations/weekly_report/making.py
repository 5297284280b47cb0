"""Making a report: the mirror is read on, the numbers are counted and kept, and the message is asked for. Once."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.errors import Refused
from automations.mirror.reading import read_on
from automations.ports import CustomerBook, HelpDesk
from automations.weekly_report.asking import found, refuse_another_desk, write_down
from automations.weekly_report.context import ReportContext
from automations.weekly_report.counting import Counted, count_report
from automations.weekly_report.definitions import stamps
from automations.weekly_report.desk_figures import desk_figures
from automations.weekly_report.failing import move
from automations.weekly_report.members import pack
from automations.weekly_report.posting import follow, post
from automations.weekly_report.request import Request
from automations.weekly_report.result import DeskFigure
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Report

Progress = Callable[[int], None]


def _quiet(_listed: int) -> None:
    return None


def make(
    database: Database,
    report_id: int,
    desk: HelpDesk,
    customers: CustomerBook | None,
    ctx: ReportContext,
    *,
    most_pages: int | None = None,
    on_progress: Progress = _quiet,
) -> Report:
    """Make a report that was asked for. One that is made, or has failed, is given back as it is.

    Still `asked` if the desk was not read to its end within `most_pages`: call again to go on. `on_progress` is told
    how many tickets are read so far.
    Raises: NotFound; Refused for a report about another desk; AdapterError while the desk is away, all with the report
    still `asked`.
    """
    with database.read() as session:
        report = found(session, report_id)
    if report.state != "asked":
        return report
    refuse_another_desk(report, ctx)
    reading = read_on(
        database,
        desk,
        customers,
        clock=ctx.clock,
        redactor=ctx.redactor,
        most_pages=most_pages,
        on_progress=on_progress,
    )
    return count_and_keep(database, report_id, desk, ctx) if reading.complete else report


def count_and_keep(database: Database, report_id: int, desk: HelpDesk | None, ctx: ReportContext) -> Report:
    """Count from what was read of the desk, keep it, ask for the message; without `desk` it says nothing of its own.

    Raises: NotFound; Refused if the desk was never read to its end, or is not the report's any more; AdapterError, all
    with the report still `asked`.
    """
    with database.read() as session:
        report = found(session, report_id)
        if report.state != "asked":
            return report
        refuse_another_desk(report, ctx)
        counted = count_report(session, Request.of(report.request), ctx)
    if counted.read_at is None:
        raise Refused(f"{ctx.desk_title} was not read to its end yet, so there is nothing to count.")
    figures = desk_figures(desk, counted, ctx) if desk is not None else ()
    reach("report.counted")
    with database.begin() as session:
        return _keep(session, report, counted, figures, ctx)


def _keep(
    session: Session, report: Report, counted: Counted, figures: tuple[DeskFigure, ...], ctx: ReportContext
) -> Report:
    """Keep what was counted, unless somebody else has done so meanwhile."""
    audit.hold(session)
    result = counted.result.model_copy(update={"desk_figures": figures})
    values = {
        "definitions": stamps(counted.request.open_until),
        "result": result.stored(),
        "hash": result.hash,
        "members": pack(counted.members),
        "made_at": ctx.clock.now(),
        "data_at": counted.read_at,
        "since": counted.since,
    }
    made = move(session, report.id, "asked", "made", **values)
    if made is None:
        return found(session, report.id)
    after = {"hash": made.hash, "data_at": _text(made.data_at), "channel": made.channel}
    write_down(session, made, HANDOFF, "report.made", "done", ctx, before={"state": "asked"}, after=after)
    post(session, made, ctx)
    follow(session, made.id, ctx)
    reach("report.made")
    return made


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
