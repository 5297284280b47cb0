"""Settings of the audit log: where its signed checkpoints go, how often, and with which key."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from automations.durations import Duration
from bot.settings_types import Section


class AuditSection(Section):
    """Signed checkpoints of the audit log, outside the database."""

    checkpoints: Path | None = Field(
        None,
        description="File of signed checkpoints, best on another disk; in the data folder if unset",
    )
    every: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=1))] = Field(
        timedelta(minutes=15), description="A checkpoint at least so often, if anything was done"
    )
    rows: Annotated[int, Field(ge=1, le=100_000)] = Field(1_000, description="And one after so many new rows")
    keep: Annotated[Duration, Field(ge=timedelta(days=1))] = Field(
        timedelta(days=730), description="What is older goes into a segment of `handoff audit export --segment`"
    )
    key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Signs them, 16 characters or more; no checkpoints without it; secret",
    )
    key_file: Path | None = Field(None, description="File that holds the key")
