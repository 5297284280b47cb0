"""What a person wrote is found among markup, quoted mail, signatures, links and logs, in time linear in the text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automations.texts.plain import LIMIT, written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It is down.\n\nOn Mon, 3 Mar 2025 at 10:00, Bob <b@x.example> wrote:\n> hi\n> there", "It is down."),
        ("It is down.\n\nOn Mon, 3 Mar 2025 at 10:00 Bob Builder\n<b@x.example> wrote:\n\nhi there", "It is down."),
        ("On Monday, Bob wrote:\n> is it up?\n\nNo, it is down.", "No, it is down."),
        ("On Monday, Bob\n<b@x.example> wrote:\n> is it up?\nNo.\n> and now?\nNo.", "No.\nNo."),
        ("Danke.\n\nAm 3. März 2025 um 10:00 schrieb Bob <b@x.example>:\nhallo", "Danke."),
        ("thanks\n\n-----Original Message-----\nFrom: a\nto be read by nobody", "thanks"),
        ("thanks\n\nFrom: a@x.example\nSent: Monday\nTo: b@x.example\nold words", "thanks"),
        ("new words\n##- Please type your reply above this line -##\nold words", "new words"),
        ("-----Forwarded message-----\nPlease read this one.", "Please read this one."),
        ("It is down.\n-- \nAnn\nAcme GmbH", "It is down."),
        ("It is down.\n\nKind regards,\nAnn", "It is down."),
        ("Es geht nicht.\n\nMit freundlichen Grüßen\nAnn", "Es geht nicht."),
        ("Regards,\nAnn", "Regards,\nAnn"),
        ("works :(\nSent from my iPhone", "works :("),
        ("see https://x.example/a?b=c and www.x.example or a@x.example", "see and or"),
        ("see [the docs](https://x.example/a) and <https://x.example|the page>", "see the docs and the page"),
        ("kill it with `kill -9` please", "kill it with please"),
        ("a < b and List<String> stay", "a < b and List<String> stay"),
        ("From: me, with love", "From: me, with love"),
        ("On the page he wrote a lot, and I read it", "On the page he wrote a lot, and I read it"),
        ("", ""),
    ],
)
def test_only_the_persons_own_words_stay(text: str, words: str) -> None:
    assert written(text).words == words


@pytest.mark.parametrize(
    "code",
    [
        "```\nrm -rf / # die\n```",
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    die()\nValueError: fatal",
        "\tat com.example.Bar.baz(Bar.java:12)\nCaused by: java.io.IOException: dead",
        "2026-01-01 12:00:00 FATAL everything is dead",
        "[ERROR] killed",
        "x = fatal(1);",
    ],
)  # fmt: skip
def test_code_traces_and_logs_are_kept_apart(code: str) -> None:
    found = written(f"It fails daily:\n{code}\nPlease help.")
    assert found.words == "It fails daily:\nPlease help."
    assert "\n".join(found.code).strip() == code.strip()


def test_a_fence_left_open_hides_nothing() -> None:
    assert written("```\nI am very angry").words.endswith("I am very angry")


def test_it_is_cut_between_two_words() -> None:
    assert written("angry " * 2000).words == ("angry " * (LIMIT // 6)).strip()
    assert written("one two three", limit=9).words == "one two"
    assert written("x" * 50, limit=9).words == "x" * 9


HOSTILE = (
    "<", "<a", "<pre>", "<pre></pre>", "<!--", "&#", "`", "[", "[a](b", "on ", "> ", "\n", "at ./(", "at ./(\n", "a@",
    "-- \n", "```\n", "    x\n", "From: a\n", "_", "= (;", "x=(", "____________________\n",
    "\n-----original message", "<div ", ":(",
)  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_makes_it_stand_still(piece: str) -> None:
    """100,000 characters take up to 0.3 s where each line is short; what grows by the square would take minutes."""
    found = written(piece * (100_000 // len(piece)))
    assert len(found.words) <= LIMIT


PIECES = (
    "<b>",
    "</b>",
    "<pre>",
    "</pre>",
    "> ",
    "\n",
    "-- \n",
    "```\n",
    "On x wrote:\n",
    "word ",
    "&lt;",
    "`",
    "    ",
    "[a](b)",
)


@settings(max_examples=80)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join), st.integers(1, 60))
@example("word\n\nmore", 5)
def test_nothing_is_made_up_and_the_limit_holds(text: str, limit: int) -> None:
    found = written(text, limit)
    assert len(found.words) <= limit
    assert written("word", limit).words == "word"[:limit]
    assert found.words == found.words.strip()
