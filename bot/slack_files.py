"""Files in Slack: an address, the bytes, then one call that shows the file, on the gateway's own calls.

An address or bytes that nobody completes are shown to nobody, so both may be repeated. `complete` may not: what Slack
does with a second one is not documented, so whoever got no answer looks first (`seen`, `shown_in`).
Source: docs.slack.dev/reference/methods/files.completeUploadExternal and its neighbours.
"""

from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from automations.errors import AdapterError, Rejected, Unavailable
from bot.gateway import CLOCK_SKEW, PAGE, SlackGateway
from bot.slack_errors import SYSTEM, from_transport, retry_after_s
from bot.slack_types import SlackFile

ALT_LIMIT: Final = 1_000
_FOR_GOOD: Final = (413, 415)
"""Too large, no such type: another address would take these bytes no better."""


class _Straight(HTTPRedirectHandler):
    """Follows nobody elsewhere."""

    def redirect_request(self, *_redirect: Any) -> None:
        return None


class SlackFiles:
    """Safe to share between threads. Raises only errors of `automations.errors`."""

    def __init__(self, gateway: SlackGateway) -> None:
        self._gateway = gateway
        self._opener = build_opener(_Straight)

    def address(self, name: str, length: int, *, alt: str) -> tuple[str, str]:
        """A new file's id and the address for its `length` bytes. `alt` describes a picture to those who see none."""
        asked = {"filename": name, "length": length, "alt_txt": alt[:ALT_LIMIT] or None}
        reply = self._gateway.read("files.getUploadURLExternal", asked)
        return str(reply["file_id"]), str(reply["upload_url"])

    def send(self, address: str, content: bytes) -> None:
        """Send the bytes. Raises Unavailable where another address may take them, Rejected where none will.

        Raises: Refused if the address is not Slack's.
        """
        self._gateway.check_address(address)
        request = Request(  # noqa: S310 - the address was checked
            address, content, {"Content-Type": "application/octet-stream"}, method="POST"
        )
        try:
            with self._opener.open(request, timeout=self._gateway.timeout_s) as answer:
                answer.read()
        except HTTPError as exc:
            with exc:
                raise _not_taken(exc) from exc
        except (OSError, HTTPException, ValueError) as exc:
            raise from_transport(exc, doing="sending a file", repeatable=True) from exc

    def complete(self, file_id: str, *, title: str, channel: str, thread_ts: str) -> None:
        """Show the file in a thread. Raises OutcomeUnknown when it may be shown: look before a repeat.

        Raises FileGone if Slack does not have the bytes (any more).
        """
        files = [{"id": file_id, "title": title}]
        body = {"files": files, "channel_id": channel, "thread_ts": thread_ts}
        self._gateway.write("files.completeUploadExternal", body, repeatable=False)

    def seen(self, file_id: str) -> SlackFile:
        """What Slack knows of a file. Raises FileGone if it knows none."""
        file: Mapping[str, Any] = self._gateway.read("files.info", {"file": file_id})["file"]
        shares = (file.get("shares") or {}).values()
        return SlackFile(file_id, str(file.get("mimetype") or ""), frozenset(name for kind in shares for name in kind))

    def shown_in(self, file_id: str, *, channel: str, thread_ts: str, since: datetime) -> bool:
        """Whether a message of the thread, posted since shortly before `since`, holds the file."""
        where = {
            "channel": channel,
            "ts": thread_ts,
            "oldest": f"{(since - CLOCK_SKEW).timestamp():.6f}",
            "inclusive": True,
            "limit": PAGE,
        }
        lines = self._gateway.read_all("conversations.replies", where, "messages")
        return any(file.get("id") == file_id for line in lines for file in line.get("files") or ())


def _not_taken(answer: HTTPError) -> AdapterError:
    words = f"Slack answered {answer.code} (sending a file)"
    if answer.code in _FOR_GOOD:
        return Rejected(words, system=SYSTEM, code=str(answer.code))
    wait_s = retry_after_s(dict(answer.headers.items())) if answer.code == 429 else None
    return Unavailable(words, system=SYSTEM, retry_after_s=wait_s)
