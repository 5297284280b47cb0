"""The sum is shown, counts each thing once, and never falls when the impact grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from automations.domain import Priority
from automations.failure_tickets.event import OPENS_A_CASE, Impact, Reason
from automations.failure_tickets.priority import PriorityRules, arithmetic_in_words, fixed_by, priority

ORDER = list(Priority)
REASONS = st.sampled_from(sorted(OPENS_A_CASE))
IMPACTS = st.builds(Impact, blocked=st.booleans(), paid_workflow=st.booleans(), customers=st.integers(0, 5000))
POINTS = st.integers(0, 20)
THRESHOLDS = st.lists(st.integers(0, 60), min_size=3, max_size=3).map(sorted)
RULES = st.builds(
    lambda blocked, paid, scale, points, thresholds, tiers: PriorityRules(
        blocked=blocked,
        paid_workflow=paid,
        customers=tuple(zip(sorted(scale), sorted(points), strict=True)),
        tiers=tiers,
        normal_from=thresholds[0],
        high_from=thresholds[1],
        urgent_from=thresholds[2],
    ),
    POINTS,
    POINTS,
    st.sets(st.integers(1, 5000), min_size=3, max_size=3),
    st.lists(POINTS, min_size=3, max_size=3),
    THRESHOLDS,
    st.dictionaries(st.sampled_from(["free", "pro", "enterprise"]), POINTS),
)


def test_the_arithmetic_is_shown() -> None:
    found = priority(Impact(blocked=True, paid_workflow=True, customers=1), Reason.RETRIES_EXHAUSTED, " Enterprise ")
    assert found.priority is Priority.URGENT
    assert found.points == (("blocked", 3), ("paid workflow", 3), ("tier enterprise", 2))
    assert found.in_words == "blocked 3 + paid workflow 3 + tier enterprise 2 = 8 → urgent"


@pytest.mark.parametrize(
    ("impact", "reason", "tier", "words"),
    [
        (Impact(), Reason.RETRIES_EXHAUSTED, "", "nothing known of its impact → low"),
        (Impact(), Reason.DECISION_NEEDED, "business", "tier business 1 = 1 → normal"),
        (Impact(), Reason.DATA_BLOCKED, "", "blocked 3 = 3 → high"),
        (Impact(blocked=True), Reason.DATA_BLOCKED, "", "blocked 3 = 3 → high"),
        (Impact(), Reason.PAID_WORKFLOW_STOPPED, "free", "paid workflow 3 = 3 → high"),
        (Impact(customers=9), Reason.RETRIES_EXHAUSTED, "", "nothing known of its impact → low"),
        (Impact(customers=10), Reason.RETRIES_EXHAUSTED, "", "10 customers 1 = 1 → normal"),
        (Impact(customers=1000), Reason.RETRIES_EXHAUSTED, "", "1,000 customers 3 = 3 → high"),
        (
            Impact(blocked=True, customers=1000),
            Reason.RETRIES_EXHAUSTED,
            "",
            "blocked 3 + 1,000 customers 3 = 6 → urgent",
        ),
    ],
)
def test_the_documented_defaults(impact: Impact, reason: Reason, tier: str, words: str) -> None:
    assert priority(impact, reason, tier).in_words == words


def test_a_priority_fixed_by_a_rule_says_so() -> None:
    found = fixed_by("night batch", Priority.HIGH)
    assert found.fixed
    assert found.in_words == "set by rule night batch → high"
    assert arithmetic_in_words(found.points, found.priority) == found.in_words


@given(IMPACTS, IMPACTS, REASONS, st.sampled_from(["", "free", "enterprise"]), RULES)
def test_a_greater_impact_never_lowers_the_priority(
    one: Impact, two: Impact, reason: Reason, tier: str, rules: PriorityRules
) -> None:
    greater = Impact(
        blocked=one.blocked or two.blocked,
        paid_workflow=one.paid_workflow or two.paid_workflow,
        customers=max(one.customers, two.customers),
    )
    low, high = priority(one, reason, tier, rules), priority(greater, reason, tier, rules)
    assert ORDER.index(low.priority) <= ORDER.index(high.priority)
    assert low.total <= high.total


@given(IMPACTS, REASONS, RULES)
def test_the_shown_lines_are_the_sum_and_each_label_stands_once(
    impact: Impact, reason: Reason, rules: PriorityRules
) -> None:
    found = priority(impact, reason, "pro", rules)
    labels = [label for label, _ in found.points]
    assert len(set(labels)) == len(labels)
    assert found.total == sum(points for _, points in found.points)
    thresholds = {
        Priority.NORMAL: rules.normal_from,
        Priority.HIGH: rules.high_from,
        Priority.URGENT: rules.urgent_from,
    }
    assert all(
        (found.total >= least) == (ORDER.index(found.priority) >= ORDER.index(word))
        for word, least in thresholds.items()
    )


@pytest.mark.parametrize(
    "told",
    [
        {"customers": [[100, 1], [10, 2]]},
        {"customers": [[10, 2], [100, 1]]},
        {"customers": [[10, 1], [10, 2]]},
        {"tiers": {"Gold": 1, "gold ": 2}},
        {"blocked": -1},
        {"normal_from": 4},
        {"block": 3},
    ],
)
def test_rules_that_could_lower_a_priority_are_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PriorityRules.model_validate(told)
