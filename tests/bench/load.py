"""Load: signed failure events of about 1.5 KB from several connections, as fast as they are answered or at a pace."""

import base64
import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
CONNECTIONS = 16
KEYS = 200


@dataclass
class Measured:
    """Latencies in seconds, in the order the answers came, and what was not accepted."""

    seconds: float = 0
    latencies: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Accepted events per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which `share` of the answers came."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def line(self) -> str:
        """One line for people."""
        shown = " ".join(f"p{100 * share:g} {self.percentile(share):.1f} ms" for share in (0.5, 0.95, 0.99))
        refused = f", refused {len(self.refused)}" if self.refused else ""
        return f"{self.rate:7.0f} events/s  {shown}  ({len(self.latencies)} events in {self.seconds:.0f} s{refused})"


def event(number: int, run: str) -> bytes:
    """One event of about 1.5 KB; every 200th belongs to the same case."""
    key, now = number % KEYS, datetime.now(UTC).isoformat()
    return json.dumps(
        {
            "id": f"{run}-{number}",
            "source": "bench",
            "occurred_at": now,
            "status": "failed",
            "reason": "retries_exhausted",
            "summary": f"Nightly export {key} failed after 5 attempts",
            "dedup_key": f"export-{key}",
            "job": {"id": f"job_{number}", "name": f"export-{key}"},
            "customer": {"id": f"acct_{key}", "name": f"Customer {key}", "tier": "business"},
            "attempts": [
                {"at": datetime.now(UTC).isoformat(), "outcome": f"HTTP 502 from the ledger, try {n}"} for n in range(5)
            ],
            "checks": ["status page: degraded", "credentials: valid"],
            "impact": {"blocked": True, "customers": 1},
            "details": "The request was repeated five times with growing pauses. " * 10,
            "diagnostics_url": f"https://logs.example/jobs/{number}",
        }
    ).encode()


def drive(url: str, seconds: float, *, per_second: float | None = None, connections: int = CONNECTIONS) -> Measured:
    """Send for `seconds`. With `per_second` each event has its due time, and its latency counts from then on."""
    address, webhook, run = urlsplit(url), Webhook(SECRET), uuid4().hex[:8]
    numbers, measured, lock = itertools.count(), Measured(), threading.Lock()
    began = time.perf_counter()

    def send() -> None:
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        kept: list[float] = []
        refused: list[int] = []
        while True:
            number = next(numbers)
            due = began + number / per_second if per_second else time.perf_counter()
            if due - began > seconds:
                break
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)  # the pace asked for
            body = event(number, run)
            now = datetime.now(UTC)
            headers = {
                "Content-Type": "application/json",
                "webhook-id": f"{run}-{number}",
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": webhook.sign(f"{run}-{number}", now, body.decode()),
            }
            sent = due if per_second else time.perf_counter()
            connection.request("POST", "/v1/failures", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 202:
                kept.append(time.perf_counter() - sent)
            else:
                refused.append(answer.status)
        with lock:
            measured.latencies += kept
            measured.refused += refused

    threads = [threading.Thread(target=send) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.seconds = time.perf_counter() - began
    return measured
