"""The commands as a table, for whoever documents them. Made from the commands themselves."""

from collections.abc import Iterator
from typing import Any

import typer.main

from bot.cli.groups import app


def command_table() -> list[tuple[str, str]]:
    """Every command with its arguments and options, and its one line of help, in the order of `handoff --help`."""
    root: Any = typer.main.get_command(app)
    return list(_commands("handoff", root))


def _commands(path: str, command: Any) -> Iterator[tuple[str, str]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        pieces = [path, *(piece for piece in map(_piece, command.params) if piece)]
        yield " ".join(pieces), _first_line(command.help or "")
        return
    for name, child in inner.items():
        yield from _commands(f"{path} {name}", child)


def _piece(param: Any) -> str:
    """An argument as `ID`, an option as `[--json]`, one that must be given as `--as EMAIL`."""
    if param.name == "help":
        return ""
    if param.param_type_name == "argument":
        shown = param.metavar or param.name.upper()
        return str(shown) if param.required or shown.startswith("[") else f"[{shown}]"
    flag = "/".join([param.opts[0], *param.secondary_opts[:1]])
    word = "" if param.is_flag else f" {param.metavar or param.name.strip('_').upper()}"
    return f"{flag}{word}" if param.required else f"[{flag}{word}]"


def _first_line(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split())
