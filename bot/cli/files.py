"""Reading the files that people name on the command line. What is wrong with one is said in words."""

import sys
from pathlib import Path

from automations.errors import ConfigError

STDIN = "-"


def read_text(name: str, *, limit: int) -> str:
    """The whole text of a file, or of standard input for `-`.

    Raises: ConfigError if it cannot be read, is no UTF-8 text or is longer than `limit` bytes.
    """
    shown = "standard input" if name == STDIN else name
    try:
        if name == STDIN:
            raw = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(limit + 1)
    except OSError as exc:
        raise ConfigError(f"{shown}: the file cannot be read ({exc.strerror}).") from exc
    if len(raw) > limit:
        raise ConfigError(f"{shown}: longer than {limit // 1_000_000} MB. Please split it.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        raise ConfigError(f"{shown}, line {line}: this is not UTF-8 text (byte {exc.start}).") from exc
