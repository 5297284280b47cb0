"""A message that is angry, sarcastic or tired of waiting is told from one that reports a fatal error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.texts.plain import written
from automations.texts.sentiment import THRESHOLD, sentiment
from tests.automations.texts.support_sentences import NEGATIVE, NEUTRAL, POSITIVE


def test_the_table_of_support_sentences_is_told_apart() -> None:
    missed = [text for text in NEGATIVE if not sentiment(text).negative]
    wronged = [text for text in (*NEUTRAL, *POSITIVE) if sentiment(text).negative]
    hits = len(NEGATIVE) - len(missed)
    assert hits / len(NEGATIVE) >= 0.90, missed
    assert hits / (hits + len(wronged)) >= 0.95, wronged


@pytest.mark.parametrize("text", POSITIVE)
def test_thanks_are_never_taken_for_anger(text: str) -> None:
    assert sentiment(text).score > THRESHOLD


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Honestly, this is RIDICULOUS.", ("RIDICULOUS",)),
        ("I am fed up.", ("fed up",)),
        ("Still NOT fixed, for the third time!", ("Still NOT", "third time")),
        ("No one has got back to me", ("No one has got back",)),
        ("Great, it crashed again", ("Great", "again")),
        ("my invoice 😡", ("😡",)),
        ("I am not very happy, sorry", ("not very happy", "sorry")),
        ("So much for your uptime.", ("So much for",)),
        ("Please reset my password.", ()),
        ("", ()),
    ],
)
def test_what_made_it_so_is_told_in_the_texts_own_words(text: str, words: tuple[str, ...]) -> None:
    assert sentiment(text).words == words


@pytest.mark.parametrize(
    ("milder", "harsher"),
    [
        ("this is not annoying", "this is annoying"),
        ("it was not a waste of time", "it was a waste of time"),
        ("this is annoying", "this is extremely annoying"),
        ("this is slightly annoying", "this is annoying"),
        ("this is annoying", "this is annoying!!!"),
        ("this is horrible and it never ends", "this is HORRIBLE and it never ends"),
        ("if you are worried about that", "I am worried about that"),
        ("this is annoying, please help, thanks in advance", "this is annoying"),
        ("it is much less painful now", "it is painful now"),
        ("thanks for fixing this horrible bug", "this is a horrible bug"),
        ("Is the wrong file missing?", "The wrong file is missing."),
        ("the app is down again", "THE APP IS DOWN AGAIN AND AGAIN!!!"),
        ("the login is broken", "the login is brokennnnn :("),
        ("sooo goood, love it", "sooo annoyinggg"),
    ],
)
def test_what_goes_with_a_word_counts(milder: str, harsher: str) -> None:
    assert sentiment(milder).score > sentiment(harsher).score


def test_code_and_quoted_mail_say_nothing_of_a_mood() -> None:
    text = (
        "How do I read this?\n\n```\nI hate this awful horrible thing\n```\nOn Monday, Bob wrote:\n> you are an idiot"
    )
    assert sentiment(text).words == ()
    assert not sentiment("> this is horrible, I hate it\n\nNo hard feelings, it works.").negative
    assert sentiment("<p>I <b>hate</b> this</p><blockquote>works fine, thanks</blockquote>").negative


def test_another_language_says_nothing() -> None:
    assert sentiment("Der Akku ist kaputt, die Rechnung liegt bei.").score == 0
    assert not sentiment("请帮助我").negative


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("aI not happy!?.:(😡\n>`'<hate RIDICULOUS again great/s")) | st.text())
def test_nothing_breaks_it(text: str) -> None:
    found = sentiment(text)
    assert -1 <= found.score <= 1
    assert found.negative == (found.score <= THRESHOLD)
    assert all(word in written(text).words for word in found.words)
