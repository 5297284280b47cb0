"""Words keep their places, and a denial reaches as far as its clause."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.texts.clauses import is_denied, split


def test_words_are_compared_without_case_and_possessive() -> None:
    text = "The CUSTOMER’s e-mail: STRASSE straße cafe\u0301"
    assert [word.form for word in split(text)] == ["the", "customer", "e", "mail", "strasse", "strasse", "café"]
    assert [text[word.start : word.end] for word in split(text)][1] == "CUSTOMER’s"
    assert [word.first for word in split("no, cancel it - now (please)")] == [True, True, False, True, True]


@pytest.mark.parametrize(
    "text",
    [
        "do not cancel", "don't cancel", "don’t want to cancel", "never asked you to cancel", "no need to cancel",
        "not urgent", "it is not at all urgent", "no legal issue", "without any legal risk",
        "we are not planning to cancel", "there is no reason to cancel", "nor cancel", "not down",
    ],
)  # fmt: skip
def test_denied(text: str) -> None:
    words = split(text)
    place = next(at for at, word in enumerate(words) if word.form in {"cancel", "urgent", "legal", "down"})
    assert is_denied(words, place)


@pytest.mark.parametrize(
    "text",
    [
        "cancel", "please cancel", "I cannot cancel", "why can't I cancel", "not only urgent", "not just down",
        "no, cancel it", "It does not work. Cancel", "if it is not resolved cancel", "nothing works: down",
        "not sure whether to cancel",
    ],
)  # fmt: skip
def test_not_denied(text: str) -> None:
    words = split(text)
    place = next(at for at, word in enumerate(words) if word.form in {"cancel", "urgent", "legal", "down"})
    assert not is_denied(words, place)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_every_word_lies_where_it_says(text: str) -> None:
    words = split(text)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(one.end < other.start or one.end == other.start for one, other in pairwise(words))
    assert not words or words[0].first
