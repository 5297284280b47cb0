"""Reports as rows, as the making of a report keeps them."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from automations.weekly_report.context import ReportContext
from automations.weekly_report.counting import Counted, count_report
from automations.weekly_report.definitions import stamps
from automations.weekly_report.members import pack
from automations.weekly_report.request import Request
from storage.models import Report
from tests.support import START


def make(
    session: Session,
    request: Request,
    ctx: ReportContext,
    *,
    window: str | None = None,
    definitions: dict[str, int] | None = None,
) -> Report:
    """Count a report and keep it."""
    counted = count_report(session, request, ctx)
    return keep(session, counted, ctx, window=window, definitions=definitions)


def keep(
    session: Session,
    counted: Counted,
    ctx: ReportContext,
    *,
    window: str | None = None,
    definitions: dict[str, int] | None = None,
    made_at: datetime = START,
) -> Report:
    request = counted.request
    number = session.execute(
        insert(Report)
        .values(
            window=window, kind="week", state="made", asked_by="lea@team.example", owner=ctx.owner, channel="",
            system=ctx.desk_system, zone=request.period.zone, from_at=request.period.from_at,
            to_at=request.period.to_at, request=request.stored(),
            definitions=definitions or stamps(request.open_until), result=counted.result.stored(),
            hash=counted.result.hash, members=pack(counted.members), error="", asked_at=made_at, made_at=made_at,
            data_at=counted.read_at, since=counted.since, rerun_of=None,
        )
        .returning(Report.id)
    ).scalar_one()  # fmt: skip
    return session.get_one(Report, number)
