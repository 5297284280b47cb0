"""Keywords are found as whole words unless they are denied, and so is a call for a human."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.texts.clauses import is_denied, split
from automations.texts.phrases import HUMAN, Keywords, Mention, asks_for_human

TEAM = Keywords(["cancel", "down", "legal*", "close my account", "urgent", "e-mail"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CANCEL it", ["CANCEL"]),
        ("cancelled, cancellation, uncancel", []),
        ("the site is down", ["down"]),
        ("download the breakdown", []),
        ("our legal team, legally speaking", ["legal", "legally"]),
        ("illegal", []),
        ("Close  my\naccount now", ["Close  my\naccount"]),
        ("close the account", []),
        ("my E-Mail and the e mail", ["E-Mail", "e mail"]),
        ("do not cancel, it is not urgent and no legal issue", []),
        ("not urgent, but the site is down", ["down"]),
        ("I cannot cancel my plan", ["cancel"]),
        ("", []),
    ],
)
def test_keywords_as_settings_give_them(text: str, words: list[str]) -> None:
    assert [mention.words for mention in TEAM.find(text)] == words


def test_the_evidence_names_pattern_and_place() -> None:
    assert TEAM.find("It is DOWN.") == (Mention("down", "DOWN", 6, 10),)


@pytest.mark.parametrize("pattern", ["", "  ", "*", "le*gal", "*legal", "a ** b", "!?", "legal* *"])
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="keyword"):
        Keywords([pattern])


def looked_for_slowly(patterns: list[str], text: str) -> list[tuple[int, int, str]]:
    """The same by trying each pattern as an expression at each word."""
    words = split(text)
    found = []
    for pattern in dict.fromkeys(patterns):
        parts = [re.escape(part.rstrip("*")) + r"\w*" * part.endswith("*") for part in pattern.split()]
        for place, word in enumerate(words):
            here = words[place : place + len(parts)]
            stands = len(here) == len(parts) and all(map(re.fullmatch, parts, (one.form for one in here)))
            if stands and not is_denied(words, place):
                found.append((word.start, here[-1].end, pattern))
    return sorted(found)


WORDS = st.sampled_from(["ab", "abc", "b", "not", "no", "the", "zeta", "AB", "Bc"])
PARTS = st.sampled_from(["ab", "abc", "b", "a*", "ab*", "b*", "zeta", "z*"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "  ", ", ", ". ", "-", "\n", "ab"])), max_size=25)


@settings(max_examples=150)
@given(st.lists(st.lists(PARTS, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6), TEXTS)
def test_one_pass_finds_what_trying_everything_finds(patterns: list[str], pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + link for word, link in pieces)
    found = Keywords(patterns).find(text)
    assert sorted((one.start, one.end, one.pattern) for one in found) == looked_for_slowly(patterns, text)
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert all(text[one.start : one.end] == one.words for one in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I want to speak to a person", "speak to a person"),
        ("can I talk to a real human please", "talk to a real human"),
        ("Get me your manager!", "Get me your manager"),
        ("Please call me on 555", "call me"),
        ("I need a human", "need a human"),
        ("let me speak with someone from billing", "speak with someone"),
        ("is there a human here?", "is there a human"),
        ("connect me to an agent", "connect me to an agent"),
        ("I don't want to talk to a bot", "talk to a bot"),
        ("am I talking to a bot?", "am I talking to a bot"),
        ("real human now", "real human"),
        ("a person, not a bot", "not a bot"),
        ("transfer me to a supervisor", "transfer me to a supervisor"),
        ("can I speak to my account manager", "speak to my account manager"),
        ("put me through to a representative", "put me through to a representative"),
        ("no, I want to talk to a human", "talk to a human"),
        ("give me a live person", "give me a live person"),
        ("human please", "human please"),
        ("please escalate this to a manager", "escalate this to a manager"),
    ],
)
def test_a_call_for_a_human_is_heard(text: str, words: str) -> None:
    found = asks_for_human(text)
    assert found is not None
    assert (found.pattern, found.words) == (HUMAN, words)
    assert text[found.start : found.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "our human resources team", "contact human resources", "the user manual is wrong", "human error",
        "human readable output", "I don't need to talk to a human", "no need to call me", "please do not call me",
        "it is not necessary to speak to a manager", "password manager extension broken", "the package manager fails",
        "I need a manager role for my account", "we need an agent key", "the server cannot talk to the agent",
        "talk to the database", "they call me crazy", "call me crazy but it works", "we want people to see the page",
        "is there a person field in the form", "the user agent string", "how do I talk to a bot from Slack",
        "speak to", "need a", "",
    ],
)  # fmt: skip
def test_other_humans_and_managers_are_not_meant(text: str) -> None:
    assert asks_for_human(text) is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["not ", "a'", "speak to a ", "real human error ", "legal ", "talk to a bot ", "close my "]
)
def test_no_text_makes_it_stand_still(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    TEAM.find(text)
    asks_for_human(text)
    assert len(Keywords(["close my account", *(f"w{number}" for number in range(1000))]).find(text)) == 0
