"""Shouting, impatience, repetition, neglect and sarcasm, each with a close neighbour that is none."""

import pytest

from automations.texts.tone_rules import is_shouted, marks
from automations.texts.tone_tokens import sentences


def marked(text: str) -> list[str]:
    return [text[start:end] for _, start, end in marks(sentences(text), is_shouted(text))]


@pytest.mark.parametrize(
    ("text", "found", "neighbour"),
    [
        ("it does not work!!", ["!!"], "it does not work!"),
        ("where is it??", ["??"], "that is great!!"),
        ("it crashed again", ["again"], "open it again"),
        ("I have been waiting for weeks", ["weeks"], "the trial runs for two weeks"),
        ("no reply for three days", ["days"], "a reply within three days is fine"),
        ("it is AGAIN wrong, WHY", ["AGAIN", "AGAIN", "WHY"], "SELECT x WHERE y"),
        ("nobody answers", ["nobody answers"], "nobody needs it"),
        ("no one got back to me", ["no one got back"], "no one uses it"),
        ("you never reply to us", ["you never reply"], "you never free the buffer"),
        ("you keep charging me", ["you keep charging"], "you keep the file open"),
        ("Great, it crashed", ["Great"], "Great, it is fixed"),
        ("Just great. The login is broken", ["great"], "That is a great login. The old one is broken"),
        ("Oh wonderful, another outage", ["wonderful"], "A wonderful day without an outage"),
        ("I love how it is broken", ["love how"], "I love how it works"),
        ("So much for uptime", ["So much for"], "Thanks so much for that"),
        ("nice backup /s", ["/s"], "50 MB/s"),
        ("EVERYTHING IS BROKEN HERE", ["EVERYTHING IS BROKEN HERE"], "API HTTP URL"),
    ],
)
def test_signs_and_their_neighbours(text: str, found: list[str], neighbour: str) -> None:
    assert sorted(marked(text)) == sorted(found)
    assert marked(neighbour) == []


def test_sentences_keep_every_place() -> None:
    text = "It's down :( since 9. WHY?! 😡\nok"
    assert [[text[token.start : token.end] for token in one] for one in sentences(text)] == [
        ["It's", "down", ":(", "since", "9", "."],
        ["WHY", "?!"],
        ["😡", "\n"],
        ["ok"],
    ]
