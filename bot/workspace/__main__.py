"""`python -m bot.workspace`: the workspace as a process of its own, which survives the bot's."""

import argparse
import json
import signal
import sys
from pathlib import Path

from bot.workspace import AppConfig, Command, WorkspaceServer, sample_app, sample_seed


def _app(request_url: str | None, manifest: Path | None) -> AppConfig:
    """The sample app, with the commands, scopes and events of a JSON file when one is given."""
    if manifest is None:
        return sample_app(request_url)
    given = json.loads(manifest.read_text(encoding="utf-8"))
    commands = tuple(Command(**row) for row in given["commands"])
    return sample_app(request_url, commands=commands, scopes=tuple(given["scopes"]), events=tuple(given["events"]))


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m bot.workspace", description="A local Slack workspace on loopback.")
    parser.add_argument("--port", type=int, default=8065, help="port on 127.0.0.1 (0: any)")
    parser.add_argument("--data-dir", type=Path, default=None, help="where its state is kept (default: in memory)")
    parser.add_argument("--request-url", default=None, help="deliver by signed HTTP to this URL instead of Socket Mode")
    parser.add_argument("--app", type=Path, default=None, help="JSON file with commands, scopes and events of the app")
    arguments = parser.parse_args()
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # before the server's thread starts, so that it inherits the mask
    app = _app(arguments.request_url, arguments.app)
    with WorkspaceServer(sample_seed(), app, port=arguments.port, data_dir=arguments.data_dir) as server:
        sys.stdout.write(f"workspace {server.url}\n")
        sys.stdout.flush()
        signal.sigwait(stops)


if __name__ == "__main__":
    main()
