"""Reads `handoff.toml` and the environment, and says in words what is wrong with them.

Order, the later wins: defaults, the file, the environment, a `*_file` secret only where its value is not set.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from automations.errors import ConfigError
from bot.settings import Settings

DEFAULT_FILE = "handoff.toml"
_PREFIX = "HANDOFF_"
_NOT_SETTINGS = frozenset({"HANDOFF_CONFIG", "HANDOFF_REQUIRE", "HANDOFF_CRASH_AT"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings together with where they were read from. `path` is None if there was no file."""

    settings: Settings
    path: Path | None
    env: Mapping[str, str]
    given: Mapping[str, Any]

    def origin(self, section: str, key: str) -> str:
        """Where a value came from: an environment variable's name, the file's name, or `default`."""
        if (name := f"{_PREFIX}{section}__{key}".upper()) in self.env:
            return name
        inside = self.given.get(section)
        return str(self.path) if isinstance(inside, Mapping) and key in inside else "default"


def find(explicit: Path | None, env: Mapping[str, str]) -> Path | None:
    """The file to read: `--config`, else HANDOFF_CONFIG, else ./handoff.toml if it is there.

    Raises: ConfigError if a named file does not exist.
    """
    named = explicit or (Path(env["HANDOFF_CONFIG"]) if env.get("HANDOFF_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(f"{named}: there is no such file. `handoff init {named}` writes one.")
        return named
    return Path(DEFAULT_FILE) if Path(DEFAULT_FILE).is_file() else None


def load(explicit: Path | None = None, env: Mapping[str, str] | None = None) -> Loaded:
    """Read and check everything.

    Raises: ConfigError that lists each wrong value with its file, key, the value given (never a secret) and what is
    allowed. Nothing is started with settings that are partly wrong.
    """
    env = {k: v for k, v in (os.environ if env is None else env).items() if k.startswith(_PREFIX)}
    path = find(explicit, env)
    given = _read(path) if path else {}
    if problems := [*_unknown_variables(env), *_secrets_in_file(path, given)]:
        raise ConfigError("\n".join(problems))
    try:
        settings = _build(path, env)
    except ValidationError as exc:
        raise ConfigError("\n".join(_explain(exc, path, env))) from exc
    return Loaded(settings, path, env, given)


def configured(explicit: Path | None) -> bool:
    """Whether there is a configuration at all: a file, or values in the environment. Raises: ConfigError as `find`."""
    given = any(name.startswith(_PREFIX) and name not in _NOT_SETTINGS for name in os.environ)
    return given or find(explicit, os.environ) is not None


def secret(section: BaseModel, key: str) -> str | None:
    """The secret `key` of a section, from its value or from the file its `<key>_file` names. None if neither is set.

    Raises: ConfigError if the file cannot be read or is empty.
    """
    value: SecretStr | None = getattr(section, key)
    file: Path | None = getattr(section, f"{key}_file")
    if value is not None:
        return value.get_secret_value().strip() or None
    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{key}_file: {file} cannot be read ({type(exc).__name__}).") from exc
    if not text:
        raise ConfigError(f"{key}_file: {file} is empty.")
    return text


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: the file is not UTF-8 text (byte {exc.start}).") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path}: this is not valid TOML: {exc}.") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: the file cannot be read ({exc.strerror}).") from exc


def _build(path: Path | None, env: Mapping[str, str]) -> Settings:
    class FromHere(Settings):
        model_config = SettingsConfigDict(toml_file=path)

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (_Environment(settings_cls, env), TomlConfigSettingsSource(settings_cls))

    return FromHere()


class _Environment(PydanticBaseSettingsSource):
    """`HANDOFF_<SECTION>__<KEY>` as nested text; the models turn text into values."""

    def __init__(self, settings_cls: type[BaseSettings], env: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self.env = env

    def get_field_value(self, field: object, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for name in sorted(set(self.env) - _NOT_SETTINGS):
            *sections, key = name.removeprefix(_PREFIX).lower().split("__")
            place = tree
            for section in sections:
                place = place.setdefault(section, {})
            place[key] = self.env[name]
        return tree


def _unknown_variables(env: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(set(env) - _NOT_SETTINGS):
        model: Any = Settings
        path = name.removeprefix(_PREFIX).lower().split("__")
        for depth, part in enumerate(path):
            fields = getattr(model, "model_fields", None)
            if fields is None:
                if depth == 1 and path[0] == "channels":
                    break
                yield f"{name}: there is no such setting. Lists of tables are written in the file."
                break
            if part not in fields or (len(path) == 1):
                known = ", ".join(f"{_PREFIX}{'__'.join([*path[:depth], k])}".upper() for k in fields)
                yield f"{name}: there is no such setting. Known here: {known}."
                break
            model = fields[part].annotation


def _secrets_in_file(path: Path | None, given: Mapping[str, Any]) -> Iterator[str]:
    for section, key in SECRETS:
        inside = given.get(section)
        if isinstance(inside, Mapping) and key in inside:
            variable = f"{_PREFIX}{section}__{key}".upper()
            yield f"{path}: {section}.{key}: a secret does not belong in this file. Set {variable}, or {key}_file."


def _secret_keys() -> frozenset[tuple[str, str]]:
    found = set()
    for section, field in Settings.model_fields.items():
        for key, inner in getattr(field.annotation, "model_fields", {}).items():
            if SecretStr in getattr(inner.annotation, "__args__", ()):
                found.add((section, key))
    return frozenset(found)


SECRETS = _secret_keys()
"""(section, key) of every secret; none of them may stand in the file or be shown."""


def _explain(exc: ValidationError, path: Path | None, env: Mapping[str, str]) -> Iterator[str]:
    for error in exc.errors(include_url=False, include_context=False):
        loc = [str(part) for part in error["loc"]]
        variable = f"{_PREFIX}{'__'.join(loc)}".upper()
        where = variable if variable in env else str(path or f"{DEFAULT_FILE} (not there yet; `handoff init`)")
        key = "" if where == variable else f" {'.'.join(loc)}:"
        if error["type"] == "missing":
            yield f"{where}:{key} this value is missing."
        elif error["type"] == "extra_forbidden":
            yield f"{where}:{key} there is no such key. Known here: {', '.join(_known(loc))}."
        else:
            allowed = error["msg"].removeprefix("Value error, ")
            whole = isinstance(error["input"], Mapping)  # a section, with its secrets from the environment
            shown = "" if whole or tuple(loc[:2]) in SECRETS else f" given {_short(error['input'])};"
            yield f"{where}:{key}{shown} {allowed[:1].lower()}{allowed[1:]}."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _known(loc: list[str]) -> list[str]:
    model: Any = Settings
    for part in loc[:-1]:
        if part.isdigit():
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return []
        model = next(
            (a for a in getattr(field.annotation, "__args__", ()) if hasattr(a, "model_fields")), field.annotation
        )
    return [field.alias or name for name, field in getattr(model, "model_fields", {}).items()]
