"""Every row of the permission matrix, for everybody who may not: nothing happens, it is told in private, written down.

Each row goes through the frame by a plain route. The two that answer in another way (a reaction is passed over in
silence, the Home tab shows why it is empty) have their own tests.
"""

from collections.abc import Callable
from typing import Any

import pytest

from bot import listeners
from bot.listeners.exchange import Answer
from bot.listeners.frame import Route, handle, send
from bot.listeners.interaction import read_action, read_command, read_event, read_form, read_shortcut
from bot.permission_matrix import MATRIX
from bot.views.lists import sentence
from bot.wire_runs import FindingAct, RunAct
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import CHANNEL, Slack, click, command, envelope, form
from tests.bot.listeners.test_attacks import rows

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


@pytest.fixture
def access(world: World) -> Access:
    return Access.on(world)


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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("row", sorted(MATRIX))
def test_who_was_offboarded_may_do_nothing_whatever_the_role(
    slack: Slack, access: Access, world: World, row: str
) -> None:
    """The settings still call them an agent, a lead, an admin; each is blocked before the click is taken in."""
    blocked = {"U_AGENT1": "anna@team.example", "U_LEAD1": "lea@team.example", "U_ADMIN": "sam@team.example"}
    for number, (user, email) in enumerate(blocked.items(), start=1):
        access.block(email)
        ran, told = refused(slack, row, user)
        assert ran == [], (row, user)
        assert "Your access to Handoff was taken away" in str(told), (row, user)
        last = world.audited("click.refused")
        assert len(last) == number, (row, user)
        assert (last[-1].actor, (last[-1].after or {})["what"]) == (email, row)


SUFFIXES = sorted(suffix for suffix in listeners.COMMANDS if suffix not in ("", "-report", "-stuck", "-customers"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("user", [*EXCLUDED, "U_MEMBER", "U_AGENT1"])
def test_a_command_of_access_by_somebody_who_may_not_asks_for_nothing(
    world: World, access: Access, suffix: str, user: str
) -> None:
    """The real commands, as Bolt routes them; the rows above go through the frame by plain routes."""
    slack = Slack(world, access.ctx)
    for text in ("", "help", "ben@team.example agent", "nonsense agent"):
        assert slack.command(user, text, suffix.removeprefix("-")).status == 200
    assert access.runs() == []
    assert [kind for kind, *_ in slack.told()] == ["respond"] * 4
    assert len(world.audited("click.refused")) == 4
    slack.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", [*RunAct, *FindingAct])
@pytest.mark.parametrize("user", [*EXCLUDED, "U_MEMBER", "U_AGENT3"])
def test_a_button_of_access_pressed_by_somebody_who_may_not_changes_and_shows_nothing(
    world: World, access: Access, act: RunAct | FindingAct, user: str
) -> None:
    """An agent who owns no step is among them: Done by hand is for its owner, or a lead."""
    slack = Slack(world, access.ctx)
    access.compared("f1@team.example")
    run = access.proposed(needed=2)
    button = access.button(run, act) if isinstance(act, RunAct) else access.finding(1, act)
    before = rows(world, asked=False)
    for body in (click(user, act, button.encode()), form(user, act, button.encode(), {"reason": "so", "until": "2h"})):
        assert slack.dispatch(body).status in (200, 404), "404: this act has no form"
    assert rows(world, asked=False) == before
    assert all(kind == "respond" for kind, *_ in slack.told())
    assert "ben@team.example" not in str(slack.told())
    assert world.audited("click.refused")
    slack.close()
