"""What happened to the remote desk's tickets: events in order of commit, and the acts of people in the desk."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException

if TYPE_CHECKING:
    from tests.remote_desk.server import Store

Json = dict[str, Any]

TABLE = (
    "create table if not exists event(id integer primary key, ticket int, at text, kind text, author text, email text,"
    " ours int, body text, changes text);"
)
TOLD = ("status", "priority", "assignee", "group", "parent", "merged_into", "deleted")
PAGE = 200


def tell(
    store: "Store", ticket: int, kind: str, body: str = "", by: Json | None = None, changes: Json | None = None
) -> None:
    """Keep one event; `by` is {name, email} of a person, None for the bot. `changes` are {field: [before, after]}."""
    who = by or {"name": "bot", "email": None}
    listed = [[field, *(str(value or "") for value in values)] for field, values in (changes or {}).items()]
    values = (ticket, datetime.now(UTC).isoformat(), kind, who["name"], who["email"], by is None, body)
    sql = "insert into event(ticket, at, kind, author, email, ours, body, changes) values (?, ?, ?, ?, ?, ?, ?, ?)"
    store.rows(sql, *values, json.dumps(listed))


def differences(before: Json, after: Json) -> dict[str, list[Any]]:
    """Which fields changed, from what to what."""
    changed = {field: [before.get(field), after.get(field)] for field in TOLD}
    old, new = before.get("fields") or {}, after.get("fields") or {}
    changed |= {name: [old.get(name), value] for name, value in new.items()}
    return {field: values for field, values in changed.items() if (values[0] or None) != (values[1] or None)}


def refuse_empty(store: "Store", ticket: Json) -> None:
    """Refuse a solved ticket whose required fields are empty."""
    empty = [one["label"] for one in store.required if not (ticket.get("fields") or {}).get(one["id"])]
    if ticket["status"] in ("solved", "closed") and empty and not ticket.get("merged_into"):
        raise HTTPException(422, {"code": "fields_missing", "message": f"{', '.join(empty)} must be filled in"})


def add_history(app: FastAPI, store: "Store", read: Any, write: Any) -> None:
    """The routes: changes of all tickets, events of one, and what people do in the desk."""

    @app.get("/changes")
    def changes(since: int | None = None) -> Json:
        if since is None:
            return {"tickets": [], "cursor": store.rows("select coalesce(max(id), 0) from event")[0][0], "more": False}
        found = store.rows("select id, ticket from event where id > ? order by id limit ?", since, PAGE)
        tickets = list(dict.fromkeys(ticket for _, ticket in found))
        return {"tickets": tickets, "cursor": found[-1][0] if found else since, "more": len(found) == PAGE}

    @app.get("/tickets/{number}/events")
    def events(number: int, after: int = 0) -> list[Json]:
        names = ("id", "at", "kind", "author", "email", "ours", "body", "changes")
        found = store.rows(
            f"select {', '.join(names)} from event where ticket = ? and id > ? order by id", number, after
        )
        if not found and not after:
            raise HTTPException(404, "no such ticket")
        return [dict(zip(names, row, strict=True)) for row in found]

    @app.get("/required")
    def required() -> list[Json]:
        return store.required

    @app.post("/_required")
    def require(body: list[Json]) -> None:
        store.required = body

    @app.post("/_act")
    def act(body: Json) -> None:
        """One act of a person: {ticket, kind, by: {name, email}, text?, change?, into?}."""
        _act(store, read, write, body)


def _act(store: "Store", read: Any, write: Any, body: Json) -> None:
    number, by, text = body["ticket"], body["by"], body.get("text", "")
    before = read(number)
    match body["kind"]:
        case "change":
            after = before | body["change"]
            refuse_empty(store, after)
            write(number, after)
            tell(store, number, "change", by=by, changes=differences(before, after))
        case "merge":
            after = before | {"status": "closed", "merged_into": str(body["into"])}
            write(number, after)
            tell(store, number, "merged", by=by, changes=differences(before, after))
            tell(store, int(body["into"]), "internal", f"#{number} was merged into this ticket", by)
        case "delete":
            write(number, before | {"deleted": "yes"})
            tell(store, number, "deleted", by=by, changes={"deleted": ["", "yes"]})
        case "customer":
            tell(store, number, "customer", text, by)
            after = before | {"status": "open"}
            write(number, after)
            if changed := differences(before, after):
                tell(store, number, "change", by=by, changes=changed)
        case kind:
            tell(store, number, kind, text, by)
