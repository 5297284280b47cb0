"""The matrix, cell by cell, and who counts as whom."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from automations.domain import ROLE_ORDER, Actor, Role
from bot import listeners
from bot.permission_matrix import MATRIX
from bot.permissions import Identity, Permissions, refusal
from tests.automations.failure_tickets.world import ROSTER
from tests.bot.listeners.people import NO_RIGHTS, ROLES, TEAM, Directory

HOLDERS = {None: "U_MEMBER", Role.AGENT: "U_AGENT1", Role.LEAD: "U_LEAD1", Role.ADMIN: "U_ADMIN"}


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def permissions(directory: Directory) -> Iterator[Permissions]:
    made = Permissions(ROLES, ROSTER, directory, TEAM)
    yield made
    made.close()


@pytest.mark.parametrize("row", sorted(MATRIX))
@pytest.mark.parametrize("role", [None, *ROLE_ORDER])
def test_each_cell_of_the_matrix(permissions: Permissions, row: str, role: Role | None) -> None:
    """A person with exactly this role may do what the row names, or is told which role it needs."""
    identity = permissions.identify(HOLDERS[role], TEAM)
    assert (identity.actor.role, identity.why_not) == (role, "")
    needed = MATRIX[row]
    may = needed is None or (role is not None and ROLE_ORDER.index(role) >= ROLE_ORDER.index(needed))
    why = refusal(identity, row)
    assert (why == "") == may
    if not may:
        assert f"needs the role {needed}" in why


@pytest.mark.parametrize("row", sorted(MATRIX))
@pytest.mark.parametrize("user", [user for user in NO_RIGHTS if user != "U_MEMBER"])
def test_nobody_from_outside_may_do_anything(permissions: Permissions, row: str, user: str) -> None:
    assert refusal(permissions.identify(user, TEAM), row)


def test_the_matrix_has_a_row_for_every_listener_and_no_other() -> None:
    assert set(listeners.rows()) == set(MATRIX)


def test_a_listener_without_a_row_cannot_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "EVENTS", {**listeners.EVENTS, "channel_archive": listeners.EVENTS["app_mention"]})
    with pytest.raises(KeyError, match="channel_archive"):
        listeners.rows()


def test_a_command_without_a_row_cannot_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "COMMANDS", {**listeners.COMMANDS, "-teleport": listeners.COMMANDS["-stuck"]})
    with pytest.raises(KeyError, match="command teleport"):
        listeners.rows()


@pytest.mark.parametrize("lost", ["action plan.confirm", "form finding.keep", "form access.offboard", "command stuck"])
def test_an_act_whose_row_is_taken_away_cannot_be_registered(monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    monkeypatch.setattr(listeners, "MATRIX", {row: role for row, role in MATRIX.items() if row != lost})
    with pytest.raises(KeyError, match=lost):
        listeners.rows()


def test_several_people_are_asked_about_within_the_time_of_one(permissions: Permissions, directory: Directory) -> None:
    gate = threading.Barrier(3, timeout=5)
    directory.before = gate.wait
    found = permissions.identify_all(["U_AGENT1", "U_LEAD1", "U_GUEST"])
    assert [one.actor.role for one in found.values()] == [Role.AGENT, Role.LEAD, None]
    assert found["U_GUEST"].why_not
    assert permissions.identify_all([]) == {}


def test_who_is_blocked_has_no_right_and_keeps_the_name(permissions: Permissions) -> None:
    lea = permissions.identify("U_LEAD1", TEAM)
    blocked = lea.unless({"lea@team.example"})
    assert (blocked.actor.name, blocked.actor.role, blocked.blocked) == ("Lea Lind", None, True)
    assert refusal(blocked, "command help")
    assert lea.unless({"anna@team.example"}) is lea
    guest = permissions.identify("U_GUEST", TEAM)
    assert guest.unless({"gus@elsewhere.example"}) is guest, "the reason that holds anyway is told"


def test_every_row_that_the_listeners_name_is_known() -> None:
    """Rows are written as text in the listeners; none may be misspelt."""
    folder = Path(listeners.__file__).parent
    named = {
        row for path in folder.glob("*.py") for row in re.findall(r'"((?:event|reaction) [a-z_]+)"', path.read_text())
    }
    assert named
    assert named <= set(MATRIX)


def test_a_row_nobody_wrote_down_is_an_error() -> None:
    with pytest.raises(KeyError):
        refusal(Identity(Actor("U_ADMIN", "Sam", role=Role.ADMIN)), "action case.teleport")


def test_the_highest_role_counts(directory: Directory) -> None:
    roles = {Role.AGENT: ("U_AGENT1",), Role.ADMIN: ("S_AGENTS", "U_AGENT1")}
    assert Permissions(roles, ROSTER, directory, TEAM).identify("U_AGENT1", TEAM).actor.role is Role.ADMIN
    assert Permissions(roles, ROSTER, directory, TEAM).identify("U_AGENT2", TEAM).actor.role is Role.ADMIN


def test_a_role_may_come_from_a_user_group(permissions: Permissions) -> None:
    assert permissions.identify("U_AGENT2", TEAM).actor.role is Role.AGENT


def test_a_slack_user_is_joined_to_the_roster_by_id_or_by_e_mail(permissions: Permissions) -> None:
    assert permissions.identify("U_AGENT2", TEAM).actor == Actor(
        "U_AGENT2", "Ben Okoro", "ben@team.example", Role.AGENT
    )
    assert permissions.identify("U_MEMBER", TEAM).actor == Actor("U_MEMBER", "mo", "mo@team.example", None)


def test_nobody_has_no_rights(permissions: Permissions, directory: Directory) -> None:
    assert permissions.identify("", TEAM).why_not
    assert permissions.identify("U_AGENT1", "T_OTHER").why_not
    assert directory.asked == []
