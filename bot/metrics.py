"""Figures for Prometheus. Counters live in the process; gauges are read from the database at each scrape."""

from collections.abc import Callable, Mapping
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One registry per bot, so that two bots in one process do not share figures."""

    def __init__(self, read: Callable[[], Mapping[str, Mapping[str, int]]]) -> None:
        """`read` returns `{"cases": {status: n}, "tickets": {state: n}, "notifications": …, "stuck": …}`."""
        self._read = read
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

    def render(self) -> bytes:
        """The exposition text. Raises what `read` raises."""
        found = self._read()
        with self._rendering:
            for name, counts in found.items():
                self._gauges[name].clear()
                for state, count in counts.items():
                    self._gauges[name].labels(state=state).set(count)
            return generate_latest(self.registry)
