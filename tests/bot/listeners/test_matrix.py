"""Every row of the permission matrix, for everybody who may not: nothing happens, it is told in private, written down.

Each row goes through the frame by a plain route. The two that answer in another way (a reaction is passed over in
silence, the Home tab shows why it is empty) have their own tests.
"""

from collections.abc import Callable
from typing import Any

import pytest

from bot.listeners.exchange import Answer
from bot.listeners.frame import Route, handle, send
from bot.listeners.interaction import read_action, read_command, read_event, read_form, read_shortcut
from bot.permissions import MATRIX
from bot.views.lists import sentence
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import CHANNEL, Slack, click, command, envelope, form

EXCLUDED = ("U_GUEST", "U_SINGLE", "U_STRANGER", "U_OUTSIDE", "U_BOT", "U_GONE", "U_UNKNOWN")


def an_event(user: str) -> dict[str, Any]:
    return envelope({"type": "x", "user": user, "channel": CHANNEL})


def a_shortcut(user: str) -> dict[str, Any]:
    body = click(user, "x", "x")
    return body | {"type": "message_action", "callback_id": "x", "message": {"ts": "1.1", "text": "hi"}}


READ: dict[str, tuple[Callable[..., Any], Callable[[str], dict[str, Any]]]] = {
    "action": (read_action, lambda user: click(user, "x", "x")),
    "form": (read_form, lambda user: form(user, "x", "x", {"note": "x"})),
    "command": (read_command, lambda user: command(user, "x")),
    "event": (read_event, an_event),
    "reaction": (read_event, an_event),
    "shortcut": (read_shortcut, a_shortcut),
}
"""Kind of row -> how such an interaction is read, and one made by a user."""


def refused(slack: Slack, row: str, user: str) -> tuple[list[str], list[Any]]:
    """Send an interaction of that row; what ran, and what was said in private."""
    ran: list[str] = []

    def run(_session: object, _turn: object) -> Answer:
        ran.append(row)
        return Answer("done", message=sentence("done"))

    read, made = READ[row.partition(" ")[0]]
    interaction = read(made(user))
    answer = handle(interaction, slack.deps, lambda *_: Route(row, run))
    send(answer, interaction, slack.deps)
    return ran, [*slack.told(), *([answer.errors] if answer.errors else [])]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("row", sorted(MATRIX))
def test_nobody_from_outside_may_do_anything(slack: Slack, world: World, row: str) -> None:
    for number, user in enumerate(EXCLUDED, start=1):
        ran, told = refused(slack, row, user)
        assert ran == [], (row, user)
        assert len(told) >= 1, (row, user)
        assert all(kind in ("respond", "ephemeral") for kind, *_ in slack.told())
        last = world.audited("click.refused")
        assert len(last) == number, (row, user)
        assert last[-1].after is not None
        assert last[-1].after["what"] == row


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("row", sorted(row for row, role in MATRIX.items() if role is not None))
def test_a_member_without_a_role_may_do_nothing_that_needs_one(slack: Slack, world: World, row: str) -> None:
    ran, told = refused(slack, row, "U_MEMBER")
    assert ran == []
    assert "role" in str(told)
    assert len(world.audited("click.refused")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("row", sorted(row for row, role in MATRIX.items() if role == "lead"))
def test_an_agent_is_no_lead(slack: Slack, world: World, row: str) -> None:
    ran, told = refused(slack, row, "U_AGENT1")
    assert ran == []
    assert "needs the role lead" in str(told)
