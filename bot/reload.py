"""New settings in a running bot: read again, judged as at a start, and taken all at once or not at all.

Somebody asks by a row (`handoff config reload`, SIGHUP); every process looks for the newest one every few seconds and
reads its own file and environment. Wrong settings change nothing: the old ones stay, and the row and the audit log say
which key is wrong and what is allowed. What only a restart can take is named and left as it was.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.ports import Clock
from bot.live import Live, Terms
from bot.settings import Settings
from bot.settings_changes import changed, changed_secrets, digest, needs_restart, with_restart_only
from storage import audit
from storage.engine import Database
from storage.models import ConfigReload

log = structlog.get_logger(__name__)

TARGET: Final = "settings"
MOST_KEYS: Final = 100
"""Changed keys that the audit log names; a file that changed in more places is told by its digest."""
HANG_UP: Final = "SIGHUP"


def ask(session: Session, *, by: str, clock: Clock) -> int:
    """Ask every running bot to read its settings again. Returns the number to follow."""
    row = ConfigReload(asked_by=by, asked_at=clock.now(), state="asked", words="")
    session.add(row)
    session.flush()
    return row.id


def newest(session: Session, *, settled: bool = False) -> int:
    """The number of the newest asking, 0 before the first; with `settled` of those that were answered."""
    answered = ConfigReload.state != "asked"
    return session.scalar(select(func.max(ConfigReload.id)).where(answered if settled else ConfigReload.id > 0)) or 0


def judge(settings: Settings, make: Callable[[Settings], Terms], database: Database) -> Terms:
    """What the settings come to. Raises: ConfigError for whatever would not let a bot start, or work, with them."""
    terms = make(settings)
    with database.read() as session:
        settled(session, terms.context)
    return terms


def settled(session: Session, ctx: Context) -> Context:
    """The context with what people settled since. Raises: ConfigError if a link among them does not go with it."""
    try:
        return present(session, ctx)
    except ConfigError as exc:
        words = "A link set by `handoff people link` stands against the settings; `people link EMAIL --clear` ends it."
        raise ConfigError(f"{exc} {words}") from exc


@dataclass(slots=True)
class Reloading:
    """One process's part. `reread` reads the file and environment of the start again, None if there is none.

    `make` judges settings and makes terms of them, `furnish` lets the desk have what they name; both raise ConfigError.
    """

    database: Database
    live: Live
    clock: Clock
    reread: Callable[[], Settings] | None
    make: Callable[[Settings], Terms]
    furnish: Callable[[Settings], object]
    applied: int = field(default=0, init=False)
    _hung_up: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """What was answered before this process began is in the settings that it began with."""
        with self.database.read() as session:
            self.applied = newest(session, settled=True)

    def hang_up(self) -> None:
        """Ask as the command does. Does nothing but set a flag, since it is called by a signal."""
        self._hung_up.set()

    def look(self) -> None:
        """Do what was asked since the last look. Called every few seconds; a database that is away raises."""
        if self._hung_up.is_set():
            with self.database.begin() as session:
                ask(session, by=HANG_UP, clock=self.clock)
            self._hung_up.clear()
        with self.database.read() as session:
            asked = newest(session)
        if asked > self.applied:
            self._take(asked)
            self.applied = asked

    def _take(self, asked: int) -> None:
        before = self.live.terms
        try:
            after, keys = self._read(before)
        except ConfigError as exc:
            self._refuse(asked, before, before.context.redactor.text(str(exc)))
            return
        left = needs_restart(keys) + [key for key in changed_secrets(before, after) if key not in keys]
        taken = [key for key in keys if key not in left]
        merged = replace(after, secrets=before.secrets)  # those of the start are the ones in use
        words = _words(taken, left)
        with self.database.begin() as session:
            self._settle(session, asked, "taken", words)
            self._write_down(session, asked, "config.reloaded", "done", before, {
                "digest": digest(merged.settings), "changed": taken[:MOST_KEYS], "needs_restart": left,
            })  # fmt: skip
        self.live.replace(merged)
        log.info("config.reloaded", changed=len(taken), needs_restart=left)

    def _read(self, before: Terms) -> tuple[Terms, list[str]]:
        if self.reread is None:
            raise ConfigError("This bot was started without a settings file, so there is nothing to read again.")
        given = self.reread()
        keys = changed(before.settings, given)
        read = self.make(given)
        terms = judge(with_restart_only(before.settings, given), self.make, self.database)
        self.furnish(terms.settings)
        return replace(terms, secrets=read.secrets), keys

    def _refuse(self, asked: int, before: Terms, why: str) -> None:
        with self.database.begin() as session:
            self._settle(session, asked, "refused", why)
            self._write_down(session, asked, "config.refused", "refused", before, {"why": why})
        log.warning("config.refused", why=why)

    def _settle(self, session: Session, asked: int, state: str, words: str) -> None:
        """Answer every asking until this one. Where replicas disagree, the refusal is what is shown."""
        over = ("asked",) if state == "taken" else ("asked", "taken")
        audit.hold(session)
        session.execute(
            update(ConfigReload)
            .where(ConfigReload.id > self.applied, ConfigReload.id <= asked, ConfigReload.state.in_(over))
            .values(state=state, words=words, settled_at=self.clock.now())
        )

    def _write_down(
        self, session: Session, asked: int, action: str, outcome: str, before: Terms, after: dict[str, object]
    ) -> None:
        audit.append(
            session,
            at=self.clock.now(),
            actor=session.get_one(ConfigReload, asked).asked_by,
            action=action,
            target=TARGET,
            outcome=outcome,
            correlation_id=f"reload-{asked}",
            before={"digest": digest(before.settings)},
            after=after,
        )


def _words(taken: list[str], left: list[str]) -> str:
    parts = [f"Taken: {', '.join(taken[:20])}{' and more' if len(taken) > 20 else ''}." if taken else ""]
    parts += [f"Needs a restart: {', '.join(left)}. These are as they were." if left else ""]
    return " ".join(part for part in parts if part) or "Nothing has changed in the settings."
