"""The tables of README.md, made from the code: settings, commands, what each help desk can do, the figures."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from automations.desks import ABILITY, Capability
from bot.cli.reference import command_table
from bot.desk import limits_of
from bot.settings import Settings
from bot.settings_file import SECRETS
from storage.retention.registry import told
from tests.figures.registry import rows
from tests.figures.results import load
from tests.figures.table import markdown

WRITTEN_IN_THE_EXAMPLE = frozenset({
    "channels", "sources", "people", "rotations", "groups", "failure_tickets.rules", "access.roles", "customers.fields",
    "customers.sources", "triage.intents", "triage.rules", "escalation.steps", "sla",
})  # fmt: skip
"""Tables and lists of tables, which handoff.example.toml explains line by line."""


def settings_rows() -> str:
    """Every setting: its key, what it is by default, what it is for."""
    rows = [(f"`{key}`", _default(key, field), str(field.description)) for key, field in _settings(Settings, "")]
    return _table(("setting", "default", "what it is"), rows)


def command_rows() -> str:
    """Every command with its arguments and options, and what it does."""
    return _table(("command", "does"), [(f"`{usage}`", help_line) for usage, help_line in command_table()])


def desk_rows() -> str:
    """What each kind of desk can do, and for each what a person does where it cannot."""
    desks = limits_of().values()
    heads = ("Handoff can…", *(desk.TITLE for desk in desks))
    can = [(ABILITY[one], *("yes" if one in desk.CAPABILITIES else "by hand" for desk in desks)) for one in Capability]
    by_hand = [
        f"{desk.TITLE}, by hand:\n\n"
        + "\n".join(f"- {ABILITY[one]}: {desk.BY_HAND[one]}" for one in Capability if one in desk.BY_HAND)
        for desk in desks
        if desk.BY_HAND
    ]
    return "\n\n".join([_table(heads, can), *by_hand])


def retention_rows() -> str:
    """Every table, and how long its rows are kept."""
    return _table(("table", "its rows are kept for"), [(f"`{name}`", words) for name, words in told().items()])


def figure_rows() -> str:
    """What is promised and what was measured, as `python -m tests.figures run` kept it."""
    return markdown(rows(), load())


def replaced(text: str, name: str, table: str) -> str:
    """Put a table between `<!-- name -->` and `<!-- /name -->`."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    assert text.count(begin) == text.count(end) == 1
    return f"{text[: text.index(begin)]}{begin}\n{table}\n{text[text.index(end) :]}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _settings(model: type[BaseModel], before: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        key = f"{before}{name}"
        named_beside_its_secret = name.endswith("_file") and (before[:-1], name.removesuffix("_file")) in SECRETS
        if key in WRITTEN_IN_THE_EXAMPLE or named_beside_its_secret:
            continue
        if inner := _model(field.annotation):
            yield from _settings(inner, f"{key}.")
        else:
            assert field.description, f"{key} has no description"
            yield key, field


def _model(annotation: Any) -> type[BaseModel] | None:
    """The section behind a key, also behind one that may be left out."""
    may_be_left_out = get_origin(annotation) in (Union, UnionType)
    kinds = [one for one in get_args(annotation) if one is not NoneType] if may_be_left_out else [annotation]
    kind = kinds[0] if len(kinds) == 1 else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _default(key: str, field: FieldInfo) -> str:
    if tuple(key.split(".")) in SECRETS:
        return f"secret, or `{key.rpartition('.')[2]}_file`"
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "not set" if value is None or value == () else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum() | str():
            return f'"{value}"'
        case timedelta():
            return f'"{int(value.total_seconds())}s"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{key} = {_toml(inner)}' for key, inner in value.items())}}}"
        case _:
            return str(value)
