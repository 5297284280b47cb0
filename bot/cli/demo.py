"""`handoff demo`: the local workspace, the built-in desk and the bot with a sample team, in one process.

No account, no secret, no outside service. Whatever the environment says of a real installation is left alone: only
HANDOFF_HTTP__PORT and HANDOFF_HTTP__HOST are taken from it.
"""

import os
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from automations.errors import ConfigError
from bot import logs
from bot.app import Bot
from bot.cli.demo_check import Check
from bot.cli.demo_failures import send_samples
from bot.cli.serve import until_stopped
from bot.manifest import manifest
from bot.settings_file import load
from bot.workspace import AppConfig, Command, WorkspaceServer, sample_app, sample_seed

TOKEN = "demo"  # noqa: S105 - the ingest token of the demo alone, printed at start
TAKEN_FROM_ENVIRONMENT = ("HANDOFF_HTTP__PORT", "HANDOFF_HTTP__HOST")


@dataclass(frozen=True, slots=True)
class Running:
    """A running demo: where the workspace and the bot answer."""

    workspace: str
    bot: str


def demo(
    scenes: Annotated[str, typer.Argument(help="With --check: 'main' or 'all'.", metavar="[main|all]")] = "main",
    port: Annotated[int, typer.Option(help="Port of the workspace's page.", min=0, max=65535)] = 8065,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where everything is kept; a folder that goes away if unset.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    check: Annotated[
        bool, typer.Option("--check", help="Play the main job by itself; exit 0 if all was seen.")
    ] = False,
) -> int:
    """Try Handoff: a local Slack workspace, a help desk and the bot, with a sample team and a few failures."""
    if scenes not in ("main", "all"):
        raise typer.BadParameter("there are the scenes 'main' and 'all'", param_hint="[main|all]")
    with until_stopped() as stopped, running(port, data_dir) as here:
        print(f"workspace {here.workspace}")
        print(f"ingest {here.bot}/v1/failures")
        print(f"token {TOKEN}")
        print("ready", flush=True)
        if check:
            return Check(here.workspace, here.bot, TOKEN, stopped).play()
        if open_page:
            threading.Thread(target=webbrowser.open, args=(here.workspace,), daemon=True).start()
        send_samples(here.bot, TOKEN, stopped)
        print("Choose who you are at the top of the page, then claim, reassign, resolve. Ctrl-C ends the demo.")
        stopped.wait()
    return 0


@contextmanager
def running(port: int, data_dir: Path | None) -> Iterator[Running]:
    """Start the workspace and the bot; end both, the bot first.

    Raises: ConfigError if a port is taken or the folder cannot be written.
    """
    with ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-demo-")))
        server = WorkspaceServer(sample_seed(), demo_app(), port=port, data_dir=_made(folder / "workspace"))
        try:
            stack.callback(server.stop)
            server.start()
        except (RuntimeError, OSError) as exc:
            raise ConfigError(f"The page's port {port} is taken. Choose another: handoff demo --port 8066.") from exc
        bot = Bot(load(_config(folder), demo_env(server, folder, os.environ)).settings)
        logs.configure(bot.context.redactor, as_json=False, level=logs.WARNING)
        bot.start()
        stack.callback(bot.stop)
        yield Running(server.url, f"http://{bot.http.host}:{bot.http.port}")


def demo_app() -> AppConfig:
    """The sample app with exactly the commands, scopes and events of the manifest."""
    made = manifest()
    commands = tuple(
        Command(row["command"], row["description"], row["usage_hint"]) for row in made["features"]["slash_commands"]
    )
    return sample_app(
        commands=commands,
        scopes=tuple(made["oauth_config"]["scopes"]["bot"]),
        events=tuple(made["settings"]["event_subscriptions"]["bot_events"]),
    )


def demo_env(server: WorkspaceServer, folder: Path, environ: "os._Environ[str] | dict[str, str]") -> dict[str, str]:
    """The environment the demo's bot is given."""
    app = demo_app()
    return {name: environ[name] for name in TAKEN_FROM_ENVIRONMENT if name in environ} | {
        "HANDOFF_SLACK__BASE_URL": server.base_url,
        "HANDOFF_SLACK__BOT_TOKEN": app.bot_token,
        "HANDOFF_SLACK__APP_TOKEN": app.app_token,
        "HANDOFF_INGEST__TOKENS": f"*={TOKEN}",
        "HANDOFF_DATABASE__URL": f"sqlite:///{(folder / 'handoff.db').absolute()}",
    }


def _config(folder: Path) -> Path:
    path = folder / "handoff.toml"
    path.write_text(resources.files("bot.cli").joinpath("demo_team.toml").read_text("utf-8"), encoding="utf-8")
    return path


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(
            f"{folder} cannot be made ({exc.strerror}). Choose another: handoff demo --data-dir DIR."
        ) from exc
    return folder
