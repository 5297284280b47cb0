"""What is different between two readings of the settings: which keys, which of them only a restart can take, a digest.

Pure. Secrets are compared and named, never shown.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.live import Terms
from bot.settings import Settings
from bot.settings_customers import CustomersSection

RESTART: Final = (
    "database",
    "http",
    "slack.transport",
    "slack.base_url",
    "slack.command_prefix",
    "desk",
    "identity",
    "access.reconcile_at",
    "customers.sources",
    "customers.fields",
    "customers.sync_at",
    "report.at",
    "ingest",
)
"""Sections and keys that are read once, when the bot starts. So are all secrets."""

COMES_AND_GOES: Final = ("customers",)
"""Sections that are there, or not there, until a restart; of their keys only those above are read once."""

_NAMES = ("email", "name", "id")
_MISSING = object()


def changed(before: Settings, after: Settings) -> list[str]:
    """The keys with another value, in order: `failure_tickets.rules.billing.owner`."""
    return sorted(_changed(_plain(before), _plain(after), ""))


def changed_secrets(before: Terms, after: Terms) -> list[str]:
    """The secrets with another value."""
    return sorted(key for key in after.secrets if after.secrets[key] != before.secrets.get(key))


def needs_restart(keys: list[str]) -> list[str]:
    """Those of the keys that only a restart takes."""
    return [key for key in keys if key in COMES_AND_GOES or any(_within(key, one) for one in RESTART)]


def with_restart_only(before: Settings, after: Settings) -> Settings:
    """The new settings with the old values of what only a restart takes."""
    slack = {"transport", "base_url", "command_prefix", *_secret_keys(before.slack)}
    access = after.access
    if access is not None:
        daily = before.access.reconcile_at if before.access is not None else None
        access = access.model_copy(update={"reconcile_at": daily})
    return after.model_copy(
        update={
            "database": before.database,
            "http": before.http,
            "ingest": before.ingest,
            "slack": after.slack.model_copy(update={key: getattr(before.slack, key) for key in slack}),
            "desk": before.desk,
            "identity": before.identity,
            "access": access,
            "customers": _customers(before, after),
            "report": after.report.model_copy(update={"at": before.report.at}),
        }
    )


def _within(key: str, section: str) -> bool:
    return f"{key.removesuffix(' (order)')}.".startswith(f"{section}.")


def _customers(before: Settings, after: Settings) -> CustomersSection | None:
    """The new [customers] with the old sources and fields, which belong together: a field names its source."""
    if before.customers is None or after.customers is None:
        return before.customers
    old = {key: getattr(before.customers, key) for key in ("sources", "fields", "sync_at")}
    return after.customers.model_copy(update=old)


def digest(settings: Settings) -> str:
    """SHA-256 of all values but the secrets', in hexadecimal."""
    text = json.dumps(_plain(settings), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json")


def _secret_keys(section: Any) -> Iterator[str]:
    for key in type(section).model_fields:
        if f"{key}_file" in type(section).model_fields:
            yield from (key, f"{key}_file")


def _changed(before: Any, after: Any, path: str) -> Iterator[str]:
    before, after = _named(before), _named(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in before.keys() | after.keys():
            inner = f"{path}.{key}" if path else str(key)
            yield from _changed(before.get(key, _MISSING), after.get(key, _MISSING), inner)
        if list(before) != list(after) and before.keys() == after.keys():
            yield f"{path} (order)"
    elif before != after:
        yield path


def _named(value: Any) -> Any:
    """A list of tables that bear names, by those names; anything else as it is."""
    if not (isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value)):
        return value
    key = next((name for name in _NAMES if all(name in one for one in value)), None)
    named = {str(one[key]): one for one in value} if key else {}
    return named if len(named) == len(value) else value
