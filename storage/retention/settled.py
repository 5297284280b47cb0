"""When the rows of a table are settled, so that nobody waits for them and nothing open needs them any more."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from storage.models import (
    AbsenceRow,
    Case,
    CaseGroup,
    CaseTicket,
    CustomerChange,
    CustomerConflict,
    CustomerGroup,
    CustomerNotice,
    CustomerRejected,
    DutyCover,
    Escalation,
    EscalationFiring,
    FailureEventRow,
    Finding,
    HandOver,
    MirrorTicket,
    Pause,
    Report,
    Run,
    RunStep,
    StuckAttempt,
    StuckItem,
    TriageDecision,
    TriageEvaluation,
    UndoOffer,
)

Condition = ColumnElement[bool]

OPEN_RUNS = ("asked", "proposed", "approved", "running")
GOING_ON = ("in_progress", "waiting", "unknown")
"""Steps that somebody or something still has to see to, also where their run has ended."""


def event(before: datetime) -> Condition:
    """An event that joined no case, is not the last that its source was heard with, and counts for no open pause."""
    began = select(func.min(Pause.after_event)).where(Pause.ended_at.is_(None)).scalar_subquery()
    before_pauses = FailureEventRow.id <= func.coalesce(began, FailureEventRow.id)
    return and_(
        FailureEventRow.case_id.is_(None), FailureEventRow.received_at < before, before_pauses, ~_newest_of_its_source()
    )


def case(before: datetime) -> Condition:
    """A case that was closed and whose ticket shows it, of no open group or escalation, that no open run is about."""
    ticket_open = and_(
        CaseTicket.case_id == Case.id,
        CaseTicket.deleted_at.is_(None),
        or_(CaseTicket.state != "verified", CaseTicket.verified_version < CaseTicket.wanted_version),
    )
    group_open = and_(CaseGroup.id == Case.group_id, CaseGroup.closed_at.is_(None))
    escalated = and_(
        Escalation.subject == "case", Escalation.state != "closed", Escalation.subject_id == cast(Case.id, String)
    )
    acted_on = and_(
        Run.id == RunStep.run_id, Run.state.in_(OPEN_RUNS), RunStep.target == literal("CASE-") + cast(Case.id, String)
    )
    last_heard = exists().where(FailureEventRow.case_id == Case.id, _newest_of_its_source())
    return and_(
        Case.closed_at < before,
        Case.open_key.is_(None),
        ~exists().where(ticket_open),
        ~exists().where(group_open),
        ~exists().where(escalated),
        ~exists().where(acted_on),
        ~exists().where(UndoOffer.case_id == Case.id, UndoOffer.state == "open"),
        ~exists().where(CustomerNotice.case_id == Case.id, CustomerNotice.state == "planned"),
        ~last_heard,
    )


def group(before: datetime) -> Condition:
    """A group that ended. One with a case left is needed by it."""
    return and_(CaseGroup.closed_at < before, CaseGroup.open_key.is_(None))


def escalation(before: datetime) -> Condition:
    """An escalation that was closed, whose ticket is over too: what fired for it must not fire again."""
    return and_(
        Escalation.state == "closed",
        Escalation.closed_at < before,
        _ticket_over(Escalation.system, Escalation.subject_id, before),
        _case_over(Escalation.subject, Escalation.subject_id),
    )


def firing(before: datetime) -> Condition:
    """A rule that fired in mode shadow, for a ticket or case that is over."""
    return and_(
        EscalationFiring.escalation_id.is_(None),
        EscalationFiring.fired_at < before,
        _ticket_over(EscalationFiring.system, EscalationFiring.ticket_id, before),
        _case_over(EscalationFiring.subject, EscalationFiring.ticket_id),
    )


def decision(before: datetime) -> Condition:
    """A decision that waits for nobody, about a ticket that is over: the same words must not be decided about again."""
    return and_(
        TriageDecision.decided_at < before,
        func.coalesce(TriageDecision.changed_at, TriageDecision.decided_at) < before,
        TriageDecision.state.not_in(("proposed", "applying")),
        or_(TriageDecision.undo_by.is_(None), TriageDecision.state == "undone"),
        _ticket_over(TriageDecision.system, TriageDecision.ticket_id, before),
    )


def evaluation(before: datetime) -> Condition:
    """An evaluation that a newer one of the same rules and classifier has taken the place of."""
    newer = aliased(TriageEvaluation)
    same = and_(
        newer.id > TriageEvaluation.id,
        newer.rules_version == TriageEvaluation.rules_version,
        func.coalesce(newer.model_id, 0) == func.coalesce(TriageEvaluation.model_id, 0),
    )
    return and_(TriageEvaluation.made_at < before, exists().where(same))


def run(before: datetime) -> Condition:
    """A run that has ended with nothing left to see to. The newest of a kind stays, and the newest that is done."""
    newer, as_good = aliased(Run), aliased(Run)
    followed = and_(newer.id > Run.id, newer.automation == Run.automation, newer.kind == Run.kind)
    done_since = and_(
        as_good.id > Run.id, as_good.automation == Run.automation, as_good.kind == Run.kind, as_good.state == "done"
    )
    return and_(
        Run.state.not_in(OPEN_RUNS),
        Run.open_key.is_(None),
        Run.settled_at < before,
        Run.review != "wanted",
        ~exists().where(RunStep.run_id == Run.id, RunStep.state.in_(GOING_ON)),
        exists().where(followed),
        or_(Run.state != "done", exists().where(done_since)),
    )


def finding(before: datetime) -> Condition:
    """A finding that was mended or is found no more."""
    return and_(Finding.state.in_(("fixed", "gone")), func.coalesce(Finding.decided_at, Finding.last_seen) < before)


def changes(before: datetime) -> Condition:
    """A group of customers' changes that is decided and carried out, or that a newer sync has taken the place of."""
    asked = select(Run.requested_at).where(Run.id == CustomerGroup.run_id).scalar_subquery()
    going_on = CustomerChange.state.in_(("planned", "begun"))
    carried_out = CustomerGroup.state.in_(("applied", "partial", "undone"))
    return and_(
        CustomerGroup.state.in_(("rejected", "applied", "partial", "superseded", "undone")),
        func.coalesce(CustomerGroup.decided_at, asked) < before,
        ~and_(carried_out, exists().where(CustomerChange.group_id == CustomerGroup.id, going_on)),
    )


