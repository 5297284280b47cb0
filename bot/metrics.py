"""Figures for Prometheus. Counters live in the process; gauges are read from the database at each scrape."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LEVELS: Final = {
    "slack_silent_seconds": "For how long Slack has answered nothing; away from 600 on",
    "slack_refused": "1 while Slack refuses the app itself, as after its token was revoked",
    "oldest_job_seconds": "How long the oldest job has waited since it was first asked for",
}
"""Figures without states, with what they say."""


class Metrics:
    """One registry per bot, so that two bots in one process do not share figures."""

    def __init__(
        self,
        read: Callable[[], Mapping[str, Mapping[str, int]]],
        levels: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        """`read` returns `{"cases": {status: n}, "tickets": {state: n}, "notifications": …, "stuck": …}`.

        `levels` returns the figures of `LEVELS` by name, from memory: of what was seen last.
        """
        self._read = read
        self._levels = levels
        self._rendering = Lock()
        self.registry = CollectorRegistry()
        self.requests = Counter("handoff_ingest_requests", "Authenticated ingest requests", registry=self.registry)
        self.events = Counter(
            "handoff_events", "Failure events by what became of them", ["status"], registry=self.registry
        )
        self.refused = Counter(
            "handoff_refused", "Requests refused, by the title of the refusal", ["why"], registry=self.registry
        )
        self.ingest_seconds = Histogram(
            "handoff_ingest_seconds", "Time from parsed events to the commit, in seconds", registry=self.registry
        )
        self._gauges = {
            name: Gauge(f"handoff_{name}", f"How many {name} there are, by state", ["state"], registry=self.registry)
            for name in ("cases", "tickets", "notifications", "stuck")
        }

        self.dropped = Counter(
            "handoff_dropped_rows", "Rows that retention dropped, by table", ["table"], registry=self.registry
        )
        self._level = {name: Gauge(f"handoff_{name}", words, registry=self.registry) for name, words in LEVELS.items()}

    def note_dropped(self, rows: Mapping[str, int]) -> None:
        """Count rows that retention dropped, by their table's name."""
        for table, count in rows.items():
            self.dropped.labels(table=table).inc(count)

    def render(self) -> bytes:
        """The exposition text. Raises what `read` raises."""
        found = self._read()
        with self._rendering:
            for name, counts in found.items():
                self._gauges[name].clear()
                for state, count in counts.items():
                    self._gauges[name].labels(state=state).set(count)
            for name, level in self._levels().items():
                self._level[name].set(level)
            return generate_latest(self.registry)
