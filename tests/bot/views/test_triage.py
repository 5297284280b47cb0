"""Triage's messages and forms: what customers write cannot disturb them, and a light is green only after a reading."""

import json
from dataclasses import fields, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.triage.card_types import DecisionCard
from automations.words import PersonRef
from bot.cli.view_examples.triage import APPLIED, BELOW, BY_MODEL, DAY, PROPOSED, UNDECIDED
from bot.views.texts import Look
from bot.views.triage import BUTTONS, day_message, decision_message, waits_message, where_message
from bot.views.triage_evaluation import evaluation_message
from bot.views.triage_forms import change_form, why_modal
from bot.wire_triage import TriageAct
from storage.models import TriageDecision
from tests.bot.views.checks import check, pings
from tests.bot.views.test_hostile import people, texts

LOOK = Look(zone="Europe/Oslo")
STATES = (
    "shadow",
    "proposed",
    "applying",
    "applied",
    "nothing",
    "declined",
    "superseded",
    "unclear",
    "failed",
    "undone",
)


def poisoned(card: DecisionCard, text: str, person: PersonRef) -> DecisionCard:
    """The card with every text of it, and every person, from outside."""
    held: dict[str, Any] = {
        "rules": ((text, True, text),) * 8,
        "score_why": ((text, 3),) * 5,
        "changes": (("queue", text, text), ("priority", text, text)),
        "changed_from": (text, text, text),
        "state": card.state,
        "decided_by": card.decided_by,
        "url": f"https://desk.example/{text}",
    }
    for one in fields(card):
        value = getattr(card, one.name)
        if type(value) is str and one.name not in held:
            held[one.name] = text
    return replace(card, **(held | {"changed_by": person, "undo_by": person}))


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([PROPOSED, BY_MODEL, UNDECIDED, APPLIED]), st.sampled_from(STATES), texts, people)
def test_nothing_that_customers_write_pings_or_breaks(
    card: DecisionCard, state: str, text: str, who: PersonRef
) -> None:
    hostile = poisoned(replace(card, state=state), text, who)
    odd = replace(DAY, queues=((text, 3),) * 60, lint=(text,) * 20, first_waiting=text, mode=text)
    measured = replace(
        BELOW,
        source=text,
        queues=tuple(replace(one, name=text) for one in BELOW.queues) * 20,
        baselines=((text, 0.5),) * 9,
        lint=(text,) * 40,
        fails=(text,) * 40,
        rules_version=text,
        model=text,
    )
    for made in (
        evaluation_message(measured, LOOK, text),
        where_message(text, 3, text),
        decision_message(hostile, LOOK),
        why_modal(replace(hostile, ref="TRIAGE-1"), LOOK),
        change_form(hostile, (text, "billing"), (text, "Billing")),
        day_message(odd),
        waits_message(hostile, 3, text, who, call=True),
    ):
        check(made)
        assert pings(made) == []


def test_an_evaluation_says_first_whether_it_is_enough_and_what_is_missing() -> None:
    made = evaluation_message(BELOW, LOOK)
    assert made["text"].startswith("EVAL-7: triage is below the bar on history. 87.0% of the decided were right;")
    first, second = made["blocks"][:2]
    assert first["text"]["text"] == "EVAL-7: below the bar, so mode auto acts as ask"
    assert "In Onboarding 59.6% were right" in str(second)
    told = json.dumps(made, ensure_ascii=False)
    assert told.index("Onboarding: 59.6%") < told.index("Support: 89.8%") < told.index("Billing: 95.4%"), "worst first"
    passed = evaluation_message(replace(BELOW, passed=True, fails=()), LOOK)
    assert passed["blocks"][0]["text"]["text"] == "EVAL-7: the bar is reached"


def test_buttons_by_state() -> None:
    held = " ".join(str(getattr(one, "sqltext", "")) for one in TriageDecision.__table_args__)
    assert all(f"'{state}'" in held for state in STATES), "these are the states that there are"
    for state in STATES:
        made = decision_message(replace(PROPOSED, state=state), LOOK)
        (row,) = [block for block in made["blocks"] if block["type"] == "actions"]
        shown = [one["action_id"] for one in row["elements"]]
        assert shown == [*BUTTONS.get(state, ()), TriageAct.WHY]
        primary = [one["action_id"] for one in row["elements"] if one.get("style") == "primary"]
        assert primary == [one for one in shown if one in ("triage.apply", "triage.retry")]


def test_only_what_was_read_back_is_green() -> None:
    for state in STATES:
        told = json.dumps(decision_message(replace(PROPOSED, state=state), LOOK), ensure_ascii=False)
        assert ("🟢" in told) is (state == "applied")
    assert "verified in Zendesk 03:15" in json.dumps(decision_message(APPLIED, LOOK))


def test_the_owner_is_mentioned_in_the_first_post_only() -> None:
    owner = PersonRef("lea@team.example", "Lea Lind", "U_LEAD1")
    assert pings(waits_message(PROPOSED, 2, None, owner, call=True)) == ["U_LEAD1", "U_LEAD1"]
    assert pings(waits_message(PROPOSED, 2, None, owner, call=False)) == []
    assert pings(decision_message(APPLIED, LOOK)) == []
    assert pings(day_message(DAY)) == []
