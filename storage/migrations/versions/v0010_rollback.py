"""Taking back what an automation did: which run withdrew a case."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import NUMBER

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("withdrawn_run", NUMBER, nullable=True))
