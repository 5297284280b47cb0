"""What follows `/support-undo`: read forgivingly, refused in words, and never as less than was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import UsageError
from bot.grammar_undo import UndoCommand, UndoOf, parse_undo


@pytest.mark.parametrize("text", ["RUN-7", "run 7", "#7", "7", " “RUN-7” "])
def test_a_run(text: str) -> None:
    assert parse_undo(text) == UndoCommand(UndoOf.RUN, run_id=7)


@pytest.mark.parametrize(
    "text",
    [
        "failure-tickets source billing since 2h because the probe was wrong since noon",
        "failure-tickets --since 2h --source=billing --because the probe was wrong since noon",
        "failure tickets since: 2h source: “billing” reason the probe was wrong since noon",
        "cases since 2h source billing because the probe was wrong since noon",
    ],
)
def test_failure_tickets(text: str) -> None:
    wanted = UndoCommand(UndoOf.FAILURE_TICKETS, source="billing", since="2h", because="the probe was wrong since noon")
    assert parse_undo(text) == wanted


def test_triage() -> None:
    wanted = UndoCommand(UndoOf.TRIAGE, intent="billing", since="2026-11-30 14:00", until="15:00")
    assert parse_undo("triage since 2026-11-30 14:00 until 15:00 intent billing") == wanted


@pytest.mark.parametrize("text", ["", " ", "help", "--help", "?"])
def test_nothing_asks_how(text: str) -> None:
    assert parse_undo(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("everything", "I do not know “everything”"),
        ("triage", "Since when"),
        ("triage of today since 2h", "I do not know “of today since 2h”"),
        ("triage source billing since 2h", "“source” says nothing about triage"),
        ("failure-tickets since", "What comes after “since”"),
        ("failure-tickets since 2h since 3h", "stands there twice"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_undo(text)


@given(st.text(max_size=300))
def test_whatever_is_typed_it_is_read_or_refused_in_words(text: str) -> None:
    try:
        command = parse_undo(text)
    except UsageError as refused:
        said = str(refused)
    else:
        said = "" if command is None else f"{command.run_id}{command.since}"
        assert command is None or said not in ("", "0")
    assert len(said) < 1_000
