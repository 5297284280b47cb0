"""The first tables: cases and their tickets, the inbox, notifications, audit chain, failure queue, built-in desk."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import columns, documents, ints, keys, number, one_of, reference, texts, times, words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    cases()
    around_cases()
    records()
    append_only()
    desk()


def cases() -> None:
    op.create_table(
        "cases",
        number(),
        *keys("case_key open_key? correlation_id source job_id? job_name? customer_id? rule queue channel owner"),
        *keys("claimed_by? closed_by? escalated_by? last_actor"),
        *words("status reason customer_tier? priority"),
        *texts("summary details customer_name? diagnostics_url? owner_why close_note? escalation_reason? last_act"),
        *ints("version count"),
        *documents("attempts checks impact priority_why"),
        *times("first_seen last_seen opened_at claimed_at? closed_at? escalate_at? escalated_at? last_at"),
        reference("previous_id", "cases.id", null=True),
        sa.UniqueConstraint("open_key"),
        one_of("status", "open", "claimed", "resolved", "not_needed"),
        sa.CheckConstraint("(open_key is null) = (status in ('resolved', 'not_needed'))", name="open_key_while_open"),
        sa.CheckConstraint("open_key is null or open_key = case_key", name="open_key_is_case_key"),
        sa.CheckConstraint("(status = 'claimed') = (claimed_by is not null)", name="claimed_by_somebody"),
        sa.CheckConstraint("count >= 1", name="count"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_status_owner", "cases", ["status", "owner"])
    op.create_index("ix_cases_case_key", "cases", ["case_key"])
    op.create_index("ix_cases_escalate_at", "cases", ["escalate_at"])


def around_cases() -> None:
    op.create_table(
        "failure_event",
        number(),
        *keys("source event_id case_key"),
        *words("status reason outcome"),
        reference("case_id", "cases.id", null=True),
        *times("occurred_at received_at"),
        *documents("body"),
        sa.UniqueConstraint("source", "event_id"),
        one_of("outcome", "opened", "joined", "recorded", "resolved"),
    )
    op.create_index("ix_failure_event_case_id_id", "failure_event", ["case_id", "id"])
    op.create_index("ix_failure_event_case_key", "failure_event", ["case_key"])
    op.create_table(
        "case_entry",
        number(),
        reference("case_id", "cases.id"),
        *ints("seq"),
        *times("at written_at?"),
        *keys("actor"),
        *words("verb"),
        *texts("text"),
        sa.Column("to_desk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.UniqueConstraint("case_id", "seq"),
    )
    op.create_table(
        "case_ticket",
        reference("case_id", "cases.id", primary_key=True),
        *keys("key ticket_id?"),
        *words("system state"),
        *texts("url? missing?"),
        *ints("wanted_version verified_version"),
        *times("verified_at?"),
        *documents("seen"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("system", "ticket_id"),
        one_of("state", "wanted", "creating", "unknown", "created", "verified"),
        sa.CheckConstraint("state in ('wanted', 'creating', 'unknown') or ticket_id is not null", name="has_id"),
    )
    op.create_table(
        "rule_feedback",
        number(),
        *keys("rule actor"),
        reference("case_id", "cases.id"),
        *times("at withdrawn_at?"),
        *texts("note"),
    )
    op.create_index("ix_rule_feedback_rule", "rule_feedback", ["rule"])
    op.create_index("ix_rule_feedback_case_id", "rule_feedback", ["case_id"])


def records() -> None:
    op.create_table(
        "inbox",
        number(),
        *keys("key actor"),
        *words("kind"),
        *times("received_at"),
        *documents("body"),
        *texts("outcome"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "notification",
        sa.Column("key", sa.String(255), primary_key=True, nullable=False),
        *keys("channel posted_channel?"),
        sa.Column("parent_key", sa.String(255), sa.ForeignKey("notification.key"), nullable=True),
        *words("kind state ts?"),
        *ints("seq children version delivered_version"),
        *documents("data"),
        *columns(sa.Boolean(), "job_pending"),
        *times("created_at attempt_at? delivered_at?"),
        *texts("permalink? error?"),
        one_of("state", "pending", "sending", "unknown", "delivered", "stuck"),
    )
    op.create_index("ix_notification_parent_key_seq", "notification", ["parent_key", "seq"])
    op.create_index("ix_notification_channel_ts", "notification", ["posted_channel", "ts"])
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *times("at"),
        *keys("actor target correlation_id"),
        *words("action outcome prev_hash hash"),
        *documents("before? after?"),
    )
    op.create_index("ix_audit_entry_target_seq", "audit_entry", ["target", "seq"])
    op.create_index("ix_audit_entry_correlation_id", "audit_entry", ["correlation_id"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *ints("seq"),
        *words("hash"),
        sa.CheckConstraint("id = 1", name="single"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    op.create_table(
        "stuck_item",
        number(),
        *words("job state"),
        *keys("key target owner settled_by?"),
        *documents("args"),
        *texts("reason settled_note?"),
        *ints("attempts"),
        *times("first_at last_at settled_at?"),
        one_of("state", "open", "retried", "discarded", "done"),
    )
    op.create_index(
        "uq_stuck_item_open", "stuck_item", ["job", "key"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "automation_mode",
        sa.Column("name", sa.String(255), primary_key=True, nullable=False),
        *words("mode"),
        *keys("set_by"),
        *times("set_at"),
    )
    op.create_table(
        "rate_budget",
        sa.Column("name", sa.String(255), primary_key=True, nullable=False),
        *times("began"),
        *ints("used"),
    )


def append_only() -> None:
    """The database itself refuses to change the audit log, and to lose its head."""
    words_of_refusal = "the audit log is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb, table in (("update", "audit_entry"), ("delete", "audit_entry"), ("delete", "audit_head")):
            op.execute(
                f"create trigger {table}_no_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{words_of_refusal}'); end"
            )
        return
    op.execute(
        "create function audit_refuse() returns trigger language plpgsql as "
        f"$$ begin raise exception '{words_of_refusal}' using errcode = 'integrity_constraint_violation'; end $$"
    )
    for verbs, table in (("update or delete or truncate", "audit_entry"), ("delete or truncate", "audit_head")):
        op.execute(
            f"create trigger {table}_append_only before {verbs} on {table} "
            "for each statement execute function audit_refuse()"
        )


def desk() -> None:
    op.create_table("desk_group", number(), *keys("name"), sa.UniqueConstraint("name"))
    op.create_table(
        "desk_user",
        number(),
        *keys("name email"),
        *words("role state"),
        sa.UniqueConstraint("email"),
        one_of("state", "active", "invited", "suspended"),
    )
    op.create_table(
        "desk_membership",
        reference("user_id", "desk_user.id", primary_key=True),
        reference("group_id", "desk_group.id", primary_key=True),
    )
    op.create_table(
        "desk_customer",
        number(),
        *keys("name external_ref?"),
        *documents("domains fields"),
        *words("tier? status"),
        sa.UniqueConstraint("external_ref"),
    )
    op.create_table(
        "desk_ticket",
        number(),
        *keys("key? requester?"),
        *texts("subject"),
        *words("status priority"),
        reference("group_id", "desk_group.id", null=True),
        reference("assignee_id", "desk_user.id", null=True),
        reference("customer_id", "desk_customer.id", null=True),
        *documents("tags fields"),
        *times("created_at updated_at solved_at?"),
        sa.UniqueConstraint("key"),
        one_of("status", "open", "pending", "on_hold", "solved", "closed"),
        one_of("priority", "low", "normal", "high", "urgent"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_desk_ticket_updated_at_id", "desk_ticket", ["updated_at", "id"])
    op.create_table(
        "desk_message",
        number(),
        reference("ticket_id", "desk_ticket.id"),
        *keys("key? author"),
        *times("at"),
        *words("kind"),
        *texts("body"),
        sa.UniqueConstraint("ticket_id", "key"),
        one_of("kind", "internal", "public", "change"),
    )
    op.create_index("ix_desk_message_ticket_id_id", "desk_message", ["ticket_id", "id"])
