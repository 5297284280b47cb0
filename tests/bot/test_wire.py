"""The strings that cross to Slack: round trips, and no string that crashes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import PAGED, SupportCommand, SupportVerb, UsageError, parse_support, plain
from bot.wire import ACT_NAMES, CaseAct, CaseButton, UndoButton, WireError, without_skin_tone

SIGNS = "‘’“”«»–—\u00a0\u200b\t\u2003'\"-`"
typed = st.one_of(st.text(), st.text(alphabet=[*SIGNS, *"helpminecasestatus 123"]))


@given(st.integers(1, 10**18 - 1), st.sampled_from(CaseAct))
def test_a_button_comes_back_as_it_left(case_id: int, act: CaseAct) -> None:
    value = CaseButton(case_id, act).encode()
    assert len(value) <= 75
    assert CaseButton.decode(value) == CaseButton(case_id, act)


@given(st.integers(1, 10**18 - 1))
def test_an_undo_comes_back_as_it_left(offer_id: int) -> None:
    assert UndoButton.decode(UndoButton(offer_id).encode()) == UndoButton(offer_id)


@given(st.one_of(st.text(), st.from_regex(r"undo:[0-9]{0,30}")))
def test_any_other_undo_is_refused_in_words(value: str) -> None:
    said = ""
    try:
        said = UndoButton.decode(value).encode()
    except WireError as refused:
        said = str(refused)
    assert said == value or "Nothing was changed" in said


@given(st.one_of(st.text(), st.from_regex(r"case:[0-9]{0,30}:[a-z_]{0,30}")))
def test_any_other_value_is_refused_in_words(value: str) -> None:
    said = ""
    try:
        said = CaseButton.decode(value).encode()
    except WireError as refused:
        said = str(refused)
    assert said == value or "Nothing was changed" in said


@given(st.sampled_from(SupportVerb), st.integers(1, 9999))
def test_a_command_is_read_whatever_the_client_made_of_its_signs(verb: SupportVerb, page: int) -> None:
    for text in (verb, f"  {verb.upper()} ", f"“{verb}”", f"‘{verb}’\u00a0", f"\u200b{verb}"):
        assert parse_support(text) == SupportCommand(verb)
    if verb in PAGED:
        assert parse_support(f"{verb}\u2003{page}") == SupportCommand(verb, page)


@given(typed)
def test_any_text_is_a_command_or_is_answered_with_usage(text: str) -> None:
    usage = ""
    try:
        assert parse_support(text).page >= 1
    except UsageError as problem:
        usage = str(problem)
    assert len(usage) < 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fix", "“fix”"),
        ("x" * 500, "…”"),
        ("mine 0", "page number"),
        ("mine two", "page number"),
        ("cases 1 2", "page number"),
        ("cases 99999999999999", "page number"),
        ("cases ²", "page number"),
        ("help me", "stands alone"),
    ],
)
def test_what_was_not_understood_is_said(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_support(text)


def test_an_unknown_word_is_answered_with_all_known_ones() -> None:
    with pytest.raises(UsageError, match="help, status, mine, cases"):
        parse_support("unknown")


@given(typed)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_dashes_and_quotes_become_the_typed_ones() -> None:
    assert plain("‘until’ — “Monday”  –2") == "'until' - \"Monday\" -2"


@pytest.mark.parametrize("name", ["thumbsup", "thumbsup::skin-tone-2", ":thumbsup:", ":thumbsup::skin-tone-6:"])
def test_an_emoji_is_known_by_its_name_alone(name: str) -> None:
    assert without_skin_tone(name) == "thumbsup"


def test_every_act_has_its_one_word() -> None:
    assert set(ACT_NAMES) == set(CaseAct)
    assert len(set(ACT_NAMES.values())) == len(CaseAct)
