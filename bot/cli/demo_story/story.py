"""The story as it is played: which scene is next, what was seen, and what the page shows of it."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import NotSeen, Stage

Json = dict[str, Any]
Publish = Callable[[Json], None]


class Story:
    """Scenes in order. Nothing happens by itself: `next` plays one scene in a thread of its own, `skip` passes one by.

    `publish` is given the state after every change: the scene shown, how it went, its lines so far, and the next one.
    """

    def __init__(self, scenes: Sequence[Scene], publish: Publish) -> None:
        self._scenes = tuple(scenes)
        self._publish = publish
        self._lock = threading.Lock()
        self._at = -1
        self._word = "waiting"
        self._lines: list[str] = []
        self._problem = ""
        self._view: Json = {}
        self._turn = 0
        self._thread: threading.Thread | None = None

    def state(self) -> Json:
        """What the page shows. `state`: waiting, playing, done, skipped or failed; `problem` says what was not seen."""
        with self._lock:
            return self._state()

    def show(self, view: Json) -> None:
        """Let the page follow to where the scene looks; a turn of the story tells one looking from the next."""
        with self._lock:
            self._view, self._turn = {**self._view, **view}, self._turn + 1
        self._publish(self.state())

    def next(self, stage: Stage) -> bool:
        """Begin the next scene. False if one is being played, or there is none."""
        with self._lock:
            if self._word == "playing" or self._at + 1 >= len(self._scenes):
                return False
            self._at, self._word, self._lines, self._problem = self._at + 1, "playing", [], ""
            scene = self._scenes[self._at]
            self._thread = threading.Thread(target=self._play, args=(scene, stage), name="story", daemon=True)
        self._publish(self.state())
        self._thread.start()
        return True

    def skip(self) -> bool:
        """Pass the next scene by. False if one is being played, or there is none."""
        with self._lock:
            if self._word == "playing" or self._at + 1 >= len(self._scenes):
                return False
            self._at, self._word, self._lines, self._problem = self._at + 1, "skipped", [], ""
        self._publish(self.state())
        return True

    def wait(self) -> Json:
        """The state once no scene is being played."""
        if self._thread is not None:
            self._thread.join()
        return self.state()

    def _play(self, scene: Scene, stage: Stage) -> None:
        try:
            for line in scene.play(stage):
                self._change(lines=[*self._lines, line])
        except NotSeen as exc:
            self._change(word="failed", problem=str(exc))
        except (httpx.HTTPError, KeyError, IndexError, ValueError) as exc:  # an answer in another shape than agreed
            self._change(word="failed", problem=f"{type(exc).__name__}: {exc}")
        else:
            self._change(word="done")

    def _change(self, **parts: Any) -> None:
        with self._lock:
            for name, value in parts.items():
                setattr(self, f"_{name}", value)
        self._publish(self.state())

    def _state(self) -> Json:
        shown = self._scenes[self._at] if self._at >= 0 else None
        after = self._scenes[self._at + 1] if self._at + 1 < len(self._scenes) else None
        return {
            "scenes": [{"id": scene.id, "title": scene.title} for scene in self._scenes],
            "at": self._at,
            "state": self._word,
            "scene": _words(shown),
            "lines": list(self._lines),
            "problem": self._problem,
            "next": _words(after),
            "view": dict(self._view),
            "turn": self._turn,
        }


def _words(scene: Scene | None) -> Json | None:
    return None if scene is None else {"id": scene.id, "title": scene.title, "what": scene.what, "look": scene.look}
