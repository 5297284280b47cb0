"""One spelling for every value: what is one and the same, what is refused, and that a second reading says the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.customer_context.canonical import (
    LONGEST,
    MOST_DOMAINS,
    BadValue,
    account_id,
    canonical,
    domain,
    folded,
    joined,
    same,
    shown,
    split,
)
from automations.customer_context.rules import CustomerField
from tests.automations.customer_context.two_lists import field_of

NAME, STATUS, TIER = field_of("name"), field_of("status"), field_of("tier")
DOMAINS, SEATS = field_of("domains"), field_of("seats", type="number")
SINCE, VIP = field_of("since", type="date"), field_of("vip", type="yes_no")
OURS = field_of("status", direction="to_handoff")
MAPPED = field_of("tier", values={"ENT": "Enterprise", "ent ": "small", "n/a": "", "": "free"})


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (NAME, None, ""),
        (NAME, " \t\n", ""),
        (NAME, "  Acme\u00a0 \n GmbH ", "Acme GmbH"),
        (NAME, "Cafe\u0301", "Caf\u00e9"),
        (STATUS, " Active", "active"),
        (OURS, "On Hold", "on hold"),
        (TIER, "Enterprise", "Enterprise"),
        (DOMAINS, "B.example, @a.EXAMPLE;a.example.", "a.example, b.example"),
        (DOMAINS, "['b.example', \"a.example\"]", "a.example, b.example"),
        (DOMAINS, "Bücher.example", "xn--bcher-kva.example"),
        (SEATS, "+007.50", "7.5"),
        (SEATS, "-0.0", "0"),
        (SEATS, "1e3", "1000"),
        (SEATS, ".5", "0.5"),
        (SINCE, "2026-01-31", "2026-01-31"),
        (SINCE, "2026-01-31 23:59:59+02:00", "2026-01-31"),
        (VIP, "Yes", "true"),
        (VIP, "0", "false"),
        (MAPPED, "ENT", "Enterprise"),
        (MAPPED, "Ent", "Enterprise"),
        (MAPPED, "N/A", ""),
        (MAPPED, None, "free"),
    ],
)
def test_a_value_has_one_spelling(field: CustomerField, raw: str | None, value: str) -> None:
    assert canonical(field, raw) == value


@pytest.mark.parametrize(
    ("field", "raw", "reason"),
    [
        (NAME, "x" * (LONGEST + 1), "256 characters, more than 255"),
        (NAME, "nul\0", "cannot be kept"),
        (NAME, "half \ud800", "cannot be kept"),
        (TIER, "t" * 65, "65 characters, more than 64"),
        (OURS, "\u0130" * 40, "80 characters, more than 64"),
        (STATUS, "closed", "is 'closed', and a desk knows active and suspended alone"),
        (DOMAINS, "a.example, localhost", "'localhost' is no mail domain"),
        (DOMAINS, "frank@a.example", "'frank@a.example' is no mail domain"),
        (DOMAINS, "bücher..example", "no mail domain"),
        (DOMAINS, "ü" * 100_000, "no mail domain"),
        (DOMAINS, "a" * 64 + ".example", "no mail domain"),
        (DOMAINS, ",".join(f"d{number}.example" for number in range(MOST_DOMAINS + 1)), "101 domains, more than 100"),
        (SEATS, "1,000", "is '1,000', which is no number"),
        (SEATS, "NaN", "no number"),
        (SEATS, "1e999999999", "no number"),
        (SEATS, "\u0663", "no number"),
        (SEATS, "9" * 65, "no number"),
        (SINCE, "31.01.2026", "which is no date such as 2026-01-31"),
        (VIP, "perhaps", "is 'perhaps', which is neither yes nor no"),
        (MAPPED, "gold", "is 'gold', which the settings map to nothing"),
    ],
)
def test_what_cannot_be_read_says_why(field: CustomerField, raw: str, reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        canonical(field, raw)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 150, "a huge value is not repeated"


@given(st.sampled_from([NAME, STATUS, OURS, TIER, DOMAINS, SEATS, SINCE, VIP]), st.text(max_size=30))
def test_a_canonical_value_stays_as_it_is(field: CustomerField, raw: str) -> None:
    try:
        value = canonical(field, raw)
    except BadValue:
        value = shown(field, raw)
        value.encode()
        assert "\0" not in value
    else:
        assert canonical(field, value) == value
        assert shown(field, value) == value


def test_a_value_of_the_desk_is_shown_as_it_is() -> None:
    assert shown(MAPPED, " gold ") == "gold", "the mapping is of the source's words"
    assert shown(SEATS, "5.0") == "5"
    assert shown(SEATS, " about  five ") == "about five"
    assert shown(NAME, "x" * 300) == "x" * 300
    assert shown(NAME, "a\0b") == "a\N{REPLACEMENT CHARACTER}b"


def test_tiers_are_one_in_any_case_of_letters_and_nothing_else_is() -> None:
    assert same("tier", "Enterprise", "enterprise")
    assert not same("name", "Acme", "acme")
    assert folded("tier", "Pro") == folded("tier", "PRO")
    assert folded("name", "Acme") != folded("name", "acme")


def test_an_account_id_stands_as_it_is() -> None:
    assert account_id("  Ac  12 ") == "Ac  12", "only what is around it is no part of it"
    for raw, reason in (
        (None, "no account id"),
        (" ", "no account id"),
        ("x" * 256, "256 characters"),
        ("a\tb", "nobody sees"),
    ):
        with pytest.raises(BadValue, match=reason):
            account_id(raw)


def test_domains_are_joined_and_split_again() -> None:
    assert split(joined(["b.example", "a.example", "b.example"])) == ("a.example", "b.example")
    assert split("") == ()
    assert domain(" @Mail.A.Example. ") == "mail.a.example"
