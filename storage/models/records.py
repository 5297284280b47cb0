"""Rows around the cases: the inbox, notifications for Slack, the audit chain, the failure queue, modes, budgets."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Document, Instant, Key, MaybeInstant, Number, Word, Words


class InboxRow(Base):
    """One payload from Slack, committed before its acknowledgement. `key` makes a second delivery harmless."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("key"), Index("ix_inbox_received_at", "received_at"))

    id: Mapped[Number]
    key: Mapped[Key]
    kind: Mapped[Word]
    actor: Mapped[Key]
    received_at: Mapped[Instant]
    body: Mapped[Document]
    outcome: Mapped[Words]


class Notification(Base):
    """One message for Slack. A newer state overwrites one that is not delivered yet; never a second post.

    `kind` and `data` say what to show, the bot renders late. `parent_key` names the notification whose thread this one
    belongs to; threads have one level. `state`: pending, sending (a call has left), unknown (outcome unclear: look back
    first), delivered, stuck. `attempt_at` is set exactly while a call may be out whose outcome nobody knows.
    """

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'sending', 'unknown', 'delivered', 'stuck')", name="state"),
        Index("ix_notification_parent_key_seq", "parent_key", "seq"),
        Index("ix_notification_channel_ts", "posted_channel", "ts"),
    )

    key: Mapped[Key] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    channel: Mapped[Key]
    parent_key: Mapped[str | None] = mapped_column(ForeignKey("notification.key"))
    seq: Mapped[int]
    children: Mapped[int]
    data: Mapped[Document]
    version: Mapped[int]
    delivered_version: Mapped[int]
    state: Mapped[Word]
    job_pending: Mapped[bool]
    created_at: Mapped[Instant]
    attempt_at: Mapped[MaybeInstant]
    delivered_at: Mapped[MaybeInstant]
    posted_channel: Mapped[Key | None]
    ts: Mapped[Word | None]
    permalink: Mapped[Words | None]
    error: Mapped[Words | None]


class AuditEntry(Base):
    """One action, for ever. `hash` covers every other column and the hash of the row before."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_target_seq", "target", "seq"),
        Index("ix_audit_entry_correlation_id", "correlation_id"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    actor: Mapped[Key]
    action: Mapped[Word]
    target: Mapped[Key]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    outcome: Mapped[Word]
    correlation_id: Mapped[Key]
    prev_hash: Mapped[Word]
    hash: Mapped[Word]


class PersonAlias(Base):
    """Who `person-<id>` is in the audit log. `name` is empty once somebody was erased; the row stays."""

    __tablename__ = "person_alias"
    __table_args__ = (UniqueConstraint("name"), {"sqlite_autoincrement": True})

    id: Mapped[Number]
    name: Mapped[Key | None]
    erased_at: Mapped[MaybeInstant]


class AuditHead(Base):
    """The end of the chain. Every append begins by updating this one row, so appends stand in a line.

    `erasures` counts how often names were erased: what a process remembers of them is good for one count.
    """

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[Word]
    erasures: Mapped[int] = mapped_column(server_default=text("0"))


class AuditSegment(Base):
    """Rows of the audit log that were exported into a file, from the first on and without a gap; they may be pruned.

    `prev_hash` and `hash` are the chain's before and at its end, where a signed checkpoint was; `sha256` is the file's,
    and `signature` covers all of that. Never changed: whether it was pruned shows in which rows are there.
    """

    __tablename__ = "audit_segment"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_seq: Mapped[int]
    last_seq: Mapped[int]
    prev_hash: Mapped[Word]
    hash: Mapped[Word]
    sha256: Mapped[Word]
    signature: Mapped[Word]
    file: Mapped[Words]
    exported_at: Mapped[Instant]


class StuckItem(Base):
    """The failure queue: work that could not be done, with an owner, a reason and a retry.

    `state`: open, retried or discarded by a person, done (by another job since). Items of one `cause` failed alike.
    """

    __tablename__ = "stuck_item"
    __table_args__ = (
        CheckConstraint("state in ('open', 'retried', 'discarded', 'done')", name="state"),
        Index(
            "uq_stuck_item_open",
            "job",
            "key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_stuck_item_state_cause", "state", "cause"),
        Index("ix_stuck_item_state_owner", "state", "owner"),
    )

    id: Mapped[Number]
    job: Mapped[Word]
    key: Mapped[Key]
    args: Mapped[Document]
    target: Mapped[Key]
    owner: Mapped[Key]
    reason: Mapped[Words]
    attempts: Mapped[int]
    first_at: Mapped[Instant]
    last_at: Mapped[Instant]
    state: Mapped[Word]
    settled_by: Mapped[Key | None]
    settled_note: Mapped[Words | None]
    settled_at: Mapped[MaybeInstant]
    cause: Mapped[Word | None]


class StuckAttempt(Base):
    """One time that work was given up: when, why, and how many tries that took. Rows are only added.

    Joined by job and key, so that what was tried before a retry stays in sight of whoever looks after it. `run` is the
    engine's own key of the run that gave up, which tells a second report of it from a second run.
    """

    __tablename__ = "stuck_attempt"
    __table_args__ = (Index("ix_stuck_attempt_job_key", "job", "key"),)

    id: Mapped[Number]
    item_id: Mapped[int] = mapped_column(ForeignKey("stuck_item.id"))
    job: Mapped[Word]
    key: Mapped[Key]
    run: Mapped[Key]
    at: Mapped[Instant]
    tries: Mapped[int]
    reason: Mapped[Words]


class StuckReminder(Base):
    """When somebody was last told of the work that waits for them: the message's key, and the newest item in it."""

    __tablename__ = "stuck_reminder"

    owner: Mapped[Key] = mapped_column(primary_key=True)
    key: Mapped[Key]
    reminded_at: Mapped[Instant]
    upto: Mapped[int]


class LateCall(Base):
    """Whom messages that came late have called last: by which of them, and when. The others name this person only."""

    __tablename__ = "late_call"

    user: Mapped[Key] = mapped_column(primary_key=True)
    key: Mapped[Key]
    at: Mapped[Instant]


class RateBudgetRow(Base):
    """How many calls an outside system had in the window that began last, and until when it asked for a pause."""

    __tablename__ = "rate_budget"

    name: Mapped[Key] = mapped_column(primary_key=True)
    began: Mapped[Instant]
    used: Mapped[int]
    paused_until: Mapped[Instant | None]


class AutomationMode(Base):
    """A mode set by command; it wins over the file and is shown so."""

    __tablename__ = "automation_mode"

    name: Mapped[Key] = mapped_column(primary_key=True)
    mode: Mapped[Word]
    set_by: Mapped[Key]
    set_at: Mapped[Instant]
