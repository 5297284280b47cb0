"""A customer's row stands for the values in force, there and back."""

from hypothesis import given
from hypothesis import strategies as st

from automations.customer_context.canonical import joined, same
from automations.customer_context.records import columns_of, kept_of, mail_domains

NAMES = st.sampled_from(["name", "status", "tier", "domains", "region", "seats"])
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=64)
DOMAINS = st.lists(st.sampled_from(["a.example", "b.example", "xn--c-1ga.example"]), unique=True).map(joined)


@given(st.dictionaries(NAMES, TEXT), DOMAINS)
def test_every_value_survives_but_for_the_letters_of_a_tier(kept: dict[str, str], domains: str) -> None:
    kept["domains"] = domains
    kept["tier"] = kept.get("tier", "").encode("ascii", "ignore").decode()
    back = kept_of(columns_of(kept))
    assert all(same(name, back[name], value) for name, value in kept.items())
    assert back.keys() == {"name", "status", "tier", "domains"} | kept.keys()
    assert columns_of(back) == columns_of(kept)


def test_who_nobody_said_anything_of_is_active_and_has_no_tier() -> None:
    assert columns_of({}) == {"name": "", "status": "active", "tier": "", "domains": [], "fields": {}}
    assert columns_of({"tier": "Enterprise Plus"})["tier"] == "enterprise plus"


def test_what_no_column_holds_is_cut() -> None:
    assert len(columns_of({"tier": "x" * 80})["tier"]) == 64
    assert mail_domains(f"a.example, {'b' * 300}") == ["a.example"]
