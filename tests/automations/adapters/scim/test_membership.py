"""Who is in which group: members nobody knows, groups in groups, circles, names that are not unique, hidden members."""

from collections.abc import Callable
from typing import Any

import pytest

from automations.errors import Rejected
from tests.desks.fake import Fault, Faulty
from tests.identity.provider import Provider

ANNA, BEN = "anna@team.example", "ben@team.example"
Switch = Callable[[Provider], None]


def entra(provider: Provider) -> None:
    provider.by_cursor = provider.hides_members = True
    provider.filters = {"userName", "groups.value", "members.value"}


def no_filters(provider: Provider) -> None:
    provider.filters = set()


def ignored_filters(provider: Provider) -> None:
    provider.filters, provider.ignores = set(), True


HABITS = pytest.mark.parametrize("habit", [lambda _: None, entra, no_filters, ignored_filters])


@pytest.fixture
def provider() -> Provider:
    provider = Provider()
    provider.user("u1", userName=ANNA)
    provider.user("u2", userName=BEN)
    return provider


def groups_of(provider: Provider) -> dict[str, tuple[str, ...]]:
    """The groups of each, which must be the same when they are asked for alone."""
    source = provider.source()
    found = {one.id: one for one in source.people()}
    for one in found.values():
        assert source.person(one.email) == one
    return {key: one.groups for key, one in found.items()}


@HABITS
def test_groups_in_groups_and_circles(provider: Provider, habit: Switch) -> None:
    provider.group("g1", "Support", "u1", {"value": "g2", "type": "Group"})
    provider.group("g2", "Leads", {"value": "u2", "type": "User", "$ref": "../Users/u2"}, "g1")
    provider.group("g3", "Everybody", {"value": "g1", "type": "group", "display": "Support"}, "g3")
    provider.group("g4", "Nobody")
    habit(provider)
    everything = ("Everybody", "Leads", "Support")
    assert groups_of(provider) == {"u1": everything, "u2": everything}


def test_a_member_nobody_knows_is_left_out(provider: Provider) -> None:
    """Providers keep the ids of deleted users in their groups."""
    provider.group("g1", "Support", "u1", "deleted", {"display": "no value", "value": None}, {"value": 7})
    provider.group("g2", "Devices", {"value": "d1", "type": "Device"})
    assert groups_of(provider) == {"u1": ("Support",), "u2": ()}


def test_an_id_of_a_user_and_of_a_group_is_told_apart_by_type(provider: Provider) -> None:
    provider.user("7", userName="seven@team.example")
    provider.group("7", "Seven", "u1")
    provider.group("g1", "With the user", {"value": "7", "type": "User"})
    provider.group("g2", "With the group", {"value": "7", "type": "Group"})
    assert groups_of(provider) == {"7": ("With the user",), "u1": ("Seven", "With the group"), "u2": ()}


@HABITS
def test_groups_of_one_name_are_told_apart(provider: Provider, habit: Switch) -> None:
    """A rule for the plain name must not match the group that somebody else made."""
    provider.group("g1", "Leads", "u1")
    provider.group("g2", " leads ", "u2")
    provider.group("g3", "Support", "u2")
    habit(provider)
    assert groups_of(provider) == {"u1": ("Leads [g1]",), "u2": ("Support", "leads [g2]")}


@pytest.mark.parametrize("body", [{"displayName": None}, {"displayName": ""}, {}])
def test_a_group_without_a_name_is_called_by_its_id(provider: Provider, body: dict[str, Any]) -> None:
    provider.groups["g1"] = {"id": "g1", "members": [{"value": "u1"}], **body}
    assert groups_of(provider)["u1"] == ("g1",)


@pytest.mark.parametrize(
    "members", ["u1", ["u1"], {"value": "u1"}, [{"VALUE": "u1"}], [{"value": "u1"}, {"value": "u1"}]]
)
def test_members_in_any_shape(provider: Provider, members: Any) -> None:
    provider.groups["g1"] = {"id": "g1", "displayName": "Support", "Members": members}
    found = {one.id: one.groups for one in provider.source().people()}
    assert found == {"u1": ("Support",), "u2": ()}


@pytest.mark.parametrize("habit", [no_filters, ignored_filters])
def test_members_that_cannot_be_learnt_are_an_error_and_never_nobody(provider: Provider, habit: Switch) -> None:
    provider.group("g1", "Support", "u1")
    provider.hides_members = True
    habit(provider)
    for ask in (provider.source().people, lambda: provider.source().person(ANNA)):
        with pytest.raises(Rejected, match="who is in which group cannot be told") as refused:
            ask()
        assert refused.value.code == "incomplete"


def test_a_provider_without_groups(provider: Provider) -> None:
    assert groups_of(provider) == {"u1": (), "u2": ()}


def test_groups_that_cannot_be_read_fail_the_whole_list(provider: Provider) -> None:
    provider.group("g1", "Support", "u1")
    provider.groups["g2"] = {"id": "g2", "displayName": ["Support"]}
    with pytest.raises(Rejected, match="group g2 what cannot be read: displayName") as refused:
        provider.source().people()
    assert refused.value.code == "incomplete"


def test_a_list_of_groups_that_is_cut_is_no_list(provider: Provider) -> None:
    short = {"totalResults": 2, "Resources": [{"id": "g1", "displayName": "Support", "members": [{"value": "u1"}]}]}
    line = Faulty(provider, [Fault("GET .*/Groups", times=9, reply=(200, short))])
    with pytest.raises(Rejected, match="no whole list of /Groups") as refused:
        provider.source(line=line).people()
    assert refused.value.code == "incomplete"


def test_one_person_costs_a_few_calls(provider: Provider) -> None:
    for number in range(300):
        provider.user(f"x{number}", userName=f"x{number}@team.example")
    provider.group("g1", "Support", *provider.users)
    provider.group("g2", "Everybody", "g1")
    found = provider.source().person(ANNA)
    assert found is not None
    assert found.groups == ("Everybody", "Support")
    assert len(provider.exchanges) == 2 + 1 + 3, "the person twice, the names of groups, and who is above each"
