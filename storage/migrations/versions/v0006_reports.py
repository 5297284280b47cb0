"""The ticket mirror, reports, files for Slack."""

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

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ANSWERS = sa.text("asked_at is not null")
LONG_WAITS = sa.text("waited_s >= 2592000")


def upgrade() -> None:
    tickets()
    stretches()
    messages()
    places()
    reports()
    uploads()


def tickets() -> None:
    op.create_table(
        "mirror_ticket",
        number(),
        *words("system opened_by status priority tier told_by"),
        *keys("ticket_id requester? group_name assignee customer_id customer_name merged_into?"),
        *texts("url subject"),
        *documents("tags"),
        *times("created_at updated_at changed_at first_reply_at? waiting_since? solved_at? closed_at? deleted_at?"),
        sa.UniqueConstraint("system", "ticket_id"),
        one_of("opened_by", "customer", "agent", "bot"),
        one_of("told_by", "history", "seen"),
        sqlite_autoincrement=True,
    )
    for name in ("created_at", "waiting_since", "solved_at", "closed_at", "changed_at"):
        op.create_index(f"ix_mirror_ticket_{name}", "mirror_ticket", [name])
    op.create_table(
        "mirror_tag",
        reference("ticket", "mirror_ticket.id", primary_key=True),
        sa.Column("tag", sa.String(255), primary_key=True, nullable=False),
    )
    op.create_index("ix_mirror_tag_tag", "mirror_tag", ["tag"])
    op.create_table(
        "mirror_name",
        *(sa.Column(name, sa.String(64), primary_key=True, nullable=False) for name in ("system", "key")),
        sa.Column("value", sa.String(255), primary_key=True, nullable=False),
    )


def stretches() -> None:
    op.create_table(
        "mirror_span",
        reference("ticket", "mirror_ticket.id", primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *times("from_at until_at"),
        *words("before status priority"),
        *keys("group_name assignee"),
        *columns(sa.Boolean(), "merged"),
    )
    op.create_index("ix_mirror_span_from_at", "mirror_span", ["from_at"])
    op.create_index("ix_mirror_span_status_until_at", "mirror_span", ["status", "until_at", "from_at", "ticket"])


def messages() -> None:
    op.create_table(
        "mirror_message",
        reference("ticket", "mirror_ticket.id", primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *times("at asked_at?"),
        *words("side"),
        *keys("author"),
        *columns(sa.Boolean(), "first"),
        *columns(NUMBER, "waited_s?"),
        one_of("side", "customer", "agent", "bot"),
    )
    op.create_index(
        "ix_mirror_message_answer_at",
        "mirror_message",
        ["at", "asked_at"],
        sqlite_where=ANSWERS,
        postgresql_where=ANSWERS,
    )
    op.create_index(
        "ix_mirror_message_long_wait",
        "mirror_message",
        ["asked_at", "at", "ticket"],
        sqlite_where=LONG_WAITS,
        postgresql_where=LONG_WAITS,
    )


def places() -> None:
    op.create_table(
        "mirror_place",
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        *texts("cursor"),
        *documents("left"),
        *times("began_at complete_at? since? read_at?"),
        *ints("listed"),
    )


def reports() -> None:
    op.create_table(
        "report",
        number(),
        *keys("window? asked_by owner channel"),
        *words("kind state system zone hash"),
        *documents("request definitions result"),
        *texts("error members"),
        *times("from_at to_at asked_at made_at? data_at? since?"),
        reference("rerun_of", "report.id", null=True),
        sa.UniqueConstraint("window"),
        one_of("state", "asked", "made", "failed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_report_from_at", "report", ["from_at"])


def uploads() -> None:
    op.create_table(
        "upload",
        sa.Column("key", sa.String(255), primary_key=True, nullable=False),
        sa.Column("notification", sa.String(255), sa.ForeignKey("notification.key"), nullable=False),
        *words("kind state file_id?"),
        *documents("args"),
        *texts("error?"),
        *times("asked_at shared_at?"),
        one_of("state", "pending", "named", "sharing", "shared", "refused"),
    )
    op.create_index("ix_upload_state", "upload", ["state"])
