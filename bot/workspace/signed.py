"""Signed HTTP: payloads posted to the app's request URL, as Slack does without Socket Mode."""

import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlencode

import httpx

from bot.workspace.delivery import Envelope, Reply
from bot.workspace.faults import Faults
from bot.workspace.model import Clock, Json


def sign(secret: str, timestamp: str, body: str) -> str:
    """The v0 signature. Source: docs.slack.dev, verifying requests from Slack."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return f"v0={digest}"


class SignedHttp:
    """The transport for an app with a request URL."""

    def __init__(self, url: str, secret: str, faults: Faults, clock: Clock) -> None:
        self.url, self.secret, self.faults, self.clock = url, secret, faults, clock
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False)

    async def deliver(self, envelope: Envelope, sent: Callable[[], None]) -> Reply:
        """POST once; any 2xx within the acknowledgement time counts."""
        body, content_type = _encoded(envelope)
        timestamp = str(int(self.clock()))
        headers = {
            "Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(self.secret, timestamp, body),
        }  # fmt: skip
        if envelope.attempt:
            headers |= {"X-Slack-Retry-Num": str(envelope.attempt), "X-Slack-Retry-Reason": envelope.reason}
        try:
            response = await self._client.post(self.url, content=body, headers=headers, timeout=self.faults.ack_s)
        except httpx.TimeoutException:
            return Reply(False, None, "http_timeout")
        except httpx.TransportError:
            return Reply(False, None, "connection_failed")
        finally:
            sent()
        no_retry = response.headers.get("X-Slack-No-Retry") == "1"
        if not response.is_success:
            return Reply(False, None, "http_error", no_retry)
        return Reply(True, _answer(response), "", no_retry)

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _encoded(envelope: Envelope) -> tuple[str, str]:
    match envelope.kind:
        case "events_api":
            return json.dumps(envelope.payload), "application/json"
        case "interactive":
            return urlencode({"payload": json.dumps(envelope.payload)}), "application/x-www-form-urlencoded"
        case "slash_commands":
            return urlencode(envelope.payload), "application/x-www-form-urlencoded"


def _answer(response: httpx.Response) -> Json:
    if not response.text:
        return {}
    if response.headers.get("Content-Type", "").startswith("application/json"):
        try:
            parsed = response.json()
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}
    return {"text": response.text}
