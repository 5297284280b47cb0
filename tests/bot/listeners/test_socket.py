"""End to end over Socket Mode: the real Bolt and the real client libraries against the local workspace.

A person clicks in the workspace, the row changes, the answer reaches the person, the message follows.
"""

import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text

from automations.domain import CaseStatus, Role
from bot.gateway import SlackGateway
from bot.listeners import BotIdentity, Deps, make_bolt, register
from bot.listeners.after import After
from bot.permissions import Permissions
from bot.render import renderer
from bot.socket_mode import SocketMode
from bot.views.texts import Look
from bot.wire import CASE_MORE, CaseButton
from bot.workspace import WorkspaceServer, sample_app, sample_seed
from storage import notifications
from storage.engine import Database
from storage.models import Case
from tests.automations.failure_tickets.world import ROSTER, World
from tests.bot.live_terms import terms_of
from tests.report_terms import report_of
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import escalation_of, triage_of

LOOK = Look(zone="Europe/Oslo")
ROLES = {Role.AGENT: ("S_AGENTS",), Role.LEAD: ("S_LEADS",), Role.ADMIN: ("S_ADMINS",)}
PEOPLE = ("U_AGENT1", "U_AGENT2", "U_GUEST")


@dataclass
class Scene:
    """A workspace with the bot connected, and one case posted in C_FAILURES."""

    server: WorkspaceServer
    gateway: SlackGateway
    world: World
    case_id: int = 0
    ts: str = ""
    told_before: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Open another case, later than one that would join the cases before it, and bring its message to Slack."""
        self.world.clock.move(self.world.ctx.timing.burst_within)
        self.case_id = self.world.open(dedup_key=f"scene-{self.case_id}")
        self.ts = ""
        self.told_before = {user: len(self._private(user)) for user in PEOPLE}
        self.deliver()

    def end(self) -> None:
        """Close the forms that are still open."""
        for user in PEOPLE:
            for view in self.read(f"views?user={user}")["views"]:
                self.control("close", user=user, view_id=view["id"])

    @property
    def case(self) -> Case:
        return self.world.case(self.case_id)

    def control(self, act: str, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.server.url}/_control/{act}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            answer: dict[str, Any] = json.load(reply)
        return answer

    def read(self, what: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.server.url}/_control/{what}", timeout=10) as reply:
            answer: dict[str, Any] = json.load(reply)
        return answer

    def click(self, user: str, action_id: str, act: str = "", *, ts: str = "") -> dict[str, Any]:
        chosen = {"value": f"case:{self.case_id}:{act}"} if act else {}
        return self.control("click", user=user, channel="C_FAILURES", ts=ts or self.ts, action_id=action_id, **chosen)

    def submit(self, user: str, view: dict[str, Any], **fields: str) -> dict[str, Any]:
        values = {name: {name: text} for name, text in fields.items()}
        return self.control("submit", user=user, view_id=view["id"], values=values)

    def private(self, user: str, count: int = 1) -> list[dict[str, Any]]:
        """What a person was told in private in this scene, once there are `count` messages."""
        start = self.told_before[user]
        return list(until(lambda: self._private(user)[start:], lambda found: len(found) >= count))

    def _private(self, user: str) -> list[dict[str, Any]]:
        return list(self.read(f"ephemerals?user={user}")["messages"])

    def form(self, user: str) -> dict[str, Any]:
        """The form open in front of a person."""
        views = until(lambda: self.read(f"views?user={user}")["views"], lambda found: len(found) == 1)
        return dict(views[0])

    def deliver(self) -> str:
        """Bring the living message up to date, as the delivery job does, and read it as people see it."""
        with self.world.begin() as session:
            row = notifications.take(session, f"case/{self.case_id}", self.world.clock.now())
            message = renderer(lambda: terms_of(self.world.ctx, LOOK))(session, row)
            if row.ts is None:
                self.ts = self.gateway.post("C_FAILURES", message, key=row.key, version=row.version).ts
            else:
                self.gateway.update("C_FAILURES", row.ts, message, key=row.key, version=row.version)
            at = self.world.clock.now()
            notifications.delivered(session, row.key, row.version, "C_FAILURES", self.ts, None, at)
        messages = self.read("messages?channel=C_FAILURES")["messages"]
        return json.dumps(next(message for message in messages if message["ts"] == self.ts), ensure_ascii=False)


def until(look: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Look until it is good, ten seconds at most."""
    pause = Event()
    for _ in range(500):
        if good(found := look()):
            return found
        pause.wait(0.02)
    raise AssertionError(f"never came: last seen {found!r}")


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The bot, connected; closing its two connections takes seconds, so the scenes of this module share them."""
    path = tmp_path_factory.mktemp("socket") / "handoff.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    world = World.on(database, FakeClock(), RecordingJobs())
    app = sample_app()
    with WorkspaceServer(sample_seed(), app) as server:
        gateway = SlackGateway(app.bot_token, base_url=server.base_url)
        me = gateway.auth_test()
        permissions = Permissions(ROLES, ROSTER, gateway, me.team_id)
        after = After(gateway)
        bolt = make_bolt(server.base_url, lambda: BotIdentity(me.team_id, me.user_id, me.bot_id, app.bot_token))
        deps = Deps(
            database,
            world.ctx,
            permissions,
            LOOK,
            after,
            report_of(world.ctx),
            triage_of(world.ctx),
            escalation_of(world.ctx),
        )
        register(bolt, lambda: deps)
        socket = SocketMode(bolt, app.app_token, server.base_url)
        socket.keep()
        assert socket.connected, socket.problem
        scene = Scene(server, gateway, world)
        scene.control("faults", post_burst=0)  # the scenes of this module post faster than Slack would take it
        yield scene
        socket.stop()
        after.close()
        permissions.close()
    database.close()


@pytest.fixture
def scene(stage: Scene) -> Iterator[Scene]:
    stage.begin()
    yield stage
    stage.end()


def test_a_person_claims_another_takes_over_and_resolves_and_the_message_follows(scene: Scene) -> None:
    assert scene.click("U_AGENT1", "case.claim")["acked"] is True
    assert scene.case.claimed_by == "anna@team.example"
    shown = scene.deliver()
    assert "claimed by Anna Berg" in shown
    assert "<@U_AGENT1>" not in shown

    scene.click("U_AGENT1", "case.reassign")
    assert scene.submit("U_AGENT1", scene.form("U_AGENT1"), to="U_AGENT2")["acked"] is True
    assert scene.case.owner == "ben@team.example"
    scene.deliver()
    scene.click("U_AGENT2", "case.claim")
    scene.deliver()

    scene.click("U_AGENT2", "case.resolve")
    scene.submit("U_AGENT2", scene.form("U_AGENT2"), note="Ledger is back.")
    assert scene.case.status == CaseStatus.RESOLVED
    shown = scene.deliver()
    assert "Resolved by Ben Okoro, not verified yet" in shown
    assert "Ledger is back." in shown


def test_of_two_at_once_one_wins_and_the_other_is_told_in_private(scene: Scene) -> None:
    with ThreadPoolExecutor(2) as both:
        acked = list(both.map(lambda user: scene.click(user, "case.claim")["acked"], ("U_AGENT1", "U_AGENT2")))
    assert acked == [True, True]
    loser, name = (
        ("U_AGENT2", "Anna Berg") if scene.case.claimed_by == "anna@team.example" else ("U_AGENT1", "Ben Okoro")
    )
    (message,) = scene.private(loser)
    assert message["text"].startswith(f"{name} claimed CASE-{scene.case_id} at")


def test_a_guest_is_told_why_not(scene: Scene) -> None:
    assert scene.click("U_GUEST", "case.claim")["acked"] is True
    (message,) = scene.private("U_GUEST")
    assert "Guests" in message["text"]
    assert scene.case.claimed_by is None


def test_a_form_that_comes_too_late_stays_open_and_says_who_was_first(scene: Scene) -> None:
    assert scene.click("U_AGENT1", CASE_MORE, "resolve")["acked"] is True
    late = scene.form("U_AGENT1")
    scene.click("U_AGENT2", CASE_MORE, "not_needed")
    scene.submit("U_AGENT2", scene.form("U_AGENT2"), note="")
    answer = scene.submit("U_AGENT1", late, note="done")
    assert "Ben Okoro closed" in json.dumps(answer["body"])
    assert scene.form("U_AGENT1")["id"] == late["id"]


def test_a_reaction_claims_and_another_offers_a_form_that_opens(scene: Scene) -> None:
    scene.control("react", user="U_AGENT1", channel="C_FAILURES", ts=scene.ts, name="eyes")
    until(lambda: scene.case.claimed_by, lambda by: by == "anna@team.example")
    scene.control("react", user="U_AGENT1", channel="C_FAILURES", ts=scene.ts, name="white_check_mark")
    undo, offered = scene.private("U_AGENT1", 2)
    assert undo["text"].startswith(f"CASE-{scene.case_id} is yours. Undo until ")
    scene.click("U_AGENT1", "case.resolve", ts=offered["ts"])
    assert CaseButton.decode(scene.form("U_AGENT1")["private_metadata"]).case_id == scene.case_id


def test_commands_mentions_and_home_are_answered_in_private(scene: Scene) -> None:
    said = scene.control("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="mine")
    assert said["acked"] is True
    (message,) = scene.private("U_AGENT1")
    assert f"CASE-{scene.case_id}" in json.dumps(message)
    scene.control("message", user="U_AGENT1", channel="C_FAILURES", text="<@U_HANDOFF> hello")
    assert "/support" in scene.private("U_AGENT1", 2)[-1]["text"]
    scene.control("home", user="U_AGENT1")
    home = until(lambda: scene.read("views?user=U_AGENT1")["home"], bool)
    assert f"CASE-{scene.case_id}" in json.dumps(home)


def test_a_click_that_cannot_be_kept_is_not_acknowledged(scene: Scene) -> None:
    full = "create trigger no_inbox before insert on inbox begin select raise(abort, 'full'); end"
    with scene.world.begin() as session:
        session.execute(text(full))
    try:
        assert scene.click("U_AGENT1", "case.claim")["acked"] is False
    finally:
        with scene.world.begin() as session:
            session.execute(text("drop trigger no_inbox"))
    assert scene.case.claimed_by is None
    assert scene.click("U_AGENT1", "case.claim")["acked"] is True
