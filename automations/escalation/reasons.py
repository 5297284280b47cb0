"""Why something is brought before people: the typed reasons, and how pressing each is. Pure."""

from enum import StrEnum
from typing import Final


class EscalationReason(StrEnum):
    """The reason a rule gives. Its value is stored with each firing."""

    SLA_BREACH = "sla_breach"
    PERSON = "person"
    ASKS_HUMAN = "asks_human"
    KEYWORD = "keyword"
    ACCOUNT = "account"
    SENTIMENT = "sentiment"
    CONTACTS = "contacts"
    EXCHANGES = "exchanges"
    CASE_UNCLAIMED = "case_unclaimed"
    CASE_STALE = "case_stale"
    SLA_WARNING = "sla_warning"


PRESSING: Final = tuple(EscalationReason)
"""Most pressing first: the order in which reasons stand in a message, and which of several leads it."""

REASON_NAMES: Final[dict[EscalationReason, str]] = {
    EscalationReason.SLA_BREACH: "SLA breached",
    EscalationReason.PERSON: "Escalated by a colleague",
    EscalationReason.ASKS_HUMAN: "Customer asks for a person",
    EscalationReason.KEYWORD: "Keyword",
    EscalationReason.ACCOUNT: "Account that always escalates",
    EscalationReason.SENTIMENT: "Negative tone",
    EscalationReason.CONTACTS: "Repeated contact",
    EscalationReason.EXCHANGES: "Too many exchanges",
    EscalationReason.CASE_UNCLAIMED: "Case without acknowledgement",
    EscalationReason.CASE_STALE: "Case without progress",
    EscalationReason.SLA_WARNING: "SLA about to be breached",
}
"""What people call each reason."""
