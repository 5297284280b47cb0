"""Each automation as `handoff automations list` shows it: plain values by name."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from automations.customer_context.context import AUTOMATION as CUSTOMERS
from automations.customer_context.standing import how_customers_stand
from automations.domain import Mode
from automations.escalation import watch
from automations.escalation.context import NAME as ESCALATION
from automations.failure_tickets import pauses, shadow
from automations.plan import RunState
from automations.runs.ask import mode
from automations.runs.rows import run_ref
from automations.triage import decisions
from automations.triage.bar import why_not_auto
from automations.triage.context import NAME as TRIAGE
from automations.weekly_report.asking import NAME
from automations.weekly_report.asking import mode as report_mode
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.planned import timetable_of
from bot.cli.options import Opened
from bot.cli.report_making import reports_of
from bot.cli.run_opened import customers_of, is_set_up, runs_of
from bot.cli.watch_opened import escalation_of, triage_of
from bot.report_side import PREFLIGHT, WEEKLY
from bot.run_jobs import DAILY, NIGHTLY, RUN_JOBS
from bot.stuck_acts import run_of
from bot.uploading import JOB as UPLOAD
from bot.watch_side import WATCH
from storage import modes
from storage.models import Escalation, EscalationFiring, FailureEventRow, Report, Run, StuckItem, TriageDecision

ACCESS: Final = "access"
_JOBS: Final = {
    ACCESS: (DAILY,),
    CUSTOMERS: (NIGHTLY, "customers."),
    ESCALATION: ("escalation.", WATCH),
    TRIAGE: ("triage.",),
    NAME: ("report.", "mirror.", UPLOAD, WEEKLY, PREFLIGHT),
}
"""How the names of the jobs of each automation begin; all others but those of runs are of failure tickets."""


def automation_rows(session: Session, here: Opened) -> Iterator[dict[str, Any]]:
    """All of them, in the order of their names."""
    yield _access(session, here)
    yield _customers(session, here)
    yield _escalation(session, here)
    yield _failure_tickets(session, here)
    yield _triage(session, here)
    yield _weekly_report(session, here)


def _access(session: Session, here: Opened) -> dict[str, Any]:
    section, context = here.settings.access, runs_of(here) if is_set_up(here.settings) else None
    theirs = Run.automation == ACCESS
    last = session.scalars(select(Run).where(theirs).order_by(Run.id.desc()).limit(1)).one_or_none()
    over = [state.value for state in RunState if state.ended]
    at = section.reconcile_at if section is not None else None
    return {
        "name": ACCESS,
        "owner": context.owner if context is not None else here.context.book.default_owner,
        "mode": (mode(session, context) if context is not None else Mode.OFF).value,
        **_set_by(session, ACCESS),
        "last_run": last and {"ref": run_ref(last.id), "state": last.state, "at": last.requested_at.isoformat()},
        "open_runs": session.scalar(select(func.count()).select_from(Run).where(theirs, Run.state.not_in(over))),
        "next_reconcile": _next(at, here).isoformat() if at is not None else None,
        "stuck": _stuck(session, ACCESS),
    }


def _customers(session: Session, here: Opened) -> dict[str, Any]:
    section = here.settings.customers
    context = customers_of(here) if section is not None else None
    stands = how_customers_stand(session)
    last, at = stands.last_sync, section.sync_at if section is not None else None
    return {
        "name": CUSTOMERS,
        "owner": context.owner if context is not None else here.context.book.default_owner,
        "mode": (mode(session, context) if context is not None else Mode.OFF).value,
        **_set_by(session, CUSTOMERS),
        "last_sync": last and {"ref": run_ref(last.id), "state": last.state, "at": last.requested_at.isoformat()},
        "customers": stands.customers,
        "gone": stands.gone,
        "open_groups": stands.open_groups,
        "held_groups": stands.held_groups,
        "open_conflicts": stands.open_conflicts,
        "open_rejected": stands.open_rejected,
        "next_sync": _next(at, here).isoformat() if at is not None else None,
        "stuck": _stuck(session, CUSTOMERS),
    }


def _next(at: time, here: Opened) -> datetime:
    """The next moment at which the team's clocks say this time."""
    now = here.context.clock.now().astimezone(ZoneInfo(here.settings.team.zone))
    today = datetime.combine(now.date(), at, now.tzinfo)
    return today if today > now else datetime.combine(now.date() + timedelta(days=1), at, now.tzinfo)


