"""Failure events, the cases they join, groups of them, each case's history and its one ticket."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Document, Instant, Key, Listing, MaybeInstant, Number, Word, Words


class FailureEventRow(Base):
    """One event as it was accepted, redacted. One row per event id of a source, for ever."""

    __tablename__ = "failure_event"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        CheckConstraint("outcome in ('opened', 'joined', 'recorded', 'resolved')", name="outcome"),
        Index("ix_failure_event_case_id_id", "case_id", "id"),
        Index("ix_failure_event_case_key", "case_key"),
        Index("ix_failure_event_source_id", "source", "id"),
    )

    id: Mapped[Number]
    source: Mapped[Key]
    event_id: Mapped[Key]
    case_key: Mapped[Key]
    status: Mapped[Word]
    reason: Mapped[Word]
    outcome: Mapped[Word]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    occurred_at: Mapped[Instant]
    received_at: Mapped[Instant]
    body: Mapped[Document]


class Case(Base):
    """The open group of equal failures, with its one owner.

    `open_key` equals `case_key` exactly while the case is not closed, so the database allows one open case per key.
    `version` grows with every change that people can see. `call_owner`: the first post mentions the owner.
    `hold_until`: the desk hears of the closing only then, since it may still be taken back. `flaps` counts how often it
    reopened by itself. A claimed case that nobody touches is spoken of again at `remind_at`, and named stale at last.
    What comes outside working hours calls the owner at `call_owner_at`, an escalation the lead at `call_lead_at`.
    `moved_from` had it before it was moved by rule outside of them, until both are told. `withdrawn_run` is the number
    of the run that closed it as opened by mistake, None once it is open again.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("open_key"),
        CheckConstraint("status in ('open', 'claimed', 'resolved', 'not_needed')", name="status"),
        CheckConstraint("(open_key is null) = (status in ('resolved', 'not_needed'))", name="open_key_while_open"),
        CheckConstraint("open_key is null or open_key = case_key", name="open_key_is_case_key"),
        CheckConstraint("(status = 'claimed') = (claimed_by is not null)", name="claimed_by_somebody"),
        CheckConstraint("count >= 1", name="count"),
        Index("ix_cases_status_owner", "status", "owner"),
        Index("ix_cases_case_key", "case_key"),
        Index("ix_cases_escalate_at", "escalate_at"),
        Index("ix_cases_source_reason_opened_at", "source", "reason", "opened_at"),
        Index("ix_cases_group_id", "group_id"),
        Index("ix_cases_previous_id", "previous_id"),
        Index("ix_cases_remind_at", "remind_at"),
        Index("ix_cases_call_lead_at", "call_lead_at"),
        Index("ix_cases_call_owner_at", "call_owner_at"),
        Index("ix_cases_moved_from", "moved_from"),
        Index("ix_cases_snoozed_until", "snoozed_until"),
        Index("ix_cases_hold_until", "hold_until"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    case_key: Mapped[Key]
    open_key: Mapped[Key | None]
    status: Mapped[Word]
    version: Mapped[int]
    correlation_id: Mapped[Key]

    source: Mapped[Key]
    reason: Mapped[Word]
    summary: Mapped[Words]
    details: Mapped[Words]
    job_id: Mapped[Key | None]
    job_name: Mapped[Key | None]
    customer_id: Mapped[Key | None]
    customer_name: Mapped[Words | None]
    customer_tier: Mapped[Word | None]
    attempts: Mapped[Listing]
    checks: Mapped[Listing]
    impact: Mapped[Document]
    diagnostics_url: Mapped[Words | None]
    count: Mapped[int]
    first_seen: Mapped[Instant]
    last_seen: Mapped[Instant]

    rule: Mapped[Key]
    queue: Mapped[Key]
    channel: Mapped[Key]
    priority: Mapped[Word]
    priority_why: Mapped[Listing]
    owner: Mapped[Key]
    owner_why: Mapped[Words]

    opened_at: Mapped[Instant]
    claimed_by: Mapped[Key | None]
    claimed_at: Mapped[MaybeInstant]
    closed_at: Mapped[MaybeInstant]
    closed_by: Mapped[Key | None]
    close_note: Mapped[Words | None]
    escalate_at: Mapped[MaybeInstant]
    escalated_at: Mapped[MaybeInstant]
    escalated_by: Mapped[Key | None]
    escalation_reason: Mapped[Words | None]
    call_lead_at: Mapped[MaybeInstant]
    call_owner_at: Mapped[MaybeInstant]
    moved_from: Mapped[Key | None]
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("case_group.id"))
    call_owner: Mapped[bool] = mapped_column(server_default=true())
    flaps: Mapped[int] = mapped_column(server_default=text("0"))
    snoozed_until: Mapped[MaybeInstant]
    snoozed_by: Mapped[Key | None]
    remind_at: Mapped[MaybeInstant]
    reminders: Mapped[int] = mapped_column(server_default=text("0"))
    stale_at: Mapped[MaybeInstant]
    hold_until: Mapped[MaybeInstant]
    close_fields: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    withdrawn_run: Mapped[Count | None]
    last_actor: Mapped[Key]
    last_act: Mapped[Words]
    last_at: Mapped[Instant]


