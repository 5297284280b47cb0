"""What escalations' views promise: the reason first, nobody called twice, no foreign word acts, no limit broken."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from automations.escalation.card_types import EscalationCard, MessageLine, ShadowDay, ThreadPage
from automations.escalation.conversation import LONGEST, ROOM
from automations.words import PersonRef
from bot.cli.view_examples.escalations import (
    AT,
    BARE,
    CARD,
    CLAIMED,
    CLOSED,
    FIGURES,
    FIRST_REPLY,
    HELD,
    ROW,
    SUMMARY,
    WORST,
    minutes,
)
from bot.cli.view_examples.runs import LOOK
from bot.views.conversation import conversation_modal, thread_message
from bot.views.escalation import escalation_message
from bot.views.escalation_forms import escalate_form, escalation_form
from bot.views.escalation_lists import escalation_list, escalation_status
from bot.views.escalation_notices import shadow_message, summary_message
from bot.views.home import HOME_CLOCKS, HOME_ESCALATIONS, HomeCard, digest, home_view
from bot.wire import MessageRef
from bot.wire_escalation import ESCALATION_FORMS, ESCALATION_MORE, EscalationAct, EscalationButton
from tests.bot.views.checks import check, pings
from tests.bot.views.examples import STATUS
from tests.bot.views.test_hostile import ATTACKS, texts
from tests.bot.views.test_runs import elements, seen

NOBODY = PersonRef("x", "x")
STATES = {
    "🚨 Open · ": CARD,
    "🚨 Open, nobody has acknowledged": replace(CARD, unheard=True),
    "👤 Claimed by Ravi Nair": CLAIMED,
    "💤 Snoozed until 20 Nov 18:12 CET": replace(CARD, snoozed_until=minutes(240)),
    "🟠 Stale, claimed by Ravi Nair": replace(CLAIMED, stale=True),
    "✅ Handled by Ravi Nair": CLOSED,
    "✅ Not needed by Ravi Nair": replace(CLOSED, ending="not_needed"),
    "✅ Came too late by Ravi Nair": replace(CLOSED, ending="too_late"),
    "✅ Solved in the desk": replace(CLOSED, ending="solved", closed_by=None),
}
"""How the first line begins, and the card."""


def shown(card: EscalationCard, *, first_post: bool = False) -> Any:
    return escalation_message(card, LOOK, first_post=first_post)


def poisoned(card: EscalationCard, text: str) -> EscalationCard:
    """The card with every text of it, and every person, from outside."""
    person, kept = PersonRef(text, text), ("state", "ending", "subject", "verdict")
    known: dict[str, Any] = {
        "firings": tuple(
            replace(one, rule=text, rule_version=text, said=text, evidence=(text,) * 4) for one in card.firings
        ),
        "clocks": (replace(FIRST_REPLY, target=text, counted=text, kind=text),) * 3,
        "messages": (MessageLine(AT, text, text, text, True),) * 5,
        "account": ((text, text),) * 9,
        "tried": (text,) * 9,
        "similar": tuple(replace(one, title=text, ticket_id=text, words=(text,) * 9) for one in card.similar),
        "called": tuple(replace(one, person=person, step=text) for one in card.called),
        "call": (),
        "url": f"https://desk.example/{text}",
    }
    for one in fields(card):
        value = getattr(card, one.name)
        if isinstance(value, PersonRef):
            known[one.name] = person
        elif type(value) is str and one.name not in known and one.name not in kept:
            known[one.name] = text
    return replace(card, **known)


@settings(deadline=None, max_examples=10)
@given(texts)
def test_nothing_that_outsiders_write_calls_anybody_or_breaks_a_message(text: str) -> None:
    rows = [replace(row, title=text, said=text, ref=text, permalink=None, url=text) for row in (ROW, HELD)]
    late = ((text, f"https://desk.example/{text}", text, text, AT),) * 50
    lines = (MessageLine(AT, "customer", text, text[:LONGEST], True),) * (ROOM // LONGEST)
    clocks = (replace(FIRST_REPLY, title=text, ticket_id=text, url=text),) * HOME_CLOCKS
    home = HomeCard((), 0, (), STATUS, (), tuple(rows) * (HOME_ESCALATIONS // 2), clocks, clocks)
    for made in (
        *(shown(poisoned(card, text), first_post=True) for card in STATES.values()),
        summary_message(replace(SUMMARY, late=late, call=()), LOOK, first_post=True),
        shadow_message(ShadowDay(AT.date(), 99, late), LOOK),
        escalation_list(text, rows * 5, page=1, more="escalations", look=LOOK),
        conversation_modal(7, text, text, lines, LOOK, page=1, pages=2),
        thread_message(ThreadPage(text, lines, 1, 2), LOOK),
        escalate_form(MessageRef("C1"), ticket=text, reason=text),
        home_view(home, "", AT, LOOK),
        *(
            escalation_form(poisoned(CARD, text), act)
            for act in ESCALATION_FORMS
            if act is not EscalationAct.ESCALATE_TICKET
        ),
    ):
        check(made)
        assert pings(made) == []


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_known_attack_acts_in_the_last_messages(attack: str) -> None:
    made = shown(poisoned(CARD, attack))
    check(made)
    assert pings(made) == []


@pytest.mark.parametrize("start", STATES)
def test_state_and_reason_stand_in_the_first_line(start: str) -> None:
    first = shown(STATES[start])["blocks"][0]["text"]["text"]
    assert first.startswith(start)
    assert "SLA breached: first reply overdue by 12 min" in first


def test_whom_it_calls_is_mentioned_once_and_never_again() -> None:
    assert set(pings(shown(CARD, first_post=True))) == {"U_AGENT1"}
    for card in STATES.values():
        assert pings(shown(card)) == []
    assert pings(shown(CLAIMED, first_post=True)) == [], "somebody has it already"
    assert sorted(set(pings(summary_message(SUMMARY, LOOK, first_post=True)))) == ["U_AGENT1", "U_AGENT2"]
    assert pings(summary_message(SUMMARY, LOOK, first_post=False)) == []


def test_what_decides_stands_above_the_conversation_and_is_never_left_out() -> None:
    for card in (CARD, WORST):
        kinds = [block["type"] for block in shown(card)["blocks"]]
        assert kinds[:4] == ["header", "rich_text", "rich_text", "actions"]
    read = seen(shown(CARD)["blocks"])
    for said in (
        "Acme GmbH · enterprise", "🔴 12 min overdue", "7 h 18 min left", "Ines Holt (the owner)", "the group on duty",
        "Nobody has answered.", "Enterprise, 140 seats", "Payout error 4012 after 8.1", "83% alike",
    ):  # fmt: skip
        assert said in read
    assert "https://desk.example/tickets/812" in str(shown(CARD))


def buttons(card: EscalationCard) -> list[str]:
    return [one["action_id"] for one in elements(shown(card)) if one["type"] == "button"]


def menu(card: EscalationCard) -> list[EscalationAct]:
    (more,) = (one for one in elements(shown(card)) if one.get("action_id") == ESCALATION_MORE)
    return [EscalationButton.decode(option["value"]).act for option in more["options"]]


def test_at_most_three_buttons_by_state_and_every_act_is_within_reach() -> None:
    act = EscalationAct
    bare = replace(CARD, may_note=False)
    assert buttons(bare) == [act.CLAIM, act.REASSIGN, act.SNOOZE]
    assert buttons(replace(CLAIMED, may_note=False)) == [act.RESOLVE, act.REASSIGN, act.SNOOZE]
    rest = {act.NOT_NEEDED, act.TOO_LATE, act.SHOW_ALL, act.SHOW_IN_THREAD}
    assert set(menu(CARD)) == rest | {act.RESOLVE}
    assert set(menu(CLAIMED)) == rest | {act.RELEASE}
    assert buttons(CLOSED) == [act.NOT_NEEDED, act.TOO_LATE]
    assert buttons(replace(CLOSED, verdict="too_late")) == []
    assert buttons(replace(CLOSED, ending="not_needed")) == []
    (claim, *_) = elements(shown(CARD))
    assert claim["style"] == "primary"


def test_the_customer_note_is_whole_and_asked_about_and_only_where_the_desk_can_reply() -> None:
    (send,) = (one for one in elements(shown(WORST)) if one.get("action_id") == EscalationAct.SEND_NOTE)
    assert "nothing takes it back" in send["confirm"]["text"]["text"]
    assert WORST.customer_note.strip()[-200:] in seen(shown(WORST)["blocks"])
    assert EscalationAct.SEND_NOTE not in buttons(replace(CARD, may_note=False))
    on_its_way = replace(CLAIMED, note_by=CLAIMED.claimed_by, may_note=False)
    assert "🟠 asked for by" in seen(shown(on_its_way)["blocks"])
    assert "🟢" not in str(shown(on_its_way)), "green only once the desk was seen to show it"
    sent = replace(on_its_way, note_at=minutes(6))
    assert "🟢 sent by" in seen(shown(sent)["blocks"])
    assert EscalationAct.SEND_NOTE not in buttons(sent)
    failed = replace(CLAIMED, note_error="Zendesk answered 403")
    assert "🟠 Zendesk answered 403" in seen(shown(failed)["blocks"])
    assert EscalationAct.SEND_NOTE in buttons(failed)


def test_one_opened_by_a_person_says_who_and_needs_no_clock() -> None:
    read = str(shown(BARE))
    assert "opened by Mara Lind" in read
    assert "the customer calls" in read


def test_every_form_carries_its_own_act_and_escalation() -> None:
    for act in ESCALATION_FORMS:
        if act is EscalationAct.ESCALATE_TICKET:
            continue
        made = escalation_form(CARD, act, ends=[("1 hour", "1h")])
        assert made["callback_id"] == act
        assert EscalationButton.decode(made["private_metadata"]) == EscalationButton(7, act)
    assert "Slack keeps it" in str(escalation_form(CARD, EscalationAct.SHOW_IN_THREAD))
    with pytest.raises(ValueError, match="asks nothing"):
        escalation_form(CARD, EscalationAct.CLAIM)


def test_a_long_message_goes_on_in_the_conversation_and_loses_nothing() -> None:
    words = " ".join(f"word{n}" for n in range(400))
    line = MessageLine(AT, "customer", "Kim", words, False)
    read = seen(conversation_modal(7, "#812", "", [line], LOOK, page=2, pages=3)["blocks"]).replace("\n", "")
    assert "word0 " in read
    assert "word399" in read
    turns = elements(conversation_modal(7, "#812", "", [line], LOOK, page=2, pages=3))
    assert [EscalationButton.decode(one["value"]).page for one in turns] == [1, 3]


def test_the_status_says_how_each_rule_did() -> None:
    read = seen(escalation_status([ROW, HELD], 9, [FIRST_REPLY], FIGURES, LOOK))
    for said in (
        "🚨 9 open escalations", "and 7 more", "12 min overdue", "fired 41 times, 33 right (85% of those judged)",
        "4 not needed, 2 too late", "3 missed", "acknowledged in 9 min",
    ):  # fmt: skip
        assert said in read
    assert escalation_status([], 0, [], [], LOOK) == []


def tab(left_s: float, at: datetime = AT) -> HomeCard:
    clock = replace(FIRST_REPLY, left_s=left_s)
    return HomeCard((), 0, (), STATUS, (), (ROW, replace(ROW, subject="case", ref="CASE-42")), (clock,), (clock,))


def test_the_home_tab_has_buttons_for_tickets_and_counts_as_changed_only_when_a_clock_turns() -> None:
    made = home_view(tab(600), "", AT, LOOK)
    check(made)
    read = seen(made["blocks"])
    for said in ("My escalations", "SLA clocks about to run out", "Mine", "The team's next", "10 min left"):
        assert said in read
    claims = [one for one in elements(made) if one["action_id"] == EscalationAct.CLAIM]
    assert len(claims) == 1, "a case has its own buttons"
    later, over = tab(60).standing_still(), tab(-60).standing_still()
    assert digest(home_view(later, "", AT, LOOK)) == digest(home_view(tab(600).standing_still(), "", AT, LOOK))
    assert digest(home_view(over, "", AT, LOOK)) != digest(home_view(later, "", AT, LOOK))
