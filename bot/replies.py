"""The shapes of what the HTTP port answers, as `/openapi.json` describes them. Times are ISO 8601 in UTC."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Result(_Reply):
    """What became of one event."""

    event_id: str
    case_id: str | None
    status: Literal["opened", "joined", "recorded", "resolved", "duplicate"]


class Accepted(_Reply):
    """Every event of the request is stored. The results stand in the order of the events."""

    results: list[Result]


class FieldError(_Reply):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemReply(_Reply):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class CaseLine(_Reply):
    """One case in a list."""

    id: str
    status: str
    priority: str
    summary: str
    source: str
    reason: str
    owner: str
    claimed_by: str | None
    count: int
    opened_at: datetime
    last_seen: datetime
    escalated: bool
    ticket_verified: bool
    permalink: str | None


class CasesReply(_Reply):
    """A page of cases."""

    cases: list[CaseLine]


class AttemptReply(_Reply):
    """One try made before the failure was reported."""

    at: datetime
    outcome: str


class PointsReply(_Reply):
    """One line of the priority's arithmetic."""

    label: str
    points: int


class CustomerReply(_Reply):
    """The customer in the sender's words, with the case's tier. `standing`: as kept, with its age; null if not kept."""

    id: str
    name: str | None
    tier: str | None
    standing: str | None


class LastReply(_Reply):
    """Who did what last."""

    actor: str
    act: str
    at: datetime


class TicketReply(_Reply):
    """The ticket as last known. `verified`: the desk was read and shows what the case wants now."""

    system: str
    key: str
    id: str | None
    url: str | None
    state: str
    verified: bool
    verified_at: datetime | None
    missing: str | None
    unclear_at: datetime | None
    named: str | None
    named_by: str | None
    read_at: datetime | None
    seen: dict[str, Any]


class SlackReply(_Reply):
    """The case's message."""

    channel: str
    ts: str | None
    permalink: str | None
    state: str
    up_to_date: bool
    error: str | None


class OccurrenceReply(_Reply):
    """One event of the case."""

    event_id: str
    source: str
    status: str
    reason: str
    outcome: str
    occurred_at: datetime
    received_at: datetime


class HistoryReply(_Reply):
    """One line of the case's history."""

    seq: int
    at: datetime
    actor: str
    verb: str
    text: str
    in_desk_at: datetime | None


class AuditReply(_Reply):
    """One audit entry about the case."""

    seq: int
    at: datetime
    actor: str
    action: str
    target: str
    outcome: str
    correlation_id: str
    before: Any
    after: Any
    hash: str


class FeedbackReply(_Reply):
    """Somebody found the case not needed; `withdrawn_at` is set if it was reopened since."""

    rule: str
    actor: str
    at: datetime
    note: str
    withdrawn_at: datetime | None


class CaseReply(_Reply):
    """A case with its newest occurrences, its ticket, Slack message, history and newest audit entries."""

    id: str
    url: str
    status: str
    version: int
    source: str
    reason: str
    summary: str
    details: str
    job_id: str | None
    job_name: str | None
    attempts: list[AttemptReply]
    checks: list[str]
    impact: dict[str, Any]
    diagnostics_url: str | None
    count: int
    flaps: int
    first_seen: datetime
    last_seen: datetime
    rule: str
    queue: str
    channel: str
    priority: str
    priority_why: list[PointsReply]
    owner: str
    owner_name: str
    owner_why: str
    opened_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    close_note: str | None
    close_fields: dict[str, Any] | None
    hold_until: datetime | None
    snoozed_until: datetime | None
    snoozed_by: str | None
    stale_at: datetime | None
    escalate_at: datetime | None
    escalated_at: datetime | None
    escalated_by: str | None
    escalation_reason: str | None
    correlation_id: str
    customer: CustomerReply | None
    group: str | None
    previous: str | None
    next: str | None
    last: LastReply
    ticket: TicketReply
    slack: SlackReply | None
    occurrences: list[OccurrenceReply]
    occurrences_total: int
    history: list[HistoryReply]
    feedback: list[FeedbackReply]
    audit: list[AuditReply]


class AliveReply(_Reply):
    """The process runs."""

    status: Literal["ok"]


class ReadyReply(_Reply):
    """Whether the bot can work; each part is `ok` or says in words what is wrong."""

    status: Literal["ok", "not ready"]
    database: str
    engine: str
    slack: str
