"""The state of the workspace: who is there, what was said, what is open. Only the server's event loop touches it."""

import asyncio
import itertools
import secrets
import string
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from bot.workspace.errors import SlackRefusal
from bot.workspace.model import AppConfig, Clock, Json, Seed
from bot.workspace.pace import Pace
from bot.workspace.store import Store

_ALPHABET = string.ascii_uppercase + string.digits
TEAM_DOMAIN = "handoff-local"


class Workspace:
    """Everything people and the app see. Reads come from memory, each write goes to the store at once.

    `rev` grows with each visible change and is larger after a restart than before it, so a page that polls notices.
    `on_event` receives each event object of the Events API; delivery listens there. `story` is what the demo's bar
    shows, None without one. `files_ready_s` is how long after its upload a file is still being looked at.
    """

    def __init__(self, seed: Seed, app: AppConfig, store: Store, clock: Clock) -> None:
        self.seed, self.app, self.store, self.clock = seed, app, store, clock
        self.on_event: Callable[[Json], None] = lambda _event: None
        self.rev = int(clock() * 1000)
        self.closing = False
        self._changed = asyncio.Event()
        self._last_us = 0
        self._notice_ids = itertools.count(self.rev)
        self.notices: deque[Json] = deque(maxlen=50)
        self.story: Json | None = None
        self.files_ready_s = 0.0
        self.pace = Pace(clock)
        self.load()

    def load(self) -> None:
        """Read the store; a fresh one is filled from the seed first."""
        if not self.store.all("user"):
            self._plant()
        self.users = self.store.all("user")
        self.channels = self.store.all("channel")
        self.usergroups = self.store.all("usergroup")
        self.messages: dict[str, dict[str, Json]] = {id: {} for id in self.channels}
        self.threads: dict[tuple[str, str], list[str]] = {}
        for document in self.store.all("message").values():
            self.index(document["channel"], document["message"])
        self.ephemerals = self.store.all("ephemeral")
        self.modals: dict[str, list[Json]] = {user: doc["views"] for user, doc in self.store.all("modals").items()}
        self.homes = self.store.all("home")
        self.marks = self.store.all("mark")
        self.hooks = self.store.all("hook")
        self.files = self.store.all("file")
        self.triggers: dict[str, Json] = {}
        self.tickets: dict[str, float] = {}  # Socket Mode ticket -> when it expires

    def _plant(self) -> None:
        for user in self.seed.users:
            self.store.put("user", user["id"], user)
        for channel in self.seed.channels:
            self.store.put("channel", channel["id"], channel)
        for group in self.seed.usergroups:
            self.store.put("usergroup", group["id"], group)

    def reset(self) -> None:
        """Back to the seed: every message, view, mark and notice is gone."""
        self.store.clear()
        self.notices.clear()
        self.pace.clear()
        self.load()
        self.bump()

    @property
    def team_id(self) -> str:
        """The workspace's own id (T…)."""
        return str(self.seed.team["id"])

    def bump(self) -> None:
        """Count a visible change and wake everybody who waits for one."""
        self.rev += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait_beyond(self, rev: int, timeout_s: float) -> None:
        """Return when `self.rev` exceeds `rev`, when the server closes, or after `timeout_s` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.rev <= rev and not self.closing:
                    await self._changed.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Let every waiting poll answer now, so that the server can stop."""
        self.closing = True
        self.bump()

    def ts(self) -> str:
        """A new message timestamp, unique in the workspace and ascending. Slack: seconds, a dot, six digits."""
        self._last_us = max(int(self.clock() * 1_000_000), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def fresh_id(self, prefix: str, length: int = 10) -> str:
        """A random id such as `V7Q2…`; `length` counts the characters after the prefix."""
        return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))

    def notice(self, text: str, level: str = "warning") -> None:
        """Show a mark to the people at the page, e.g. that a command was not acknowledged in time."""
        at = datetime.fromtimestamp(self.clock(), UTC).isoformat()
        self.notices.append({"id": str(next(self._notice_ids)), "at": at, "text": text, "level": level})
        self.bump()

    def index(self, channel: str, message: Json) -> None:
        """Put a message into memory, and into its thread when it is a reply."""
        self.messages.setdefault(channel, {})[message["ts"]] = message
        seconds, _, micros = message["ts"].partition(".")
        self._last_us = max(self._last_us, int(seconds) * 1_000_000 + int(micros))
        parent = message.get("thread_ts")
        if parent is not None and parent != message["ts"]:
            self.threads.setdefault((channel, parent), []).append(message["ts"])

    def save_channel(self, channel: Json) -> None:
        """Write a changed channel through and show it."""
        self.store.put("channel", channel["id"], channel)
        self.bump()

    def user(self, id: str) -> Json:
        """A user by id. Raises SlackRefusal user_not_found."""
        if id not in self.users:
            raise SlackRefusal("user_not_found")
        return self.users[id]

    def channel(self, id: str) -> Json:
        """A channel by id or `#name`. Raises SlackRefusal channel_not_found."""
        if id in self.channels:
            return self.channels[id]
        name = id.removeprefix("#")
        for channel in self.channels.values():
            if channel["name"] == name:
                return channel
        raise SlackRefusal("channel_not_found")

    def deactivate(self, id: str) -> None:
        """Switch a person's account off. Raises SlackRefusal user_not_found."""
        self.user(id)["deleted"] = True
        self.store.put("user", id, self.users[id])
        self.bump()

    def is_external(self, channel: Json) -> bool:
        """Whether people of another organization are in a channel, so that it is shared with it (Slack Connect)."""
        people = (self.users.get(id) for id in channel["members"])
        return any(person is not None and person["team_id"] != self.team_id for person in people)

    def forget_channel(self, channel: Json) -> None:
        """A channel is gone, with all that was said in it."""
        del self.channels[channel["id"]]
        self.store.remove("channel", channel["id"])
        for ts in self.messages.pop(channel["id"], {}):
            self.store.remove("message", f"{channel['id']}:{ts}")
        self.threads = {key: below for key, below in self.threads.items() if key[0] != channel["id"]}
        self.bump()

    def group(self, id: str) -> Json:
        """A user group by id. Raises SlackRefusal no_such_subteam."""
        if id not in self.usergroups:
            raise SlackRefusal("no_such_subteam")
        return self.usergroups[id]

    def set_group(self, id: str, users: list[str], *, by: str) -> None:
        """Let a user group consist of these users. Raises SlackRefusal no_such_subteam."""
        group = self.group(id)
        before, now = list(group["users"]), int(self.clock())
        previous = group["date_update"]
        group |= {"users": users, "user_count": len(users), "updated_by": by, "date_update": now}
        self.store.put("usergroup", id, group)
        self.bump()
        added, removed = [u for u in users if u not in before], [u for u in before if u not in users]
        event = {"type": "subteam_members_changed", "subteam_id": id, "team_id": self.team_id}
        counts = {"added_users_count": len(added), "removed_users_count": len(removed)}
        dates = {"date_previous_update": previous, "date_update": now, "event_ts": self.ts()}
        self.on_event({**event, "added_users": added, "removed_users": removed, **counts, **dates})

    def disable_group(self, id: str, *, by: str) -> None:
        """Switch a user group off; its members stay known. Raises SlackRefusal no_such_subteam."""
        group = self.group(id)
        group |= {"date_delete": int(self.clock()), "deleted_by": by}
        self.store.put("usergroup", id, group)
        self.bump()
        self.on_event({"type": "subteam_updated", "subteam": group, "event_ts": self.ts()})

    def direct(self, user: str) -> Json:
        """The direct-message channel between a user and the bot, made on first use. Raises user_not_found."""
        self.user(user)
        id = "D" + user[1:]
        if id not in self.channels:
            members = [user, self.app.bot_user_id]
            channel = {
                "id": id,
                "name": id.lower(),
                "is_im": True,
                "user": user,
                "members": members,
                "is_archived": False,
            }
            self.channels[id] = {**channel, "created": int(self.clock()), "is_private": True, "topic": {"value": ""}}
            self.save_channel(self.channels[id])
        return self.channels[id]

    def message(self, channel: str, ts: str) -> Json:
        """A stored message. Raises SlackRefusal message_not_found."""
        try:
            return self.messages[channel][ts]
        except KeyError:
            raise SlackRefusal("message_not_found") from None
