"""A local Slack workspace for the demo and the tests.

The real slack_bolt and slack_sdk talk to it through `base_url` alone. It never leaves the machine: it listens on
loopback, believes everybody who reaches it, and holds tokens that open nothing else.
"""

from bot.workspace.model import AppConfig, Command, Seed
from bot.workspace.sample import crowded_seed, sample_app, sample_seed
from bot.workspace.server import WorkspaceServer, create_workspace

__all__ = [
    "AppConfig",
    "Command",
    "Seed",
    "WorkspaceServer",
    "create_workspace",
    "crowded_seed",
    "sample_app",
    "sample_seed",
]
