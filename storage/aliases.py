"""Names of people in the audit log: the chain keeps `person-12`, a table that can be emptied keeps who that is.

Every e-mail address in an actor, a target, a before or an after is written as an alias, wherever in the text it stands,
and shown as the address again when an entry is read. Whoever is erased shows as "erased person" from then on, and the
chain is as whole as before, since its hashes cover the alias. Rows from before this table was there stay as they are.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session, attributes, object_session

from storage.models import AuditEntry, PersonAlias

_ADDRESS: Final = re.compile(r"(?<![\w+%])[\w+%][\w.+%'-]{0,63}@[\w.-]{1,190}\w|\bperson-\d{1,9}\b")
"""An address, or what reads like an alias of ours: that gets one of its own, so that it is never taken for somebody."""
_BEFORE: Final = "'-."
_ALIAS: Final = re.compile(r"\bperson-(\d{1,9})\b")
_NEW: Final = "audit_names_new"
_SHOWN: Final = "audit_names_shown"

_kept: "WeakKeyDictionary[Engine, tuple[int, dict[str, int]]]" = WeakKeyDictionary()
"""Committed names of each database by what is written, good as long as the log's head counts no further erasure."""


def alias(number: int) -> str:
    """How the chain names somebody."""
    return f"person-{number}"


def hidden(session: Session, value: Any, version: int) -> Any:
    """The value with every address in it as an alias; a new one gets its row. Call it while the chain's head is held.

    `version` is the head's count of erasures. Keys of documents are names as well.
    """
    return _each(value, lambda text: _ADDRESS.sub(lambda found: alias(_number(session, found[0], version)), text))


def known(session: Session, text: str) -> str:
    """The text as the chain has it, as far as its addresses have aliases. Writes nothing."""

    def found(match: re.Match[str]) -> str:
        number = session.scalar(select(PersonAlias.id).where(PersonAlias.name == match[0]))
        return match[0] if number is None else alias(number)

    return _ADDRESS.sub(found, text)


def shown(session: Session, value: Any) -> Any:
    """The value for people: every alias in it as the name it stands for."""
    return _each(value, lambda text: _ALIAS.sub(lambda found: _name(session, int(found[1])) or found[0], text))


def names(session: Session, *values: Any) -> dict[str, str]:
    """Who the aliases in these values are."""
    found: dict[str, str] = {}

    def note(text: str) -> str:
        found.update({one[0]: name for one in _ALIAS.finditer(text) if (name := _name(session, int(one[1])))})
        return text

    for value in values:
        _each(value, note)
    return found


def erase(session: Session, email: str, at: datetime) -> list[str]:
    """Forget whose the aliases of this address are, in every spelling. The aliases; nobody else's are touched.

    Earlier versions took a quote or a dash before an address for its beginning; those names are of the address too.
    The caller holds the chain's head and counts the erasure there: who comes back under the address is somebody new.
    """
    mine = update(PersonAlias).where(func.ltrim(func.lower(PersonAlias.name), _BEFORE) == email.lower().lstrip(_BEFORE))
    erased = session.scalars(mine.values(name=None, erased_at=at).returning(PersonAlias.id))
    session.info.pop(_SHOWN, None)
    return [alias(number) for number in sorted(erased)]


def _each(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(str(name)): _each(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each(inner, change) for inner in value]
    return value


def _number(session: Session, name: str, version: int) -> int:
    """The alias of a name. Only what another transaction committed is kept in memory: ours may be rolled back."""
    engine = session.get_bind().engine
    at, cached = _kept.get(engine, (version, {}))
    if at != version:
        cached = {}
    if (number := cached.get(name)) is not None:
        return number
    fresh = session.info.setdefault(_NEW, set())
    number = session.scalar(select(PersonAlias.id).where(PersonAlias.name == name))
    if number is None:
        fresh.add(name)
        row = PersonAlias(name=name)
        session.add(row)
        session.flush()
        return row.id
    if name not in fresh:
        cached[name] = number
        _kept[engine] = version, cached
    return number


def _name(session: Session, number: int) -> str | None:
    """Who that is; None if the alias was never given."""
    seen: dict[int, str | None] = session.info.setdefault(_SHOWN, {})
    if number not in seen:
        row = session.connection().execute(select(PersonAlias.name).where(PersonAlias.id == number)).one_or_none()
        seen[number] = None if row is None else row.name or f"erased person {number}"
    return seen[number]


def show(entry: AuditEntry, session: Session) -> None:
    """Let an entry in memory say names. What is stored stays as it is."""
    for column in ("actor", "target", "before", "after"):
        if (value := entry.__dict__.get(column)) is not None:
            attributes.set_committed_value(entry, column, shown(session, value))


@event.listens_for(AuditEntry, "load")
def _loaded(entry: AuditEntry, _context: Any) -> None:
    _show_in_its_session(entry)


@event.listens_for(AuditEntry, "refresh")
def _refreshed(entry: AuditEntry, _context: Any, _names: Any) -> None:
    _show_in_its_session(entry)


def _show_in_its_session(entry: AuditEntry) -> None:
    if (session := object_session(entry)) is not None:
        show(entry, session)
