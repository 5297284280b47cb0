"""The audit log: exported segments, the only rows that may be pruned; names that can be erased."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ints, keys, number, texts, times, words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFUSAL = "the audit log is append-only"
COVERED = "exists (select 1 from audit_segment where old.seq between first_seq and last_seq)"
"""What an exported segment holds may be pruned."""

UNSOUND = """new.first_seq <> coalesce((select max(last_seq) from audit_segment), 0) + 1
  or new.last_seq < new.first_seq or length(new.signature) <> 64
  or exists (select 1 from audit_entry where seq = new.last_seq and hash <> new.hash)
  or (not exists (select 1 from audit_entry where seq = new.last_seq)
      and exists (select 1 from audit_entry where seq < new.last_seq))"""
"""A segment that does not follow the one before, or does not end where a row of the log does. (A back-up that is
restored brings segments whose rows were pruned: then no row before their end is there either.)"""


def upgrade() -> None:
    op.create_table(
        "audit_segment",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *ints("first_seq last_seq"),
        *words("prev_hash hash sha256 signature"),
        *texts("file"),
        *times("exported_at"),
    )
    op.create_table(
        "person_alias",
        number(),
        *keys("name?"),
        *times("erased_at?"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )
    op.add_column("audit_head", sa.Column("erasures", sa.Integer(), nullable=False, server_default=sa.text("0")))
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite()
    else:
        on_postgresql()


def on_sqlite() -> None:
    refuse = f"begin select raise(abort, '{REFUSAL}'); end"
    op.execute("drop trigger audit_entry_no_delete")
    op.execute(f"create trigger audit_entry_no_delete before delete on audit_entry when not {COVERED} {refuse}")
    for verb in ("update", "delete"):
        op.execute(f"create trigger audit_segment_no_{verb} before {verb} on audit_segment {refuse}")
    op.execute(f"create trigger audit_segment_sound before insert on audit_segment when {UNSOUND} {refuse}")


def on_postgresql() -> None:
    raising = f"raise exception '{REFUSAL}' using errcode = 'integrity_constraint_violation'"
    op.execute("drop trigger audit_entry_append_only on audit_entry")
    for name, wrong, row in (("audit_keep", f"not {COVERED}", "old"), ("audit_segment_check", UNSOUND, "new")):
        op.execute(
            f"create function {name}() returns trigger language plpgsql as "
            f"$$ begin if {wrong} then {raising}; end if; return {row}; end $$"
        )
    for name, verbs, table, each, function in (
        ("audit_entry_append_only", "update or truncate", "audit_entry", "statement", "audit_refuse"),
        ("audit_entry_kept", "delete", "audit_entry", "row", "audit_keep"),
        ("audit_segment_append_only", "update or delete or truncate", "audit_segment", "statement", "audit_refuse"),
        ("audit_segment_sound", "insert", "audit_segment", "row", "audit_segment_check"),
    ):
        op.execute(f"create trigger {name} before {verbs} on {table} for each {each} execute function {function}()")
