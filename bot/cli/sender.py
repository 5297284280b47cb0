"""Sending failure events to a bot over HTTP. A repeat is safe: the bot knows events by their id."""

import ipaddress
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from automations.errors import ConfigError, Rejected, Unavailable
from bot.cli.event_files import Sendable, body_of

PATH = "/v1/failures"
SYSTEM = "handoff"
BATCH = 500
BODY_BYTES = 500_000
"""Below the 512 KB that the bot takes."""
TIMEOUT_S = 30.0
_AGAIN = frozenset({429, 502, 503, 504})
_TOO_MUCH_OR_WRONG = frozenset({403, 413, 422})
"""Answers that may concern one event of a batch only, so that the others are worth sending by themselves."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event: `opened`, `joined`, `recorded`, `resolved`, `duplicate`, or `refused` with `why`."""

    where: str
    event_id: str
    status: str
    case: str | None = None
    why: str = ""


class Sender:
    """Sends batches to one address, waiting where the bot asks for it.

    `patience_s`: how long in all to wait and repeat for one batch.
    """

    def __init__(
        self,
        url: str,
        *,
        patience_s: float,
        waiting: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self._url = full_url(url)
        self._patience_s = patience_s
        self._waiting = waiting
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=not _on_this_machine(self._url))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, batch: Sequence[Sendable], token: str) -> list[Result]:
        """Send a batch. Where the bot refuses it as a whole, each event is sent by itself.

        Raises: Unavailable if the bot did not take it in time; Rejected if it takes nothing from us at all.
        """
        answer = self._post(body_of(batch), token)
        if answer.status_code == 202:
            rows = answer.json()["results"]
            return [
                Result(sent.where, row["event_id"], row["status"], row["case_id"])
                for sent, row in zip(batch, rows, strict=True)
            ]
        if answer.status_code not in _TOO_MUCH_OR_WRONG:
            raise Rejected(f"{self._url} answered {answer.status_code}: {words_of(answer)}", system=SYSTEM)
        if len(batch) > 1:
            return [result for one in batch for result in self.send([one], token)]
        return [Result(batch[0].where, batch[0].id, "refused", why=words_of(answer))]

    def _post(self, body: bytes, token: str) -> httpx.Response:
        deadline = time.monotonic() + self._patience_s
        pause_s = 1.0
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while True:
            asked_s = None
            try:
                answer = self._client.post(self._url, content=body, headers=headers)
                if answer.status_code not in _AGAIN:
                    return answer
                why = f"{answer.status_code}: {words_of(answer)}"
                asked_s = retry_after_s(answer.headers, now=datetime.now(UTC))
            except httpx.ConnectError as exc:
                raise Unavailable(f"Nothing answers at {self._url}. Is the bot running?", system=SYSTEM) from exc
            except httpx.TransportError as exc:
                why = f"the answer was lost ({type(exc).__name__})"
            wait_s = pause_s if asked_s is None else asked_s
            if time.monotonic() + wait_s > deadline:
                raise Unavailable(f"{self._url} did not take the events: {why}. Please send them again.", system=SYSTEM)
            self._waiting(wait_s, why)
            time.sleep(wait_s)
            pause_s = min(pause_s * 2, 30.0)


def full_url(url: str) -> str:
    """The address of the ingest; a bare host gets its path. Raises: ConfigError if it is no http(s) address."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError as exc:
        raise ConfigError(f"--url: {url!r} is not an address such as https://bot.example{PATH}.") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"--url: {url!r} is not an address such as https://bot.example{PATH}.")
    return parts._replace(path=PATH if parts.path in ("", "/") else parts.path, fragment="").geturl()


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds the bot asks us to wait, None if it does not say. Source: RFC 9110, section 10.2.3."""
    given = headers.get("retry-after", "").strip()
    if not given:
        return None
    if given.isdecimal():
        return float(given)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)


def words_of(answer: httpx.Response) -> str:
    """What a problem+json answer says, in one line."""
    try:
        said: Any = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return answer.reason_phrase or "no words"
    details = [str(said[key]) for key in ("title", "detail") if said.get(key)]
    errors = [_error(one) for one in said.get("errors") or () if isinstance(one, dict)]
    return ". ".join(part.rstrip(".") for part in [*details, *errors[:3]]) or answer.reason_phrase


def _error(one: Mapping[str, Any]) -> str:
    return ": ".join(str(value) for value in one.values())


def _on_this_machine(url: str) -> bool:
    """A proxy of the environment must not stand between two processes of one machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