def _failure_tickets(session: Session, here: Opened) -> dict[str, Any]:
    last: datetime | None = session.scalar(select(func.max(FailureEventRow.received_at)))
    return {
        "name": shadow.NAME,
        "owner": here.context.book.default_owner,
        "mode": shadow.unpaused_mode(session, here.context).value,
        **_set_by(session, shadow.NAME),
        "last_event": last.isoformat() if last else None,
        "stuck": _stuck(session, shadow.NAME),
        "pauses": [
            {
                "kind": line.kind,
                "target": line.target,
                "until": line.until.isoformat(),
                "because": line.because,
                "by": line.by.email,
            }
            for line in pauses.open_pauses(session, here.context)
        ],
    }


def _escalation(session: Session, here: Opened) -> dict[str, Any]:
    context = escalation_of(here)
    since: datetime | None = watch.on_since(session, context)
    last: datetime | None = session.scalar(select(func.max(EscalationFiring.fired_at)))
    unended = select(func.count()).select_from(Escalation).where(Escalation.state != "closed")
    return {
        "name": ESCALATION,
        "owner": context.owner,
        "mode": watch.mode(session, context).value,
        **_set_by(session, ESCALATION),
        "on_since": since.isoformat() if since else None,
        "last_firing": last.isoformat() if last else None,
        "open": session.scalar(unended),
        "stuck": _stuck(session, ESCALATION),
    }


def _triage(session: Session, here: Opened) -> dict[str, Any]:
    context = triage_of(here)
    in_force = decisions.mode(session, context)
    last = session.scalars(select(TriageDecision).order_by(TriageDecision.id.desc()).limit(1)).one_or_none()
    waiting = select(func.count()).select_from(TriageDecision).where(TriageDecision.state.in_(decisions.WAITING))
    return {
        "name": TRIAGE,
        "owner": context.owner,
        "mode": in_force.value,
        **_set_by(session, TRIAGE),
        "held_back": why_not_auto(session, context) if in_force is Mode.AUTO else "",
        "last_decision": last and _decision(last),
        "waiting": session.scalar(waiting),
        "stuck": _stuck(session, TRIAGE),
    }


def _decision(row: TriageDecision) -> dict[str, Any]:
    return {"ref": decisions.decision_ref(row.id), "state": row.state, "at": row.decided_at.isoformat()}


def _weekly_report(session: Session, here: Opened) -> dict[str, Any]:
    context, now = reports_of(here), here.context.clock.now()
    last = session.scalars(select(Report).order_by(Report.id.desc()).limit(1)).one_or_none()
    in_force, timetable = report_mode(session, context), timetable_of(context)
    by_clock = in_force is not Mode.OFF
    return {
        "name": NAME,
        "owner": context.owner,
        "mode": in_force.value,
        **_set_by(session, NAME),
        "last_report": last and {"ref": report_ref(last.id), "state": last.state, "at": last.asked_at.isoformat()},
        "next_report": timetable.next_after(now).isoformat() if by_clock else None,
        "next_preflight": timetable.next_preflight(now).isoformat() if by_clock else None,
        "stuck": _stuck(session, NAME),
    }


def _set_by(session: Session, name: str) -> dict[str, Any]:
    row = modes.row_of(session, name)
    return {
        "mode_from": "command" if row else "settings",
        "set_by": row.set_by if row else None,
        "set_at": row.set_at.isoformat() if row else None,
    }


def _stuck(session: Session, name: str) -> int:
    """How much work of this automation is stuck."""
    others = [*RUN_JOBS, *(one for theirs in _JOBS.values() for one in theirs)]
    jobs = others if name == shadow.NAME else _JOBS[name]
    theirs = or_(*(StuckItem.job.startswith(job, autoescape=True) for job in jobs))
    where = StuckItem.state == "open", ~theirs if name == shadow.NAME else theirs
    return (session.scalar(select(func.count()).select_from(StuckItem).where(*where)) or 0) + _of_runs(session, name)


def _of_runs(session: Session, name: str) -> int:
    """How much of the work of runs is stuck that belongs to this automation."""
    waiting = select(StuckItem).where(StuckItem.state == "open", StuckItem.job.in_(RUN_JOBS))
    runs = [run_of(session, item) for item in session.scalars(waiting)]
    return sum(1 for run in runs if run is not None and run.automation == name)
