"""What the messages of customer context promise: within the limits, tame, and nobody approves what was cut off."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.customer_context.card_types import ConflictLine, CustomerSheet, GroupLine, LedgerCard, SyncCard
from automations.customer_context.context import Effects
from automations.customer_context.ledger_list import PER_PAGE as CONFLICTS_OF_A_PAGE
from automations.customer_context.search import CustomerRow
from automations.customer_context.sync_list import PER_PAGE as GROUPS_OF_A_PAGE
from automations.plan import RunState
from automations.runs.card_types import Approval
from automations.words import PersonRef
from bot.cli.view_examples.customers import (
    CONFLICTS,
    CUSTOMER_EXAMPLES,
    DECIDED,
    DIFFERS,
    GROUPS,
    LEDGER,
    LONG,
    NONE,
    NOTHING_LEFT,
    OPEN,
    REJECTED,
    RISING,
    SETTLED,
    SHEET,
    STOPPED,
)
from bot.cli.view_examples.runs import AT, LOOK
from bot.views.customers import sync_message
from bot.views.customers_forms import (
    approve_all_form,
    approve_form,
    field_form,
    hold_form,
    ignore_form,
    keep_desk_form,
    reject_form,
)
from bot.views.customers_group import group_details
from bot.views.customers_ledger import ledger_message
from bot.views.customers_lists import customers_message, rejected_message, sheet_message, usage_message
from bot.views.customers_words import effects_words, old
from bot.views.texts import one_line
from bot.wire import WireError
from bot.wire_customers import (
    FIELD_OPEN_TOO,
    ChangesAct,
    ChangesButton,
    ConflictAct,
    ConflictButton,
    FieldButton,
    ListButton,
)
from bot.wire_runs import RunAct, RunButton
from tests.bot.views.checks import check, pings
from tests.bot.views.test_hostile import ATTACKS, texts
from tests.bot.views.test_runs import elements, seen

DECIDES = {str(act) for act in ChangesAct if act is not ChangesAct.DETAILS}
"""Buttons that let something happen to a group."""


def acts(made: Any) -> list[str]:
    return [one["action_id"] for one in elements(made)]


def poisoned_group(line: GroupLine, text: str, person: PersonRef) -> GroupLine:
    """The group with every text and person of it from outside."""
    return replace(
        line,
        field=text,
        words=text,
        decision=text,
        reason=text,
        decided_by=person if line.decided_by else None,
        samples=tuple((text, text, text, text) for _ in range(5)),
        effects=replace(line.effects, samples=((text, f"https://desk.example/{text}", text),) * 3),
    )


def poisoned_conflict(line: ConflictLine, text: str, person: PersonRef) -> ConflictLine:
    return replace(
        line,
        account=text,
        name=text,
        field=text,
        source=text,
        source_value=text,
        desk_value=text,
        winner=text,
        url=f"https://desk.example/{text}",
        others=(text,) * 9,
        reason=text,
        decided_by=person if line.decided_by else None,
    )


def poisoned_sheet(text: str, person: PersonRef) -> CustomerSheet:
    return replace(
        SHEET,
        account=text,
        name=text,
        status=text,
        tier=text,
        url=f"https://desk.example/{text}",
        fields=((text,) * 5,) * 30,
        domains=(text,) * 30,
        conflicts=tuple(poisoned_conflict(one, text, person) for one in CONFLICTS),
        history=((AT, text, text, text, text),) * 30,
    )


@st.composite
def syncs(draw: st.DrawFn) -> SyncCard:
    """A full page of the longest texts, in any state."""
    text = draw(texts)
    person = PersonRef(text, text)
    lines = draw(st.lists(st.sampled_from([*GROUPS, *DECIDED, LONG]), max_size=GROUPS_OF_A_PAGE))
    return replace(
        OPEN,
        state=draw(st.sampled_from(RunState)).value,
        mode=draw(st.sampled_from(["ask", "shadow"])),
        requested_by=person,
        desk=text,
        sources=((text, 12_345, AT - timedelta(days=3)),) * draw(st.integers(0, 9)),
        counts=tuple((word, 123_456) for word, _ in OPEN.counts),
        blanks_kept={f"{text}{number}": 12 for number in range(9)},
        words=text,
        brake=draw(st.sampled_from(["", text])),
        approvals=(Approval(person, AT),) * draw(st.integers(0, 1)),
        needed=draw(st.integers(1, 2)),
        groups=tuple(poisoned_group(line, text, person) if draw(st.booleans()) else line for line in lines),
        page=draw(st.integers(1, 3)),
        pages=3,
        total=24,
    )


@settings(deadline=None, max_examples=40)
@given(syncs())
def test_no_sync_pings_breaks_or_grows_over_the_limits(card: SyncCard) -> None:
    made = sync_message(card, LOOK)
    check(made)
    assert pings(made) == []
    assert not any("left out here" in str(block) for block in made["blocks"]), "texts give way, and never a group"
    if card.state != "done" or card.mode == "shadow":
        assert not DECIDES & set(acts(made))


@settings(deadline=None, max_examples=40)
@given(syncs())
def test_nobody_approves_what_was_cut_off(card: SyncCard) -> None:
    blocks = sync_message(replace(card, state="done", mode="ask"), LOOK)["blocks"]
    for before, block in pairwise(blocks):
        if block["type"] != "actions" or block["elements"][0]["action_id"] != ChangesAct.APPROVE:
            continue
        number = ChangesButton.decode(block["elements"][0]["value"]).group_id
        text = "".join(part["text"] for part in before["elements"][0]["elements"])
        assert any(
            line.id == number and one_line(line.words, 9_000) in text and one_line(line.decision, 9_000) in text
            for line in card.groups
        )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*CONFLICTS, *SETTLED]), max_size=CONFLICTS_OF_A_PAGE), texts, st.booleans())
def test_no_ledger_pings_breaks_or_grows_over_the_limits(lines: list[ConflictLine], text: str, bad: bool) -> None:
    person = PersonRef(text, text)
    shown = tuple(poisoned_conflict(line, text, person) if bad else line for line in lines)
    fields = tuple((f"{text[:50]}{number}", 12, "0" * 16) for number in range(40))
    card = LedgerCard(text, shown, 2, 3, 24, fields, tuple(poisoned_conflict(one, text, person) for one in SETTLED))
    made = ledger_message(card, LOOK)
    check(made)
    assert pings(made) == []
    assert not any("left out here" in str(block) for block in made["blocks"])
    wanted = [line.id for line in lines if line.state == "open"]
    ignored = [one["value"] for one in elements(made) if one["action_id"] == ConflictAct.IGNORE]
    assert [ConflictButton.decode(value).conflict_id for value in ignored] == wanted


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_known_attack_pings_or_breaks(attack: str) -> None:
    person = PersonRef(attack, attack)
    lines = [poisoned_group(line, attack, person) for line in (*GROUPS, *DECIDED, LONG)]
    bad = poisoned_conflict(DIFFERS, attack, person)
    button = FieldButton(ConflictAct.KEEP_DESK, "0" * 12, "0" * 16)
    rejected = [replace(one, source=attack, row_key=attack, reason=attack, row={attack: attack}) for one in REJECTED]
    rows = [CustomerRow(attack, attack, attack, attack)] * 10
    for made in (
        *(group_details(line, 21, LOOK) for line in lines),
        *(form(line, 21) for line in lines for form in (approve_form, hold_form, reject_form)),
        approve_all_form(lines, 30, 21, "0" * 16),
        keep_desk_form(bad),
        ignore_form(bad),
        field_form(attack, 9, button, attack),
        rejected_message(rejected * 4, 1, LOOK),
        sheet_message(poisoned_sheet(attack, person), attack, LOOK),
        customers_message(rows, 30, attack, 1, LOOK),
        usage_message(LOOK, problem=attack),
    ):
        check(made)
        assert pings(made) == []


@pytest.mark.parametrize("name", sorted(CUSTOMER_EXAMPLES))
def test_each_button_carries_its_own_act(name: str) -> None:
    for one in elements(CUSTOMER_EXAMPLES[name]()):
        for option in one.get("options", ()):
            assert FieldButton.decode(option["value"]).digest
        if "options" not in one:
            assert one["action_id"] in {str(act) for act in carried(one["value"])}


def carried(value: str) -> list[Any]:
    """The acts that a value stands for, whichever of our buttons it is."""
    found: list[Any] = []
    for kind in (ChangesButton, ConflictButton, ListButton, RunButton):
        try:
            found.append(kind.decode(value).act)
        except WireError:
            continue
    return found


def test_the_sync_says_what_in_its_first_line_and_how_many_in_its_second() -> None:
    made = sync_message(OPEN, LOOK)
    assert made["text"] == "413 customers would change (RUN-21)"
    read = seen(made["blocks"])
    assert read.startswith("🟠 413 customers would change · RUN-21")
    assert "3 added · 401 changed · 9 suspended · 584 unchanged · 2 conflicted · 1 rejected" in read
    assert "accounts.csv: 988 rows, as of" in read
    assert "(6 h 5 min old)" in read


def test_each_group_has_its_line_its_decision_and_its_buttons() -> None:
    made = sync_message(OPEN, LOOK)
    read = seen(made["blocks"])
    assert "tier: pro → enterprise · 400 customers" in read
    assert "Decides: Which SLA a ticket has" in read
    assert "12 open tickets would get another SLA, 3 would escalate: only with the tick" in read
    assert acts(made).count("group.approve") == acts(made).count("group.hold") == acts(made).count("group.reject") == 4
    first, second, *_ = (one for one in elements(made) if one["action_id"] == "group.approve")
    assert first["text"]["text"] == "Approve …"
    assert "confirm" not in first, "its form asks"
    assert second["text"]["text"] == "Approve"
    assert "No open ticket changes." in seen(second["confirm"])


def test_a_stopped_sync_is_released_as_a_whole_by_two_people() -> None:
    made = sync_message(STOPPED, LOOK)
    assert acts(made) == [RunAct.CONFIRM, RunAct.CANCEL]
    (confirm, *_) = elements(made)
    assert RunButton.decode(confirm["value"]) == RunButton(21, RunAct.CONFIRM, STOPPED.digest)
    read = seen(made["blocks"])
    assert "🔴 Stopped: 413 of 997 customers at once" in read
    assert "a lead other than Ingrid Holm; 1 of 2 has" in read
    assert "changes nothing yet" in seen(confirm["confirm"])


def test_a_shadow_shows_everything_and_lets_nobody_press() -> None:
    made = sync_message(replace(OPEN, mode="shadow"), LOOK)
    assert acts(made) == []
    assert "Shows what it would do; nothing is applied" in seen(made["blocks"])


def test_what_was_decided_says_by_whom_and_only_what_is_held_can_still_be_pressed() -> None:
    made = sync_message(replace(OPEN, groups=DECIDED, total=len(DECIDED)), LOOK)
    assert acts(made) == ["group.let_go", "group.reject", "group.details"]
    read = seen(made["blocks"])
    for said in (
        "Approved, on open tickets too, 120 of 400 verified, 1 refused: RUN-22 · Ingrid Holm",
        "🟢 Applied, 3 verified: RUN-22",
        "Held: no sync asks again until it is let go · Tomas Berg",
        "Rejected: not asked again until a value changes",
        "🔴 Partial: 398 of 400 verified, 2 refused: RUN-23",
        "A newer sync shows this anew",
        "Taken back: RUN-24",
    ):
        assert said in read


def test_nothing_to_change_is_green_and_says_what_still_waits() -> None:
    assert "🟢 Nothing to change · RUN-21" in seen(sync_message(NONE, LOOK)["blocks"])
    waiting = seen(sync_message(replace(NONE, open_conflicts=2), LOOK)["blocks"])
    assert "Nothing to approve" in waiting
    assert "2 conflicts to decide: `/support-customers conflicts`" in waiting
    for state in ("failed", "refused", "asked", "expired"):
        assert "🟢" not in seen(sync_message(replace(NONE, state=state, words="No."), LOOK)["blocks"])


def test_all_at_once_is_offered_on_the_first_page_where_several_wait() -> None:
    assert acts(sync_message(OPEN, LOOK))[0] == ChangesAct.APPROVE_ALL
    assert ChangesAct.APPROVE_ALL not in acts(sync_message(replace(OPEN, page=2, pages=2), LOOK))
    one = replace(OPEN, groups=(RISING, DECIDED[1]), total=2)
    assert ChangesAct.APPROVE_ALL not in acts(sync_message(one, LOOK))


def test_a_group_too_long_for_the_page_is_approved_among_its_details() -> None:
    made = sync_message(replace(OPEN, groups=(LONG,) * GROUPS_OF_A_PAGE), LOOK)
    assert ChangesAct.APPROVE not in acts(made)
    pages = [group_details(LONG, 21, LOOK, page) for page in range(1, 9)]
    assert [ChangesAct.APPROVE in acts(page) for page in pages].index(True) > 0, "on the last one, once all was shown"
    assert all(f"acct_{number}" in str(pages) for number in range(300))


def test_the_tick_is_off_and_says_what_would_happen() -> None:
    form = approve_form(RISING, 21)
    (tick,) = [block for block in form["blocks"] if block.get("block_id") == FIELD_OPEN_TOO]
    assert "initial_options" not in tick["element"]
    assert "12 open tickets would get another SLA, 3 would escalate." in seen(form["blocks"])
    assert "open ones stay as they are" in seen(form["blocks"])
    calm = approve_all_form(GROUPS[1:], 3, 21, "0" * 16)
    assert not [block for block in calm["blocks"] if block["type"] == "input"]


def test_the_ledger_shows_both_values_since_when_and_which_would_win() -> None:
    made = ledger_message(LEDGER, LOOK)
    read = seen(made["blocks"])
    assert "Acme GmbH (acct_42) · tier · since" in read
    assert "crm: enterprise Zendesk: pro Would win: crm, the source of truth" in read
    assert "crm: (empty) Zendesk: acme.example, acme.test" in read
    assert "two accounts match one customer in the desk" in read


def test_merge_by_hand_opens_the_desk_and_only_where_it_can() -> None:
    made = ledger_message(LEDGER, LOOK)
    links = {ConflictButton.decode(one["value"]).conflict_id: one["url"] for one in elements(made) if "url" in one}
    assert links == dict.fromkeys((51, 53, 54, 55), "https://desk.example/organizations/4711")
    for url in ("javascript:alert(1)", "https://desk.example/a b", "", f"https://desk.example/{'x' * 500}"):
        bad = ledger_message(replace(LEDGER, lines=(replace(DIFFERS, url=url),)), LOOK)
        assert ConflictAct.MERGE not in acts(bad)


def test_what_only_people_can_tell_has_no_take_source() -> None:
    (line,) = [one for one in CONFLICTS if one.kind == "two_accounts"]
    made = ledger_message(replace(LEDGER, lines=(line,), fields=()), LOOK)
    assert acts(made)[:2] == [ConflictAct.IGNORE, ConflictAct.MERGE]
    assert "nobody: only people can tell" in seen(made["blocks"])


def test_a_whole_field_is_decided_by_a_menu_where_it_has_several() -> None:
    menu = next(one for one in elements(ledger_message(LEDGER, LOOK)) if one["action_id"] == ConflictAct.FIELD)
    assert [option["text"]["text"] for option in menu["options"]] == [
        "tier: take source, all 9 …", "tier: keep desk, all 9 …", "tier: ignore, all 9 …",
    ]  # fmt: skip
    single = ledger_message(replace(LEDGER, fields=(("tier", 1, "0" * 16),)), LOOK)
    assert ConflictAct.FIELD not in acts(single)


def test_nothing_left_to_decide_is_green_and_names_what_was_settled() -> None:
    read = seen(ledger_message(NOTHING_LEFT, LOOK)["blocks"])
    assert read.startswith("🟢 Nothing left to decide")
    assert "Kept the desk's pro, until" in read
    assert "They were promised pro until spring." in read


def test_a_sheet_shows_each_field_with_its_source_and_what_it_decides() -> None:
    read = seen(sheet_message(SHEET, "Zendesk", LOOK)["blocks"])
    assert "tier: enterprise · crm (PostgreSQL) · Which SLA a ticket has" in read
    assert "account_manager: (empty) · accounts.csv, which says Nadia Rahman" in read
    assert "tier: pro → enterprise · RUN-22" in read


def test_rejected_rows_have_pages_and_a_button_each() -> None:
    made = rejected_message(REJECTED * 6, 2, LOOK)
    assert acts(made) == ["rejected.dismiss"] * 4 + ["customers.page_back"]
    assert "“Gold+” is none of pro, enterprise, starter." in seen(made["blocks"])


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        (Effects(), ""),
        (Effects(tickets=4), ""),
        (Effects(priorities=1), "1 open ticket would get another priority"),
        (Effects(clocks=12, escalations=3), "12 open tickets would get another SLA, 3 would escalate"),
        (Effects(escalations=1_200), "1,200 open tickets would escalate"),
    ],
)
def test_effects_in_words(effects: Effects, words: str) -> None:
    assert effects_words(effects) == words


def test_an_age_in_words() -> None:
    assert old(AT - timedelta(seconds=20), AT) == "just read"
    assert old(AT - timedelta(hours=6), AT) == "6 h old"
