"""The failure queue: what was tried, what has one cause, who was reminded when; whom late messages have called."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ints, keys, number, reference, texts, times, words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stuck_attempt",
        number(),
        reference("item_id", "stuck_item.id"),
        *words("job"),
        *keys("key run"),
        *times("at"),
        *ints("tries"),
        *texts("reason"),
    )
    op.create_index("ix_stuck_attempt_job_key", "stuck_attempt", ["job", "key"])
    op.add_column("stuck_item", *words("cause?"))
    op.create_index("ix_stuck_item_state_cause", "stuck_item", ["state", "cause"])
    op.create_index("ix_stuck_item_state_owner", "stuck_item", ["state", "owner"])
    op.create_table(
        "stuck_reminder",
        sa.Column("owner", sa.String(255), primary_key=True, nullable=False),
        *keys("key"),
        *times("reminded_at"),
        *ints("upto"),
    )
    op.create_table(
        "late_call",
        sa.Column("user", sa.String(255), primary_key=True, nullable=False),
        *keys("key"),
        *times("at"),
    )
