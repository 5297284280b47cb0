"""Each rule on words and tickets: what fires, with which inputs and evidence, and what does not. Pure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.escalation.found import key_of
from automations.escalation.rules import EscalationRules
from automations.escalation.text_rules import Observed, look
from tests.support import START

SEEN = Observed(
    system="desk",
    ticket_id="1",
    created_at=START,
    customer_id="acct_42",
    customer_name="Acme GmbH",
    tier="gold",
    requester="kim@acme.example",
    words="How do I change my address?",
    said_at=START,
    language="en",
    tone=0.0,
    tone_words=(),
    exchanged=1,
    last_public_at=START,
    contacts=1,
)
RULES = EscalationRules(keywords=("cancel", "legal*"), sentiment=-0.5, tiers=("enterprise",), exchanges=8)
NAMED = EscalationRules(accounts=("acme gmbh",))
QUIET = EscalationRules(keywords=("cancel",), sentiment=-0.5, tiers=("enterprise",))


@pytest.mark.parametrize(
    ("changes", "reason", "evidence"),
    [
        ({"words": "I shall seek LEGAL advice and cancel."}, "keyword", "“legal*, cancel”"),
        ({"words": "Can I talk to a human, please"}, "asks_human", "“Can I talk to a human, please”"),
        ({"tone": -0.8, "tone_words": ("awful",)}, "sentiment", "tone -0.80, below -0.50"),
        ({"tier": "Enterprise"}, "account", "tier enterprise"),
        ({"exchanged": 9}, "exchanges", "9 public messages, more than 8, and not solved"),
        ({"contacts": 3}, "contacts", "3 contacts within 1 d, more than 2"),
    ],
)
def test_a_rule_fires_once_with_its_evidence(changes: dict[str, object], reason: str, evidence: str) -> None:
    (found,) = look(replace(SEEN, **changes), RULES)  # type: ignore[arg-type]  # names of its fields
    assert (found.reason, found.evidence[0], found.subject_id) == (reason, evidence, "1")
    assert found.version == RULES.version(found.reason)
    assert found.inputs


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"words": "No need to cancel anything."},
        {"tone": -0.9, "language": "de"},
        {"tone": -0.5},
        {"exchanged": 8},
        {"contacts": 2},
        {"contacts": None},
        {"words": "", "tone": -0.1},
    ],
)
def test_what_is_not_meant_fires_nothing(changes: dict[str, object]) -> None:
    assert look(replace(SEEN, **changes), QUIET) == ()  # type: ignore[arg-type]  # names of its fields


def test_a_named_account_fires_when_its_ticket_comes_and_never_again() -> None:
    (found,) = look(SEEN, NAMED)
    assert (found.reason, found.rule, found.evidence, found.due_at) == (
        "account", "accounts", ("account acme gmbh",), START,
    )  # fmt: skip
    (later,) = look(replace(SEEN, said_at=START + timedelta(days=1)), NAMED)
    assert later.key == found.key


def test_the_same_message_gives_the_same_key_and_the_next_another() -> None:
    words = replace(SEEN, words="cancel")
    first, again = look(words, QUIET)[0], look(replace(words, exchanged=3), QUIET)[0]
    later = look(replace(words, said_at=START + timedelta(minutes=1)), QUIET)[0]
    assert first.key == again.key != later.key
    many = replace(SEEN, contacts=4)
    keys = {one.key for ticket in ("1", "2") for one in look(replace(many, ticket_id=ticket), QUIET)}
    assert len(keys) == 1, "a customer's contacts are told once within the time, whichever ticket it is"


def test_a_key_fits_its_column_whatever_the_desk_calls_its_tickets() -> None:
    long = key_of("keyword", "desk", "x" * 250, "2026")
    assert len(long) == 255
    assert long != key_of("keyword", "desk", "x" * 250, "2027")


def test_a_keyword_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="is no keyword"):
        EscalationRules(keywords=("can*cel",))
