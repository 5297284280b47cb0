"""Every table of ours: how long its rows are kept and after what, or why they are not dropped."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from storage.models import (
    AbsenceRow,
    AccessBlock,
    Base,
    Case,
    CaseEntry,
    CaseGroup,
    CaseTicket,
    ConfigReload,
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
    HomeView,
    InboxRow,
    Pause,
    Report,
    ReviewPage,
    RuleFeedback,
    Run,
    RunApproval,
    RunStep,
    StuckAttempt,
    StuckItem,
    TriageDecision,
    TriageEvaluation,
    TriageModel,
    UndoOffer,
)
from storage.retention import settled
from storage.retention.rules import Part, Rule

RULES: Final = (
    Rule(InboxRow, "inbox", "its arrival", lambda before: InboxRow.received_at < before),
    Rule(
        Case,
        "cases",
        "its closing",
        settled.case,
        parts=(
            Part(FailureEventRow.case_id),
            Part(CaseEntry.case_id),
            Part(UndoOffer.case_id),
            Part(RuleFeedback.case_id),
            Part(CustomerNotice.case_id),
            Part(CaseTicket.case_id),
        ),
        cuts=(Case.previous_id,),
        named="case_id",
    ),
    Rule(FailureEventRow, "cases", "its arrival, if it joined no case", settled.event),
    Rule(CaseGroup, "cases", "its end and that of its cases", settled.group, named="group_id"),
    Rule(
        Escalation,
        "escalations",
        "its closing and that of its ticket",
        settled.escalation,
        parts=(Part(EscalationFiring.escalation_id),),
        named="escalation_id",
    ),
    Rule(EscalationFiring, "escalations", "its firing and the end of its ticket", settled.firing),
    Rule(
        TriageDecision,
        "triage",
        "its last change and the end of its ticket",
        settled.decision,
        named="decision_id",
    ),
    Rule(TriageEvaluation, "triage", "it was made, once there is a newer one like it", settled.evaluation),
    Rule(TriageModel, "triage", "it was retired", lambda before: TriageModel.retired_at < before),
    Rule(Finding, "runs", "it was mended or gone", settled.finding),
    Rule(AccessBlock, "runs", "it was lifted", lambda before: AccessBlock.lifted_at < before),
    Rule(
        CustomerGroup,
        "customers",
        "it was decided and carried out",
        settled.changes,
        parts=(Part(CustomerChange.group_id),),
    ),
    Rule(CustomerConflict, "customers", "it was settled or gone", settled.conflict),
    Rule(CustomerRejected, "customers", "it was mended", settled.rejected),
    Rule(
        Run,
        "runs",
        "its end, once there is a newer one like it",
        settled.run,
        parts=(Part(RunStep.run_id), Part(RunApproval.run_id), Part(ReviewPage.run_id)),
        named="run_id",
    ),
    Rule(Report, "reports", "it was made", settled.report, named="report_id"),
    Rule(StuckItem, "stuck", "it was settled", settled.stuck, parts=(Part(StuckAttempt.item_id),)),
    Rule(AbsenceRow, "team", "its end", partial(settled.over, AbsenceRow)),
    Rule(DutyCover, "team", "its end", partial(settled.over, DutyCover)),
    Rule(Pause, "team", "its end", lambda before: Pause.ended_at < before),
    Rule(HandOver, "team", "its time, but for the newest of a rotation", settled.hand_over),
    Rule(ConfigReload, "team", "its answer", lambda before: ConfigReload.settled_at < before),
    Rule(HomeView, "team", "it was opened last", lambda before: HomeView.opened_at < before),
)
"""In the order in which they are swept: what others point at comes after those."""

MESSAGES: Final = {
    "notification": "its delivery, once what it is about is gone",
    "upload": "its arrival, with its message",
}
"""Tables of messages (`storage.retention.messages`), which go by the term `messages`."""

_MIRROR: Final = "a copy of the desk, as long as the desk's own; it can be thrown away and read anew"
_DESK: Final = "the built-in desk's own: the team's records, which Handoff never drops"
_ONE: Final = "one row"

KEPT: Final[Mapping[str, str]] = {
    "audit_entry": "goes only in whole exported segments: `handoff audit prune`",
    "audit_head": f"{_ONE} for all",
    "audit_segment": "names what was exported, so that the log is proven without it",
    "automation_mode": f"{_ONE} for an automation",
    "customer": "one who is gone keeps the row, which says since when",
    "customer_domain": "belongs to a customer",
    "customer_source": f"{_ONE} for a source",
    "desk_cursor": f"{_ONE} for a desk",
    "desk_customer": _DESK,
    "desk_fact": "a few rows for a desk",
    "desk_group": _DESK,
    "desk_membership": _DESK,
    "desk_message": _DESK,
    "desk_ticket": _DESK,
    "desk_user": _DESK,
    "late_call": f"{_ONE} for a person",
    "mirror_message": _MIRROR,
    "mirror_name": _MIRROR,
    "mirror_place": _MIRROR,
    "mirror_span": _MIRROR,
    "mirror_tag": _MIRROR,
    "mirror_ticket": _MIRROR,
    "people_link": f"{_ONE} for a person",
    "person_alias": "says who acted in the audit log; `handoff people erase` empties a name",
    "rate_budget": f"{_ONE} for an outside system",
    "sla_clock": "worked out from the copy of the desk, a few rows for a ticket",
    "sla_place": f"{_ONE} for a desk",
    "source_watch": f"{_ONE} for a source",
    "stuck_reminder": f"{_ONE} for a person",
    "ticket_text": "customers' words go `triage.keep_texts` after their ticket ended (`automations.ticket_texts`)",
}
"""Tables that the sweep leaves alone, and why."""


def told() -> dict[str, str]:
    """Every table by its name: the term and what it is counted from, or why its rows are kept."""
    said = dict(KEPT) | {name: f"`messages` after {after}" for name, after in MESSAGES.items()}
    for rule in RULES:
        for part in rule.parts:
            said.setdefault(part.table.name, f"`{rule.term}`, with its row of {rule.table.name}")
    for rule in RULES:
        before = said.get(rule.table.name, "")
        words = f"`{rule.term}` after {rule.after}"
        said[rule.table.name] = f"{before}; {words}" if before else words
    return {name: said[name] for name in sorted(said)}


def untold() -> list[str]:
    """Tables of the models that nothing is said of, and tables said of that there are none."""
    return sorted(set(Base.metadata.tables) ^ set(told()))
