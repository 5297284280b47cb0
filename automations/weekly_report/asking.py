"""Asking for a report: one row and one job. A scheduled one is asked for once for its window, however many ask."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Mode, Role
from automations.errors import NotFound, Refused
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.known import refuse_persons
from automations.weekly_report.request import Request
from automations.words import identity
from storage import audit, modes
from storage.models import Report
from storage.retention.asked import pruned
from storage.upsert import insert_into

NAME: Final = "weekly_report"
"""The automation, as commands and the table of modes name it."""
MAKE: Final = "report.make"
"""Job: count a report and post it."""
MODES: Final = (Mode.OFF, Mode.SHADOW, Mode.AUTO)

ReportKind = Literal["weekly", "shadow", "asked", "rerun"]
"""How a report came to be: by the clock for all, by the clock for its owner alone, by a person, by a person again."""


def mode(session: Session, ctx: ReportContext) -> Mode:
    """The mode in force: one set by command wins, and a word that is no mode of reports means off."""
    by_command = modes.mode_of(session, NAME)
    if by_command is None:
        return ctx.mode
    return Mode(by_command) if by_command in MODES else Mode.OFF


def ask(
    session: Session,
    request: Request,
    actor: Actor,
    ctx: ReportContext,
    *,
    channel: str,
    kind: ReportKind,
    window: str | None = None,
    rerun_of: int | None = None,
) -> Report:
    """Ask for a report; it is counted in a job and posted to `channel` (which may be a Slack user id, empty for none).

    Given back as it is where it was asked for already: in the same `window`, or by the same person a moment ago and
    not made yet. Raises: Refused if others would read it and the actor is no lead, and as `put`.
    """
    if channel and channel != actor.id and not _may_post(actor):
        raise Refused("Only a lead posts a report for others. With “me” it comes to you alone. Nothing was posted.")
    audit.hold(session)  # from here on one at a time, so that whoever looks finds what others asked for
    if window is None and (same := _under_way(session, request, actor, channel, rerun_of)) is not None:
        return same
    made = put(session, request, actor, ctx, channel=channel, kind=kind, window=window, rerun_of=rerun_of)
    if made is None:
        return session.scalars(select(Report).where(Report.window == window)).one()
    enqueue(session, made, str(made.id), ctx)
    return made


def put(
    session: Session,
    request: Request,
    actor: Actor,
    ctx: ReportContext,
    *,
    channel: str,
    kind: ReportKind,
    window: str | None = None,
    rerun_of: int | None = None,
) -> Report | None:
    """Write the row and its line in the audit log. None if there is one for this window. The caller holds the log.

    Raises: Refused for a filter by person where figures per person are off, as of an old report run again, and if that
    report is about another desk.
    """
    refuse_persons(request.filters, ctx)
    if rerun_of is not None:
        refuse_another_desk(found(session, rerun_of), ctx)
    stored = ctx.redactor.tree(request.stored())
    row = insert_into(session, Report).values(
        window=window,
        kind=kind,
        state="asked",
        asked_by=identity(actor),
        owner=identity(actor) if actor.email else ctx.owner,
        channel=channel,
        system=ctx.desk_system,
        zone=request.period.zone,
        from_at=request.period.from_at,
        to_at=request.period.to_at,
        request=stored,
        definitions={},
        result={},
        hash="",
        members="",
        error="",
        asked_at=ctx.clock.now(),
        rerun_of=rerun_of,
    )
    made = session.scalars(row.on_conflict_do_nothing(index_elements=["window"]).returning(Report)).one_or_none()
    if made is not None:
        asked = {"kind": kind, "channel": channel, "window": window, "rerun_of": rerun_of, "request": stored}
        write_down(session, made, actor, "report.asked", "asked", ctx, after=asked)
    return made


def enqueue(session: Session, report: Report, key: str, ctx: ReportContext) -> None:
    """Ask for the job that makes it; another `key` for each try that a person asked for."""
    ctx.jobs.enqueue(session, MAKE, f"report/{key}", {"report_id": report.id})


def write_down(
    session: Session,
    report: Report,
    actor: Actor,
    action: str,
    outcome: str,
    ctx: ReportContext,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Write one audit row about a report; texts are redacted. Returns the row's number."""
    row = audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=action,
        target=report_ref(report.id),
        outcome=outcome,
        correlation_id=f"report-{report.id}",
        before=None if before is None else ctx.redactor.tree(dict(before)),
        after=None if after is None else ctx.redactor.tree(dict(after)),
    )
    return row.seq


def found(session: Session, report_id: int) -> Report:
    """The report of this number, as it is now. Raises: NotFound."""
    report = session.get(Report, report_id, populate_existing=True)
    if report is None:
        why = pruned(session, Report, report_id)
        raise NotFound(f"There is no {report_ref(report_id)}.{why} `handoff report list` shows those there are.")
    return report


def refuse_another_desk(report: Report, ctx: ReportContext) -> None:
    """Raises: Refused for a report about a desk that is not the settings' desk any more: its tickets are others."""
    if report.system != ctx.desk_system:
        raise Refused(
            f"{report_ref(report.id)} is about the tickets of {report.system}, and the desk is {ctx.desk_title} now. "
            "Nothing was counted; what it said then stands."
        )


def any_asked(session: Session) -> bool:
    """Whether anybody ever asked for a report."""
    return session.scalar(select(func.count()).select_from(select(Report.id).limit(1).subquery())) == 1


def _may_post(actor: Actor) -> bool:
    return actor == HANDOFF or actor.id.startswith("os:") or actor.may(Role.LEAD)


def _under_way(session: Session, request: Request, actor: Actor, channel: str, rerun_of: int | None) -> Report | None:
    """The same, asked for by the same person and not made yet: a second click, or another try to be heard."""
    waiting = select(Report).where(
        Report.state == "asked",
        Report.window.is_(None),
        Report.asked_by == identity(actor),
        Report.channel == channel,
        Report.from_at == request.period.from_at,
        Report.to_at == request.period.to_at,
        Report.rerun_of.is_(None) if rerun_of is None else Report.rerun_of == rerun_of,
    )
    same = (row for row in session.scalars(waiting.order_by(Report.id)) if Request.of(row.request) == request)
    return next(same, None)
