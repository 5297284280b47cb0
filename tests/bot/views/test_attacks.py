"""Each known attack against each view, every time; `test_hostile` looks for the unknown ones."""

import pytest

from automations.domain import TicketField
from automations.failure_tickets.card_types import CaseCard
from automations.words import PersonRef
from bot.views.blocks import link
from bot.views.case import case_message
from bot.views.forms import FORMS, case_form
from bot.views.undo import undo_offer
from tests.bot.views.checks import check, pings
from tests.bot.views.examples import AT, CLAIMED, ESCALATED, LOOK, NOT_NEEDED, OPEN, RESOLVED
from tests.bot.views.test_hostile import ATTACKS, poisoned


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
@pytest.mark.parametrize("card", [OPEN, CLAIMED, ESCALATED, RESOLVED, NOT_NEEDED], ids=lambda card: str(card.status))
def test_no_known_attack_pings_or_breaks(card: CaseCard, attack: str) -> None:
    poison = poisoned(card, attack, PersonRef(attack, attack))
    asked = (TicketField("cause", attack, ("x", attack[:75])), TicketField("text", attack))
    forms = [case_form(poison, act, fields=asked, ends=[(attack, "1h")]) for act in FORMS]
    for made in (case_message(poison, LOOK, first_post=True), undo_offer(attack, AT, 17, LOOK), *forms):
        check(made)
        assert pings(made) == []


@pytest.mark.parametrize("hidden", ["\ud83d", "\u202e", "\x00", "\u2028", "\u200f", "\t"])
def test_an_address_with_hidden_signs_is_no_link(hidden: str) -> None:
    assert link(f"https://logs.example/{hidden}", "log")["type"] == "text"


def test_an_address_without_a_host_after_redaction_is_no_link() -> None:
    assert link("https://me:[redacted]@logs.example/j", "log")["type"] == "text"
    assert link("https://logs.example/j?token=[redacted]", "log")["type"] == "link"
