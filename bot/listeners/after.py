"""After the commit: private answers, forms and Home tabs, best effort on a few threads. Nothing here is a promise.

What must not be lost is a row before this is reached; a form that does not open is opened again by another click.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

import structlog

from automations.errors import HandoffError
from bot.views import Home, Message, Modal

log = structlog.get_logger(__name__)


class PrivateDoor(Protocol):
    """The calls to Slack that an answer may need. They raise `AdapterError`."""

    def respond(self, response_url: str, message: Message, *, replace_original: bool = False) -> Any:
        """Answer privately where the person clicked or typed, or in the place of what was clicked."""

    def ephemeral(self, channel: str, user: str, message: Message) -> Any:
        """Show a message to one person in a channel."""

    def open_view(self, trigger_id: str, view: Modal) -> Any:
        """Open a form, within three seconds of the click. Gives the view's id."""

    def push_view(self, trigger_id: str, view: Modal) -> Any:
        """Open a form on top of the one that is open."""

    def update_view(self, view_id: str, view: Modal) -> Any:
        """Put another view in the place of one that is open."""

    def publish_home(self, user: str, view: Home) -> Any:
        """Replace a person's Home tab."""


class After:
    """Runs calls on a few threads of its own, or on those of `executor`. Failures are logged and end there."""

    def __init__(self, door: PrivateDoor, executor: Executor | None = None) -> None:
        self._door = door
        self._threads = executor or ThreadPoolExecutor(max_workers=4, thread_name_prefix="answer")

    def respond(self, response_url: str, message: Message, *, replace: bool = False) -> None:
        """Answer privately through the interaction's own address."""
        self._submit("respond", partial(self._door.respond, response_url, message, replace_original=replace))

    def ephemeral(self, channel: str, user: str, message: Message) -> None:
        """Answer privately in a channel."""
        self._submit("ephemeral", partial(self._door.ephemeral, channel, user, message))

    def open_view(self, trigger_id: str, view: Modal) -> None:
        """Open a form."""
        self._submit("open_view", partial(self._door.open_view, trigger_id, view))

    def open_and_fill(self, trigger_id: str, view: Modal, fill: Callable[[], Modal]) -> None:
        """Open a view at once, and put what `fill` makes in its place when that is there."""
        self._submit("open_view", partial(self._open_and_fill, trigger_id, view, fill))

    def fill_view(self, view_id: str, fill: Callable[[], Modal]) -> None:
        """Put what `fill` makes in the place of a view that is open."""
        self._submit("update_view", lambda: self._door.update_view(view_id, fill()))

    def push_view(self, trigger_id: str, view: Modal) -> None:
        """Open a form on top of the one that is open."""
        self._submit("push_view", partial(self._door.push_view, trigger_id, view))

    def update_view(self, view_id: str, view: Modal) -> None:
        """Put another view in the place of one that is open."""
        self._submit("update_view", partial(self._door.update_view, view_id, view))

    def publish_home(self, user: str, view: Home) -> None:
        """Show a Home tab."""
        self._submit("publish_home", partial(self._door.publish_home, user, view))

    def close(self) -> None:
        """Finish what was begun and take nothing new."""
        self._threads.shutdown(wait=True)

    def _open_and_fill(self, trigger_id: str, view: Modal, fill: Callable[[], Modal]) -> None:
        view_id = str(self._door.open_view(trigger_id, view))
        self._door.update_view(view_id, fill())

    def _submit(self, what: str, call: Callable[[], Any]) -> None:
        try:
            self._threads.submit(call).add_done_callback(partial(_noted, what))
        except RuntimeError:  # the bot is stopping; the effect is committed, only the words are lost
            log.warning("slack.private_answer_dropped", call=what)


def _noted(what: str, done: Future[Any]) -> None:
    """Log what went wrong. What Slack refused is one line; anything else is a defect and keeps its trace."""
    if done.cancelled() or (error := done.exception()) is None:
        return
    if isinstance(error, HandoffError):
        log.warning("slack.private_answer_failed", call=what, error=str(error))
    else:
        log.error("slack.private_answer_broke", call=what, exc_info=error)
