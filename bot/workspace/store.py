"""Documents on disk: every mutation is written through before its caller goes on."""

import json
import sqlite3
from pathlib import Path

from bot.workspace.model import Json

_SCHEMA = "CREATE TABLE IF NOT EXISTS document (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))"


class Store:
    """JSON documents by kind and id in one SQLite file, or in memory when `data_dir` is None.

    WAL with synchronous NORMAL: a killed process loses nothing; a machine that loses power may lose the last writes,
    which is enough for a practice workspace. Used by one thread at a time (the server's event loop).
    """

    def __init__(self, data_dir: Path | None) -> None:
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
        path = ":memory:" if data_dir is None else str(data_dir / "workspace.sqlite3")
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(_SCHEMA)

    def put(self, kind: str, id: str, body: Json) -> None:
        """Insert or replace one document."""
        row = (kind, id, json.dumps(body, ensure_ascii=False))
        self._connection.execute(
            "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body", row
        )

    def remove(self, kind: str, id: str) -> None:
        """Delete one document; a missing one is no error."""
        self._connection.execute("DELETE FROM document WHERE kind = ? AND id = ?", (kind, id))

    def all(self, kind: str) -> dict[str, Json]:
        """Every document of a kind by id, ids ascending."""
        rows = self._connection.execute("SELECT id, body FROM document WHERE kind = ? ORDER BY id", (kind,))
        return {id: json.loads(body) for id, body in rows}

    def clear(self) -> None:
        """Delete everything."""
        self._connection.execute("DELETE FROM document")

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._connection.close()
