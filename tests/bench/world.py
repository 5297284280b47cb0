"""What a benchmark runs against: workspace, desk and bot, each a process of its own, on a folder that goes away."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.workspace import sample_app
from tests.bench.load import SECRET
from tests.bot.bot_room import team_file
from tests.serving import Process

TOKEN = "bench-token"


@dataclass(frozen=True)
class World:
    """Where everything answers."""

    folder: Path
    workspace: str
    desk: Process
    bot: Process
    env: Mapping[str, str]

    @property
    def memory_mb(self) -> float:
        """The bot's resident memory."""
        assert self.bot.child is not None
        status = Path(f"/proc/{self.bot.child.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def slow(self, seconds: float) -> None:
        """Let Slack and the desk take this long for every write."""
        for method in ("chat.postMessage", "chat.update"):
            body = {"method": method, "kind": "latency", "seconds": seconds, "times": 10**9}
            httpx.post(f"{self.workspace}/_control/faults", json=body).raise_for_status()
        httpx.post(f"{self.desk.url}/_faults", json={"latency_s": seconds}).raise_for_status()


@contextmanager
def world(database_url: str | None = None) -> Iterator[World]:
    """Start all three; end them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-bench-")))
        config = folder / "handoff.toml"
        config.write_text(team_file(), encoding="utf-8")
        slack = stack.enter_context(
            Process("bot.workspace", ["--port", "0", "--data-dir", str(folder / "slack")], log=folder / "slack.log")
        )
        workspace = slack.url.removeprefix("workspace ")
        desk = stack.enter_context(Process("tests.remote_desk.server", ["--data", str(folder / "desk")]))
        app = sample_app()
        env = {
            "BENCH_CONFIG": str(config),
            "BENCH_DESK": desk.url,
            "HANDOFF_SLACK__BASE_URL": f"{workspace}/api/",
            "HANDOFF_SLACK__BOT_TOKEN": app.bot_token,
            "HANDOFF_SLACK__APP_TOKEN": app.app_token,
            "HANDOFF_INGEST__TOKENS": f"*={TOKEN}",
            "HANDOFF_INGEST__WEBHOOK_SECRETS": f"bench={SECRET}",
            "HANDOFF_DATABASE__URL": database_url or f"sqlite:///{folder / 'handoff.db'}",
            "HANDOFF_HTTP__PORT": "0",
        }
        bot = stack.enter_context(Process("tests.bench.bot_process", env=env, log=folder / "bot.log"))
        if not bot.url:
            raise RuntimeError((folder / "bot.log").read_text("utf-8"))
        yield World(folder, workspace, desk, bot, env)


@contextmanager
def beside(here: World, database_url: str) -> Iterator[Process]:
    """One more bot on the same database, workspace and desk."""
    env = {**here.env, "HANDOFF_DATABASE__URL": database_url}
    with Process("tests.bench.bot_process", env=env, log=here.folder / "bot.log") as bot:
        if not bot.url:
            raise RuntimeError((here.folder / "bot.log").read_text("utf-8"))
        yield bot
