"""How fast the app may post in one channel."""

import math

from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Clock

BURST = 5
"""Posts that may come at once. Slack allows one a second and "short bursts"; how short it does not say."""
PER_S = 1.0
"""Source: docs.slack.dev/apis/web-api/rate-limits, chat.postMessage."""


class Pace:
    """A bucket of tokens per channel. `burst` 0: no limit at all."""

    def __init__(self, clock: Clock, burst: int = BURST) -> None:
        self.burst = burst
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, channel: str) -> None:
        """Count one post. Raises ratelimited (429) with the whole seconds until the next one may come."""
        if not self.burst:
            return
        now = self._clock()
        left, at = self._left.get(channel, (float(self.burst), now))
        left = min(left + max(now - at, 0.0) * PER_S, float(self.burst))
        if left < 1:
            self._left[channel] = (left, now)
            wait_s = max(math.ceil((1 - left) / PER_S), 1)
            raise SlackRefusal("ratelimited", status=429, headers={"Retry-After": str(wait_s)})
        self._left[channel] = (left - 1, now)

    def clear(self) -> None:
        """Forget what was posted."""
        self._left.clear()