class CaseEntry(Base):
    """One line of a case's history. Shown in the thread, and written to the ticket where `to_desk` is set."""

    __tablename__ = "case_entry"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: Mapped[Number]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    at: Mapped[Instant]
    actor: Mapped[Key]
    verb: Mapped[Word]
    text: Mapped[Words]
    to_desk: Mapped[bool] = mapped_column(server_default=false())
    written_at: Mapped[MaybeInstant]


class CaseTicket(Base):
    """The one ticket of a case: what we want it to be and what was read back last.

    `state`: wanted (not asked for yet) -> creating (a create has left) -> created -> verified; unknown after an
    unclear outcome. `wanted_version` against `verified_version` says whether the desk shows the case's present state.
    `ours` lists for each field the values we read last or have sent since: any other value was set by somebody in the
    desk. `accepted` holds what the desk was let have otherwise than the case would want it. `heard` is the id of the
    desk's last event that was mirrored; `deleted_at` is set when the ticket is gone: deleted, or merged into another
    case's. `asked_at` is when a create was sent last.

    Of a desk that finds no ticket by our key: since `unclear_at` a person is asked whether an unclear create made one;
    `named` is the ticket that `named_by` says it is, and both stay once it was read and taken. Of a desk that does not
    tell its changes: `looked_at` is when the ticket was last to be read, `read_at` when it was.
    """

    __tablename__ = "case_ticket"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("system", "ticket_id"),
        Index("ix_case_ticket_looked_at", "looked_at"),
        CheckConstraint("state in ('wanted', 'creating', 'unknown', 'created', 'verified')", name="state"),
        CheckConstraint("state in ('wanted', 'creating', 'unknown') or ticket_id is not null", name="has_id"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    key: Mapped[Key]
    system: Mapped[Word]
    state: Mapped[Word]
    ticket_id: Mapped[Key | None]
    url: Mapped[Words | None]
    wanted_version: Mapped[int]
    verified_version: Mapped[int]
    verified_at: Mapped[MaybeInstant]
    missing: Mapped[Words | None]
    seen: Mapped[Document]
    ours: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    accepted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    heard: Mapped[Key | None]
    deleted_at: Mapped[MaybeInstant]
    asked_at: Mapped[MaybeInstant]
    unclear_at: Mapped[MaybeInstant]
    named: Mapped[Key | None]
    named_by: Mapped[Key | None]
    looked_at: Mapped[MaybeInstant]
    read_at: Mapped[MaybeInstant]


class UndoOffer(Base):
    """One act that its author may take back for a short time. `before` and `after` are columns of the case as JSON.

    `state`: open, taken (taken back), lapsed (too late, or somebody acted since).
    """

    __tablename__ = "undo_offer"
    __table_args__ = (
        CheckConstraint("state in ('open', 'taken', 'lapsed')", name="state"),
        Index("ix_undo_offer_case_id", "case_id"),
        Index("ix_undo_offer_until", "until"),
    )

    id: Mapped[Number]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    actor: Mapped[Key]
    verb: Mapped[Word]
    at: Mapped[Instant]
    until: Mapped[Instant]
    before: Mapped[Document]
    after: Mapped[Document]
    state: Mapped[Word]
    settled_at: Mapped[MaybeInstant]


class RuleFeedback(Base):
    """Somebody said that a case was not needed; kept per rule so that the rule can be mended.

    `withdrawn_at` is set when the case was reopened after all.
    """

    __tablename__ = "rule_feedback"
    __table_args__ = (Index("ix_rule_feedback_rule", "rule"), Index("ix_rule_feedback_case_id", "case_id"))

    id: Mapped[Number]
    rule: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    actor: Mapped[Key]
    at: Mapped[Instant]
    note: Mapped[Words]
    withdrawn_at: Mapped[MaybeInstant]
