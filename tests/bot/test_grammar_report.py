"""What follows `report`, as phones, Slack and people in a hurry write it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.domain import Priority
from automations.weekly_report.request import FILTER_KEYS, Filters
from bot.grammar import UsageError, plain
from bot.grammar_report import (
    ALL,
    LONGEST_VALUE,
    Place,
    Typed,
    filters_written,
    parse_filters,
    parse_report,
    with_defaults,
)

DAYS = "2026-11-02..2026-11-08"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("last-week", Typed("last-week", {})),
        ("  Last   Week ", Typed("last-week", {})),
        ("for last week, please", Typed("last-week", {})),
        (DAYS, Typed(DAYS, {})),
        ("2026-11-02\u20262026-11-08", Typed(DAYS, {})),
        ("2026-11-02 .. 2026-11-08", Typed(DAYS, {})),
        ("from 2026-11-02 to 2026-11-08", Typed(DAYS, {})),
        ("2026\u201011\u201002 \u2013 2026-11-08", Typed(DAYS, {})),
        ("2026-w45", Typed("2026-W45", {})),
        ("2026w5 me", Typed("2026-W05", {}, Place.ME)),
        ("me", Typed("", {}, Place.ME)),
        ("only me last-week", Typed("last-week", {}, Place.ME)),
        ("here last-month", Typed("last-month", {}, Place.HERE)),
        ("in the channel", Typed("", {}, Place.CHANNEL)),
        (
            f"{DAYS} priority=high tier=enterprise group=\u201cFirst line\u201d",
            Typed(DAYS, {"priority": ("high",), "tier": ("enterprise",), "group": ("first line",)}),
        ),
        (
            "priority=urgent,HIGH group='First line', Billing last-week",
            Typed("last-week", {"priority": ("high", "urgent"), "group": ("billing", "first line")}),
        ),
        ("group=Support group = Billing", Typed("", {"group": ("billing", "support")})),
        ("Queue: Support", Typed("", {"group": ("support",)})),
        ("group=*", Typed("", {"group": ()})),
        ('group=""', Typed("", {"group": ("",)})),
        ('tag="a ""b"" c"', Typed("", {"tag": ('a "b" c',)})),
        ("group=Sales &amp; More", Typed("&-more", {"group": ("sales",)})),
        ('group="Sales &amp; More"', Typed("", {"group": ("sales & more",)})),
        ("assignee=<mailto:anna@team.example|anna@team.example>", Typed("", {"assignee": ("anna@team.example",)})),
        ("customer=O\u2019Neil", Typed("", {"customer": ("o'neil",)})),
        ("nonsense", Typed("nonsense", {})),
    ],
)
def test_period_filters_and_place_in_any_order(text: str, asked: Typed) -> None:
    assert parse_report(text) == asked


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\u00a0"])
def test_nothing_at_all_opens_the_form(text: str) -> None:
    assert parse_report(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour=red", "“colour”. Filters: group, priority, tier, tag, customer, assignee."),
        ("priority=enormous", "“enormous”. I know: low, normal, high, urgent."),
        ("priority=", "Which priority? Write priority=VALUE, or priority=* for all."),
        ("me here", "One place"),
        (f"group={'x' * (LONGEST_VALUE + 1)}", "too long for a group"),
        ("group=" + ",".join(f"g{number}" for number in range(21)), "At most 20"),
    ],
)
def test_what_is_not_known_is_named_with_what_is(text: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_report(text)
    assert words in str(raised.value)


def test_filters_alone_take_nothing_else() -> None:
    assert parse_filters(["priority=high", "priority=low tier=gold"]) == {
        "priority": ("high", "low"),
        "tier": ("gold",),
    }
    with pytest.raises(UsageError, match="“line”"):
        parse_filters(["group=First line"])


def test_what_is_said_of_a_key_takes_the_place_of_the_settings() -> None:
    settings = Filters((("group", ("billing", "support")), ("tier", ("gold",))))
    assert with_defaults(settings, {}) == settings
    assert with_defaults(settings, {"priority": ("high",), "group": ()}) == Filters(
        (("priority", ("high",)), ("tier", ("gold",)))
    )


@given(st.text(max_size=120))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    for said in (text, f"group={text}", f"last-week {text} tier={text}"):
        with suppress(UsageError):
            parse_report(said)
        with suppress(UsageError):
            parse_filters([said])


SIGNS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>&")
VALUES = st.text(SIGNS, max_size=12).map(lambda text: plain(text).lower()).filter(lambda text: text != ALL)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            key: st.sets(st.sampled_from([*Priority]) if key == "priority" else VALUES, min_size=1, max_size=3)
            for key in FILTER_KEYS
        },
    )
)
def test_written_filters_are_read_back_as_they_were(chosen: dict[str, set[str]]) -> None:
    made = Filters(tuple((key, tuple(sorted(map(str, chosen[key])))) for key in FILTER_KEYS if key in chosen))
    again = parse_filters([filters_written(made)])
    assert with_defaults(Filters(), again) == made
