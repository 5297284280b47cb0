"""What a scene is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.cli.demo_story.stage import Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene. `what` happens in one sentence, `look` says where to look.

    `play` does it, and gives one line for each thing that was seen to be so. It raises NotSeen for what was not.
    """

    id: str
    title: str
    what: str
    look: str
    play: Callable[[Stage], Iterator[str]]
