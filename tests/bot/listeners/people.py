"""Slack as the listeners see it: who people are, and what they were told in private."""

from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from automations.access.context import AccessContext
from automations.customer_context.context import CustomerContext
from automations.domain import Role
from automations.errors import HandoffError, Rejected
from bot.listeners import BotIdentity, Deps, make_bolt, register
from bot.listeners.after import After
from bot.permissions import Permissions
from bot.views import Home, Message, Modal
from bot.views.texts import Look
from bot.wire import CASE_MORE, CaseAct, CaseButton
from bot.wire_customers import ChangesButton, ConflictButton, FieldButton, ListButton
from bot.wire_runs import FindingButton, RunButton
from tests.automations.failure_tickets.world import ROSTER, World
from tests.report_terms import report_of
from tests.triage_terms import escalation_of, triage_of

TEAM = "T_SAMPLE"
BOT = BotIdentity(TEAM, "U_HANDOFF", "B_HANDOFF", "xoxb-test")
CHANNEL, CARD_TS = "C_FAILURES", "1795227240.000100"
ROLES = {Role.AGENT: ("U_AGENT1", "S_AGENTS"), Role.LEAD: ("U_LEAD1",), Role.ADMIN: ("U_ADMIN",)}
AccessButton = RunButton | FindingButton
CustomersButton = ChangesButton | ConflictButton | ListButton
PICKED = ("to", "person", "successor")
"""Fields of forms in which people are picked."""
DATED = ("from", "to_day")
"""Fields in which days are picked."""
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """A Slack user."""

    name: str
    email: str | None = None
    team_id: str = TEAM
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False


PEOPLE = {
    "U_AGENT1": Person("anna", "anna@team.example"),
    "U_AGENT2": Person("ben", "Ben@Team.example"),
    "U_AGENT3": Person("cara", "cara@team.example"),
    "U_LEAD1": Person("lea", "lea@team.example"),
    "U_ADMIN": Person("sam", "sam@team.example"),
    "U_MEMBER": Person("mo", "mo@team.example"),
    "U_GUEST": Person("gus", "gus@elsewhere.example", is_restricted=True),
    "U_SINGLE": Person("sid", "sid@elsewhere.example", is_ultra_restricted=True),
    "U_STRANGER": Person("sto", None, is_stranger=True),
    "U_OUTSIDE": Person("lee", None, team_id="T_OTHER"),
    "U_BOT": Person("robot", None, is_bot=True),
    "U_GONE": Person("gone", "gone@team.example", deleted=True),
}
NO_RIGHTS = ("U_MEMBER", "U_GUEST", "U_SINGLE", "U_STRANGER", "U_OUTSIDE", "U_BOT", "U_GONE", "U_UNKNOWN")


@dataclass
class Directory:
    """Who is who. `down` makes every look-up fail; `before` runs first and may wait."""

    down: bool = False
    before: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list)

    def user(self, user_id: str) -> Person:
        self.asked.append(user_id)
        self.before()
        if self.down or user_id not in PEOPLE:
            raise Rejected("Slack said no", system="slack", code="user_not_found")
        return PEOPLE[user_id]

    def usergroup_members(self, group_id: str) -> Collection[str]:
        return frozenset({"U_AGENT2", "U_AGENT3"}) if group_id == "S_AGENTS" else frozenset()


@dataclass
class Door:
    """What left in private: (kind, to whom or through which address, what)."""

    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def respond(self, response_url: str, message: Message, *, replace_original: bool = False) -> None:
        self._send("replace" if replace_original else "respond", response_url, message)

    def ephemeral(self, channel: str, user: str, message: Message) -> None:
        self._send("ephemeral", f"{channel}/{user}", message)

    def open_view(self, trigger_id: str, view: Modal) -> str:
        self._send("open_view", trigger_id, view)
        return "V_OPENED"

    def push_view(self, trigger_id: str, view: Modal) -> None:
        self._send("push_view", trigger_id, view)

    def update_view(self, view_id: str, view: Modal) -> None:
        self._send("update_view", view_id, view)

    def publish_home(self, user: str, view: Home) -> None:
        self._send("publish_home", user, view)

    def _send(self, kind: str, to: str, what: Any) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append((kind, to, what))


