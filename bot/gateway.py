"""Slack's Web API, as far as Handoff calls it: one method per call, answers in our own small types, errors of our tree.

The client never repeats a call by itself: the library's default repeats a post whose answer was lost, which posts
twice. Whoever posts keeps a row, and looks for the message by its metadata before a repeat (`look_back`). Metadata can
be read by everybody in the workspace, so it carries our key and version, nothing else. Slack documents no key
that makes a post safe to repeat, so none is sent.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from automations.errors import Refused, Rejected
from bot.silence import Silence
from bot.slack_errors import SYSTEM, AppDisabled, from_reply, from_transport
from bot.slack_marks import metadata_of, version_of
from bot.slack_types import Identity, Posted, SlackUser
from bot.ttl_cache import TtlCache
from bot.views import Message

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 10
CACHE_S: Final = 45.0
"""How long a role or a profile is believed: losing a role takes effect within this time."""
CLOCK_SKEW: Final = timedelta(minutes=10)
"""How far our clock may be ahead of Slack's, whose time a message bears, before a look-back would miss one."""
PAGE: Final = 200


class SlackGateway:
    """All calls to Slack. Safe to share between threads. Raises only errors of `automations.errors`.

    `disabled` says in words why Slack refuses the app itself, None while it does not. `silence` counts how long it
    answers nothing.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = WebClient.BASE_URL,
        timeout_s: int = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = WebClient(token=token, base_url=base_url, timeout=timeout_s, retry_handlers=[])
        self.timeout_s = timeout_s
        scheme, own = urlsplit(base_url)[:2]
        self._places = frozenset((scheme, host) for host in ("hooks.slack.com", own, f"files.{own}"))
        self._users: TtlCache[SlackUser] = TtlCache(CACHE_S, monotonic)
        self._groups: TtlCache[frozenset[str]] = TtlCache(CACHE_S, monotonic)
        self._identity: TtlCache[Identity] = TtlCache(CACHE_S, monotonic)
        self.disabled: str | None = None
        self.silence = Silence(monotonic)

    def post(self, channel: str, message: Message, *, key: str, version: int, thread_ts: str | None = None) -> Posted:
        """Post a message that bears our key. Raises OutcomeUnknown when it may be there: look back before a repeat."""
        reply = self.write(
            "chat.postMessage",
            {
                "channel": channel,
                **message,
                "thread_ts": thread_ts,
                "unfurl_links": False,
                "unfurl_media": False,
                "metadata": metadata_of(key, version),
            },
            repeatable=False,
        )
        return Posted(str(reply["channel"]), str(reply["ts"]), version=version)

    def update(self, channel: str, ts: str, message: Message, *, key: str, version: int) -> None:
        """Replace a message of ours. Raises MessageGone when it is not there or cannot be changed any more."""
        self.write("chat.update", {"channel": channel, "ts": ts, **message, "metadata": metadata_of(key, version)})

    def look_back(self, channel: str, key: str, *, since: datetime, thread_ts: str | None = None) -> Posted | None:
        """The newest message of ours that bears `key`, among those posted since shortly before `since`; None if none.

        For a person's id as `channel` it looks in the private messages with them.
        Raises: Unavailable whenever the answer is not certain; never a guess.
        """
        ours = self.auth_test().bot_id
        if channel.startswith(("U", "W")):
            channel = str(self.write("conversations.open", {"users": channel})["channel"]["id"])
        where: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{(since - CLOCK_SKEW).timestamp():.6f}",
            "inclusive": True,
            "include_all_metadata": True,
            "limit": PAGE,
        }
        method = "conversations.history" if thread_ts is None else "conversations.replies"
        if thread_ts is not None:
            where["ts"] = thread_ts
        found: Posted | None = None
        for message in self.read_all(method, where, "messages"):
            version = version_of(message, key, ours)
            if version is not None and (found is None or float(message["ts"]) > float(found.ts)):
                found = Posted(channel, str(message["ts"]), version=version)
        return found

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message."""
        return str(self.read("chat.getPermalink", {"channel": channel, "message_ts": ts})["permalink"])

    def ephemeral(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        """Tell one person something in a channel; best effort by nature, Slack does not promise to show it."""
        self.write("chat.postEphemeral", {"channel": channel, "user": user, **message, "thread_ts": thread_ts})

    def respond(self, response_url: str, message: Message, *, replace_original: bool = False) -> None:
        """Answer an interaction privately through the address it brought: 5 times within 30 minutes.

        Raises: Refused if the address is not Slack's.
        """
        self.check_address(response_url)
        hook = WebhookClient(response_url, timeout=self.timeout_s, retry_handlers=[])
        doing = "answering an interaction"
        try:
            reply = hook.send_dict({**message, "response_type": "ephemeral", "replace_original": replace_original})
        except (OSError, HTTPException, ValueError) as exc:
            raise from_transport(exc, doing=doing, repeatable=False) from exc
        if reply.status_code != 200:
            raise Rejected(f"Slack answered {reply.status_code} ({doing})", system=SYSTEM, code=reply.body[:64])

    def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a modal, within 3 seconds of the click. Returns the view's id."""
        return str(self.write("views.open", {"trigger_id": trigger_id, "view": view}, repeatable=False)["view"]["id"])

    def push_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal on top of the one in which the click was, within 3 seconds of it."""
        self.write("views.push", {"trigger_id": trigger_id, "view": view}, repeatable=False)

    def update_view(self, view_id: str, view: Mapping[str, Any]) -> None:
        """Put another view in the place of a modal that is open."""
        self.write("views.update", {"view_id": view_id, "view": view})

    def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """Show a person's Home tab."""
        self.write("views.publish", {"user_id": user, "view": view})

    def user(self, user_id: str) -> SlackUser:
        """A person's profile, at most `CACHE_S` old. Raises TargetGone if Slack knows nobody by that id."""
        return self._users.get(user_id, lambda: self._read_user(user_id))

    def usergroup_members(self, group_id: str) -> frozenset[str]:
        """The user ids in a user group, at most `CACHE_S` old; may hold deactivated people."""
        return self._groups.get(group_id, lambda: self.usergroup_users(group_id))

    def usergroup_users(self, group: str) -> frozenset[str]:
        """The user ids in a user group, read anew."""
        return frozenset(self.read("usergroups.users.list", {"usergroup": group})["users"])

    def usergroup_set(self, group: str, users: Collection[str]) -> None:
        """Let a user group consist of these users; Slack refuses none at all. Needs the scope usergroups:write."""
        self.write("usergroups.users.update", {"usergroup": group, "users": ",".join(sorted(users))})

    def members(self, channel: str) -> Iterator[str]:
        """The user ids of everybody in a channel, read page by page as far as they are asked for.

        Raises TargetGone if there is no such channel, or it is a private one without the bot.
        """
        yield from self.read_all("conversations.members", {"channel": channel, "limit": PAGE}, "members")

    def auth_test(self) -> Identity:
        """Who we are, at most `CACHE_S` old. Raises AppDisabled if the token is not good any more."""

        def read() -> Identity:
            reply = self.read("auth.test", {})
            granted = {name.lower(): value for name, value in reply.headers.items()}.get("x-oauth-scopes", "")
            scopes = tuple(sorted(scope.strip() for scope in granted.split(",") if scope.strip()))
            return Identity(reply["team_id"], reply["user_id"], reply.get("bot_id", ""), reply.get("url", ""), scopes)

        return self._identity.get("", read)

    def _read_user(self, user_id: str) -> SlackUser:
        user: dict[str, Any] = self.read("users.info", {"user": user_id})["user"]
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name") or user_id
        return SlackUser(
            id=user_id,
            name=str(name),
            email=profile.get("email"),
            team_id=str(user.get("team_id", "")),
            is_bot=bool(user.get("is_bot")),
            deleted=bool(user.get("deleted")),
            is_restricted=bool(user.get("is_restricted")),
            is_ultra_restricted=bool(user.get("is_ultra_restricted")),
            is_stranger=bool(user.get("is_stranger")),
        )

    def read(self, method: str, params: Mapping[str, Any]) -> SlackResponse:
        """Call a reading method; these take form fields only."""
        return self._call(lambda: self._client.api_call(method, params=_set(params)), doing=method, repeatable=True)

    def read_all(self, method: str, params: Mapping[str, Any], field: str) -> Iterator[Any]:
        """What a reading method lists under `field`, across all pages, as far as it is asked for."""
        cursor = ""
        while True:
            reply = self.read(method, {**params, **({"cursor": cursor} if cursor else {})})
            yield from reply.get(field) or ()
            cursor = (reply.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def check_address(self, url: str) -> None:
        """Refuse an address that is not Slack's. Raises: Refused."""
        if urlsplit(url)[:2] not in self._places:
            raise Refused("The address that Slack gave is not Slack's. Nothing was sent there.")

    def write(self, method: str, body: Mapping[str, Any], *, repeatable: bool = True) -> SlackResponse:
        """Call a writing method with a JSON body. `repeatable`: a second time does no harm."""
        reply = self._call(lambda: self._client.api_call(method, json=_set(body)), doing=method, repeatable=repeatable)
        log.info("slack.called", method=method)
        return reply

    def _call(self, call: Callable[[], SlackResponse], *, doing: str, repeatable: bool) -> SlackResponse:
        try:
            reply = call()
        except SlackApiError as exc:
            error = from_reply(exc, doing=doing, repeatable=repeatable)
            self.silence.answered(exc.response.status_code < 500)
            if isinstance(error, AppDisabled) and error.code != "missing_scope":  # that closes one method only
                self.disabled = str(error)
            raise error from exc
        except (OSError, HTTPException, ValueError) as exc:
            self.silence.answered(False)
            raise from_transport(exc, doing=doing, repeatable=repeatable) from exc
        self.silence.answered(True)
        self.disabled = None
        return reply


def _set(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
