"""`handoff desk export`: every ticket of the configured desk as JSON lines, which `handoff import tickets` takes.

The desk is read page by page through its own feed of changes, begun with its oldest ticket; of what was read only the
ids are kept. A desk that asks for a pause gets it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from automations.desks import Capability, require
from automations.domain import Changed, Ticket
from automations.errors import ConfigError, Rejected, Unavailable
from automations.ports import HelpDesk, Listed
from automations.redact import Redactor
from bot.cli.desk_waiting import patiently
from bot.cli.files import written_whole
from bot.cli.options import existing, settings_of
from bot.cli.output import as_json, note, progress, say
from bot.desk import open_desk
from bot.parts import SystemClock, held_secrets

ENDINGS: Final = (".jsonl", ".ndjson", ".json")
NO_SUBJECT: Final = "(no subject)"


def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write: .jsonl, .ndjson or .json.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write every ticket of the desk as JSON lines that `handoff import tickets` takes.

    The file gets its name when it is whole. Texts of messages are not exported.
    """
    if file.suffix.lower() not in ENDINGS:
        raise ConfigError(f"{file}: what kind of file this is shows in its ending; possible: {', '.join(ENDINGS)}.")
    settings = settings_of(ctx).settings
    written = undated = 0
    with closing(existing(settings)) as database, progress("Reading tickets") as bar:
        desk, redactor = open_desk(settings, database, SystemClock()), Redactor(held_secrets(settings))
        if not isinstance(desk, Listed):
            require(desk, Capability.CHANGES)
        with written_whole(file, force=force) as out:
            for ticket in all_tickets(desk, bar.told):
                row = row_of(ticket)
                out.write(json.dumps(row | {"subject": redactor.text(row["subject"])}) + "\n")
                written += 1
                undated += ticket.created_at is None
    if as_json_:
        as_json({"file": str(file), "desk": desk.system, "tickets": written, "without_creation_time": undated})
        return
    say(f"{written:,} tickets of {desk.title} were written to {file}.")
    if undated:
        note(f"For {undated:,} of them the desk tells no time of creation; their last change stands for it.")


def all_tickets(desk: HelpDesk, told: Callable[[str], None] = lambda _words: None) -> Iterator[Ticket]:
    """Every ticket once, from the oldest; `told` hears how many were read, and of pauses.

    One that changes meanwhile is shown as it was met first; one that was deleted meanwhile is left out.
    Raises: AdapterError once the desk does not answer for long, or what it answers leads nowhere.
    """
    seen: set[str] = set()
    for page in pages(desk, told):
        shown = {one.id: one for one in page.shown}
        for ticket in page.tickets:
            if ticket in seen:
                continue
            seen.add(ticket)
            found = shown.get(ticket) or _read(desk, ticket, told)
            if found is not None:
                yield found
        told(f"{len(seen):,} read")


PAGE = 100
"""Tickets of a desk without a feed that are told together."""


def pages(desk: HelpDesk, told: Callable[[str], None] = lambda _words: None) -> Iterator[Changed]:
    """Every page of the desk's feed from its oldest ticket to its end; of its list where it has no feed."""
    if Capability.CHANGES not in desk.capabilities and isinstance(desk, Listed):
        listed = desk.listed()
        while page_of := tuple(islice(listed, PAGE)):
            yield Changed(tuple(ticket.id for ticket in page_of), "", shown=page_of)
        return
    cursor = ""
    while True:
        page = patiently(partial(desk.changed, cursor), told)
        yield page
        if not page.more:
            return
        if page.cursor == cursor:
            raise Unavailable(f"{desk.title} does not get on: the next page is the same one again", system=desk.system)
        cursor = page.cursor


def row_of(ticket: Ticket) -> dict[str, Any]:
    """A ticket as a row of ticket history, with the desk's own words beside ours."""
    return {
        "id": ticket.id,
        "subject": ticket.subject.strip() or NO_SUBJECT,
        "status": ticket.status.value,
        "priority": ticket.priority.value if ticket.priority else None,
        "group": ticket.group,
        "assignee": ticket.assignee,
        "tags": list(ticket.tags),
        "created_at": (ticket.created_at or ticket.updated_at).isoformat(),
        "updated_at": ticket.updated_at.isoformat(),
        "url": ticket.url,
        "status_word": ticket.status_word,
        "priority_word": ticket.priority_word,
    }


def _read(desk: HelpDesk, ticket: str, told: Callable[[str], None]) -> Ticket | None:
    """A ticket that its page did not tell whole; None if it is gone."""
    try:
        return patiently(partial(desk.get, ticket), told)
    except Rejected as exc:
        if exc.code == "no_ticket":
            return None
        raise
