"""One role or none: what is unknown and what is ambiguous is refused with what is known, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from automations.access.mapping import (
    grants_administration,
    groups_wanted,
    mapped,
    matches,
    role_named,
    unknown_to_desk,
)
from automations.access.rules import AccessRules, RoleRule
from automations.errors import Refused
from automations.identities import IdentityPerson
from tests.automations.access.access_world import RULES

ROLES = ("agent", "lead", "admin")
GROUPS = ("support", "billing", "leads", "admins")


def person(*groups: str, **attributes: str) -> IdentityPerson:
    return IdentityPerson("1", "nora@team.example", "Nora Lund", True, groups, tuple(attributes.items()))


def rules(**upstream: tuple[str, ...]) -> AccessRules:
    return AccessRules(roles=tuple(RoleRule(name=one, desk_role=one, from_groups=upstream[one]) for one in upstream))


@pytest.mark.parametrize("group", ["support", "SUPPORT", " Support "])
def test_case_and_blanks_do_not_matter(group: str) -> None:
    assert mapped(person(group, "choir"), RULES).name == "Agent"


def test_an_attribute_may_stand_for_a_role() -> None:
    assert [str(match) for match in matches(person(Title="team lead"), RULES)] == ["Lead (Title = team lead)"]
    assert matches(person(department="team lead"), RULES) == ()
    assert matches(person(title="lead"), RULES) == ()


def test_two_matches_are_both_named_with_what_they_rest_on_and_none_is_picked() -> None:
    with pytest.raises(Refused) as refused:
        mapped(person("support", "support-leads", title="Team Lead"), RULES)
    assert "2 roles" in str(refused.value)
    assert "Agent (group support) and Lead (group support-leads, title = Team Lead)" in str(refused.value)
    assert "Nothing was changed" in str(refused.value)


def test_no_match_lists_what_they_have_and_what_is_known() -> None:
    with pytest.raises(Refused, match=r"\(choir\) stands for no role. Known: Agent, Lead, Admin"):
        mapped(person("choir"), RULES)


@pytest.mark.parametrize("typed", ["Agnet", "agents", "", "lead agent", "administrator"])
def test_a_name_that_is_not_one_is_refused_with_those_that_are(typed: str) -> None:
    with pytest.raises(Refused, match=r"Known: Agent, Lead, Admin"):
        role_named(typed, RULES)


def test_a_name_is_known_whatever_its_case() -> None:
    assert role_named(" aGENT ", RULES).desk_role == "agent"


def test_groups_are_the_roles_and_those_the_desk_has() -> None:
    role = role_named("agent", RULES)
    assert groups_wanted(role, ["billing"], ["Support", "Billing", "VIP"]) == ("Support", "Billing")
    with pytest.raises(Refused, match=r"There is no such group: Vault. Known: Billing, Support"):
        groups_wanted(role, ["Vault"], ["Support", "Billing"])
    with pytest.raises(Refused, match=r"The role Agent names a group that the desk does not have: Support"):
        groups_wanted(role, [], ["Billing"])


def test_without_the_desks_word_only_the_roles_groups_are_known() -> None:
    role = role_named("lead", RULES)
    assert groups_wanted(role, ["support"], None) == ("Support", "Billing")
    with pytest.raises(Refused, match=r"Known: Billing, Support"):
        groups_wanted(role, ["VIP"], None)


@pytest.mark.parametrize("role", ["owner", "Owner", "admin", "Billing admin", "Account Administrator"])
def test_a_role_of_administrators_is_one_by_rule_or_by_its_name(role: str) -> None:
    assert grants_administration(role, RULES)
    assert not grants_administration("light agent", RULES)


def test_what_the_desk_does_not_have_is_named() -> None:
    found = list(unknown_to_desk(RULES, ["agent", "owner"], ["support"]))
    assert len(found) == 2
    assert "Lead is 'lead' in the desk, which has only these roles: agent, owner" in found[0]
    assert "Lead names the group 'Billing'" in found[1]
    assert list(unknown_to_desk(RULES, ["agent", "lead", "owner"], None)) == []


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ([("Agent", ("a",)), ("agent", ("b",))], "'agent' is used twice"),
        ([("one", ("Staff",)), ("two", ("staff",))], "group staff stands for one and two"),
    ],
)
def test_rules_that_could_map_nobody_are_no_rules(roles: list[tuple[str, tuple[str, ...]]], words: str) -> None:
    made = [RoleRule(name=name, desk_role="agent", from_groups=groups) for name, groups in roles]
    with pytest.raises(ValidationError, match=words):
        AccessRules(roles=tuple(made))


def test_one_attribute_stands_for_one_role() -> None:
    one = RoleRule(name="one", desk_role="agent", from_attributes={"title": "Agent"})
    with pytest.raises(ValidationError, match=r"title = agent stands for one and two"):
        AccessRules(roles=(one, one.model_copy(update={"name": "two", "from_attributes": {"TITLE": "agent"}})))


@given(
    assigned=st.dictionaries(st.sampled_from(GROUPS), st.sampled_from(ROLES)),
    has=st.lists(st.sampled_from((*GROUPS, "choir")), unique=True),
)
def test_nobody_gets_a_role_that_what_they_have_does_not_stand_for_alone(
    assigned: dict[str, str], has: list[str]
) -> None:
    made = rules(**{role: tuple(g for g, r in assigned.items() if r == role) for role in ROLES})
    stands_for = {assigned[group] for group in has if group in assigned}
    assert {match.role.name for match in matches(person(*has), made)} == stands_for
    if len(stands_for) == 1:
        assert mapped(person(*has), made).name in stands_for
    else:
        with pytest.raises(Refused, match=r"Nothing was changed"):
            mapped(person(*has), made)
