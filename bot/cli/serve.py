"""`handoff serve`: the bot for a real workspace, until it is told to stop."""

import os
import sys

import typer

from bot import garbage, logs
from bot.app import Bot
from bot.cli.options import no_older_tables, settings_of
from bot.stopping import on_hang_up, until_stopped
from bot.systemd import until_stopped_saying_so


def serve(ctx: typer.Context) -> None:
    """Run the bot for your Slack workspace: HTTP port, Socket Mode, jobs and timetable, until Ctrl-C or SIGTERM.

    SIGHUP reads the settings again, as `handoff config reload` does. systemd is told when it is up and well.
    """
    no_older_tables(settings_of(ctx).settings)
    bot = Bot(settings_of(ctx).settings, reread=lambda: settings_of(ctx).settings)
    logs.configure(bot.context.redactor, as_json=not sys.stderr.isatty())
    print(f"database {bot.database.shown}")
    with until_stopped() as stopped, on_hang_up(bot.reload):
        bot.start()
        try:
            garbage.settle()
            print(f"http http://{bot.http.host}:{bot.http.port}", flush=True)
            until_stopped_saying_so(stopped, lambda: bot.engine.health().ok, os.environ)
        finally:
            bot.stop()
