"""Desks without keys and without a change feed: who settles an unclear create, and when a ticket was read last."""

from alembic import op

from storage.migrations.columns import keys, times

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_ticket") as table:
        for column in (*times("unclear_at?"), *keys("named? named_by?"), *times("looked_at? read_at?")):
            table.add_column(column)
    op.create_index("ix_case_ticket_looked_at", "case_ticket", ["looked_at"])
