"""What differs between company and desk: every kind of finding, and laws about all lists there can be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.access.card_types import FindingKind
from automations.access.fixes import LOOK
from automations.access.found import Comparison, Found, many_plan, one_plan
from automations.access.reconcile_plan import Terms, compare
from automations.access.rules import AccessRules, RoleRule
from automations.access.steps import Desk
from automations.desks import ACCESS, AgentAccess, Capability
from automations.identities import IdentityPerson
from tests.automations.access.listed import person, user
from tests.automations.access.reconciled import RULES
from tests.support import START

DESK = Desk("Listed", ACCESS, {}, "lea@team.example")
TERMS = Terms(rules=RULES, desk=DESK, now=START, links={"ben@team.example": "b.okoro@desk.example"})
BEN, BENS = person("ben@team.example", "support"), user("b.okoro@desk.example")


def found(
    people: list[IdentityPerson], everybody: list[AgentAccess], terms: Terms = TERMS
) -> list[tuple[FindingKind, str]]:
    return [(one.kind, one.subject) for one in compare(tuple(people), tuple(everybody), terms).findings]


def the(people: list[IdentityPerson], everybody: list[AgentAccess], terms: Terms = TERMS) -> Found:
    (one,) = compare(tuple(people), tuple(everybody), terms).findings
    return one


def test_equal_lists_differ_in_nothing() -> None:
    assert found([BEN, person("cleo@team.example", "it")], [BENS, user("Cleo@Team.example", "admin")]) == []


def test_whoever_should_be_in_the_desk_and_is_not_is_missing() -> None:
    one = the([BEN], [])
    assert (one.kind, one.subject) == (FindingKind.MISSING, "b.okoro@desk.example"), "the linked address"
    assert [(step.kind, step.after, step.needs) for step in one.fix] == [
        ("desk.account", "there", ()),
        ("desk.role", "Agent", (0,)),
        ("desk.group", "in", (0,)),
    ]
    assert not one.privileged
    assert not one.cuts
    assert the([person("ida@team.example", "it")], []).privileged, "an administrator needs two people"


def test_whom_no_rule_is_for_and_who_has_nothing_is_nothing() -> None:
    assert found([person("guest@team.example", "sales"), person("gone@team.example", "it", active=False)], []) == []


def test_whoever_nobody_upstream_is_is_orphaned() -> None:
    one = the([], [user("old@desk.example", tokens=("t2", "t1"))])
    assert (one.kind, one.cuts) == (FindingKind.ORPHANED, True)
    assert [(step.kind, step.before, step.after, step.arg.get("token")) for step in one.fix] == [
        ("desk.suspend", "active", "suspended", None),
        ("desk.sessions", "open", "ended", None),
        ("desk.token", "alive", "revoked", "t1"),
        ("desk.token", "alive", "revoked", "t2"),
    ]


def test_whoever_left_and_is_active_is_found_invited_or_not() -> None:
    for state in ("active", "invited"):
        one = the([replace(BEN, active=False)], [user("b.okoro@desk.example", state=state)])
        assert (one.kind, one.fix[0].before) == (FindingKind.LEFT_ACTIVE, state)


def test_tokens_of_the_suspended_are_found_whether_they_left_or_not() -> None:
    suspended = user("b.okoro@desk.example", state="suspended", tokens=("t1",))
    for people in ([BEN], [replace(BEN, active=False)], []):
        one = the(people, [suspended])
        assert (one.kind, [step.kind for step in one.fix]) == (FindingKind.TOKEN, ["desk.token"])
    assert found([BEN], [user("b.okoro@desk.example", state="suspended")]) == [], "somebody meant it so"


@pytest.mark.parametrize(
    ("present", "kind", "privileged"),
    [
        ("Light", FindingKind.ROLE_LOW, False),
        ("senior", FindingKind.ROLE_HIGH, False),
        ("Admin", FindingKind.ROLE_HIGH, True),
    ],
)
def test_a_role_is_high_or_low_by_the_order_of_the_rules(present: str, kind: FindingKind, privileged: bool) -> None:
    one = the([BEN], [user("b.okoro@desk.example", present)])
    assert (one.kind, one.privileged) == (kind, privileged)
    assert [(step.kind, step.before, step.after) for step in one.fix] == [("desk.role", present, "Agent")]
    assert one.cuts is (kind is FindingKind.ROLE_HIGH)


def test_a_role_that_administrates_is_high_wherever_its_rule_stands() -> None:
    rules = AccessRules(roles=(RULES.roles[3], *RULES.roles[:3]))
    assert the([BEN], [user("b.okoro@desk.example", "Admin")], replace(TERMS, rules=rules)).kind == "role_high"


def test_a_role_that_no_rule_names_is_listed_and_never_guessed() -> None:
    one = the([BEN], [user("b.okoro@desk.example", "Agent Plus")])
    assert (one.kind, one.fix) == (FindingKind.AMBIGUOUS, ())
    assert "Agent Plus" in one.words
    assert found([BEN], [user("b.okoro@desk.example", "")]) == [], "a role the list does not tell is not judged"


def test_somebody_with_an_account_and_no_role_upstream_has_too_much() -> None:
    one = the([replace(BEN, groups=("sales",))], [BENS])
    assert (one.kind, one.cuts, one.fix[0].kind) == (FindingKind.ROLE_HIGH, True, "desk.suspend")


def test_two_rules_for_one_person_are_listed_with_what_is_known() -> None:
    both = replace(BEN, groups=("support", "support-leads"))
    for everybody in ([], [BENS]):
        one = the([both], everybody)
        assert (one.kind, one.fix) == (FindingKind.AMBIGUOUS, ())
        assert "agent (group support), lead (group support-leads)" in one.words


def test_only_groups_that_a_rule_names_are_judged() -> None:
    one = the([BEN], [user("b.okoro@desk.example", groups=("escalations", "Choir"))])
    assert (one.kind, one.cuts) == (FindingKind.GROUPS, True)
    assert [(step.arg["group"], step.after) for step in one.fix] == [("Support", "in"), ("escalations", "out")]
    assert not the([BEN], [user("b.okoro@desk.example", groups=("Choir",))]).cuts, "joining takes nothing away"
    assert found([BEN], [user("b.okoro@desk.example", groups=None)]) == []


def test_an_invitation_is_sent_again_and_waited_for() -> None:
    one = the([BEN], [user("b.okoro@desk.example", state="invited")])
    assert (one.kind, [step.waits for step in one.fix]) == (FindingKind.INVITATION, [False, True])


def test_whoever_was_not_there_for_ninety_days_is_inactive() -> None:
    for days, kinds in ((90, []), (91, [FindingKind.INACTIVE])):
        seen = START - timedelta(days=days)
        assert [kind for kind, _ in found([BEN], [user("b.okoro@desk.example", last_seen=seen)])] == kinds


def test_two_candidates_are_listed_and_nothing_else_is_said_of_them() -> None:
    left = person("ben@team.example", active=False, number="id-2")
    one = the([BEN, left], [user("b.okoro@desk.example", "Admin", tokens=("t",))])
    assert (one.kind, one.fix, one.subject) == (FindingKind.AMBIGUOUS, (), "b.okoro@desk.example")
    assert "id-2" in one.words
    twice = [BENS, user("B.Okoro@desk.example", number="u-2")]
    assert found([BEN], twice) == [(FindingKind.AMBIGUOUS, "b.okoro@desk.example")]
    assert found([person("x@team.example"), person("x@team.example", number="2")], []) == [], (
        "nobody should have access"
    )


def test_a_person_with_two_desk_users_is_listed_and_neither_is_judged() -> None:
    one = the([BEN], [BENS, user("ben@team.example", "Admin")])
    assert (one.kind, one.fix) == (FindingKind.AMBIGUOUS, ())
    assert "ben@team.example too" in one.words
    other = the([BEN], [user("ben@team.example", "Admin")])
    assert other.kind is FindingKind.AMBIGUOUS, "the settings name a desk user who is not there"


def test_people_without_an_address_are_listed_if_they_should_have_access() -> None:
    assert found([person("", "support", name="Una", number="7")], []) == [(FindingKind.AMBIGUOUS, "7")]
    assert found([person("", "sales", name="Una", number="7")], []) == []


@pytest.mark.parametrize("address", ["b.okoro@desk.example", "ben@team.example"])
def test_no_run_touches_whoever_is_protected(address: str) -> None:
    one = the([replace(BEN, active=False)], [BENS], replace(TERMS, never=frozenset({address})))
    assert (one.kind, one.fix, one.cuts) == (FindingKind.LEFT_ACTIVE, (), False)


def test_what_lists_do_not_tell_is_looked_at_before_anything_is_done() -> None:
    one = the([], [user("old@desk.example", "", tokens=None)])
    assert (one.fix[0].kind, one.fix[0].words) == (
        LOOK,
        "Look up their role and tokens, which Listed's lists do not tell",
    )
    assert one.privileged, "an unknown role may be an administrator's"
    without = replace(TERMS, desk=replace(DESK, can=ACCESS - {Capability.TOKENS}))
    last = the([], [user("old@desk.example", tokens=None)], without).fix[-1]
    assert (last.by_hand, last.owner) == (without.desk.instead(Capability.TOKENS), "lea@team.example")


def test_many_are_one_run_and_the_brake_counts_people() -> None:
    several = [the([], [user(f"old{number}@desk.example")]) for number in range(4)]
    plan = many_plan(FindingKind.ORPHANED, several, RULES, working=10)
    assert (plan.approvals, plan.brake) == (2, "4 of 10 people at once")
    assert many_plan(FindingKind.ORPHANED, several[:3], RULES, working=10).approvals == 1
    assert [step.target for step in plan.steps[::2]] == [f"old{number}@desk.example" for number in range(4)]
    assert one_plan(several[0]).digest == several[0].digest


ADDRESSES = [f"p{number}@team.example" for number in range(8)]
GROUPS = st.sets(st.sampled_from(["support", "support-leads", "it", "sales"]), max_size=2)


@st.composite
def companies(draw: st.DrawFn) -> list[IdentityPerson]:
    """Up to ten people over eight addresses: some twice, some without one."""
    number, people = draw(st.integers(0, 10)), []
    for index in range(number):
        address, name = draw(st.sampled_from([*ADDRESSES, ""])), draw(st.sampled_from(["Ada", "Bo"]))
        active, groups = draw(st.booleans()), draw(GROUPS)
        people.append(person(address, *groups, active=active, name=name, number=f"id-{index}"))
    return people


@st.composite
def teams(draw: st.DrawFn) -> list[AgentAccess]:
    return [
        user(
            draw(st.sampled_from([*ADDRESSES, "linked@desk.example"])),
            draw(st.sampled_from(["Light", "Agent", "Senior", "Admin", "Odd", ""])),
            draw(st.sampled_from(["active", "invited", "suspended"])),
            number=f"u-{index}",
            name=draw(st.sampled_from(["Ada", "Bo"])),
            groups=draw(st.sampled_from([None, (), ("Support",), ("Support", "Escalations")])),
            tokens=draw(st.sampled_from([None, (), ("t1",)])),
            last_seen=draw(st.sampled_from([None, START, START - timedelta(days=200)])),
        )
        for index in range(draw(st.integers(0, 10)))
    ]


LINKED = replace(TERMS, links={ADDRESSES[0]: "linked@desk.example"})


@settings(max_examples=60)
@given(companies(), teams(), st.randoms(use_true_random=False))
def test_the_order_of_lists_changes_nothing(
    people: list[IdentityPerson], team: list[AgentAccess], random: object
) -> None:
    before = compare(tuple(people), tuple(team), LINKED)
    random.shuffle(people)  # type: ignore[attr-defined]  # a random.Random, which hypothesis does not name
    random.shuffle(team)  # type: ignore[attr-defined]  # as above
    assert compare(tuple(people), tuple(team), LINKED) == before


@settings(max_examples=60)
@given(companies(), teams())
def test_who_could_be_two_is_never_mended(people: list[IdentityPerson], team: list[AgentAccess]) -> None:
    findings = compare(tuple(people), tuple(team), LINKED).findings
    addresses = [LINKED.links.get(one.email, one.email) for one in people if one.email]
    users = [one.agent.email for one in team]
    for one in findings:
        if one.fix:
            assert addresses.count(one.subject) <= 1
            assert users.count(one.subject) <= 1
            assert {step.target for step in one.fix} == {one.subject}
    keys = [(one.kind, one.subject) for one in findings]
    assert len(keys) == len(set(keys)), "one finding of a kind about one person"


def equal_lists(number: int) -> tuple[tuple[IdentityPerson, ...], tuple[AgentAccess, ...]]:
    groups, roles = ("watchers", "support", "support-leads"), ("Light", "Agent", "Senior")
    inside = ((), ("Support",), ("Support", "Escalations"))
    people = tuple(person(f"e{index}@team.example", groups[index % 3]) for index in range(number))
    team = tuple(user(one.email, roles[index % 3], groups=inside[index % 3]) for index, one in enumerate(people))
    return people, team


@settings(max_examples=40)
@given(st.integers(1, 40), st.data())
def test_removing_some_upstream_finds_exactly_those(number: int, data: st.DataObject) -> None:
    people, team = equal_lists(number)
    assert compare(people, team, TERMS).findings == ()
    gone = data.draw(st.sets(st.sampled_from([one.email for one in people])))
    left = data.draw(st.sets(st.sampled_from([one.email for one in people])))
    kept = tuple(replace(one, active=one.email not in left) for one in people if one.email not in gone)
    after = compare(kept, team, TERMS)
    assert {one.subject for one in after.findings if one.kind is FindingKind.ORPHANED} == gone
    assert {one.subject for one in after.findings if one.kind is FindingKind.LEFT_ACTIVE} == left - gone
    assert len(after.findings) == after.cut == len(gone | left)


@settings(max_examples=60)
@given(st.integers(0, 5), st.floats(1, 100), st.integers(1, 20), st.integers(0, 30), st.integers(0, 30))
def test_the_brake_stops_above_least_or_share_and_always_above_most(
    least: int, share: float, most: int, gone: int, kept: int
) -> None:
    people, team = equal_lists(gone + kept)
    rules = RULES.model_copy(update={"brake_least": least, "brake_share": share, "brake_most": most})
    after: Comparison = compare(people[gone:], team, replace(TERMS, rules=rules))
    allowed = min(max(least, int((gone + kept) * share / 100)), most)
    assert bool(rules.brake.stops(after.cut, after.working)) is (gone > allowed)
    assert (after.cut, after.working) == (gone, gone + kept)


def test_rules_without_a_role_find_everybody_who_is_in_the_desk() -> None:
    empty = AccessRules(roles=(RoleRule(name="light", desk_role="Light", from_groups=("nobody",)),))
    after = compare((BEN,), (BENS,), replace(TERMS, rules=empty))
    assert [(one.kind, one.privileged) for one in after.findings] == [(FindingKind.ROLE_HIGH, True)]
