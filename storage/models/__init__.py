"""All tables. Importing this package is what fills `Base.metadata`."""

from storage.models.base import Base
from storage.models.cases import (
    Case,
    CaseEntry,
    CaseTicket,
    FailureEventRow,
    RuleFeedback,
    UndoOffer,
)
from storage.models.desk import DeskCustomer, DeskGroup, DeskMembership, DeskMessage, DeskTicket, DeskUser
from storage.models.escalation import Escalation, EscalationFiring, SlaClock, SlaPlace
from storage.models.groups import CaseGroup
from storage.models.mirror import FOREVER, MirrorMessage, MirrorName, MirrorPlace, MirrorSpan, MirrorTag, MirrorTicket
from storage.models.records import (
    AuditEntry,
    AuditHead,
    AutomationMode,
    InboxRow,
    Notification,
    RateBudgetRow,
    StuckItem,
)
from storage.models.reports import Report, Upload
from storage.models.runs import AccessBlock, Finding, ReviewPage, Run, RunApproval, RunStep
from storage.models.team import (
    AbsenceRow,
    ConfigReload,
    DeskCursor,
    DeskFact,
    DutyCover,
    HandOver,
    HomeView,
    Pause,
    PeopleLink,
    SourceWatch,
)
from storage.models.triage import TicketText, TriageDecision, TriageEvaluation, TriageModel

__all__ = [
    "FOREVER",
    "AbsenceRow",
    "AccessBlock",
    "AuditEntry",
    "AuditHead",
    "AutomationMode",
    "Base",
    "Case",
    "CaseEntry",
    "CaseGroup",
    "CaseTicket",
    "ConfigReload",
    "DeskCursor",
    "DeskCustomer",
    "DeskFact",
    "DeskGroup",
    "DeskMembership",
    "DeskMessage",
    "DeskTicket",
    "DeskUser",
    "DutyCover",
    "Escalation",
    "EscalationFiring",
    "FailureEventRow",
    "Finding",
    "HandOver",
    "HomeView",
    "InboxRow",
    "MirrorMessage",
    "MirrorName",
    "MirrorPlace",
    "MirrorSpan",
    "MirrorTag",
    "MirrorTicket",
    "Notification",
    "Pause",
    "PeopleLink",
    "RateBudgetRow",
    "Report",
    "ReviewPage",
    "RuleFeedback",
    "Run",
    "RunApproval",
    "RunStep",
    "SlaClock",
    "SlaPlace",
    "SourceWatch",
    "StuckItem",
    "TicketText",
    "TriageDecision",
    "TriageEvaluation",
    "TriageModel",
    "UndoOffer",
    "Upload",
]
