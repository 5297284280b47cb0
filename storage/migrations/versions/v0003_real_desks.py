"""Real help desks: a pause that a desk asked for, kept for all processes."""

from alembic import op

from storage.migrations.columns import times

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rate_budget") as table:
        for column in times("paused_until?"):
            table.add_column(column)
