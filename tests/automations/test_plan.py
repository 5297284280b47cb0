"""Plans are values: equal observations give one digest, anything that would be done otherwise another; the brake."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.plan import SETTLED, Brake, Plan, RunState, Step, StepState, digest_of, in_order

BEN = "ben@team.example"
SUSPEND = Step("desk.suspend", BEN, "active", "suspended", "Suspend", undo="Let them in again", urgent=True)
LEAVE = Step("desk.group", BEN, "in", "out", "Out of Support", (("group", "Support"),), needs=(0,))
PLAN = Plan("offboard", BEN, "Offboard Ben", (SUSPEND, LEAVE), approvals=2)

texts = st.text(max_size=12)
steps = st.builds(Step, texts, texts, texts, texts, texts, args=st.just((("group", "a"),)))


def test_what_is_done_makes_the_digest_and_how_it_reads_does_not() -> None:
    same = replace(
        PLAN, title="Other words", facts=(("Seats", "3"),), warnings=("Mind",), why_two="Because", brake="12 of 40",
        steps=(replace(SUSPEND, words="Lock out", undo=""), replace(LEAVE, words="Leave")),
    )  # fmt: skip
    assert same.digest == PLAN.digest
    assert len(PLAN.digest) == 16


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, kind="suspend"),
        replace(PLAN, subject="anna@team.example"),
        replace(PLAN, approvals=1),
        replace(PLAN, steps=(LEAVE, SUSPEND)),
        replace(PLAN, steps=(SUSPEND,)),
        replace(PLAN, steps=(replace(SUSPEND, before="invited"), LEAVE)),
        replace(PLAN, steps=(replace(SUSPEND, after="active"), LEAVE)),
        replace(PLAN, steps=(replace(SUSPEND, target="anna@team.example"), LEAVE)),
        replace(PLAN, steps=(replace(SUSPEND, by_hand="Do it"), LEAVE)),
        replace(PLAN, steps=(replace(SUSPEND, waits=True), LEAVE)),
        replace(PLAN, steps=(SUSPEND, replace(LEAVE, args=(("group", "Billing"),)))),
        replace(PLAN, steps=(SUSPEND, replace(LEAVE, needs=()))),
    ],
)
def test_whatever_would_be_done_otherwise_has_another_digest(other: Plan) -> None:
    assert other.digest != PLAN.digest


@given(st.lists(steps, max_size=5), st.lists(steps, max_size=5))
def test_two_plans_have_one_digest_exactly_if_they_do_the_same(first: list[Step], second: list[Step]) -> None:
    def done(made: list[Step]) -> list[tuple[str, ...]]:
        return [(one.kind, one.target, one.before, one.after) for one in made]

    digests = {Plan("k", "s", "t", tuple(made)).digest for made in (first, second)}
    assert (len(digests) == 1) is (done(first) == done(second))


def test_parts_are_kept_apart() -> None:
    assert digest_of("a", "bc") != digest_of("ab", "c")
    assert digest_of(["a"], []) != digest_of([], ["a"])


def test_what_is_true_already_is_no_change() -> None:
    there = replace(SUSPEND, before="suspended")
    unread = replace(SUSPEND, before="", after="")
    assert (there.already, unread.already) == (True, False)
    assert replace(PLAN, steps=(there, unread, LEAVE)).changes == (unread, LEAVE)


@given(st.lists(st.lists(steps, max_size=4), max_size=4))
def test_groups_in_one_order_keep_what_each_step_needs(groups: list[list[Step]]) -> None:
    needing = [[replace(one, needs=tuple(range(place))) for place, one in enumerate(group)] for group in groups]
    made = in_order(needing)
    flat = [one for group in needing for one in group]
    assert [replace(one, needs=()) for one in made] == [replace(one, needs=()) for one in flat]
    base = 0
    for group in needing:
        for place in range(len(group)):
            assert made[base + place].needs == tuple(range(base, base + place))
        base += len(group)


@pytest.mark.parametrize(
    ("population", "limit"), [(0, 3), (4, 3), (15, 3), (20, 4), (40, 8), (50, 10), (51, 10), (50_000, 10)]
)
def test_the_brake_is_a_share_between_a_least_and_a_most(population: int, limit: int) -> None:
    brake = Brake()
    assert brake.limit(population) == limit
    assert brake.stops(limit, population) == ""
    assert brake.stops(limit + 1, population) == f"{limit + 1} of {population} people at once"


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 20), st.floats(0.1, 100), st.integers(1, 20))
def test_more_people_never_release_the_brake(
    touched: int, population: int, least: int, share: float, most: int
) -> None:
    brake = Brake(least, share, most)
    assert brake.limit(population) <= brake.most
    if brake.stops(touched, population):
        assert brake.stops(touched + 1, population)
        assert touched > min(least, most)


def test_ended_is_what_nothing_follows_by_itself() -> None:
    live = {RunState.ASKED, RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING, RunState.PARTIAL, RunState.FAILED}
    assert {state for state in RunState if not state.ended} == live
    assert not {StepState.FAILED, StepState.UNKNOWN, StepState.WAITING, StepState.PLANNED} & SETTLED
