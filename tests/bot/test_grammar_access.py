"""What follows `provision`, `offboard` and `reconcile`, as phones, Slack and people in a hurry write it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import UsageError
from bot.grammar_access import (
    Offboard,
    Provision,
    ReconcileVerb,
    asks_for_help,
    parse_offboard,
    parse_provision,
    parse_reconcile,
)

ROLES = ("agent", "team lead", "lead", "Light agent")
BEN = "<@U_AGENT2|ben>"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"{BEN} agent", Provision(BEN, "agent")),
        (f"agent {BEN}", Provision(BEN, "agent")),
        (f"  {BEN}   AGENT ", Provision(BEN, "agent")),
        (f"{BEN} as a light agent in Billing", Provision(BEN, "Light agent", ("Billing",))),
        (f"{BEN} \u201cTeam Lead\u201d", Provision(BEN, "team lead")),
        (f"{BEN} team lead Billing Refunds", Provision(BEN, "team lead", ("Billing", "Refunds"))),
        (f"{BEN} agent Billing, Tier 2", Provision(BEN, "agent", ("Billing", "Tier 2"))),
        (f"{BEN} agent, Billing, Tier 2", Provision(BEN, "agent", ("Billing", "Tier 2"))),
        (f"{BEN} agent groups: \u201cTier 2\u201d Billing Billing", Provision(BEN, "agent", ("Tier 2", "Billing"))),
        (f"{BEN} agent Sales &amp; More", Provision(BEN, "agent", ("Sales", "&", "More"))),
        (f'{BEN} agent "Sales &amp; More"', Provision(BEN, "agent", ("Sales & More",))),
        ("kim@team.example agent", Provision("kim@team.example", "agent")),
        ("<mailto:kim@team.example|kim@team.example> agent", Provision("kim@team.example", "agent")),
        ("<mailto:kim@team.example?subject=x|Kim> agent", Provision("kim@team.example", "agent")),
        ("<mailto:kim@team.example> agent", Provision("kim@team.example", "agent")),
        ("kim@team.example agent name \u201cKim Vogt\u201d", Provision("kim@team.example", "agent", (), "Kim Vogt")),
        (
            "kim@team.example name 'Kim Vogt' agent Billing",
            Provision("kim@team.example", "agent", ("Billing",), "Kim Vogt"),
        ),
        ("kim@team.example agent named Kim O\u2019Neil", Provision("kim@team.example", "agent", (), "Kim O'Neil")),
        ("@kim agent", Provision("@kim", "agent")),
        (f"{BEN} agent \u201cTier 2", Provision(BEN, "agent", ("Tier", "2"))),
    ],
)
def test_who_gets_which_role_and_groups(text: str, asked: Provision) -> None:
    assert parse_provision(text, ROLES) == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("agent", "Whom?"),
        ("agent Billing", "Whom?"),
        (f"{BEN}", "Which role? I know: agent, team lead, lead, Light agent."),
        (f"{BEN} as", "Which role?"),
        (f"{BEN} boss", "I do not know the role \u201cboss\u201d. I know: agent, team lead, lead, Light agent."),
        (f"{BEN} team", "I do not know the role \u201cteam\u201d."),
        (f"{BEN} <@U_AGENT1> agent", "I read 2 people here"),
        (f"{BEN} kim@team.example agent", "I read 2 people here"),
        ("@ agent", "Whom?"),
        ("a@b agent", "Whom?"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_is_known(text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_provision(text, ROLES)
    assert str(refused.value).startswith(why)


def test_without_a_role_in_the_settings_it_says_where_they_are_set() -> None:
    with pytest.raises(UsageError, match=r"access\.roles"):
        parse_provision(f"{BEN} agent", ())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (BEN, Offboard(BEN)),
        (f"{BEN} to <@U_AGENT1|anna>", Offboard(BEN, "<@U_AGENT1|anna>")),
        (f"{BEN} TO anna@team.example", Offboard(BEN, "anna@team.example")),
        ("<mailto:ben@team.example|ben@team.example>", Offboard("ben@team.example")),
        ("Ben Okoro", Offboard("Ben Okoro")),
        (
            "\u201cBen Okoro\u201d to Anna Berg because he leaves",
            Offboard("Ben Okoro", "Anna Berg", because="he leaves"),
        ),
        (f"{BEN} because he moves to sales", Offboard(BEN, because="he moves to sales")),
        (f"{BEN} now because the laptop is stolen", Offboard(BEN, now=True, because="the laptop is stolen")),
        (f"now {BEN} to Anna because of theft", Offboard(BEN, "Anna", now=True, because="theft")),
        (f"{BEN} to Anna right now, because of theft", Offboard(BEN, "Anna", now=True, because="theft")),
        (f"{BEN} reason: gone now", Offboard(BEN, because="gone now")),
        ("Tony Nowak", Offboard("Tony Nowak")),
    ],
)
def test_who_leaves_to_whom_and_why(text: str, asked: Offboard) -> None:
    assert parse_offboard(text) == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("now because of theft", "Who leaves?"),
        ("to <@U_AGENT1>", "Who leaves?"),
        ("because", "because"),
        (f"{BEN} now", "To suspend somebody now, say why"),
        (f"{BEN} now because \u201d", "To suspend somebody now, say why"),
    ],
)
def test_a_leaver_needs_a_name_and_now_a_reason(text: str, why: str) -> None:
    if why == "because":
        assert parse_offboard(text) == Offboard("because"), "it stands for nothing without what follows it"
        return
    with pytest.raises(UsageError) as refused:
        parse_offboard(text)
    assert str(refused.value).startswith(why)


@pytest.mark.parametrize(
    ("text", "asked"),
    [("", "start"), (" RUN ", "start"), ("start", "start"), ("status", "status"), ("\u201cshow\u201d", "status")],
)
def test_a_reconciliation_is_started_or_shown(text: str, asked: str) -> None:
    assert parse_reconcile(text) == ReconcileVerb(asked)


def test_what_reconcile_does_not_know_is_named() -> None:
    with pytest.raises(UsageError, match=r"I do not know “backwards”\. I know: status"):
        parse_reconcile("backwards")


@pytest.mark.parametrize("text", ["help", " HELP", "?", "\u201chelp\u201d", "--help"])
def test_help_is_asked_for(text: str) -> None:
    assert asks_for_help(text)


def test_a_person_called_help_is_not_a_question() -> None:
    assert not asks_for_help("help@team.example agent")


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_nothing_at_all_is_the_form(text: str) -> None:
    assert parse_provision(text, ROLES) is None
    assert parse_offboard(text) is None


@given(st.text(alphabet=st.sampled_from("<@U1|ab>\"',: now to because name agent x@y.z\u201c\u2019"), max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Either it is read, or refused in words: nothing else happens, and what is read has a person and a known role."""
    with suppress(UsageError):
        asked = parse_provision(text, ROLES)
        assert asked is None or (asked.person and asked.role in ROLES and all(asked.groups))
    with suppress(UsageError):
        leaving = parse_offboard(text)
        assert leaving is None or (leaving.person and (leaving.because or not leaving.now))
    with suppress(UsageError):
        parse_reconcile(text)
