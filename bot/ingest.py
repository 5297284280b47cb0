"""What stands between the network and `intake.receive`: who may send, how much, and whether it is JSON at all.

Sources authenticate with a bearer token, or sign each request: by Standard Webhooks (webhook-id, webhook-timestamp,
webhook-signature; HMAC-SHA256 over `id.timestamp.body`, tolerance 5 minutes; github.com/standard-webhooks), or as
Sentry's integrations do (sentry-hook-signature; HMAC-SHA256 over the body with the client secret; docs.sentry.io).
"""

import base64
import hmac
import json
import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from automations.errors import ConfigError
from automations.failure_tickets.sentry import signed
from bot.problems import Problem

ANY_SOURCE = "*"
MAX_BODY_BYTES = 512 * 1024
MAX_EVENTS = 500
MAX_KEYS = 5_000
"""In one object: far more than any sender has, and few enough to name what is wrong with each in little memory."""
_MAX_HEADER = 4096
_TIMESTAMP = re.compile(r"[1-9][0-9]{9}")
_SENTRY_SIGNATURE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a request: the one source it may report for, or `*`."""

    source: str

    def may_report(self, source: str) -> bool:
        """True if this sender may report failures of `source`."""
        return self.source in (ANY_SOURCE, source)


def parse_pairs(text: str, *, key: str) -> list[tuple[str, str]]:
    """Read `source=secret, other=secret`; a bare secret stands for every source.

    Raises: ConfigError if an entry is empty or shorter than 4 characters; the secret itself is never shown.
    """
    pairs = []
    for number, entry in enumerate((e for part in text.splitlines() for e in part.split(",")), start=1):
        if not entry.strip():
            continue
        source, separator, value = entry.strip().partition("=")
        if not separator or source.startswith("whsec_"):
            source, value = ANY_SOURCE, entry.strip()
        if len(value.strip()) < 4 or not value.strip().isascii():
            raise ConfigError(f"{key}: entry {number} needs the form source=secret, with at least 4 ASCII characters.")
        pairs.append((source.strip(), value.strip()))
    return pairs


class Senders:
    """Knows every token and signing secret, and finds the sender of a request in constant time per secret."""

    def __init__(
        self, tokens: str | None, webhook_secrets: str | None = None, sentry_secrets: str | None = None
    ) -> None:
        self._tokens = parse_pairs(tokens or "", key="ingest.tokens")
        self._sentry = parse_pairs(sentry_secrets or "", key="ingest.sentry_secrets")
        self._webhooks = []
        for source, value in parse_pairs(webhook_secrets or "", key="ingest.webhook_secrets"):
            try:
                self._webhooks.append((source, Webhook(value)))
            except (ValueError, RuntimeError) as exc:
                raise ConfigError(f"ingest.webhook_secrets: the secret of {source} is not base64.") from exc

    def __bool__(self) -> bool:
        return bool(self._tokens or self._webhooks or self._sentry)

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> Sender:
        """The sender of a request. `headers` have lower-case names; one given twice arrives joined by a comma.

        Raises: Problem 401, with the same words whatever was wrong.
        """
        if "webhook-signature" in headers:
            found, by = self._by_signature(headers, body), "webhook signature"
        elif "sentry-hook-signature" in headers:
            found, by = self._by_sentry(headers["sentry-hook-signature"], body), "Sentry signature"
        else:
            found, by = self._by_token(headers.get("authorization", "")), "bearer token"
        if found is None:
            detail = "A valid bearer token or Standard Webhooks signature is needed."
            raise Problem(401, "Not authenticated", detail, why=f"{by} missing or wrong")
        return Sender(found)

    def _by_token(self, header: str) -> str | None:
        scheme, _, given = header.partition(" ")
        if scheme.lower() != "bearer" or len(header) > _MAX_HEADER:
            return None
        matches = [s for s, token in self._tokens if hmac.compare_digest(token.encode(), given.strip().encode())]
        return matches[0] if matches else None

    def _by_signature(self, headers: Mapping[str, str], body: bytes) -> str | None:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        signed = {name: headers.get(name, "") for name in names}
        if not all(v and v.isascii() and len(v) <= _MAX_HEADER for v in signed.values()):
            return None
        timestamp, entries = signed["webhook-timestamp"], signed["webhook-signature"].split(" ")
        if _TIMESTAMP.fullmatch(timestamp) is None or not all(_is_entry(entry) for entry in entries):
            return None
        return next((source for source, webhook in self._webhooks if _verifies(webhook, body, signed)), None)

    def _by_sentry(self, signature: str, body: bytes) -> str | None:
        if _SENTRY_SIGNATURE.fullmatch(signature) is None:
            return None
        return next((source for source, held in self._sentry if signed(body, signature, held)), None)


def _is_entry(text: str) -> bool:
    """Whether this is `version,base64` in the one way to write it; the library reads over what is not base64."""
    version, _, value = text.partition(",")
    try:
        return bool(version) and base64.b64encode(base64.b64decode(value, validate=True)).decode() == value != ""
    except ValueError:
        return False


def _verifies(webhook: Webhook, body: bytes, signed: dict[str, str]) -> bool:
    try:
        webhook.verify(body, signed, json_parse=False)  # `read_json` is stricter, and survives what is nested deeply
    except (WebhookVerificationError, ValueError):  # ValueError: a signature that is not base64, a body not UTF-8
        return False
    return True


class Allowance:
    """A token bucket per source, in memory: a flood from one source does not starve the others.

    A bucket holds `per_minute` events and refills within a minute. A request that is larger than a bucket is let
    through when the bucket is full, and the source waits longer afterwards: else it could never be taken.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._size = float(per_minute)
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}
        self._prune_at = 1024

    def take(self, counts: Mapping[str, int]) -> None:
        """Use the allowance of each source for its number of events, of all of them or of none.

        Raises: Problem 429 with the seconds until there is room.
        """
        with self._lock:
            now = self._now()
            left = {source: self._left(source, now) for source in counts}
            for source, count in sorted(counts.items()):
                if (short := min(count, self._size) - left[source]) > 0:
                    detail = f"{source} sent more than {self._size:.0f} events in a minute. None of these were taken."
                    raise Problem(429, "Too many events", detail, retry_after_s=math.ceil(short / self._rate))
            self._buckets |= {source: (left[source] - count, now) for source, count in counts.items()}
            if len(self._buckets) > self._prune_at:  # names come from outside; a full bucket is as good as none
                kept = {name: at for name, at in self._buckets.items() if self._left(name, now) < self._size}
                self._buckets, self._prune_at = kept, max(1024, 2 * len(kept))

    def _left(self, source: str, now: float) -> float:
        left, since = self._buckets.get(source, (self._size, now))
        return min(self._size, left + (now - since) * self._rate)


def read_json(content_type: str, body: bytes) -> Any:
    """The body as JSON values; strict: UTF-8, no NaN or Infinity, no repeated keys, no endless objects.

    Raises: Problem 415 for another content type or charset, 400 if it is not such JSON.
    """
    media_type, _, rest = content_type.partition(";")
    charset = rest.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise Problem(415, "Unsupported media type", "Send application/json in UTF-8.")
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as exc:
        raise Problem(400, "Not UTF-8", f"The body is not UTF-8 (byte {exc.start}).") from exc
    except RecursionError as exc:
        raise Problem(400, "Not JSON", "The body is nested too deeply.") from exc
    except ValueError as exc:
        raise Problem(400, "Not JSON", f"The body is not valid JSON: {exc}.") from exc


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise ValueError(f"an object names more than {MAX_KEYS} keys")
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a key twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