def conflict(before: datetime) -> Condition:
    """A conflict that was settled for the source, or is none any more. One that was settled otherwise stays settled."""
    return and_(
        CustomerConflict.state.in_(("taken", "gone")),
        func.coalesce(CustomerConflict.decided_at, CustomerConflict.last_seen) < before,
    )


def rejected(before: datetime) -> Condition:
    """A row of a source that could not be taken, and then could."""
    return and_(CustomerRejected.state == "fixed", CustomerRejected.last_seen < before)


def report(before: datetime) -> Condition:
    """A report that was made, or given up."""
    return and_(Report.state.in_(("made", "failed")), func.coalesce(Report.made_at, Report.asked_at) < before)


def stuck(before: datetime) -> Condition:
    """An item of the failure queue that was settled, whose attempts belong to none that is open."""
    opened = aliased(StuckItem)
    attempt = and_(StuckAttempt.item_id == StuckItem.id, StuckAttempt.job == opened.job, StuckAttempt.key == opened.key)
    return and_(
        StuckItem.state != "open",
        StuckItem.settled_at < before,
        ~exists().where(opened.state == "open", attempt),
    )


def over(model: type[AbsenceRow | DutyCover], before: datetime) -> Condition:
    """An absence or a cover whose time has passed."""
    return model.until < before


def hand_over(before: datetime) -> Condition:
    """A hand-over that is not its rotation's last, which is what says that it was told."""
    newer = aliased(HandOver)
    return and_(HandOver.at < before, exists().where(newer.rotation == HandOver.rotation, newer.at > HandOver.at))


def _newest_of_its_source() -> Condition:
    newest = aliased(FailureEventRow)
    last = select(func.max(newest.id)).where(newest.source == FailureEventRow.source)
    return FailureEventRow.id == last.scalar_subquery()


def _ticket_over(system: Any, ticket_id: Any, before: datetime) -> Condition:
    """The mirror knows no such ticket, or that it has been solved, closed or gone for as long."""
    ended = func.coalesce(MirrorTicket.solved_at, MirrorTicket.closed_at, MirrorTicket.deleted_at)
    here = and_(MirrorTicket.system == system, MirrorTicket.ticket_id == ticket_id)
    return ~exists().where(here, or_(ended.is_(None), ended >= before))


def _case_over(subject: Any, subject_id: Any) -> Condition:
    return or_(subject != "case", ~exists().where(cast(Case.id, String) == subject_id, Case.open_key.is_not(None)))
