"""What the message and the details of a run promise, in every state, at every length, whatever outsiders write."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.plan import RunState, StepState
from automations.runs.card_types import Approval, RunCard, StepLine
from automations.words import PersonRef
from bot.cli.view_examples.runs import (
    BOTH,
    DONE,
    INGRID,
    LONG,
    LOOK,
    OFFBOARD,
    PARTIAL,
    PROVISION,
    RUN_EXAMPLES,
    WAITING,
    run,
)
from bot.views.access_forms import Begun, RoleChoice, offboard_form, on_duty_form, provision_form, suspend_form
from bot.views.blocks import message, rich
from bot.views.paged import CHUNK
from bot.views.run_acts import MOST
from bot.views.run_details import run_details
from bot.views.run_state import is_green, run_sign
from bot.views.runs import run_line_message, run_message, runs_lines, told_message
from bot.views.texts import tame
from bot.views.welcome import welcome_message
from bot.wire import MessageRef
from bot.wire_runs import RunAct, RunButton
from tests.bot.views.checks import check, pings
from tests.bot.views.test_hostile import ATTACKS, texts

STATED = tuple(replace(one, state="by_hand") for one in OFFBOARD.steps if one.by_hand)
OURS = {"id", "kind", "state", "digest", "mode", "review"}
"""Texts of a card that are never from outside."""


def _poisoned(value: Any, text: str) -> Any:
    """Whatever a card holds, with the text in place of each of its own."""
    if isinstance(value, PersonRef):
        return PersonRef(text, text)
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(_poisoned(one, text) for one in value)
    if isinstance(value, (RunCard, StepLine, Approval)):
        named = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in OURS}
        return replace(value, **{name: _poisoned(held, text) for name, held in named.items()})
    return value


def poisoned(card: RunCard, text: str) -> RunCard:
    """The same card with every text and every person from outside."""
    made = _poisoned(card, text)
    assert isinstance(made, RunCard)
    return made


def elements(made: Any) -> Iterator[dict[str, Any]]:
    """Every button, in the order of the message."""
    for block in made["blocks"]:
        yield from block.get("elements", ()) if block["type"] == "actions" else ()
        if "accessory" in block:
            yield block["accessory"]


def acts(made: Any) -> list[RunAct]:
    return [RunAct(one["action_id"]) for one in elements(made)]


def seen(value: Any) -> str:
    """What a person reads of a view; values of buttons are not among it."""
    return " ".join("".join(_texts(value)).split())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
            yield "" if isinstance(one, dict) and one.get("type") == "text" else " "
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for one in value.values():
            yield from _texts(one)


def all_pages(card: RunCard) -> list[Any]:
    """Each page of the details, turned to as a person would."""
    pages = [run_details(card, LOOK, 1)]
    while turns := [one for one in elements(pages[-1]) if seen(one) == "Next page"]:
        pages.append(run_details(card, LOOK, RunButton.decode(turns[0]["value"]).step))
    return pages


@st.composite
def cards(draw: st.DrawFn, counts: tuple[int, ...] = (0, 1, 3, 12, 13, 60, 200)) -> RunCard:
    """Runs of so many steps in any states, with texts from outside of any length."""
    text, count = draw(texts), draw(st.sampled_from(counts))
    states = draw(st.lists(st.sampled_from(StepState), min_size=1, max_size=12))
    several = (*poisoned(PARTIAL, text).steps, *poisoned(WAITING, text).steps)
    steps = tuple(
        replace(several[n % len(several)], number=n + 1, state=states[n % len(states)].value) for n in range(count)
    )
    return replace(
        poisoned(PARTIAL, text),
        state=draw(st.sampled_from(RunState)).value,
        steps=steps,
        mode=draw(st.sampled_from(["ask", "shadow"])),
        kind=draw(st.sampled_from(["offboard", "provision", "findings", "undo"])),
        facts=((text, text),) * draw(st.integers(0, 12)),
        warnings=(text,) * draw(st.integers(0, 9)),
        review=draw(st.sampled_from(["none", "wanted", "done"])),
        can_undo=draw(st.booleans()),
        can_suspend_now=draw(st.booleans()),
        expires_at=OFFBOARD.expires_at,
    )


@settings(deadline=None, max_examples=25)
@given(cards())
def test_no_run_pings_breaks_or_grows_over_the_limits(card: RunCard) -> None:
    made = run_message(card, LOOK, first_post=True)
    check(made)
    assert pings(made) == []
    assert not any("left out here" in str(block) for block in made["blocks"]), "it folds, and never loses a part"
    pressed = [act for act in acts(made) if act is not RunAct.DETAILS]
    assert len(pressed) <= MOST
    assert made["blocks"][0]["type"] == "header"


@settings(deadline=None, max_examples=15)
@given(cards((0, 1, 6)))
def test_details_cut_nothing_off(card: RunCard) -> None:
    pages = all_pages(card)
    for page in pages:
        check(page)
        assert pings(page) == []
    read = "".join(seen(page["blocks"]) for page in pages)
    for text in {text for step in card.steps for text in (step.words, step.error)} | {card.reason}:
        whole = tame(text).strip()
        assert all(whole[start : start + CHUNK] in read for start in range(0, len(whole), CHUNK))
    assert all(f" {step.number}. " in read for step in card.steps)


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_known_attack_pings_or_breaks(attack: str) -> None:
    for card in (OFFBOARD, PARTIAL, WAITING, DONE, PROVISION, LONG, run(brake="x"), run(state="refused", words="x")):
        bad, about = poisoned(card, attack), MessageRef("C_ACCESS")
        begun = Begun(None, attack, attack, (attack,))
        for made in (
            run_message(bad, LOOK, first_post=True),
            run_line_message(attack),
            told_message(attack, 7, f"https://chat.example/{attack}"),
            welcome_message(attack, LOOK),
            suspend_form(bad),
            on_duty_form(bad, (attack or "x", "nights")),
            provision_form((RoleChoice("agent"),), (attack,), begun, about, remark=attack),
            offboard_form(Begun(), about, remark=attack),
            message("x", rich(*runs_lines((bad,) * 7, LOOK))),
        ):
            check(made)
            assert pings(made) == []


@settings(deadline=None, max_examples=25)
@given(cards((0, 1, 3, 12)))
def test_green_is_read_back_and_nothing_else(card: RunCard) -> None:
    read = all(step.state in ("verified", "skipped") for step in card.steps)
    assert (run_sign(card) == "🟢") == is_green(card)
    assert not is_green(card) or (card.state == "done" and read and card.steps)
    assert "🟢" not in seen(run_message(replace(card, steps=tuple(
        replace(step, state="by_hand" if step.state == "verified" else step.state) for step in card.steps
    )), LOOK, first_post=False)["blocks"][0])  # fmt: skip


@pytest.mark.parametrize("name", [name for name in RUN_EXAMPLES if name.startswith("run_")])
def test_people_never_read_our_own_words_for_it(name: str) -> None:
    assert not {"digest", "brake", "by_hand", "rolled_back"} & set(seen(RUN_EXAMPLES[name]()["blocks"]).lower().split())


@pytest.mark.parametrize("name", [name for name in RUN_EXAMPLES if name.startswith("run_")])
def test_each_button_carries_its_own_act_and_plan(name: str) -> None:
    for one in elements(RUN_EXAMPLES[name]()):
        value = RunButton.decode(one["value"])
        assert value.act == one["action_id"]
        if value.act not in (RunAct.DETAILS, RunAct.DETAILS_BACK):
            assert value.digest == OFFBOARD.digest


@pytest.mark.parametrize(
    ("card", "wanted"),
    [
        (OFFBOARD, [RunAct.CONFIRM, RunAct.CANCEL, RunAct.SUSPEND_NOW, RunAct.DETAILS]),
        (PROVISION, [RunAct.CONFIRM, RunAct.CANCEL, RunAct.DETAILS]),
        (WAITING, [RunAct.INVITE_AGAIN, RunAct.DETAILS]),
        (PARTIAL, [RunAct.RETRY, RunAct.DONE_BY_HAND, RunAct.DONE_BY_HAND, RunAct.DETAILS]),
        (DONE, [RunAct.UNDO, RunAct.DETAILS]),
        (replace(PROVISION, state="done", can_undo=True), [RunAct.ON_DUTY, RunAct.UNDO, RunAct.DETAILS]),
        (replace(DONE, review="wanted"), [RunAct.REVIEW, RunAct.UNDO, RunAct.DETAILS]),
        (run(mode="shadow"), []),
        (run(mode="shadow", state="cancelled"), []),
        (replace(DONE, mode="shadow"), [RunAct.UNDO, RunAct.DETAILS]),
        *((run(state=state, can_suspend_now=False), [RunAct.DETAILS])
          for state in ("asked", "refused", "approved", "running", "expired", "cancelled", "replaced", "rolled_back")),
    ],
)  # fmt: skip
def test_which_buttons_a_run_has(card: RunCard, wanted: list[RunAct]) -> None:
    assert acts(run_message(card, LOOK, first_post=False)) == wanted


def test_a_step_button_is_about_its_own_step() -> None:
    made = elements(run_message(PARTIAL, LOOK, first_post=False))
    assert [RunButton.decode(one["value"]).step for one in made] == [5, 9, 10, 0]


def test_what_has_no_room_on_the_message_is_among_the_details() -> None:
    assert "Undo" in seen(run_message(PARTIAL, LOOK, first_post=False))
    assert RunAct.UNDO in [act for page in all_pages(PARTIAL) for act in acts(page)]


def test_confirm_says_first_what_happens_and_what_is_for_good() -> None:
    (confirm, *_) = elements(run_message(OFFBOARD, LOOK, first_post=False))
    asked = seen(confirm["confirm"])
    assert "Offboard Ben Okafor?" in asked
    assert "8 steps, 2 by hand" in asked
    assert all(sentence in asked for sentence in OFFBOARD.warnings)
    wordy = run(warnings=("It is for good. " * 30,))
    (confirm, *_) = elements(run_message(wordy, LOOK, first_post=False))
    assert "stands in the message" in seen(confirm["confirm"])


def test_a_plan_without_warnings_names_the_steps_without_a_way_back() -> None:
    assert "Cannot be taken back: End all sessions in Zendesk; Revoke reporting script" in seen(
        run_message(run(warnings=()), LOOK, first_post=False)["blocks"]
    )


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (OFFBOARD, "a lead other than Ingrid Holm; 1 of 2 has"),
        (run(approvals=()), "2 leads; none has yet"),
        (PROVISION, "Confirms: a lead"),
        (run(brake="12 of 40 people at once"), "Stopped: 12 of 40 people at once"),
        (run(state="replaced", replaced_by=9), "The plan has changed: RUN-9"),
        (replace(DONE, steps=(*DONE.steps, *STATED)), "Done: 9 verified, 2 stated by Sam Okoro"),
        (PARTIAL, "Partial: 1 of 11 failed, 7 verified, 2 waiting, 1 not begun"),
        (WAITING, "Waiting: 3 of 6 verified, 1 stated by Sam Okoro, 2 waiting"),
        (run(mode="shadow"), "Shows what it would do; nothing is applied"),
        (run(state="refused", title="Offboard", words="No."), "Offboard Ben Okafor · RUN-7"),
    ],
)  # fmt: skip
def test_what_a_message_says(card: RunCard, said: str) -> None:
    assert said in seen(run_message(card, LOOK, first_post=False)["blocks"])


def test_failures_come_first_and_the_rest_is_counted() -> None:
    made = seen(run_message(LONG, LOOK, first_post=False)["blocks"])
    assert made.index("Revoke nightly export") < made.index("Person 38") < made.index("Person 39")
    assert "and 53 more steps: Details" in made
    assert "Person 7:" not in made


def test_only_an_owner_who_did_not_ask_is_called_and_once() -> None:
    other = run(requested_by=PersonRef("handoff", "Handoff"))
    assert set(pings(run_message(other, LOOK, first_post=True))) == {INGRID.slack}
    assert pings(run_message(other, LOOK, first_post=False)) == []
    assert pings(run_message(OFFBOARD, LOOK, first_post=True)) == []


def test_details_of_200_steps_show_each_of_them_once() -> None:
    steps = tuple(replace(PARTIAL.steps[n % 11], number=n + 1) for n in range(200))
    pages = all_pages(replace(PARTIAL, steps=steps))
    for page in pages:
        check(page)
    read = " ".join(seen(page["blocks"]) for page in pages)
    assert [read.count(f" {n}. ") for n in range(1, 201)] == [1] * 200
    retries = [value for page in pages for one in elements(page) if (value := RunButton.decode(one["value"])).step]
    assert sum(value.act is RunAct.RETRY for value in retries) == 18


@pytest.mark.parametrize("page", [-1, 0, 1, 2, 99])
def test_any_page_that_is_asked_for_is_the_nearest_there_is(page: int) -> None:
    made = run_details(replace(LONG, approvals=BOTH), LOOK, page)
    check(made)
    shown = RunButton.decode(made["private_metadata"]).step
    assert 1 <= shown <= len(all_pages(LONG))
    assert shown == min(max(page, 1), len(all_pages(LONG)))
