"""Who leaves: stopped first, cut off next, then what is theirs handed over, the seat last; refusals with words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.access import steps
from automations.access.offboard_plan import Leaving, Successor, Upstream, plan, suspension
from automations.access.steps import BY_HAND_NOT_UNDONE, NOT_UNDONE, Desk, Kind, Subject
from automations.desks import Capability, DeskToken, Seats
from automations.domain import DeskAgent, Role
from automations.errors import Refused
from automations.plan import Plan, Step
from tests.automations.access.access_world import ANNA, BEN, BEN_DESK, EVERYTHING, LEA, RULES

WHO = Subject(BEN, BEN_DESK, "Ben Okoro", "U_BEN")
HEIR = Successor(ANNA, ANNA, "Anna Berg")
TOKENS = (DeskToken("9", "phone app"), DeskToken("4", "old script"))
FULL = Leaving(
    DeskAgent("2", "Ben", BEN_DESK, "agent", "active"),
    groups=("Billing", "Support"),
    tokens=TOKENS,
    tickets=("12", "15"),
    seats=Seats(3, 10),
    source="The company",
    upstream=Upstream.ACTIVE,
    slack_groups=(("S1", steps.IN), ("S2", steps.OUT)),
    role=Role.AGENT,
    duties=("first-line",),
    cases=2,
    named_in=("rotations.first-line.people",),
)
ORDER = [
    Kind.BLOCK, Kind.DUTY, Kind.CASES, Kind.RULES, Kind.SUSPEND, Kind.SESSIONS, Kind.TOKEN, Kind.GROUP,
    Kind.TICKETS, Kind.SEAT, Kind.SLACK_GROUP, Kind.SLACK_ACCOUNT, Kind.UPSTREAM, Kind.TASK,
]  # fmt: skip
WRITES = RULES.model_copy(update={"slack_usergroups_write": True})


def step(made: Plan, kind: Kind) -> Step:
    return next(one for one in made.steps if one.kind == kind)


def test_everything_somebody_has_is_a_step_in_this_order() -> None:
    made = plan(WHO, FULL, HEIR, EVERYTHING, WRITES)
    assert list(dict.fromkeys(one.kind for one in made.steps)) == ORDER
    assert [one.words for one in made.steps if one.kind == Kind.TOKEN] == ["Revoke old script", "Revoke phone app"]
    assert [one.arg["group"] for one in made.steps if one.kind == Kind.SLACK_GROUP] == ["S1"]
    assert {one.kind for one in made.steps if one.urgent} == {Kind.BLOCK, Kind.SUSPEND, Kind.SESSIONS, Kind.TOKEN}
    assert step(made, Kind.BLOCK).arg == {"also": BEN_DESK}
    assert step(made, Kind.SUSPEND).target == BEN_DESK
    assert step(made, Kind.TICKETS).words == "Hand 2 open tickets over to Anna Berg"
    assert step(made, Kind.CASES).words == "Hand 2 open cases over to Anna Berg"
    assert made.approvals == 2


def test_the_seat_waits_for_all_that_a_removed_agent_would_lose() -> None:
    made = plan(WHO, FULL, HEIR, EVERYTHING, RULES)
    needed = [made.steps[place].kind for place in step(made, Kind.SEAT).needs]
    assert needed == [Kind.TOKEN, Kind.TOKEN, Kind.GROUP, Kind.GROUP, Kind.TICKETS]
    assert step(made, Kind.SEAT).undo == "A new invitation as agent"
    assert (step(made, Kind.DUTY).needs, step(made, Kind.CASES).needs) == ((0,), (0,))


def test_groups_hand_their_tickets_over_before_they_are_left() -> None:
    """Zendesk takes the open tickets of a group from whoever leaves it, so that nobody would have them."""
    made = plan(WHO, FULL, HEIR, EVERYTHING, RULES)
    assert step(made, Kind.GROUP).arg == {"group": "Billing", "to": ANNA}


def test_a_ticket_more_or_less_spoils_nothing_that_was_confirmed() -> None:
    more = replace(FULL, tickets=("12", "15", "19"))
    assert plan(WHO, FULL, HEIR, EVERYTHING, RULES).digest == plan(WHO, more, HEIR, EVERYTHING, RULES).digest
    none = replace(FULL, tickets=())
    assert plan(WHO, FULL, HEIR, EVERYTHING, RULES).digest != plan(WHO, none, HEIR, EVERYTHING, RULES).digest


def test_open_tickets_without_a_successor_are_refused_before_anything_is_confirmed() -> None:
    with pytest.raises(Refused, match=r"Ben Okoro has 2 open tickets and nobody to take them. Name a successor"):
        plan(WHO, FULL, None, EVERYTHING, RULES)
    made = plan(WHO, replace(FULL, tickets=()), None, EVERYTHING, RULES)
    assert step(made, Kind.CASES).words == "Hand 2 open cases over to whom their rules name"
    assert step(made, Kind.TICKETS).already


def test_tickets_that_the_desk_does_not_tell_of_are_a_task_with_its_words() -> None:
    hidden = replace(FULL, tickets=None, hidden="There are more than its search tells.")
    task = step(plan(WHO, hidden, HEIR, EVERYTHING, RULES), Kind.TICKETS)
    assert task.by_hand == f"There are more than its search tells. Reassign the open tickets of {BEN_DESK} there."
    assert (task.after, task.owner) == ("", LEA)


def test_who_is_not_in_the_desk_has_no_steps_there_and_that_is_said() -> None:
    made = plan(WHO, replace(FULL, agent=None), HEIR, EVERYTHING, RULES)
    assert not [one for one in made.steps if one.kind.startswith("desk.")]
    assert dict(made.facts)["Now"] == "no agent in Desk"


def test_who_is_not_in_the_desk_leaves_the_slack_user_groups_all_the_same() -> None:
    made = plan(WHO, replace(FULL, agent=None), HEIR, EVERYTHING, RULES)
    out = step(made, Kind.SLACK_GROUP)
    assert (out.arg, out.after) == ({"group": "S1", "user": "U_BEN"}, steps.OUT)
    assert out.by_hand == f"Remove {BEN} from the user group S1 in Slack, under People, User groups."


def test_what_is_gone_already_is_shown_as_true() -> None:
    gone = Leaving(
        DeskAgent("2", "Ben", BEN_DESK, "agent", "suspended"), upstream=Upstream.UNKNOWN, source="The company",
        blocked=True,
    )  # fmt: skip
    made = plan(WHO, gone, None, EVERYTHING, RULES)
    assert [one.kind for one in made.changes if not one.by_hand] == [Kind.SESSIONS, Kind.SEAT]
    assert step(made, Kind.UPSTREAM).already
    assert step(made, Kind.RULES).words == "No setting names them"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (replace(FULL, role=Role.ADMIN), "Ben Okoro is an admin of Handoff"),
        (
            replace(FULL, agent=DeskAgent("2", "Ben", BEN_DESK, "owner", "active")),
            "Ben Okoro is owner in Desk, which is a role of administrators",
        ),
        (FULL, ""),
    ],
)
def test_administrators_take_two_people_whatever_the_settings_say(seen: Leaving, words: str) -> None:
    rules = RULES.model_copy(update={"offboard_approvals": 1})
    made = plan(WHO, seen, HEIR, EVERYTHING, rules)
    assert (made.why_two, made.approvals) == (words, 2 if words else 1)


@pytest.mark.parametrize(
    ("seen", "protected", "words"),
    [
        (FULL, BEN_DESK.upper(), "protected by access.protected"),
        (replace(FULL, integration=BEN_DESK), "", "Handoff itself works in the desk as"),
        (replace(FULL, others=0), "", "Nobody but Ben Okoro can confirm anything here. Give somebody else the role"),
    ],
)
def test_some_are_touched_by_no_run(seen: Leaving, protected: str, words: str) -> None:
    rules = RULES.model_copy(update={"protected": (protected,) if protected else ()})
    with pytest.raises(Refused, match=words):
        plan(WHO, seen, HEIR, EVERYTHING, rules)
    with pytest.raises(Refused, match=words):
        suspension(WHO, seen, EVERYTHING, rules)


def test_too_few_to_confirm_is_said_before_anybody_waits_for_them() -> None:
    made = plan(WHO, replace(FULL, others=1), HEIR, EVERYTHING, RULES)
    assert made.warnings[0].startswith("2 people have to confirm, and only 1 can.")


def test_suspend_now_is_the_urgent_part_and_no_more() -> None:
    made = suspension(WHO, FULL, EVERYTHING, RULES)
    assert [one.kind for one in made.steps] == [Kind.BLOCK, Kind.SUSPEND, Kind.SESSIONS, Kind.TOKEN, Kind.TOKEN]
    assert all(one.urgent for one in made.steps)
    assert (made.kind, made.approvals) == ("suspend", 1)
    assert "somebody else has to review it" in made.warnings[0]


def test_what_the_desk_cannot_is_a_task_in_the_same_place() -> None:
    said = {
        Capability.SUSPENDS: "Choose Deactivate.", Capability.SESSIONS: "End them where they sign in.",
        Capability.TOKENS: "Let them reset their key.",
    }  # fmt: skip
    desk = Desk("Desk", EVERYTHING.can - said.keys(), said, LEA)
    made = plan(WHO, replace(FULL, tokens=()), HEIR, desk, RULES)
    assert list(dict.fromkeys(one.kind for one in made.steps)) == ORDER
    suspended, sessions, token = (step(made, kind) for kind in (Kind.SUSPEND, Kind.SESSIONS, Kind.TOKEN))
    assert (suspended.by_hand, suspended.after, suspended.urgent) == ("Choose Deactivate.", "suspended", True)
    assert (sessions.by_hand, sessions.after) == ("End them where they sign in.", "")
    assert (token.by_hand, token.after) == ("Let them reset their key.", "")
    assert [one.by_hand for one in suspension(WHO, FULL, desk, RULES).steps] == ["", *said.values()]


def test_slack_and_the_provider_and_shared_secrets_are_tasks_for_a_named_person() -> None:
    made = plan(WHO, FULL, HEIR, EVERYTHING, RULES)
    tasks = [one for one in made.steps if one.by_hand]
    assert {one.owner for one in tasks} == {LEA}
    assert [one.kind for one in tasks if not one.after] == [Kind.SLACK_ACCOUNT, Kind.TASK]
    assert step(made, Kind.TASK).by_hand == "Change the password of the shared mailbox."
    assert step(made, Kind.UPSTREAM).after == "inactive", "the source shows it"
    unread = plan(WHO, replace(FULL, upstream=Upstream.NO_SOURCE, source=""), HEIR, EVERYTHING, RULES)
    assert step(unread, Kind.UPSTREAM).after == ""


leavers = st.builds(
    Leaving,
    agent=st.none() | st.builds(
        DeskAgent, st.just("2"), st.just("Ben"), st.just(BEN_DESK), st.sampled_from(["agent", "owner"]),
        st.sampled_from(["active", "invited", "suspended"]),
    ),
    groups=st.lists(st.sampled_from(["Billing", "Support", "VIP"]), unique=True).map(tuple),
    tokens=st.lists(st.sampled_from(TOKENS), unique=True).map(tuple),
    tickets=st.none() | st.lists(st.sampled_from("123"), unique=True).map(tuple),
    upstream=st.sampled_from(Upstream),
    slack_groups=st.sampled_from([(), (("S1", "in"),), (("S1", "out"),), (("S1", ""),)]),
    role=st.none() | st.sampled_from(Role),
    blocked=st.booleans(),
    duties=st.sampled_from([(), ("first-line",)]),
    cases=st.integers(0, 2),
    named_in=st.sampled_from([(), ("people.ben",)]),
    others=st.integers(1, 3),
)  # fmt: skip
desks = st.builds(Desk, st.just("Desk"), st.frozensets(st.sampled_from(list(Capability))), st.just({}), st.just(LEA))


@given(seen=leavers, desk=desks, writes=st.booleans())
def test_whatever_somebody_has_the_order_holds_and_every_step_can_be_undone_or_says_why_not(
    seen: Leaving, desk: Desk, writes: bool
) -> None:
    made = plan(WHO, seen, HEIR, desk, WRITES if writes else RULES)
    places = [ORDER.index(Kind(one.kind)) for one in made.steps]
    assert places == sorted(places)
    assert made.steps[0].kind == Kind.BLOCK
    for place, one in enumerate(made.steps):
        told = BY_HAND_NOT_UNDONE if one.by_hand else NOT_UNDONE.get(Kind(one.kind), "")
        assert one.already or one.undo or told in made.warnings, one
        assert bool(one.by_hand) == bool(one.owner)
        assert all(need < place for need in one.needs)
    if seen.agent is not None:
        assert {Kind.SUSPEND, Kind.SESSIONS, Kind.TICKETS, Kind.SEAT} <= {Kind(one.kind) for one in made.steps}
    urgent = suspension(WHO, seen, desk, RULES)
    assert {(one.kind, one.arg.get("token")) for one in urgent.steps} == {
        (one.kind, one.arg.get("token")) for one in made.steps if one.urgent
    }
    assert plan(WHO, seen, HEIR, desk, WRITES if writes else RULES).digest == made.digest
