"""What the message of a reconciliation promises: within the limits, tame, and nobody confirms what was cut off."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.access.card_types import FindingKind, FindingLine, FindingsCard
from automations.plan import RunState
from automations.runs.card_types import Approval
from automations.words import PersonRef
from bot.cli.view_examples.findings import (
    DECIDED,
    FINDING_EXAMPLES,
    LEFT,
    LINES,
    MANY_STEPS,
    NONE,
    OPEN,
    STOPPED,
)
from bot.cli.view_examples.runs import LOOK
from bot.views.access_forms import keep_form, pass_to_form
from bot.views.finding_lines import finding_details
from bot.views.findings import findings_message
from bot.views.texts import esc
from bot.wire import WireError
from bot.wire_runs import FindingAct, FindingButton, RunAct, RunButton
from tests.bot.views.checks import check, pings
from tests.bot.views.test_hostile import ATTACKS, texts
from tests.bot.views.test_runs import elements, seen

LOOSE = {"finding.confirm", "finding.confirm_all", "plan.confirm"}
"""Buttons that let something happen."""


def poisoned(line: FindingLine, text: str, person: PersonRef) -> FindingLine:
    """The finding with every text and person of it from outside."""
    by = person if line.decided_by else None
    steps = tuple(text for _ in line.steps)
    made = replace(line, subject=text, name=text, words=text, reason=text, steps=steps)
    return replace(made, owner=person, decided_by=by)


def actions(made: Any) -> list[str]:
    return [one["action_id"] for one in elements(made)]


@st.composite
def lists(draw: st.DrawFn) -> FindingsCard:
    """A full page of the longest texts, in any state, with every kind to be confirmed at once."""
    text = draw(texts)
    person = PersonRef(text, text)
    known = [*LINES, *DECIDED, MANY_STEPS]
    lines = draw(st.lists(st.sampled_from(known), max_size=8))
    kinds = tuple(kind.value for kind in FindingKind)
    page = draw(st.integers(1, 3))
    return replace(
        OPEN,
        state=draw(st.sampled_from(RunState)).value,
        requested_by=person,
        source=text,
        desk=text,
        words=text,
        brake=draw(st.sampled_from(["", text])),
        approvals=(Approval(person, OPEN.requested_at),) * draw(st.integers(0, 1)),
        needed=draw(st.integers(1, 2)),
        counts=tuple((kind, 12_345) for kind in kinds),
        bulk=draw(st.sampled_from([(), kinds[:2], kinds])),
        lines=tuple(poisoned(line, text, person) if draw(st.booleans()) else line for line in lines),
        page=page,
        pages=3,
    )


@settings(deadline=None, max_examples=30)
@given(lists())
def test_no_list_pings_breaks_or_grows_over_the_limits(card: FindingsCard) -> None:
    made = findings_message(card, LOOK)
    check(made)
    assert pings(made) == []
    assert not any("left out here" in str(block) for block in made["blocks"]), "texts give way, and never a finding"
    if card.state != "done":
        assert not {"finding.confirm", "finding.confirm_all", "finding.keep"} & set(actions(made))


@settings(deadline=None, max_examples=30)
@given(lists())
def test_nobody_confirms_what_was_cut_off(card: FindingsCard) -> None:
    blocks = findings_message(replace(card, state="done"), LOOK)["blocks"]
    by_id = {line.id: line for line in card.lines}
    for before, block in pairwise(blocks):
        if block["type"] != "actions" or block["elements"][0]["action_id"] != FindingAct.CONFIRM:
            continue
        text = before["text"]["text"]
        number = FindingButton.decode(block["elements"][0]["value"]).finding_id
        candidates = [line for line in card.lines if line.id == number]
        assert by_id[number].fixable
        assert any(
            esc(line.words, 9_000) in text and all(esc(step, 9_000) in text for step in line.steps)
            for line in candidates
        )


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_known_attack_pings_or_breaks(attack: str) -> None:
    person = PersonRef(attack, attack)
    for line in (LEFT, LINES[6], DECIDED[1], MANY_STEPS):
        bad = poisoned(line, attack, person)
        made_of = (finding_details(bad, 12, LOOK), keep_form(bad, 12), pass_to_form(bad, 12))
        for made in (findings_message(replace(OPEN, lines=(bad,) * 8), LOOK), *made_of):
            check(made)
            assert pings(made) == []


@pytest.mark.parametrize("name", [name for name in FINDING_EXAMPLES if name.startswith("finding")])
def test_each_button_carries_its_own_act(name: str) -> None:
    made = FINDING_EXAMPLES[name]()
    for one in elements(made):
        try:
            assert FindingButton.decode(one["value"]).act == one["action_id"]
        except WireError:
            assert RunButton.decode(one["value"]).act == one["action_id"]
    assert not {"digest", "brake", "left_active", "role_high"} & set(seen(made["blocks"]).split())


def test_a_page_has_eight_findings_with_their_buttons() -> None:
    made = findings_message(OPEN, LOOK)
    confirmable = [one["value"] for one in elements(made) if one["action_id"] == FindingAct.CONFIRM]
    assert [FindingButton.decode(value).finding_id for value in confirmable] == [31, 32, 33, 34, 35, 36, 38]
    assert actions(made).count("finding.keep") == actions(made).count("finding.pass_to") == 8
    assert actions(made)[-1] == "finding.page"


def test_an_administrator_is_marked_and_a_person_is_told_what_to_do() -> None:
    read = seen(findings_message(OPEN, LOOK)["blocks"])
    assert "*Ana Silva* ana@team.example · *needs two people*: administrator" in read
    assert "Only a person can settle this" in read


def test_confirm_all_says_how_many_and_leaves_administrators_out() -> None:
    left, groups = (one for one in elements(findings_message(OPEN, LOOK)) if one["action_id"] == FindingAct.CONFIRM_ALL)
    assert seen(left["text"]) == "Confirm all 4"
    asked = seen(left["confirm"])
    assert "Confirm 4: left but still active?" in asked
    assert "1 not: each of those is for two people" in asked
    assert FindingButton.decode(left["value"]) == FindingButton(
        0, FindingAct.CONFIRM_ALL, OPEN.digest, OPEN.run_id, "left_active"
    )
    assert seen(groups["text"]) == "Confirm all 2"
    assert FindingAct.CONFIRM_ALL not in actions(findings_message(replace(OPEN, page=2), LOOK))


def test_a_stopped_list_is_released_as_a_whole_by_two_people() -> None:
    made = findings_message(STOPPED, LOOK)
    assert actions(made) == [RunAct.CONFIRM, RunAct.CANCEL, FindingAct.PAGE]
    (confirm, *_) = elements(made)
    assert RunButton.decode(confirm["value"]) == RunButton(12, RunAct.CONFIRM, STOPPED.digest)
    read = seen(made["blocks"])
    assert "Stopped: 12 of 40 people at once" in read
    assert "Two people have to release it" in read
    assert "a lead other than Ingrid Holm; 1 of 2 has" in read
    assert "changes nothing yet" in seen(confirm["confirm"])


@pytest.mark.parametrize("state", [state.value for state in RunState if state != RunState.DONE])
def test_only_a_list_that_was_read_and_released_has_anything_to_confirm(state: str) -> None:
    assert not LOOSE & set(actions(findings_message(replace(OPEN, state=state), LOOK)))


def test_nothing_differs_is_shown_and_green() -> None:
    assert "🟢 Nothing differs · RUN-12" in seen(findings_message(NONE, LOOK)["blocks"])
    assert "🟢 Nothing else differs" in seen(findings_message(replace(NONE, kept=3), LOOK)["blocks"])
    for state in ("failed", "refused", "asked", "expired"):
        assert "🟢" not in seen(findings_message(replace(NONE, state=state, words="No."), LOOK)["blocks"])


def test_what_was_decided_has_no_button_and_says_by_whom() -> None:
    made = findings_message(replace(OPEN, lines=DECIDED, bulk=(), pages=1), LOOK)
    assert actions(made) == []
    read = seen(made["blocks"])
    wanted = ("Confirmed by Ingrid Holm", "not verified yet: RUN-13", "Kept by Tomas Berg until", "verified: RUN-14")
    assert all(said in read for said in wanted)


def test_a_finding_too_long_for_the_page_is_confirmed_among_its_details() -> None:
    made = findings_message(replace(OPEN, lines=(MANY_STEPS,)), LOOK)
    assert [act for act in actions(made) if act != FindingAct.CONFIRM_ALL][:3] == [
        FindingAct.DETAILS, FindingAct.KEEP, FindingAct.PASS_TO,
    ]  # fmt: skip
    whole = finding_details(MANY_STEPS, 12, LOOK)
    assert all(step in seen(whole["blocks"]) for step in MANY_STEPS.steps)
    assert actions(whole) == [FindingAct.CONFIRM, FindingAct.KEEP, FindingAct.PASS_TO]


def test_a_finding_too_long_even_for_its_details_is_not_confirmed_in_slack() -> None:
    made = finding_details(replace(MANY_STEPS, steps=MANY_STEPS.steps * 9), 12, LOOK)
    check(made)
    assert FindingAct.CONFIRM not in actions(made)
    assert "handoff access reconcile" in seen(made["blocks"])
    assert FindingAct.CONFIRM in actions(finding_details(LEFT, 12, LOOK))
