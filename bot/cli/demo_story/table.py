"""All scenes, in order. A new scene goes before the last card."""

from bot.cli.demo_story import failing_job
from bot.cli.demo_story.scene import Scene

SCENES: tuple[Scene, ...] = (failing_job.SCENE,)
