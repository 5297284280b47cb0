"""The failure queue: what was tried before somebody looks at it."""

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