class AtOnce(Executor):
    """An executor without threads."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except HandoffError as exc:
            done.set_exception(exc)
        return done


class Slack:
    """Sends what people do to the Bolt app, as Socket Mode would, and keeps what they get."""

    def __init__(
        self, world: World, access: AccessContext | None = None, customers: CustomerContext | None = None
    ) -> None:
        self.world = world
        self.directory = Directory()
        self.door = Door()
        self.permissions = Permissions(ROLES, ROSTER, self.directory, TEAM, lookup_s=0.2)
        self.after = After(self.door, AtOnce())
        look = Look(zone="Europe/Oslo")
        self.deps = Deps(
            world.database,
            world.ctx,
            self.permissions,
            look,
            self.after,
            report_of(world.ctx),
            triage_of(world.ctx),
            escalation_of(world.ctx),
            access=access,
            customers=customers,
        )
        self.app: App = make_bolt("http://127.0.0.1:1/api/", lambda: BOT)
        register(self.app, lambda: self.deps)

    def close(self) -> None:
        self.after.close()
        self.permissions.close()

    def told(self) -> list[tuple[str, str, Any]]:
        """Everything that left in private until now."""
        return self.door.sent

    def words(self) -> str:
        """The words of the last private answer."""
        return str(self.told()[-1][2]["text"])

    def dispatch(self, body: dict[str, Any]) -> BoltResponse:
        return self.app.dispatch(BoltRequest(mode="socket_mode", body=body))

    def click(self, user: str, act: str, case_id: int = 1) -> BoltResponse:
        return self.dispatch(click(user, act, CaseButton(case_id, CaseAct(act)).encode()))

    def choose(self, user: str, act: str, case_id: int = 1) -> BoltResponse:
        """Pick an entry of the overflow menu."""
        body = click(user, CASE_MORE, "")
        option = {"value": CaseButton(case_id, CaseAct(act)).encode()}
        body["actions"][0] |= {"type": "overflow", "selected_option": option}
        return self.dispatch(body)

    def submit(self, user: str, act: str, fields: dict[str, str], case_id: int = 1) -> BoltResponse:
        return self.dispatch(form(user, act, CaseButton(case_id, CaseAct(act)).encode(), fields))

    def command(self, user: str, text: str, word: str = "") -> BoltResponse:
        """Type `/support`, or with a word `/support-WORD`."""
        return self.dispatch(command(user, text, word))

    def press(
        self, user: str, button: AccessButton | CustomersButton, *, view: dict[str, Any] | None = None
    ) -> BoltResponse:
        """Press a button about access or customers; in a `view` if one is given."""
        return self.dispatch(click(user, button.act, button.encode(), view=view))

    def pick(self, user: str, menu: str, button: FieldButton) -> BoltResponse:
        """Choose from a menu."""
        body = click(user, menu, "")
        body["actions"][0] |= {"type": "static_select", "selected_option": {"value": button.encode()}}
        return self.dispatch(body)

    def send(self, user: str, about: AccessButton | CustomersButton, fields: dict[str, str]) -> BoltResponse:
        """Send the form of an act about access or customers."""
        return self.dispatch(form(user, about.act, about.encode(), fields))

    def react(self, user: str, emoji: str, *, removed: bool = False, ts: str = CARD_TS) -> BoltResponse:
        item = {"type": "message", "channel": CHANNEL, "ts": ts}
        kind = "reaction_removed" if removed else "reaction_added"
        return self.event({"type": kind, "user": user, "reaction": emoji, "item": item})

    def event(self, event: dict[str, Any], event_id: str | None = None) -> BoltResponse:
        return self.dispatch(envelope(event, event_id))


def click(user: str, action_id: str, value: str, *, view: dict[str, Any] | None = None) -> dict[str, Any]:
    """A press of a button on the case message, or in a view."""
    number = next(_numbers)
    if view is not None:
        return {
            "type": "block_actions",
            "team": {"id": TEAM, "domain": "sample"},
            "user": {"id": user, "team_id": TEAM},
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "trigger_id": f"trigger-{number}",
            "actions": [{"type": "button", "action_id": action_id, "value": value, "action_ts": f"{number}.0"}],
        }
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "sample"},
        "user": {"id": user, "team_id": TEAM},
        "container": {"type": "message", "message_ts": CARD_TS, "channel_id": CHANNEL},
        "channel": {"id": CHANNEL, "name": "failures"},
        "trigger_id": f"trigger-{number}",
        "response_url": f"https://hooks.example/actions/{number}",
        "actions": [{"type": "button", "action_id": action_id, "value": value, "action_ts": f"{number}.0"}],
    }


def form(user: str, callback_id: str, metadata: str, fields: dict[str, str]) -> dict[str, Any]:
    """A form that was sent."""
    number = next(_numbers)
    values = {name: {name: _state(name, text)} for name, text in fields.items()}
    view = {
        "id": f"V{number}",
        "hash": "h1",
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "state": {"values": values},
    }
    user_part = {"id": user, "team_id": TEAM}
    return {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": user_part,
        "trigger_id": f"t{number}",
        "view": view,
    }


def _state(name: str, text: str) -> dict[str, str]:
    if name in DATED:
        return {"type": "datepicker", "selected_date": text}
    return {"type": "users_select", "selected_user": text} if name in PICKED else {"type": "x", "value": text}


def command(user: str, text: str, word: str = "") -> dict[str, Any]:
    """A slash command: `/support`, or `/support-WORD`."""
    number = next(_numbers)
    return {
        "command": f"/support-{word}" if word else "/support",
        "text": text,
        "user_id": user,
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "trigger_id": f"trigger-{number}",
        "response_url": f"https://hooks.example/commands/{number}",
    }


def envelope(event: dict[str, Any], event_id: str | None = None) -> dict[str, Any]:
    """An event."""
    known = event_id or f"Ev{next(_numbers)}"
    return {"type": "event_callback", "team_id": TEAM, "event_id": known, "event": event}
