"""Real help desks: a pause that a desk asked for, kept for all processes; when a ticket was asked for last."""

from alembic import op

from storage.migrations.columns import times

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    added = {"rate_budget": "paused_until?", "case_ticket": "asked_at?", "case_group": "ticket_asked_at?"}
    for name, moment in added.items():
        with op.batch_alter_table(name) as table:
            for column in times(moment):
                table.add_column(column)
