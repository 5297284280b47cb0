"""`handoff …`: one module per group of commands.

Exit codes: 0 done or nothing to do, 1 error, 2 a plan with changes not applied, 3 partial, 64 usage.
"""

import os
import sys

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from automations.errors import HandoffError
from bot.cli import demo_process
from storage.audit import ChainMissing
from storage.dump import BackupError

USAGE = 64
_CLICKS_OWN_USAGE = 2
"""Typer's parser marks what is wrong with the command line itself by this exit code."""


def main(args: list[str] | None = None) -> None:
    """Run one command and end the process. An error is words on standard error, never a traceback."""
    if sys.argv[1:2] == ["demo"]:
        demo_process.warm_up()  # it takes seconds, and so do the commands below
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    from bot.cli.groups import app

    errors = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    try:
        result = app(args, standalone_mode=False, prog_name="handoff")
        sys.stdout.flush()
    except typer.TyperException as exc:
        usage = exc.exit_code == _CLICKS_OWN_USAGE
        if words := exc.format_message():  # empty where the help was printed instead
            errors.print(f"{words}{_where_help_is(exc) if usage else ''}")
        return USAGE if usage else 1
    except (typer.Abort, KeyboardInterrupt):
        errors.print("Stopped.")
        return 1
    except (HandoffError, BackupError, ChainMissing) as exc:
        errors.print(str(exc))
        return 1
    except DBAPIError as exc:
        errors.print(f"The database cannot be used ({type(exc.orig).__name__}: {exc.orig}).")
        return 1
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return result if isinstance(result, int) else 0


def _where_help_is(exc: typer.TyperException) -> str:
    context = getattr(exc, "ctx", None)
    return f"\n`{context.command_path} --help` shows how it is used." if context is not None else ""
