"""Words of tickets, classifiers, triage; SLA clocks and escalations."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import (
    NUMBER,
    columns,
    documents,
    ints,
    keys,
    number,
    one_of,
    reference,
    texts,
    times,
    words,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mirror_ticket", sa.Column("channel", sa.String(64), nullable=False, server_default=sa.text("''")))
    for whose in ("requester", "customer_id"):
        op.create_index(f"ix_mirror_ticket_{whose}", "mirror_ticket", [whose])
    ticket_texts()
    models()
    decisions()
    clocks()
    escalations()
    firings()


def ticket_texts() -> None:
    op.create_table(
        "ticket_text",
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        sa.Column("ticket_id", sa.String(255), primary_key=True, nullable=False),
        *texts("opening latest"),
        *documents("last tone_words"),
        *keys("event_id"),
        *columns(NUMBER, "customer_messages"),
        *words("language"),
        *columns(sa.Double(), "tone"),
        *times("latest_at? seen_at read_at"),
    )
    op.create_index("ix_ticket_text_read_at", "ticket_text", ["read_at"])


def models() -> None:
    op.create_table(
        "triage_model",
        number(),
        *times("made_at retired_at?"),
        *keys("made_by"),
        *words("training_hash"),
        *texts("source"),
        *columns(NUMBER, "examples"),
        *documents("labels scores"),
        *columns(sa.Double(), "threshold"),
        *columns(sa.LargeBinary(), "body"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "triage_evaluation",
        number(),
        *times("made_at"),
        *keys("made_by"),
        *texts("source"),
        *words("rules_version"),
        reference("model_id", "triage_model.id", null=True),
        *columns(NUMBER, "examples"),
        *columns(sa.Boolean(), "passed"),
        *documents("result"),
        sqlite_autoincrement=True,
    )


def decisions() -> None:
    op.create_table(
        "triage_decision",
        number(),
        *words("system input_hash mode rules_version decided_by priority state before_priority outcome day"),
        *keys("ticket_id intent rule queue before_queue changed_by? undo_by? outcome_queue"),
        *texts("why_not error"),
        *ints("level score version"),
        *columns(sa.Double(), "confidence?"),
        *documents("score_why inputs"),
        *times("decided_at changed_at? called_at? verified_at? outcome_at?"),
        reference("model_id", "triage_model.id", null=True),
        sa.UniqueConstraint("system", "ticket_id", "input_hash"),
        one_of("decided_by", "rule", "model", ""),
        one_of(
            "state", "shadow", "proposed", "applying", "applied", "nothing", "declined", "superseded", "unclear",
            "failed", "undone",
        ),
        one_of("outcome", "", "kept", "moved"),
        sa.CheckConstraint("level between 1 and 3", name="level"),
        sqlite_autoincrement=True,
    )  # fmt: skip
    for name in ("decided_at", "state", "day"):
        op.create_index(f"ix_triage_decision_{name}", "triage_decision", [name])


def clocks() -> None:
    op.create_table(
        "sla_clock",
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        sa.Column("ticket_id", sa.String(255), primary_key=True, nullable=False),
        sa.Column("kind", sa.String(64), primary_key=True, nullable=False),
        *ints("turn"),
        *keys("target"),
        *words("policy_version hours state told"),
        *columns(NUMBER, "target_s warn_s spent_s late_s"),
        *times("started_at warn_at? due_at? ended_at? seen_at"),
        one_of("kind", "first_reply", "next_reply", "resolution"),
        one_of("state", "running", "paused", "met", "ended"),
        one_of("told", "", "warned", "breached"),
    )
    for name in ("due_at", "warn_at"):
        op.create_index(f"ix_sla_clock_told_{name}", "sla_clock", ["told", name])
    op.create_index("ix_sla_clock_state_due_at", "sla_clock", ["state", "due_at"])
    op.create_table(
        "sla_place",
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        *words("policy_version"),
        *columns(NUMBER, "ticket walked?"),
        *times("changed_at walk_began_at"),
    )


def escalations() -> None:
    op.create_table(
        "escalation",
        number(),
        *words("subject system state reason priority tier ending"),
        *keys(
            "subject_id open_key? customer_id customer_name queue owner opened_by claimed_by? snoozed_by? closed_by?"
        ),
        *keys("note_by? parent? correlation_id"),
        *texts("title url close_note"),
        *ints("version step round reminders"),
        *documents("called evidence"),
        *times("opened_at touched_at next_at? claimed_at? snoozed_until? stale_at? closed_at? note_at?"),
        sa.UniqueConstraint("open_key"),
        one_of("subject", "ticket", "case"),
        one_of("state", "open", "claimed", "closed"),
        sa.CheckConstraint("(open_key is null) = (state = 'closed')", name="open_key_while_open"),
        sa.CheckConstraint(
            "(state = 'claimed') = (claimed_by is not null) or state = 'closed'", name="claimed_by_somebody"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_escalation_state_next_at", "escalation", ["state", "next_at"])
    op.create_index("ix_escalation_system_subject_id", "escalation", ["system", "subject_id"])
    op.create_index("ix_escalation_owner", "escalation", ["owner"])


def firings() -> None:
    op.create_table(
        "escalation_firing",
        number(),
        reference("escalation_id", "escalation.id", null=True),
        *keys("fired_key ticket_id rule verdict_by"),
        *words("subject system reason rule_version mode verdict"),
        *documents("inputs evidence"),
        *times("due_at fired_at verdict_at?"),
        sa.UniqueConstraint("fired_key"),
        one_of("verdict", "", "right", "not_needed", "too_late", "missed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_escalation_firing_escalation_id", "escalation_firing", ["escalation_id"])
    op.create_index("ix_escalation_firing_fired_at", "escalation_firing", ["fired_at"])
    op.create_index("ix_escalation_firing_system_ticket_id", "escalation_firing", ["system", "ticket_id"])
