"""What stands in front of Bolt: a strict check of Slack's request signature, and of headers that came twice.

Slack signs `v0:timestamp:body` with HMAC-SHA256 and accepts five minutes of drift (docs.slack.dev, "Verifying
requests from Slack"). The check of the library answers some malformed headers with an error of its own (measured:
an empty or non-decimal timestamp, a non-ASCII signature), so shapes are checked here first and every refusal is 401.
A replay inside the five minutes passes this check on purpose: the inbox makes it one effect, and law 1 wants a
first delivery that did not commit to be processed.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_TIMESTAMP = re.compile(r"[1-9][0-9]{9}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
TOLERANCE_S = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was refused, for the log and the audit; never holds any of the request's body."""

    reason: str


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name; one that came twice is joined by a comma, so that it fails the check of its shape.

    Which of two a reader takes is its own choice, so a proxy in front of us and we could take different ones.
    """
    found: dict[str, str] = {}
    for given, value in headers:
        name = given.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def check(secret: str, headers: Mapping[str, str], body: bytes, *, now_s: float) -> Refusal | None:
    """None if the request was signed by Slack within the tolerance, else why it is refused.

    Args: `headers` have lower-case names; a header given twice arrives joined by a comma and so has no valid shape.
    An empty `secret` refuses everything.
    """
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not secret:
        return Refusal("no signing secret is set")
    if not timestamp.isascii() or _TIMESTAMP.fullmatch(timestamp) is None:
        return Refusal("timestamp missing or malformed")
    if not signature.isascii() or _SIGNATURE.fullmatch(signature) is None:
        return Refusal("signature missing or malformed")
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return Refusal("timestamp outside five minutes")
    wanted = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v0={wanted}", signature):
        return Refusal("signature does not match")
    return None
