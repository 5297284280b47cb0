"""Runs: plans with their steps and approvals, findings of reconciliations, people blocked inside Handoff."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import (
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

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RUN_STATES = (
    *("asked", "refused", "proposed", "approved", "running", "done", "partial", "failed"),
    *("expired", "cancelled", "replaced", "rolled_back"),
)
STEP_STATES = (
    *("planned", "in_progress", "waiting", "verified", "stated", "by_hand", "failed", "unknown"),
    *("rolled_back", "skipped"),
)
UNSETTLED = sa.text("state in ('open', 'confirmed', 'kept')")
IN_FORCE = sa.text("lifted_at is null")


def upgrade() -> None:
    runs()
    steps()
    findings()
    reviews()
    blocks()


def runs() -> None:
    op.create_table(
        "run",
        number(),
        *keys("open_key? subject requested_by owner correlation_id channel settled_by? reviewed_by?"),
        *words("kind state digest review"),
        *texts("title words"),
        *documents("asked plan shown_to"),
        *ints("needed version"),
        *columns(sa.Boolean(), "private"),
        *times("requested_at proposed_at? expires_at? reminded_at? approved_at? settled_at? reviewed_at?"),
        reference("undo_of", "run.id", null=True),
        reference("replaces", "run.id", null=True),
        sa.UniqueConstraint("open_key"),
        one_of("state", *RUN_STATES),
        one_of("review", "none", "wanted", "done"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_state_expires_at", "run", ["state", "expires_at"])
    op.create_index("ix_run_subject", "run", ["subject"])
    op.create_table(
        "run_approval",
        reference("run_id", "run.id", primary_key=True),
        sa.Column("by", sa.String(255), primary_key=True, nullable=False),
        *words("digest"),
        *times("at withdrawn_at?"),
    )


def steps() -> None:
    op.create_table(
        "run_step",
        reference("run_id", "run.id", primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *words("kind state"),
        *keys("target owner stated_by?"),
        *documents("args needs"),
        *texts("before after words undo by_hand found? error?"),
        *columns(sa.Boolean(), "urgent waits"),
        *times("found_at? changed_at? due_at? reminded_at?"),
        *ints("tries"),
        one_of("state", *STEP_STATES),
    )
    op.create_index("ix_run_step_state", "run_step", ["state"])


def findings() -> None:
    op.create_table(
        "finding",
        number(),
        *keys("key subject owner decided_by?"),
        *words("kind digest state"),
        *texts("name words reason"),
        *documents("fix"),
        *columns(sa.Boolean(), "privileged"),
        *times("first_seen last_seen decided_at? until?"),
        reference("run_id", "run.id"),
        reference("fixed_by", "run.id", null=True),
        one_of("state", "open", "confirmed", "kept", "fixed", "gone"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_finding_run_id", "finding", ["run_id"])
    op.create_index(
        "uq_finding_open", "finding", ["key"], unique=True, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
    )


def reviews() -> None:
    op.create_table(
        "review_page",
        reference("run_id", "run.id", primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *documents("lines"),
    )


def blocks() -> None:
    op.create_table(
        "access_block",
        number(),
        *keys("email set_by lifted_by?"),
        reference("run_id", "run.id"),
        *times("since lifted_at?"),
    )
    op.create_index(
        "uq_access_block_in_force",
        "access_block",
        ["email"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
