"""Nobody gains a right by a name that is nearly right or a look-up that fails, and who loses one loses it soon."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from automations.domain import ROLE_ORDER, Role
from automations.errors import Unavailable
from bot.gateway import CACHE_S, SlackGateway
from bot.permission_matrix import MATRIX
from bot.permissions import Permissions, refusal
from bot.settings import Roles
from tests.automations.failure_tickets.world import ROSTER, World
from tests.bot.listeners.people import ROLES, TEAM, Directory, click
from tests.bot.workspace.room import Room
from tests.doors.room import DOORS, FORM, Doors, by_slack
from tests.figures.told import tell

ID, GROUP = "U_MEMBER", "S_AGENTS"
one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def variants(name: str) -> list[str]:
    """The name as somebody could mistype it, or write it so that it looks the same."""
    return [
        "", " ", "*", "%", "_", ".*", name.lower(), name.title(), name.swapcase(), f" {name}", f"{name} ",
        f"{name}\n", f"\t{name}",
        f"{name}X", f"{name}\x00", f"{name}\u200b", f"\ufeff{name}", name.replace("M", "\u039c").replace("A", "\u0410"),
        name[:-1], f"@{name}", f"<@{name}>", f"<!subteam^{name}>", f"'{name}'", f'"{name}"', f"{name},{name}",
        "null", "None", "true", "0", "everyone", "channel", "here", f"{name}/..", f"{name};", f"{name}\u0301", name[1:],
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name), name[::-1],
    ]  # fmt: skip


@pytest.fixture
def directory() -> Directory:
    return Directory()


def allowed(permissions: Permissions, user: str, team: str = TEAM) -> list[str]:
    """The rows that need a role and that this user may do."""
    identity = permissions.identify(user, team)
    return [row for row, role in MATRIX.items() if role is not None and not refusal(identity, row)]


def test_more_than_a_hundred_names_that_are_nearly_right_give_nothing(directory: Directory) -> None:
    tried = 0
    for role in ROLE_ORDER:
        for nearly in variants(ID):  # in the settings
            permissions = Permissions({role: (nearly,)}, ROSTER, directory, TEAM)
            assert allowed(permissions, ID) == [], (role, nearly)
            permissions.close()
            tried += 1
    for nearly in variants("S_ADMINS"):  # a group that was renamed, or is not there any more
        permissions = Permissions({Role.ADMIN: (nearly,)}, ROSTER, directory, TEAM)
        assert allowed(permissions, ID) == allowed(permissions, "U_AGENT2") == [], nearly
        permissions.close()
        tried += 1
    permissions = Permissions(ROLES, ROSTER, directory, TEAM)
    for nearly in variants("U_ADMIN"):  # in what Slack sends
        assert allowed(permissions, nearly) == [], nearly
        tried += 1
    for nearly in variants(TEAM):
        if nearly:  # without a team Slack's own answer says which one it is
            assert allowed(permissions, "U_ADMIN", nearly) == [], nearly
            tried += 1
    permissions.close()
    assert tried > 100
    tell("18", f"{tried} names nearly right of users, groups and workspaces: 0 allowed")


@given(st.text(max_size=20), st.sampled_from(ROLE_ORDER).flatmap(lambda role: st.sampled_from(variants(role))))
def test_a_role_by_any_other_name_stops_the_start(drawn: str, nearly: str) -> None:
    for name in (drawn, nearly):
        if name in set(ROLE_ORDER):
            continue
        with pytest.raises(ValidationError):
            Roles.model_validate({name: [ID]})


@pytest.mark.parametrize("user", ["U_AGENT1", "U_AGENT2", "U_LEAD1", "U_ADMIN"])
def test_while_the_look_up_fails_no_row_is_allowed(directory: Directory, user: str) -> None:
    permissions = Permissions(ROLES, ROSTER, directory, TEAM)
    assert allowed(permissions, user) != []
    directory.down = True
    assert allowed(permissions, user) == []
    permissions.close()


def test_while_groups_cannot_be_looked_up_their_members_have_no_role(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_self: Directory, _group: str) -> frozenset[str]:
        raise Unavailable("Slack does not answer", system="slack")

    monkeypatch.setattr(Directory, "usergroup_members", down)
    permissions = Permissions({Role.AGENT: (GROUP,), Role.ADMIN: ("S_ADMINS",)}, ROSTER, directory, TEAM)
    assert allowed(permissions, "U_AGENT2") == []
    permissions.close()


@pytest.fixture
def seconds() -> list[float]:
    return [1_000.0]


@pytest.fixture
def bot(world: World, room: Room, seconds: list[float]) -> Iterator[Doors]:
    """A bot whose memory of people and groups ages as `seconds` says."""
    gateway = SlackGateway("xoxb-demo-handoff", base_url=room.server.base_url, monotonic=lambda: seconds[0])
    made = Doors.on(world, room, gateway)
    yield made
    made.side.close()


def press(bot: Doors, user: str, act: str) -> None:
    body = urlencode({"payload": json.dumps(click(user, f"case.{act}", f"case:1:{act}"))}).encode()
    headers = [("content-type", FORM), *by_slack(body, bot.now)]
    assert bot.send(DOORS["slack click"].path, body, headers).status_code == 200


@one_kind
@pytest.mark.parametrize("how", ["taken out of the group", "deactivated"])
def test_who_lost_the_role_presses_an_old_button(
    bot: Doors, world: World, room: Room, seconds: list[float], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In less than a minute, without a restart. Who is taken off by Handoff is refused at once: `test_matrix`."""
    press(bot, "U_AGENT1", "claim")
    assert world.case(1).status == "claimed"
    workspace = room.workspace
    group = workspace.usergroups[GROUP]
    if how == "deactivated":
        room.act("faults", deactivate="U_AGENT1")
    else:
        monkeypatch.setitem(workspace.usergroups, GROUP, {**group, "users": ["U_AGENT2"]})
    seconds[0] += CACHE_S
    press(bot, "U_AGENT1", "release")
    assert world.case(1).status == "claimed"
    assert len(world.audited("click.refused")) == 1
    assert CACHE_S < 60
    tell("19", f"{how}: an old button does nothing after {CACHE_S:.0f} s, without a restart")
