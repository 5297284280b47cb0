"""The rules in order, the classifier, nobody: and the laws that hold whatever the rules are."""

from dataclasses import replace
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from automations.domain import Priority
from automations.triage.inputs import Inputs
from automations.triage.judging import Model, judge
from automations.triage.rules import Intent, Score, TriageRule, TriageRules
from automations.triage.scoring import points, priority_of, total

WORDS = ["invoice", "refund", "password", "slow", "urgent", "down", "production", "hello", "not", "legal"]
INTENTS = (Intent(name="billing", queue="Billing", level=1), Intent(name="technical", queue="Tech"))
FEW = settings(max_examples=60)


def rules(*some: TriageRule, **more: object) -> TriageRules:
    return TriageRules.model_validate({"intents": INTENTS, "rules": some, **more})


def rule(name: str, intent: str = "billing", **conditions: object) -> TriageRule:
    return TriageRule.model_validate({"name": name, "intent": intent, **conditions})


def says(label: str, confidence: float, threshold: float = 0.6) -> Model:
    return Model(7, threshold, lambda _text: (label, confidence))


texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
some_inputs = st.builds(
    Inputs,
    subject=texts,
    opening=texts,
    tier=st.sampled_from(["", "enterprise", "business"]),
    channel=st.sampled_from(["", "email", "chat"]),
    tags=st.lists(st.sampled_from(["vip", "beta"]), max_size=2, unique=True).map(tuple),
    contacts=st.integers(0, 5),
    tone=st.floats(-1, 1),
    language=st.sampled_from(["", "en", "de"]),
)


@st.composite
def rule_sets(draw: st.DrawFn) -> TriageRules:
    made = []
    for number in range(draw(st.integers(0, 5))):
        conditions = draw(
            st.fixed_dictionaries(
                {"keywords": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True)},
                optional={
                    "tier": st.just("enter*"),
                    "channel": st.just("email"),
                    "tags": st.just("vip"),
                    "contacts_over": st.integers(1, 3),
                    "negative": st.booleans(),
                },
            )
        )
        if draw(st.booleans()) and len(conditions) > 1:
            del conditions["keywords"]
        made.append(rule(f"r{number}", draw(st.sampled_from(["billing", "technical"])), **conditions))
    return rules(*made)


@FEW
@given(some_inputs, rule_sets())
def test_the_first_rule_that_matches_decides(inputs: Inputs, ruled: TriageRules) -> None:
    told = judge(inputs, ruled)
    assert [one.name for one in told.findings] == [one.name for one in ruled.rules], "all rules, in order"
    before = list(takewhile(lambda one: not one.matched, told.findings))
    if len(before) == len(ruled.rules):
        assert (told.decided_by, told.queue, told.level) == ("", ruled.default_queue, 3)
        assert told.why_not
    else:
        first = ruled.rules[len(before)]
        assert (told.decided_by, told.rule, told.intent) == ("rule", first.name, first.intent)


@FEW
@given(some_inputs, rule_sets())
def test_a_rule_that_does_not_match_can_be_removed(inputs: Inputs, ruled: TriageRules) -> None:
    told = judge(inputs, ruled)
    kept = tuple(one for one, found in zip(ruled.rules, told.findings, strict=True) if found.matched)
    without = judge(inputs, ruled.model_copy(update={"rules": kept}))
    assert replace(without, findings=()) == replace(told, findings=())


@FEW
@given(some_inputs, rule_sets(), rule_sets())
def test_the_hash_is_that_of_what_decides(inputs: Inputs, ruled: TriageRules, other: TriageRules) -> None:
    assert judge(inputs, ruled) == judge(replace(inputs), ruled)
    assert inputs.hash(ruled.version, 1) == replace(inputs).hash(ruled.version, 1)
    assert inputs.hash(ruled.version, 1) != inputs.hash(ruled.version, 2)
    assert (inputs.hash(ruled.version, 1) == inputs.hash(other.version, 1)) is (ruled == other)
    assert inputs.hash("v", 1) != replace(inputs, customer_messages=99).hash("v", 1)


