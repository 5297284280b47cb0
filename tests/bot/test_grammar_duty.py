"""What follows `on-duty`, `away` and `pause`: names, times and reasons, as phones and clients send them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import SupportVerb, UsageError, parse_support, plain
from bot.grammar_duty import (
    DutyCommand,
    DutyVerb,
    Spell,
    literal,
    mentioned,
    parse_duty,
    parse_pause,
    parse_spell,
    split_rotation,
)


@pytest.mark.parametrize(
    ("text", "verb", "rest"),
    [
        ("away until Fri 09:00", SupportVerb.AWAY, "until Fri 09:00"),
        ("AWAY <@U1|anna> until 2h", SupportVerb.AWAY, "<@U1|anna> until 2h"),
        ("on\u2011duty", SupportVerb.ON_DUTY, ""),
        ("duty swap <@U1>", SupportVerb.ON_DUTY, "swap <@U1>"),
        ("back", SupportVerb.BACK, ""),
        ("resume \u201cbilling-worker\u201d", SupportVerb.RESUME, '"billing-worker"'),
    ],
)
def test_the_word_chooses_and_the_rest_stays_as_typed(text: str, verb: SupportVerb, rest: str) -> None:
    command = parse_support(text)
    assert (command.verb, command.rest) == (verb, rest)


@pytest.mark.parametrize(
    ("rest", "spell"),
    [
        ("", Spell()),
        ("until Fri 09:00", Spell(until="Fri 09:00")),
        ("for 2h", Spell(until="2h")),
        ("<@U1|anna> until tomorrow", Spell("<@U1|anna>", until="tomorrow")),
        ("@Anna Berg from Mon until Fri", Spell("@Anna Berg", "Mon", "Fri")),
        ("from 30 Nov until 3 Dec 09:00", Spell("", "30 Nov", "3 Dec 09:00")),
        ("'Anna'  UNTIL 14:00", Spell("Anna", until="14:00")),
    ],
)
def test_who_and_when(rest: str, spell: Spell) -> None:
    assert parse_spell(plain(rest)) == spell


@pytest.mark.parametrize(
    ("rest", "asked"),
    [
        ("", DutyCommand(DutyVerb.SHOW)),
        ("show", DutyCommand(DutyVerb.SHOW)),
        ("cover", DutyCommand(DutyVerb.COVER, Spell())),
        ("cover nights <@U1> until 14:00", DutyCommand(DutyVerb.COVER, Spell("nights <@U1>", until="14:00"))),
        ("swap <@U1>", DutyCommand(DutyVerb.SWAP, Spell("<@U1>"))),
        ("Swap nights with <@U1>", DutyCommand(DutyVerb.SWAP, Spell("nights <@U1>"))),
        ("swap with @ben", DutyCommand(DutyVerb.SWAP, Spell("@ben"))),
        ("end-cover nights", DutyCommand(DutyVerb.END_COVER, Spell("nights"))),
        ("end\u2013cover", DutyCommand(DutyVerb.END_COVER, Spell())),
        ("end cover nights", DutyCommand(DutyVerb.END_COVER, Spell("nights"))),
        ("uncover", DutyCommand(DutyVerb.END_COVER, Spell())),
    ],
)
def test_what_is_done_with_a_duty(rest: str, asked: DutyCommand) -> None:
    assert parse_duty(plain(rest)) == asked


def test_an_unknown_word_after_on_duty_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"do not know “take”.*on-duty cover"):
        parse_duty("take it")


@pytest.mark.parametrize(
    ("rest", "spell"),
    [
        ("billing-worker until 14:00 because we move", Spell("billing-worker", until="14:00", because="we move")),
        ("“billing-worker” until 14:00 because “we move”", Spell("billing-worker", until="14:00", because='"we move"')),
        ("x until 2h because it waits until Friday", Spell("x", until="2h", because="it waits until Friday")),
        ("x because we move until Fri 09:00", Spell("x", until="Fri 09:00", because="we move")),
        ("x for 3d because of the move", Spell("x", until="3d", because="the move")),
        ("x until 2h because a &lt; b &amp;amp; c", Spell("x", until="2h", because="a < b &amp; c")),
        ("x until 2h because see <https://x.example/a|x.example>", Spell("x", until="2h", because="see x.example")),
        ("x until 2h because <@U1|ben> says so", Spell("x", until="2h", because="@ben says so")),
    ],
)
def test_what_is_paused_until_when_and_why(rest: str, spell: Spell) -> None:
    assert parse_pause(plain(rest)) == spell


@pytest.mark.parametrize(
    ("rest", "lacks"),
    [
        ("x", "until when and a reason"),
        ("x until 14:00", "a reason"),
        ("x because we move", "until when"),
        ("until 14:00 because we move", "what to pause"),
        ("x until 14:00 because ", "a reason"),
    ],
)
def test_what_a_pause_lacks_is_said(rest: str, lacks: str) -> None:
    with pytest.raises(UsageError, match=f"This lacks {lacks}: pause"):
        parse_pause(plain(rest))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nights", ("nights", "")),
        ("Nights <@U1>", ("nights", "<@U1>")),
        ("<@U1> nights", ("nights", "<@U1>")),
        ("nights two @ben", ("nights two", "@ben")),
        ("@ben", (None, "@ben")),
        ("nightshift", (None, "nightshift")),
        ("", (None, "")),
    ],
)
def test_a_rotation_is_told_from_a_person(name: str, found: tuple[str | None, str]) -> None:
    assert split_rotation(name, ["nights", "nights two", "days"]) == found


def test_mentions_are_found_each_once() -> None:
    assert mentioned("<@U1|anna> and <@W2> and <@U1> but <#C1|x> or <@u3>") == ("U1", "W2")
    assert literal("<mailto:a@x.io|a@x.io> <mailto:b@x.io>") == "a@x.io b@x.io"


TYPED = st.text(st.sampled_from("ab <>@|&;'\"-–—:U1Cuntilfrombecause \u00a0\u2019"), max_size=60)


@given(TYPED)
def test_nothing_that_is_typed_breaks_a_parser(text: str) -> None:
    typed = plain(text)
    spell = parse_spell(typed)
    assert all(part == part.strip() for part in (spell.name, spell.start, spell.until))
    for parse in (parse_duty, parse_pause):
        with suppress(UsageError):
            parse(typed)
