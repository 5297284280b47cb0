"""The last card: what connecting a real Slack takes, each scope with its reason."""

from collections.abc import Iterator

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage
from bot.manifest import scopes


def _play(_stage: Stage) -> Iterator[str]:
    yield "`handoff init` asks what it needs and writes handoff.toml; `handoff manifest` prints the Slack app"
    for scope, reason in scopes().items():
        yield f"{scope}: {reason}"
    yield "`handoff doctor` checks everything, `handoff serve` runs it"


SCENE = Scene(
    id="connect",
    title="Connect your Slack",
    what="Everything you saw works the same in your workspace; it asks for these rights and no others.",
    look="Each right with what it is used for.",
    play=_play,
)
