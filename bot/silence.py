"""For how long Slack has answered nothing: a refusal is an answer, a broken connection or a 5xx is none."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Silence:
    """Counts from the first call that came to nothing since the last that was answered. Safe to share by threads."""

    monotonic: Callable[[], float]
    _since: float | None = None

    def answered(self, there: bool) -> None:
        """Note what came of a call."""
        if there:
            self._since = None
        elif self._since is None:
            self._since = self.monotonic()

    @property
    def seconds(self) -> float:
        """How long it lasts by now; 0 while Slack answers."""
        since = self._since
        return 0.0 if since is None else max(0.0, self.monotonic() - since)
