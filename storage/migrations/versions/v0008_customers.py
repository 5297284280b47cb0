"""Customers, what a sync found of them, the conflict ledger; runs of more than one automation."""

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

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("automation", sa.String(64), nullable=False, server_default=sa.text("'access'")))
    known()
    groups()
    ledger()
    notices()


def known() -> None:
    op.create_table(
        "customer",
        sa.Column("account", sa.String(255), primary_key=True, nullable=False),
        *texts("name"),
        *words("status tier tier_before"),
        *documents("domains fields source_values base"),
        *keys("desk_id?"),
        *times("gone_since? tier_since? changed_at"),
    )
    op.create_index("ix_customer_desk_id", "customer", ["desk_id"])
    op.create_table(
        "customer_domain",
        sa.Column("domain", sa.String(255), primary_key=True, nullable=False),
        sa.Column("account", sa.String(255), sa.ForeignKey("customer.account"), primary_key=True, nullable=False),
    )
    op.create_index("ix_customer_domain_account", "customer_domain", ["account"])
    op.create_table(
        "customer_source",
        sa.Column("name", sa.String(64), primary_key=True, nullable=False),
        *texts("cursor"),
        *times("read_at as_of whole_at?"),
        *columns(NUMBER, "rows"),
    )


def groups() -> None:
    op.create_table(
        "customer_group",
        number(),
        reference("run_id", "run.id", null=True),
        *keys("key decided_by?"),
        *words("kind field digest state"),
        *texts("before after reason"),
        *columns(NUMBER, "size"),
        *columns(sa.Boolean(), "open_too"),
        *documents("effects"),
        *ints("version"),
        *times("decided_at?"),
        reference("applied_by", "run.id", null=True),
        one_of("kind", "added", "linked", "changed", "cleared", "suspended", "resumed", "taken", "restored"),
        one_of("state", "open", "held", "rejected", "confirmed", "applied", "partial", "superseded", "undone"),
        sqlite_autoincrement=True,
    )
    for column in ("run_id", "applied_by", "state"):
        op.create_index(f"ix_customer_group_{column}", "customer_group", [column])
    op.create_table(
        "customer_change",
        reference("group_id", "customer_group.id", primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, nullable=False, autoincrement=False),
        *keys("account desk_id?"),
        *words("field state"),
        *texts("name before after error"),
        *documents("values"),
        *ints("conflict?"),
        *times("changed_at?"),
        one_of("state", "planned", "begun", "verified", "refused", "changed", "undone", "left"),
    )
    op.create_index("ix_customer_change_account", "customer_change", ["account"])
    op.create_index("ix_customer_change_state", "customer_change", ["group_id", "state"])


def ledger() -> None:
    op.create_table(
        "customer_conflict",
        number(),
        *keys("account desk_id? decided_by?"),
        *texts("name source_value desk_value url reason"),
        *words("field kind source winner state"),
        *documents("others"),
        *times("since last_seen decided_at? until?"),
        *ints("version"),
        reference("run_id", "run.id", null=True),
        one_of("kind", "differs", "blank", "two_rows", "two_accounts", "two_customers"),
        one_of("state", "open", "taking", "taken", "kept", "ignored", "gone"),
        sqlite_autoincrement=True,
    )
    _one_standing("customer_conflict", ["account", "field", "kind"], "state in ('open', 'taking', 'kept', 'ignored')")
    op.create_index("ix_customer_conflict_state", "customer_conflict", ["state", "field"])
    op.create_table(
        "customer_rejected",
        number(),
        *words("source hash state"),
        *keys("row_key decided_by?"),
        *texts("reason"),
        *documents("row"),
        *times("first_seen last_seen decided_at?"),
        *ints("tries"),
        one_of("state", "open", "fixed", "dismissed"),
        sqlite_autoincrement=True,
    )
    _one_standing("customer_rejected", ["source", "row_key"], "state in ('open', 'dismissed')")


def notices() -> None:
    op.create_table(
        "customer_notice",
        reference("case_id", "cases.id", primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True, nullable=False),
        sa.Column("ticket_id", sa.String(255), primary_key=True, nullable=False),
        *keys("account"),
        *times("seen_at"),
        *words("state"),
        *texts("error"),
        one_of("state", "planned", "noted", "failed"),
    )


def _one_standing(table: str, names: list[str], where: str) -> None:
    op.create_index(
        f"uq_{table}_standing",
        table,
        names,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
