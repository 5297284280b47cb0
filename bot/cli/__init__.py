"""`handoff …`: one module per group of commands.

Exit codes: 0 done or nothing to do, 1 error, 2 a plan with changes not applied, 3 partial, 64 usage.
"""

import sys

from click.exceptions import Abort, ClickException, UsageError
from rich.console import Console
from sqlalchemy.exc import OperationalError

from automations.errors import HandoffError
from bot.cli.groups import app
from bot.engine import AlreadyRunning

USAGE = 64


def main(args: list[str] | None = None) -> None:
    """Run one command and end the process. An error is words on standard error, never a traceback."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        result = app(args, standalone_mode=False, prog_name="handoff")
    except UsageError as exc:
        exc.show()
        return USAGE
    except ClickException as exc:
        exc.show()
        return 1
    except (Abort, KeyboardInterrupt):
        errors.print("Stopped.")
        return 1
    except (HandoffError, AlreadyRunning) as exc:
        errors.print(str(exc))
        return 1
    except OperationalError as exc:
        errors.print(f"The database cannot be used ({type(exc.orig).__name__}: {exc.orig}). Nothing was changed.")
        return 1
    return result if isinstance(result, int) else 0
