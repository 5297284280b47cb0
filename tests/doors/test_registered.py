"""Everything that is registered with Slack, sent through the signed door by everybody who may not: nothing happens.

What is sent is made from the code's own matrix, in which each listener has its row or nothing starts. Who may do what
the row names is in `tests/bot/test_permissions`; buttons with good values in `tests/bot/listeners/test_matrix`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.permission_matrix import MATRIX
from bot.wire import CaseAct, CaseButton
from bot.wire_runs import FindingAct, RunAct
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import CARD_TS, CHANNEL, TEAM, click, command, envelope, form
from tests.bot.workspace.room import Room
from tests.doors.room import FORM, JSON, Doors, by_slack, rows
from tests.figures.told import tell

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.timeout(400)]
EVERYBODY = os.environ.get("HANDOFF_MATRIX") == "all"
"""Every row for everybody; otherwise each row for one of them in turn."""
PIECE = 25
"""Rows after which everything there is is looked at."""
KEPT = ("inbox", "audit_entry", "audit_head", "person_alias")
WHO = {
    "guest": ("U_GUEST", TEAM),
    "of a shared channel": ("U_OUTSIDE", "T_OTHER"),
    "bot": ("U_HANDOFF", TEAM),
    "deactivated": ("U_AGENT3", TEAM),
    "of another workspace, with an admin's id": ("U_ADMIN", "T_OTHER"),
    "unknown": ("U_NOBODY", TEAM),
    "empty": ("", TEAM),
}
REACTIONS = {"claim": "eyes", "release": "leftwards_arrow_with_hook", "resolve": "white_check_mark", "escalate": "sos"}


@dataclass
class Stage:
    """A bot with a case, a run and a finding, where one agent was deactivated."""

    bot: Doors
    access: Access

    def value(self, name: str) -> str:
        """What a good button of that act carries, where the tests can make one."""
        if name in set(CaseAct):
            return CaseButton(1, CaseAct(name)).encode()
        if name in set(RunAct):
            return self.access.button(1, RunAct(name)).encode()
        if name in set(FindingAct):
            return self.access.finding(1, FindingAct(name)).encode()
        return "case:1:claim"

    def send(self, row: str, user: str, team: str) -> int:
        """Send what the row is about; the status of the answer."""
        kind, _, name = row.partition(" ")
        if kind in ("event", "reaction"):
            told: dict[str, Any] = {"type": name, "user": user, "channel": CHANNEL, "text": "hi", "tab": "home"}
            if kind == "reaction":
                item = {"type": "message", "channel": CHANNEL, "ts": CARD_TS}
                told |= {"type": "reaction_added", "reaction": REACTIONS[name], "item": item}
            body, media = json.dumps(envelope(told) | {"team_id": team}).encode(), JSON
        elif kind == "command":
            words = name.split()
            word, text = (words[0], " ".join(words[1:])) if words[0] in WORDS else ("", name)
            body, media = urlencode(command(user, text, word) | {"team_id": team}).encode(), FORM
        else:
            body, media = urlencode({"payload": json.dumps(self.pressed(kind, name, user, team))}).encode(), FORM
        return self.bot.send(
            "/slack/events", body, [("content-type", media), *by_slack(body, self.bot.now)]
        ).status_code

    def pressed(self, kind: str, name: str, user: str, team: str) -> dict[str, Any]:
        fields = {"note": "x", "reason": "I want to", "until": "1d", "to": "U_AGENT1"}
        made = form(user, name, self.value(name), fields) if kind == "form" else click(user, name, self.value(name))
        made["user"]["team_id"] = team
        if kind == "shortcut":
            made |= {"type": "message_action", "callback_id": name, "message": {"ts": "1.1", "text": "hi"}}
        return made


WORDS = ("stuck", "report", "provision", "offboard", "reconcile", "customers")
"""Slash commands of their own; the other words follow `/support`."""


@pytest.fixture
def stage(world: World, room: Room) -> Iterator[Stage]:
    access = Access.on(world)
    access.proposed()
    access.compared("f1@team.example")
    room.act("faults", deactivate="U_AGENT3")
    bot = Doors.on(world, room, access=access.ctx)
    yield Stage(bot, access)
    bot.side.close()


def test_nobody_without_the_right_has_an_effect_by_anything_that_is_registered(stage: Stage, world: World) -> None:
    sent, who = 0, list(WHO.values())
    everything = list(enumerate(sorted(MATRIX)))
    for start in range(0, len(everything), PIECE):
        piece = everything[start : start + PIECE]
        before, written, asked = rows(world.database, *KEPT), len(world.audited("click.refused")), world.jobs.asked
        for number, row in piece:
            for user, team in who if EVERYBODY else [who[number % len(who)]]:
                assert stage.send(row, user, team) == 200, (row, user)
                sent += 1
        assert rows(world.database, *KEPT) == before, piece
        assert world.jobs.asked == asked, piece
        heard = [row for _, row in piece if MATRIX[row] is not None and not row.startswith("reaction")]
        refused = len(heard) * (len(who) if EVERYBODY else 1)  # a reaction is passed over: nothing was asked for
        assert len(world.audited("click.refused")) >= written + refused, piece  # help is refused to outsiders, too
    tell("17", f"{len(MATRIX)} rows of the matrix, {sent} sent by who may not: 0 effects, all that asked written down")


def test_who_has_the_right_has_the_effect(stage: Stage, world: World) -> None:
    """Else the other would show nothing."""
    assert stage.send("action case.claim", "U_AGENT1", TEAM) == 200
    assert world.case(1).status == "claimed"
    assert stage.send("action plan.confirm", "U_LEAD2", TEAM) == 200
    assert stage.access.run(1).state == "approved"