@FEW
@given(st.lists(st.integers(0, 9), min_size=3, max_size=3).map(sorted), st.integers(0, 20), st.integers(0, 20))
def test_more_points_never_lower_the_priority(steps: list[int], one: int, more: int) -> None:
    scale = Score(normal_from=steps[0], high_from=steps[1], urgent_from=steps[2])
    order = list(Priority)
    assert order.index(priority_of(one, scale)) <= order.index(priority_of(one + more, scale))


def test_the_score_can_be_added_up() -> None:
    text = "Production is down and our invoice job is urgent"
    inputs = Inputs(subject="Help", opening=text, tier="enterprise", contacts=3, tone=-0.9, language="en")
    counted = points(inputs, Score())
    assert counted == (
        ("tier enterprise", 2),
        ("negative tone", 1),
        ("3 contacts in 24 hours", 2),
        ("“down”", 3),
        ("“Production”", 2),
    )
    told = judge(inputs, rules())
    assert (told.score, told.priority) == (total(counted), Priority.URGENT) == (10, "urgent")
    assert judge(replace(inputs, opening="It is not down, not urgent"), rules()).score_why[3:] == (), "denied"
    assert judge(Inputs(), rules()).priority == Priority.LOW


def test_what_is_denied_does_not_match() -> None:
    ruled = rules(rule("cancel", keywords=["cancel*"]))
    assert judge(Inputs(opening="I want to cancel my plan"), ruled).rule == "cancel"
    denied = judge(Inputs(opening="I do not want to cancel"), ruled)
    assert denied.rule == ""
    assert denied.findings[0].words == "none of its keywords"


def test_words_in_another_language_are_not_decided_on_but_a_rule_without_words_may() -> None:
    ruled = rules(rule("refunds", keywords=["refund"]), rule("calm", negative=False))
    german = Inputs(opening="Bitte refund, danke", language="de", tone=-0.9)
    told = judge(german, ruled, says("billing", 0.99))
    assert (told.decided_by, told.confidence) == ("", None)
    assert told.why_not == "it is not written in English (language: de)"
    assert "language: de" in told.findings[0].words
    assert judge(german, rules(rule("big", tier=["enterprise"]))).decided_by == ""
    by_tier = judge(replace(german, tier="enterprise"), rules(*ruled.rules, rule("big", tier=["enterprise"])))
    assert (by_tier.decided_by, by_tier.rule) == ("rule", "big")
    assert judge(Inputs(opening=" …!"), ruled, says("billing", 0.9)).why_not == "there are no words to go by"


@pytest.mark.parametrize(
    ("model", "more", "decided", "why"),
    [
        (None, {}, "", "there is no classifier"),
        (says("billing", 0.9), {"classifier": False}, "", "switched off"),
        (says("billing", 0.9), {}, "model", ""),
        (says("billing", 0.6), {}, "model", ""),
        (says("billing", 0.59), {}, "", "says billing with 0.59, and 0.60 is needed"),
        (says("billing", 0.59), {"at_least": 0.5}, "model", ""),
        (says("billing", 0.9), {"at_least": 0.95}, "", "0.95 is needed"),
        (says("lunch", 0.99), {}, "", "says lunch, which is none of the intents"),
        (says("", 0.2), {}, "", "knows nothing like it"),
    ],
)
def test_the_classifier_decides_what_no_rule_does(
    model: Model | None, more: dict[str, object], decided: str, why: str
) -> None:
    told = judge(Inputs(opening="What is this charge?"), rules(**more), model)
    assert told.decided_by == decided
    assert why in told.why_not
    assert told.queue == ("Billing" if decided else "Support")


def test_a_rule_comes_before_the_classifier() -> None:
    ruled = rules(rule("words", "technical", keywords=["slow"]))
    told = judge(Inputs(opening="It is slow"), ruled, says("billing", 1.0))
    assert (told.intent, told.confidence) == ("technical", None)


def test_a_keyword_that_is_none_is_refused_with_the_settings() -> None:
    with pytest.raises(ValidationError, match="only at the end of a word"):
        rule("odd", keywords=["*down"])
    with pytest.raises(ValidationError, match="is no keyword"):
        Score(keywords={"…": 1})
