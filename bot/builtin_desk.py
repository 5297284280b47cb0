"""The built-in help desk as the bot uses it: furnished from the settings, worked on by pages, filled by import."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from automations.adapters.builtin.audited import AuditedTables
from automations.adapters.builtin.desk import BuiltinDesk
from automations.adapters.builtin.import_mapping import read_mapping
from automations.adapters.builtin.import_rows import Progress
from automations.adapters.builtin.importing import ImportResult, import_tickets
from automations.adapters.builtin.people import DeskWork
from automations.domain import Actor, TicketField
from automations.ports import Clock
from automations.redact import Redactor
from bot.desk_door import desk_door
from bot.pages import Editing
from bot.parts import held_secrets, public_url
from bot.settings import Settings
from storage import migrate
from storage.engine import Database


def open_builtin(settings: Settings, database: Database, clock: Clock, base: str | None = None) -> BuiltinDesk:
    """The built-in desk as it is."""
    return BuiltinDesk(database, clock, base or public_url(settings), _required(settings))


def _required(settings: Settings) -> list[TicketField]:
    return [TicketField(field.id, field.label, field.options) for field in settings.desk.required_fields]


def furnish(desk: BuiltinDesk, settings: Settings) -> None:
    """Let the built-in desk hold the queues that rules name and the people they may choose. It keeps what it has."""
    section, triage = settings.failure_tickets, settings.triage
    queues = {section.default_queue, *(rule.queue for rule in section.rules if rule.queue)}
    if triage.intents:
        queues |= {triage.default_queue, *(intent.queue for intent in triage.intents)}
    for queue in sorted(queues):
        desk.ensure_group(queue)
    for person in settings.people:
        desk.ensure_agent(person.name, person.desk or person.email)


def desk_editing(settings: Settings, database: Database, clock: Clock) -> Editing:
    """What lets people work on the built-in desk's pages: personal links, and acts that are written down."""
    redactor = Redactor(held_secrets(settings))

    def work_for(email: str, ticket: str) -> DeskWork:
        actor = Actor(email, email, email)
        return DeskWork(
            AuditedTables(database, clock, redactor, actor, ticket), clock, _required(settings), redactor.text
        )

    return Editing(desk_door(database, clock.now), work_for, public_url(settings).startswith("https://"))


def import_history(
    database: Database,
    file: Path,
    map_file: Path | None,
    *,
    redactor: Redactor,
    now: datetime,
    on_progress: Progress,
    on_storing: Progress,
) -> ImportResult:
    """Load ticket history into the built-in desk. Raises: HandoffError naming file, line and what is allowed."""
    mapping = read_mapping(map_file)
    return import_tickets(
        database, file, mapping, redactor=redactor, now=now, on_progress=on_progress, on_storing=on_storing
    )


@contextmanager
def history_desk(
    file: Path, map_file: Path | None, *, redactor: Redactor, clock: Clock, on_progress: Progress
) -> Iterator[tuple[Database, BuiltinDesk, ImportResult]]:
    """A built-in desk that holds a file's history and nothing else, in a database that is thrown away afterwards.

    Raises: HandoffError as `import_history`.
    """
    with tempfile.TemporaryDirectory(prefix="handoff-history-") as folder:
        url = f"sqlite:///{Path(folder) / 'history.db'}"
        migrate.upgrade(url)
        database = Database(url)
        try:
            found = import_history(
                database,
                file,
                map_file,
                redactor=redactor,
                now=clock.now(),
                on_progress=on_progress,
                on_storing=on_progress,
            )
            yield database, BuiltinDesk(database, clock, "http://127.0.0.1", []), found
        finally:
            database.close()
