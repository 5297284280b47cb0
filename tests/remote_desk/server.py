"""The desk's server: `python -m tests.remote_desk.server --data DIR [--port N]`; prints its URL.

Unlike the built-in desk it has no idempotency of its own: POST makes a ticket each time, so that a double create shows.
"""

import argparse
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from tests.remote_desk.history import TABLE, add_history, differences, refuse_empty, tell
from tests.serving import announce


class Store:
    """Tickets, notes and every call received, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.executescript(
            "pragma journal_mode=wal; pragma synchronous=off;"
            "create table if not exists ticket(id integer primary key, key text, body text);"
            "create table if not exists note(id integer primary key, ticket int, key text, text text, author text);"
            "create table if not exists call(id integer primary key, method text, path text);" + TABLE
        )
        self.required: list[dict[str, Any]] = []
        self.faults: dict[str, Any] = {}

    def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        with self.lock:
            return self.db.execute(sql, args).fetchall()

    def fault(self, kind: str) -> bool:
        """True if this kind of fault is due now; counts it down."""
        with self.lock:
            left = int(self.faults.get(kind, 0))
            if left > 0:
                self.faults[kind] = left - 1
            return left > 0

    def committed(self, answer: Any) -> Any:
        """The answer to a write that is stored, unless it is to be lost."""
        return JSONResponse({"detail": "broken"}, 500) if self.fault("error_after_commit") else answer


def kept(store: Store, body: dict[str, Any], *, on_change: bool = False) -> dict[str, Any]:
    """What this desk keeps of a body: `drop_<field>` loses that field without a word, as a desk's own rules may do."""
    dropped = {name for name in body if store.faults.get(f"drop_{name}")}
    return {k: None if k in dropped else v for k, v in body.items() if not (on_change and k in dropped)}


def patched(store: Store, before: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """A ticket as a change leaves it. Refuses a merged one, and one solved with a required field empty."""
    if before.get("merged_into"):
        raise HTTPException(422, {"code": "merged", "message": "the ticket was merged into another one"})
    fields = {**(before.get("fields") or {}), **(body.pop("fields", None) or {})}
    now = before | kept(store, body, on_change=True) | {"fields": fields}
    if now["status"] != before["status"]:
        refuse_empty(store, now)
    return now


def create_app(path: Path) -> FastAPI:
    store, app = Store(path), FastAPI()

    def ticket(number: int) -> dict[str, Any]:
        found = store.rows("select key, body from ticket where id=?", number)
        if not found:
            raise HTTPException(404, "no such ticket")
        body = json.loads(found[0][1])
        if body.get("deleted"):
            raise HTTPException(404, "the ticket was deleted")
        return {"id": number, "key": found[0][0], **body}

    def write(number: int, now: dict[str, Any]) -> None:
        body = {k: v for k, v in now.items() if k not in ("id", "key")}
        store.rows("update ticket set body=? where id=?", json.dumps(body), number)

    _add_faults(app, store)

    @app.post("/tickets")
    def create(body: dict[str, Any]) -> Any:
        time.sleep(float(store.faults.get("latency_s", 0)))  # the latency asked for is what this desk is for
        key = body.pop("key")
        body = kept(store, body)
        number = store.rows("insert into ticket(key, body) values (?, ?) returning id", key, json.dumps(body))[0][0]
        tell(store, number, "internal", str(body.get("body")))
        return store.committed(ticket(number))

    @app.get("/tickets")
    def search(key: str | None = None) -> list[dict[str, Any]]:
        rows = store.rows("select id from ticket where coalesce(key=?, 1) order by id", key)
        return [ticket(row[0]) for row in rows]

    @app.get("/tickets/{number}")
    def read(number: int) -> dict[str, Any]:
        return ticket(number)

    @app.patch("/tickets/{number}")
    def change(number: int, body: dict[str, Any]) -> Any:
        time.sleep(float(store.faults.get("latency_s", 0)))  # as above
        before = ticket(number)
        now = patched(store, before, body)
        write(number, now)
        if changed := differences(before, now):
            tell(store, number, "change", changes=changed)
        return store.committed(ticket(number))

    _add_notes(app, store, ticket)
    add_history(app, store, ticket, write)
    _add_knobs(app, store, ticket)
    return app


def _add_faults(app: FastAPI, store: Store) -> None:
    """Calls are written down, and some of them answered as if the desk were away."""

    @app.middleware("http")
    async def faults(request: Request, call_next: Any) -> Any:
        if request.url.path.startswith("/_"):
            return await call_next(request)
        store.rows("insert into call(method, path) values (?, ?)", request.method, request.url.path)
        if store.fault("unavailable"):
            return JSONResponse({"detail": "away"}, 503, {"Retry-After": "1"})
        return await call_next(request)


def _add_notes(app: FastAPI, store: Store, ticket: Callable[[int], dict[str, Any]]) -> None:
    """What was noted on a ticket."""

    @app.post("/tickets/{number}/notes")
    def note(number: int, body: dict[str, str | None]) -> Any:
        ticket(number)
        values = (number, body["key"], body["text"], body["author"])
        store.rows("insert into note(ticket, key, text, author) values (?, ?, ?, ?)", *values)
        tell(store, number, "internal", str(body["text"]))
        return store.committed({"ok": True})

    @app.get("/tickets/{number}/notes")
    def notes(number: int) -> list[dict[str, str | None]]:
        found = store.rows("select key, text, author from note where ticket=? order by id", number)
        return [{"key": key, "text": text, "author": author} for key, text, author in found]


def _add_knobs(app: FastAPI, store: Store, ticket: Callable[[int], dict[str, Any]]) -> None:
    """What tests read and order."""

    @app.get("/_all")
    def everything() -> dict[str, Any]:
        return {
            "tickets": [ticket(row[0]) for row in store.rows("select id from ticket order by id")],
            "notes": [list(row) for row in store.rows("select ticket, key, text from note order by id")],
            "calls": [list(row) for row in store.rows("select method, path from call order by id")],
        }

    @app.post("/_faults")
    def set_faults(body: dict[str, float]) -> dict[str, float]:
        store.faults = dict(body)
        return store.faults

    @app.post("/_reset")
    def reset() -> None:
        store.faults = {}
        store.required = []
        for table in ("ticket", "note", "call", "event"):
            store.rows(f"delete from {table}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    args = parser.parse_args()
    args.data.mkdir(parents=True, exist_ok=True)
    config = uvicorn.Config(create_app(args.data / "desk.db"), port=args.port, log_level="warning", access_log=False)
    announce(config)


if __name__ == "__main__":
    main()
