"""The contract of `DeskAccess`: who may work in a desk.

An adapter's test module makes a class of it with the fixtures `access`, a desk with the active agents of AGENTS and the
groups of GROUPS, and `roles`: two roles of that desk, the smaller one first. A desk that tells of invitations or of
sign-ins has a fixture `at_the_door` too.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import pytest

from automations.access_ports import DeskAccess
from automations.desks import ABILITY, ACCESS, Capability
from automations.domain import IdempotencyKey
from automations.errors import Rejected
from tests.automations.adapters.able import needs

ANNA, BEN, NEW = "anna@team.example", "ben@team.example", "cora@team.example"
KEY = IdempotencyKey("run-1/step-1")
Roles = tuple[str, str]


def state(access: DeskAccess, email: str) -> str | None:
    found = access.agent(email)
    return None if found is None else found.state


class AtTheDoor(Protocol):
    """People who come in by a link, or sign in."""

    def accepts(self, email: str) -> None:
        """The person uses the link that the desk mailed to them."""

    def signs_in(self, email: str) -> datetime:
        """The person signs in; when the desk takes it to be."""


class DeskAccessContract:
    """What every desk promises about its agents."""

    @pytest.fixture
    def at_the_door(self) -> AtTheDoor:
        pytest.fail("a desk that tells of invitations or of sign-ins has to bring people who do that")

    def test_what_it_cannot_do_is_explained(self, access: DeskAccess) -> None:
        assert access.capabilities | access.by_hand.keys() >= ACCESS
        assert not access.capabilities & access.by_hand.keys()
        assert all(words.endswith(".") for words in access.by_hand.values())

    def test_agents_are_listed_and_read_alone(self, access: DeskAccess) -> None:
        people = {agent.email: agent for agent in access.agents()}
        assert {ANNA, BEN} <= people.keys()
        found = access.agent("ANNA@team.example")
        assert found is not None
        assert (found.email, found.name, found.state) == (ANNA, "Anna Berg", "active")
        assert found.role == people[ANNA].role
        assert access.agent("nobody@team.example") is None

    def test_a_newcomer_is_invited_once_with_the_role(self, access: DeskAccess, roles: Roles) -> None:
        needs(access, Capability.INVITES)
        assert set(roles) <= set(access.roles())
        access.invite(NEW, "Cora Diaz", roles[0], key=KEY)
        access.invite(NEW, "Cora Diaz", roles[0], key=KEY)
        found = access.agent(NEW)
        assert found is not None
        assert (found.name, found.role) == ("Cora Diaz", roles[0])
        assert found.state in ("active", "invited")
        assert [agent.email for agent in access.agents()].count(NEW) == 1

    def test_a_role_that_is_not_there_makes_nobody(self, access: DeskAccess) -> None:
        needs(access, Capability.INVITES)
        with pytest.raises(Rejected) as refused:
            access.invite(NEW, "Cora Diaz", "no such role", key=KEY)
        assert refused.value.code == "no_role"
        assert access.agent(NEW) is None

    def test_a_role_is_changed_and_may_be_so_already(self, access: DeskAccess, roles: Roles) -> None:
        needs(access, Capability.ROLES)
        for role in (roles[0], roles[1], roles[1], roles[0]):
            access.set_role(BEN, role)
            found = access.agent(BEN)
            assert found is not None
            assert found.role == role

    def test_a_suspension_is_seen_and_taken_back(self, access: DeskAccess) -> None:
        needs(access, Capability.SUSPENDS)
        access.suspend(BEN)
        access.suspend(BEN)
        assert (state(access, BEN), state(access, ANNA)) == ("suspended", "active")
        access.reactivate(BEN)
        access.reactivate(BEN)
        assert state(access, BEN) == "active"

    def test_who_is_removed_is_no_agent_any_more(self, access: DeskAccess) -> None:
        needs(access, Capability.REMOVES)
        access.remove(BEN)
        access.remove(BEN)
        assert access.agent(BEN) is None
        assert BEN not in [agent.email for agent in access.agents()]

    def test_groups_are_joined_and_left(self, access: DeskAccess) -> None:
        needs(access, Capability.MEMBERSHIPS)
        before = set(access.memberships(BEN))
        assert set(access.groups()) >= before | {"Billing"}
        access.join(BEN, "Billing")
        access.join(BEN, "Billing")
        assert set(access.memberships(BEN)) == before | {"Billing"}
        access.leave(BEN, "Billing")
        access.leave(BEN, "Billing")
        assert set(access.memberships(BEN)) == before - {"Billing"}
        with pytest.raises(Rejected):
            access.join(BEN, "No such group")

    def test_somebody_the_desk_does_not_have_is_named_so(self, access: DeskAccess, roles: Roles) -> None:
        acts: dict[Capability, Callable[[], object]] = {
            Capability.ROLES: lambda: access.set_role("nobody@team.example", roles[0]),
            Capability.SUSPENDS: lambda: access.suspend("nobody@team.example"),
            Capability.MEMBERSHIPS: lambda: access.join("nobody@team.example", "Billing"),
            Capability.SESSIONS: lambda: access.sign_out("nobody@team.example"),
            Capability.TOKENS: lambda: list(access.tokens("nobody@team.example")),
        }
        for one in access.capabilities & acts.keys():
            with pytest.raises(Rejected) as refused:
                acts[one]()
            assert refused.value.code == "no_agent", ABILITY[one]
            assert "nobody@team.example" in str(refused.value)

    def test_everybody_at_once_is_as_each_alone(self, access: DeskAccess) -> None:
        if Capability.MEMBERSHIPS in access.capabilities:
            access.join(BEN, "Billing")
        told = {one.agent.email: one for one in access.everybody()}
        assert told.keys() == {agent.email for agent in access.agents()}
        assert told.keys() >= {ANNA, BEN}
        for email in filter(None, told):
            alone, shown = access.agent(email), told[email]
            assert alone is not None
            assert replace(shown.agent, role=shown.agent.role or alone.role) == alone
            if shown.groups is not None:
                assert list(shown.groups) == sorted(access.memberships(email))
            if shown.tokens is not None:
                assert list(shown.tokens) == list(access.tokens(email))
            assert shown.groups is not None or Capability.MEMBERSHIPS not in access.capabilities
            assert (shown.tokens is not None) == (Capability.TOKENS in access.capabilities)
        if Capability.MEMBERSHIPS in access.capabilities:
            access.leave(BEN, "Billing")

    def test_who_is_suspended_is_among_everybody(self, access: DeskAccess) -> None:
        needs(access, Capability.SUSPENDS)
        access.suspend(BEN)
        assert {one.agent.email: one.agent.state for one in access.everybody()}[BEN] == "suspended"

    def test_an_invitation_waits_until_it_is_accepted(
        self, access: DeskAccess, roles: Roles, request: pytest.FixtureRequest
    ) -> None:
        needs(access, Capability.INVITES)
        access.invite(NEW, "Cora Diaz", roles[0], key=KEY)
        if Capability.INVITATIONS in access.capabilities:
            assert state(access, NEW) == "invited"
            assert {one.agent.email: one.agent.state for one in access.everybody()}[NEW] == "invited"
            request.getfixturevalue("at_the_door").accepts(NEW)
        assert state(access, NEW) == "active"

    def test_an_invitation_is_sent_again_while_it_waits(
        self, access: DeskAccess, roles: Roles, request: pytest.FixtureRequest
    ) -> None:
        needs(access, Capability.INVITES, Capability.REINVITES)
        access.invite(NEW, "Cora Diaz", roles[0], key=KEY)
        access.invite_again(NEW, key=KEY)
        assert state(access, NEW) == "invited"
        request.getfixturevalue("at_the_door").accepts(NEW)
        for email, code in ((NEW, "accepted"), (ANNA, "accepted"), ("nobody@team.example", "no_agent")):
            with pytest.raises(Rejected) as refused:
                access.invite_again(email, key=KEY)
            assert refused.value.code == code

    def test_the_last_sign_in_is_told_where_it_is_known(
        self, access: DeskAccess, request: pytest.FixtureRequest
    ) -> None:
        before = access.agent(BEN)
        assert before is not None
        assert before.last_seen is None
        needs(access, Capability.LAST_SEEN)
        at = request.getfixturevalue("at_the_door").signs_in(BEN)
        listed = {agent.email: agent.last_seen for agent in access.agents()}
        after = access.agent(BEN)
        assert after == replace(before, last_seen=at)
        assert (listed[BEN], listed[ANNA]) == (at, None)

    def test_seats_are_counted(self, access: DeskAccess) -> None:
        needs(access, Capability.SEATS)
        seats = access.seats()
        assert seats.used == len(list(access.agents()))
        assert seats.total is None or seats.total >= seats.used
