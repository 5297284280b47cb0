"""`handoff serve`: the bot for a real workspace, until it is told to stop."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot import logs
from bot.app import Bot
from bot.cli.options import settings_of


def serve(ctx: typer.Context) -> None:
    """Run the bot for your Slack workspace: HTTP port, Socket Mode, jobs and timetable, until Ctrl-C or SIGTERM."""
    settings = settings_of(ctx).settings
    bot = Bot(settings)
    logs.configure(bot.context.redactor, as_json=not sys.stderr.isatty())
    print(f"database {bot.database.shown}")
    with until_stopped() as stopped:
        bot.start()
        try:
            print(f"http http://{bot.http.host}:{bot.http.port}", flush=True)
            stopped.wait()
        finally:
            bot.stop()


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that the process ends in order."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
