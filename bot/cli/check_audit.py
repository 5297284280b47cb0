"""What `handoff doctor` finds about the audit log: its end, and how old its last signed checkpoint is."""

from collections.abc import Iterator
from datetime import datetime

from automations.errors import ConfigError
from bot.audit_side import checkpoint_file, checkpoint_key
from bot.cli.finding import Finding, ok, problem, warning
from bot.settings import Settings
from storage import audit, checkpointing
from storage.engine import Database


def check_audit(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:
    """The chain's end without reading the whole of it, then the checkpoints by what the log says of them."""
    with database.read() as session:
        head, last = audit.head(session), audit.entries(session, limit=1)
        behind = checkpointing.uncovered(session)
    if head is None:
        yield problem("audit", "The audit log has lost its head row.", "Run `handoff audit verify`.")
        return
    end = (last[0].seq, last[0].hash) if last else (0, audit.GENESIS)
    if (head.seq, head.hash) != end:
        yield problem("audit", "The audit log does not end where its head says.", "Run `handoff audit verify`.")
    else:
        yield ok("audit", f"{head.seq} rows; `handoff audit verify` reads them all.")
    yield _checkpoints(settings, behind, now)


def _checkpoints(settings: Settings, behind: checkpointing.Uncovered, now: datetime) -> Finding:
    try:
        key, file = checkpoint_key(settings), checkpoint_file(settings)
    except ConfigError as exc:
        return problem("checkpoints", str(exc))
    if key is None:
        words = "No signed checkpoints of the audit log are made, so a chain that was stamped anew is not noticed."
        return warning(
            "checkpoints", words, "Set HANDOFF_AUDIT__KEY, or audit.key_file: `openssl rand -hex 32` > file."
        )
    age = f"the last one is {_minutes(now, behind.last)} min old" if behind.last else "there is none yet"
    if behind.since is not None and now - behind.since > 2 * settings.audit.every:
        words = f"Rows of the audit log that are in no signed checkpoint: {behind.acts}, and {age}."
        return problem(
            "checkpoints", words, "Is a bot running? Its log says why: `handoff audit checkpoint` tries now."
        )
    if behind.last is not None and not file.is_file():
        words = f"The log tells of checkpoints, but {file} is not there."
        return warning("checkpoints", words, "Look for it, or for the bot that keeps its own on another machine.")
    return ok("checkpoints", f"Signed into {file}; {age}, {behind.acts} rows since.")


def _minutes(now: datetime, at: datetime) -> int:
    return round((now - at).total_seconds() / 60)
