"""All tables. Importing this package is what fills `Base.metadata`."""

from storage.models.base import Base
from storage.models.cases import Case, CaseEntry, CaseTicket, FailureEventRow, RuleFeedback
from storage.models.desk import DeskCustomer, DeskGroup, DeskMembership, DeskMessage, DeskTicket, DeskUser
from storage.models.records import (
    AuditEntry,
    AuditHead,
    AutomationMode,
    InboxRow,
    Notification,
    RateBudgetRow,
    StuckItem,
)

__all__ = [
    "AuditEntry",
    "AuditHead",
    "AutomationMode",
    "Base",
    "Case",
    "CaseEntry",
    "CaseTicket",
    "DeskCustomer",
    "DeskGroup",
    "DeskMembership",
    "DeskMessage",
    "DeskTicket",
    "DeskUser",
    "FailureEventRow",
    "InboxRow",
    "Notification",
    "RateBudgetRow",
    "RuleFeedback",
    "StuckItem",
]
