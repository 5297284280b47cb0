"""`handoff demo`: the local workspace, the built-in desk and the bot with a sample team.

The workspace and the story live in this process, the bot in a child that can be killed and started again. No account,
no secret, no outside service. Whatever the environment says of a real installation is left alone: only
HANDOFF_HTTP__PORT and HANDOFF_HTTP__HOST are taken from it.
"""

import json
import os
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from automations.errors import ConfigError
from bot.cli.demo_check import Check
from bot.cli.demo_control import DemoControl
from bot.cli.demo_crm import CUSTOMERS
from bot.cli.demo_desk import DemoDesk
from bot.cli.demo_process import BotProcess
from bot.cli.demo_story.stage import Stage
from bot.cli.demo_story.story import Story
from bot.cli.demo_story.table import SCENES
from bot.demo_bot import SETTINGS
from bot.manifest import manifest
from bot.settings_file import load
from bot.stopping import until_stopped
from bot.workspace import AppConfig, Command, WorkspaceServer, sample_app, sample_seed
from bot.workspace.desk_switch import switch_desk

TOKEN = "demo"  # noqa: S105 - the ingest token of the demo alone, printed at start
PEOPLE = "people.csv"
"""The identity source of the demo, in its data folder: who works for the company."""
SAMPLES = {PEOPLE: "demo_people.csv", CUSTOMERS: "demo_customers.csv"}
"""Lists in the data folder that are meant to be edited, and what they begin as."""
PAUSE_S = 1.5
"""Between two reports of the opening, so that people can follow it."""
TAKEN_FROM_ENVIRONMENT = ("HANDOFF_HTTP__PORT", "HANDOFF_HTTP__HOST")


@dataclass(frozen=True, slots=True)
class Running:
    """A running demo: where the workspace and the bot answer, its story and what scenes act with."""

    workspace: str
    bot: str
    story: Story
    stage: Stage
    bot_runs: Callable[[], bool]


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
    with until_stopped() as stopped, running(port, data_dir, stopped, undo_for="3s" if check else "60s") as here:
        print(f"workspace {here.workspace}")
        print(f"ingest {here.bot}/v1/failures")
        print(f"token {TOKEN}")
        print("ready", flush=True)
        if check:
            return Check(here.stage).play() if scenes == "main" else play_all(here)
        if open_page:
            threading.Thread(target=webbrowser.open, args=(here.workspace,), daemon=True).start()
        here.stage.pace_s = PAUSE_S
        here.story.next(here.stage)
        print("Next at the top of the page goes on with the story. Ctrl-C ends the demo.", flush=True)
        stopped.wait()
        if not here.bot_runs():
            raise ConfigError("The bot ended by itself; what it said of it stands above.")
    return 0


def play_all(here: "Running") -> int:
    """Play the main job and every scene, and print what was seen; 0 if everything was, else 1."""
    began, missed = time.monotonic(), 0
    print("The main job")
    missed += Check(here.stage).play()
    while here.story.next(here.stage):
        print(here.story.state()["scene"]["title"], flush=True)
        told = here.story.wait()
        for line in told["lines"]:
            print(f"✓ {line}")
        if told["problem"]:
            missed += 1
            print(f"✗ {told['problem']}")
        print(end="", flush=True)
    words = f"{missed} of them were not as they should be" if missed else "Every scene was seen"
    print(f"{words}, in {time.monotonic() - began:.0f} s.", flush=True)
    return 1 if missed else 0


@contextmanager
def running(
    port: int, data_dir: Path | None, stopped: threading.Event | None = None, *, undo_for: str = "60s"
) -> Iterator[Running]:
    """Start the workspace and the bot; end both, the bot first. `stopped` is set when the bot ended by itself.

    Raises: ConfigError if a port is taken or the folder cannot be written.
    """
    stopped = stopped or threading.Event()
    with ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-demo-")))
        server = WorkspaceServer(sample_seed(), demo_app(), port=port, data_dir=_made(folder / "workspace"))
        try:
            stack.callback(server.stop)
            server.start()
        except (RuntimeError, OSError) as exc:
            raise ConfigError(f"The page's port {port} is taken. Choose another: handoff demo --port 8066.") from exc
        _write_settings(folder)
        switch_desk(folder, on=True)
        env = demo_env(server, folder, os.environ, undo_for=undo_for)
        bot = BotProcess(folder, env, stopped.set)
        stack.callback(bot.stop)
        bot.start()
        desk = DemoDesk(load(folder / SETTINGS, env).settings, folder, bot.address)
        stack.callback(desk.close)
        story = Story(SCENES, server.tell)
        stage = Stage(server.url, bot.address, TOKEN, stopped, story.show)
        stack.callback(stage.close)
        server.offer(*DemoControl(folder, bot, desk, story, stage).routes(), *desk.routes())
        server.tell(story.state())
        yield Running(server.url, bot.address, story, stage, lambda: bot.alive)


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


def demo_env(
    server: WorkspaceServer, folder: Path, environ: "os._Environ[str] | dict[str, str]", *, undo_for: str
) -> dict[str, str]:
    """The environment the demo's bot is given. `undo_for` is how long people may take an act back."""
    app = demo_app()
    return {name: environ[name] for name in TAKEN_FROM_ENVIRONMENT if name in environ} | {
        "HANDOFF_SLACK__BASE_URL": server.base_url,
        "HANDOFF_SLACK__BOT_TOKEN": app.bot_token,
        "HANDOFF_SLACK__APP_TOKEN": app.app_token,
        "HANDOFF_INGEST__TOKENS": f"*={TOKEN}",
        "HANDOFF_DATABASE__URL": f"sqlite:///{(folder / 'handoff.db').absolute()}",
        "HANDOFF_FAILURE_TICKETS__UNDO_FOR": undo_for,
        "HANDOFF_DESK__LOOK_EVERY": "2s",
        "HANDOFF_IDENTITY__KIND": "file",
        "HANDOFF_IDENTITY__PATH": str((folder / PEOPLE).absolute()),
    }


def _write_settings(folder: Path) -> None:
    """Write the team anew, and the company's lists if they are not there: those are meant to be edited."""
    sample = resources.files("bot.cli")
    team = sample.joinpath("demo_team.toml").read_text("utf-8")
    here = json.dumps(str((folder / CUSTOMERS).absolute()))
    (folder / SETTINGS).write_text(team.replace(f'"{CUSTOMERS}"', here), encoding="utf-8")
    for name, begins in SAMPLES.items():
        if not (folder / name).exists():
            (folder / name).write_text(sample.joinpath(begins).read_text("utf-8"), encoding="utf-8")


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(
            f"{folder} cannot be made ({exc.strerror}). Choose another: handoff demo --data-dir DIR."
        ) from exc
    return folder
