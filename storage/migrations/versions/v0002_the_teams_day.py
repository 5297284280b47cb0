"""The team's day around a case: groups, undo, snooze, reminders; absences, covers, pauses; what the desk tells."""

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
from storage.models.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN_PAUSE = sa.text("ended_at is null")
NONE_YET = sa.text("0")


def upgrade() -> None:
    groups()
    cases()
    tickets()
    undo()
    team()
    reading()
    desk()


def groups() -> None:
    op.create_table(
        "case_group",
        number(),
        *keys("open_key? source channel queue correlation_id ticket_key ticket_id?"),
        *words("reason ticket_system ticket_state"),
        *ints("version ticket_wanted ticket_verified"),
        *times("opened_at last_joined_at closed_at? ticket_verified_at?"),
        *documents("called"),
        *texts("ticket_url? ticket_missing?"),
        sa.UniqueConstraint("open_key"),
        sa.UniqueConstraint("ticket_key"),
        one_of_states(),
        sqlite_autoincrement=True,
    )


def one_of_states() -> sa.CheckConstraint:
    allowed = "('wanted', 'creating', 'unknown', 'created', 'verified')"
    return sa.CheckConstraint(f"ticket_state in {allowed}", name="ticket_state")


def cases() -> None:
    points_to_a_group()
    added(
        "cases",
        sa.Column("call_owner", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("flaps", sa.Integer(), nullable=False, server_default=NONE_YET),
        sa.Column("reminders", sa.Integer(), nullable=False, server_default=NONE_YET),
        *documents("close_fields?"),
        *times("snoozed_until? remind_at? stale_at? hold_until? call_lead_at? call_owner_at?"),
        *keys("snoozed_by? moved_from?"),
    )
    op.create_index("ix_cases_source_reason_opened_at", "cases", ["source", "reason", "opened_at"])
    dated = ("remind_at", "snoozed_until", "hold_until", "call_lead_at", "call_owner_at")
    for name in ("group_id", "previous_id", "moved_from", *dated):
        op.create_index(f"ix_cases_{name}", "cases", [name])
    op.create_index("ix_failure_event_source_id", "failure_event", ["source", "id"])


def tickets() -> None:
    added(
        "case_ticket",
        *documents("ours? accepted?"),
        *keys("heard?"),
        *times("deleted_at?"),
    )


def undo() -> None:
    op.create_table(
        "undo_offer",
        number(),
        reference("case_id", "cases.id"),
        *keys("actor"),
        *words("verb state"),
        *times("at until settled_at?"),
        *documents("before after"),
        one_of("state", "open", "taken", "lapsed"),
    )
    op.create_index("ix_undo_offer_case_id", "undo_offer", ["case_id"])
    op.create_index("ix_undo_offer_until", "undo_offer", ["until"])


def team() -> None:
    op.create_table("absence", number(), *keys("email set_by ended_by?"), *times("start until set_at ended_at?"))
    op.create_index("ix_absence_until", "absence", ["until"])
    op.create_table(
        "duty_cover",
        number(),
        *keys("rotation email set_by ended_by?"),
        *words("kind"),
        *times("start until set_at ended_at?"),
        one_of("kind", "swap", "cover"),
    )
    op.create_index("ix_duty_cover_until", "duty_cover", ["until"])
    op.create_table(
        "pause",
        number(),
        *words("kind"),
        *keys("target set_by ended_by?"),
        *texts("because"),
        sa.Column("after_event", NUMBER, nullable=False),
        *times("start until set_at ended_at?"),
        one_of("kind", "automation", "source"),
    )
    op.create_index(
        "uq_pause_open",
        "pause",
        ["kind", "target"],
        unique=True,
        sqlite_where=OPEN_PAUSE,
        postgresql_where=OPEN_PAUSE,
    )
    op.create_table(
        "hand_over",
        sa.Column("rotation", sa.String(255), primary_key=True, nullable=False),
        sa.Column("at", UtcDateTime(), primary_key=True, nullable=False),
    )
    op.create_table(
        "people_link",
        sa.Column("email", sa.String(255), primary_key=True, nullable=False),
        *keys("slack? desk? set_by"),
        *times("set_at"),
    )


def reading() -> None:
    op.create_table(
        "source_watch",
        sa.Column("source", sa.String(255), primary_key=True, nullable=False),
        *times("since told_at?"),
    )
    op.create_table(
        "config_reload",
        number(),
        *keys("asked_by"),
        *words("state"),
        *texts("words"),
        *times("asked_at settled_at?"),
        one_of("state", "asked", "taken", "refused"),
    )
    op.create_table(
        "desk_cursor",
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        *texts("cursor"),
        *times("read_at"),
    )
    op.create_table(
        "desk_fact",
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        sa.Column("name", sa.String(64), primary_key=True, nullable=False),
        *documents("value"),
        *times("read_at"),
    )
    op.create_table(
        "home_view",
        sa.Column("user", sa.String(255), primary_key=True, nullable=False),
        *keys("team digest"),
        *times("opened_at shown_at"),
    )


def desk() -> None:
    added("desk_ticket", *columns(NUMBER, "parent_id? merged_into_id?"), *times("deleted_at?"))
    added(
        "desk_message",
        sa.Column("from_customer", sa.Boolean(), nullable=False, server_default=sa.false()),
        *columns(sa.JSON(), "changes?"),
    )


def added(table: str, *new: sa.Column[object]) -> None:
    for column in new:
        op.add_column(table, column)


def points_to_a_group() -> None:
    """A reference in a table that is there: SQLite takes one only together with its column."""
    kind = NUMBER.compile(op.get_bind().dialect)
    op.execute(f"alter table cases add column group_id {kind} constraint fk_cases_group_id references case_group (id)")
