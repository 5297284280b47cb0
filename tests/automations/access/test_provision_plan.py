"""Who comes: never more than what is upstream stands for, every step undoable or told, and people where no API can."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.access import steps
from automations.access.provision_plan import Seen, Wanted, plan
from automations.access.rules import RoleRule
from automations.access.steps import BY_HAND_NOT_UNDONE, NOT_UNDONE, Desk, Kind
from automations.desks import Capability, Seats
from automations.domain import DeskAgent
from automations.errors import Refused
from automations.identities import IdentityPerson
from automations.plan import Plan, Step
from tests.automations.access.access_world import EVERYTHING, LEA, NORA, RULES
from tests.support import START

AGENT, LEAD, ADMIN = RULES.roles
EMPTY = Seen(None, (), Seats(3, 10), None, None)


def wanted(role: RoleRule = AGENT, **changes: Any) -> Wanted:
    made = Wanted(NORA, NORA, "Nora Lund", role, ("Support",), "U_NORA")
    return replace(made, **changes)


def agent(role: str = "agent", state: str = "active", *, seen: bool = True) -> DeskAgent:
    return DeskAgent("1", "Nora", NORA, role, state, START if seen else None)


def upstream(*groups: str, active: bool = True) -> Seen:
    return replace(EMPTY, source="The company", person=IdentityPerson("1", NORA, "Nora Lund", active, groups))


def kinds(made: Plan) -> list[str]:
    return [step.kind for step in made.steps]


def by_kind(made: Plan) -> dict[str, Step]:
    return {step.kind: step for step in made.steps}


def test_somebody_new_is_invited_then_given_role_and_groups_then_waited_for() -> None:
    seen = replace(EMPTY, slack_groups=(("S1", steps.OUT),))
    made = plan(wanted(), seen, EVERYTHING, RULES)
    assert kinds(made) == [
        "desk.account", "desk.role", "desk.group", "slack.group", "invitation.accepted", "desk.signed_in",
    ]  # fmt: skip
    assert [step.waits for step in made.steps] == [False, False, False, False, True, True]
    assert [step.needs for step in made.steps] == [(), (0,), (0,), (), (0,), (0,)]
    assert made.steps[0].words == f"Deliver an invitation to Desk to {NORA}"
    assert (made.steps[0].before, made.steps[0].after) == ("none", "there")
    assert dict(made.facts)["Seats"] == "7 of 10 left"
    assert dict(made.facts)["Now"] == "no agent in Desk"
    assert (made.approvals, made.why_two) == (1, "")


def test_a_desk_without_invitations_is_waited_for_only_where_it_tells_of_sign_ins() -> None:
    desk = replace(EVERYTHING, can=EVERYTHING.can - {Capability.INVITATIONS})
    made = plan(wanted(), EMPTY, desk, RULES)
    assert kinds(made) == ["desk.account", "desk.role", "desk.group", "desk.signed_in"]
    assert made.steps[0].words == f"Make {NORA} an agent in Desk"
    desk = replace(desk, can=desk.can - {Capability.LAST_SEEN})
    assert kinds(plan(wanted(), EMPTY, desk, RULES)) == ["desk.account", "desk.role", "desk.group"]


def test_who_has_everything_already_has_a_plan_without_changes() -> None:
    seen = replace(EMPTY, agent=agent(), groups=("Support", "VIP"))
    made = plan(wanted(), seen, EVERYTHING, RULES)
    assert made.changes == ()
    assert made.warnings == ()
    assert dict(made.facts)["Now"] == "agent, active, in Support, VIP"


def test_an_invitation_that_was_delivered_and_not_accepted_is_only_waited_for() -> None:
    made = plan(
        wanted(), replace(EMPTY, agent=agent(state="invited", seen=False), groups=("Support",)), EVERYTHING, RULES
    )
    assert [step.kind for step in made.changes] == ["invitation.accepted", "desk.signed_in"]


def test_a_larger_role_is_replaced_in_plain_sight_and_by_two_people_if_it_was_an_administrators() -> None:
    made = plan(wanted(), replace(EMPTY, agent=agent("lead"), groups=("Support",)), EVERYTHING, RULES)
    assert [step.words for step in made.changes] == ["Role lead -> agent in Desk"]
    assert (made.approvals, by_kind(made)["desk.role"].undo) == (1, "Give back the role lead")
    made = plan(wanted(), replace(EMPTY, agent=agent("owner"), groups=("Support",)), EVERYTHING, RULES)
    assert made.approvals == 2
    assert "is owner in Desk, which is a role of administrators" in made.why_two


def test_a_role_that_grants_administration_takes_two_people() -> None:
    assert plan(wanted(ADMIN), EMPTY, EVERYTHING, RULES).why_two == "The role Admin grants administration in Desk"
    plain = AGENT.model_copy(update={"name": "Ops", "desk_role": "Billing administrator"})
    assert plan(wanted(plain), EMPTY, EVERYTHING, RULES).approvals == 2


def test_somebody_suspended_is_let_in_again() -> None:
    made = plan(wanted(), replace(EMPTY, agent=agent(state="suspended")), EVERYTHING, RULES)
    step = made.steps[0]
    assert (step.before, step.after, step.undo) == ("suspended", "there", "Suspend them again")
    assert by_kind(made)["invitation.accepted"].before == "not yet"


def test_whoever_was_blocked_is_unblocked_first() -> None:
    made = plan(wanted(account="n@desk.example"), replace(EMPTY, blocked=True), EVERYTHING, RULES)
    assert (made.steps[0].kind, made.steps[0].after, made.steps[0].arg) == (
        "handoff.block", "free", {"also": "n@desk.example"},
    )  # fmt: skip
    assert made.steps[2].needs == (1,)


def test_without_a_seat_it_is_refused_before_anybody_clicks() -> None:
    with pytest.raises(Refused, match=r"No seat is left in Desk: 10 of 10 are taken. Free one"):
        plan(wanted(), replace(EMPTY, seats=Seats(10, 10)), EVERYTHING, RULES)
    there = replace(EMPTY, seats=Seats(10, 10), agent=agent())
    assert plan(wanted(), there, EVERYTHING, RULES).approvals == 1, "whoever is there already takes no further seat"
    assert dict(plan(wanted(), replace(EMPTY, seats=Seats(4, None)), EVERYTHING, RULES).facts)["Seats"] == "not limited"
    assert (
        dict(plan(wanted(), replace(EMPTY, seats=None), EVERYTHING, RULES).facts)["Seats"] == "the desk does not tell"
    )


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (replace(EMPTY, source="The company"), "The company knows nobody by the address nora@team.example"),
        (upstream("support", active=False), "says that nora@team.example is not active"),
        (upstream("support-leads"), "The company says Lead for nora@team.example, not Agent"),
        (upstream("choir"), "stands for no role"),
        (upstream("support", "support-leads"), "stands for 2 roles"),
    ],
)
def test_what_the_company_does_not_say_is_refused(seen: Seen, words: str) -> None:
    with pytest.raises(Refused, match=words):
        plan(wanted(), seen, EVERYTHING, RULES)


def test_what_the_company_says_is_shown() -> None:
    assert dict(plan(wanted(), upstream("Support"), EVERYTHING, RULES).facts)["Upstream"] == (
        "active in The company: Agent (group Support)"
    )
    assert "nothing was compared" in dict(plan(wanted(), EMPTY, EVERYTHING, RULES).facts)["Upstream"]


def test_protected_people_are_touched_by_no_run() -> None:
    rules = RULES.model_copy(update={"protected": (NORA.upper(),)})
    with pytest.raises(Refused, match=r"protected by access.protected"):
        plan(wanted(), EMPTY, EVERYTHING, rules)


def test_what_the_api_cannot_is_a_task_with_the_desks_own_words_and_an_owner() -> None:
    said = {Capability.INVITES: "Invite them under Settings.", Capability.ROLES: "Change it under Settings."}
    desk = Desk("Desk", frozenset({Capability.MEMBERSHIPS}), said, LEA)
    account, role, group = plan(wanted(), EMPTY, desk, RULES).steps
    assert (account.by_hand, account.owner, account.undo) == ("Invite them under Settings.", LEA, "")
    assert (account.before, account.after) == ("none", "there"), "it is read back when somebody says it is done"
    assert role.by_hand == "Change it under Settings."
    assert group.by_hand == ""


def test_without_the_credential_everything_is_a_task() -> None:
    made = plan(wanted(), EMPTY, Desk("Desk", frozenset(), {}, LEA), RULES)
    assert all(step.by_hand for step in made.steps)
    assert "no administrative credential for Desk: create or invite an agent there by hand" in made.steps[0].by_hand
    assert made.warnings == (BY_HAND_NOT_UNDONE,)


@pytest.mark.parametrize(
    ("slack", "inside", "writes", "by_hand", "readable"),
    [
        ("U_NORA", steps.OUT, True, False, True),
        ("U_NORA", steps.OUT, False, True, True),
        ("", "", True, True, False),
        ("U_NORA", "", True, True, False),
    ],
)
def test_slack_groups_are_changed_by_the_app_only_where_it_may_and_knows_whom(
    slack: str, inside: str, writes: bool, by_hand: bool, readable: bool
) -> None:
    rules = RULES.model_copy(update={"slack_usergroups_write": writes})
    made = plan(wanted(slack=slack), replace(EMPTY, slack_groups=(("S1", inside),)), EVERYTHING, rules)
    step = by_kind(made)["slack.group"]
    assert (bool(step.by_hand), bool(step.after)) == (by_hand, readable)
    assert bool(step.owner) == by_hand


seen_people = st.builds(
    Seen,
    agent=st.none() | st.builds(
        agent, st.sampled_from(["agent", "lead", "owner"]), st.sampled_from(["active", "invited", "suspended"]),
        seen=st.booleans(),
    ),
    groups=st.lists(st.sampled_from(["Support", "Billing"]), unique=True).map(tuple),
    seats=st.none() | st.builds(Seats, st.integers(0, 12), st.none() | st.integers(0, 12)),
    source=st.none() | st.just("The company"),
    person=st.none() | st.builds(
        IdentityPerson, st.just("1"), st.just(NORA), st.just("Nora"), st.booleans(),
        st.lists(st.sampled_from(["support", "support-leads", "admins", "choir"]), unique=True).map(tuple),
    ),
    slack_groups=st.sampled_from([(), (("S1", "in"),), (("S1", "out"),), (("S1", ""),)]),
    blocked=st.booleans(),
)  # fmt: skip
desks = st.builds(Desk, st.just("Desk"), st.frozensets(st.sampled_from(list(Capability))), st.just({}), st.just(LEA))


@given(seen=seen_people, role=st.sampled_from(RULES.roles), desk=desks)
def test_whatever_is_seen_nobody_gets_more_than_they_are_mapped_to(seen: Seen, role: RoleRule, desk: Desk) -> None:
    try:
        made = plan(wanted(role), seen, desk, RULES)
    except Refused as exc:
        made, why = None, str(exc)
    if made is None:
        assert "Nothing was changed" in why
        return
    if seen.source is not None:
        groups = {"support": "Agent", "support-leads": "Lead", "admins": "Admin"}
        assert seen.person is not None
        assert seen.person.active
        assert {groups[one] for one in seen.person.groups if one in groups} == {role.name}
    assert all(step.after == role.desk_role for step in made.steps if step.kind == Kind.ROLE)
    assert made.approvals == (2 if role is ADMIN or (seen.agent and seen.agent.role == "owner") else 1)
    for step in made.changes:
        told = BY_HAND_NOT_UNDONE if step.by_hand else NOT_UNDONE.get(Kind(step.kind), "")
        assert step.undo or step.waits or told in made.warnings, step
        assert bool(step.by_hand) == bool(step.owner)
        assert all(need < made.steps.index(step) for need in step.needs)
    assert plan(wanted(role), seen, desk, RULES).digest == made.digest
