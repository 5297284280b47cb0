"""What people type after `/support escalate`, read forgivingly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import plain
from bot.grammar_escalation import parse_escalate


@pytest.mark.parametrize(
    ("typed", "ticket", "case_id", "because"),
    [
        ("", "", None, ""),
        ("812", "812", None, ""),
        ("#812 because the customer calls", "812", None, "the customer calls"),
        ("812: it burns", "812", None, "it burns"),
        ("812 - it burns", "812", None, "it burns"),
        ("ticket #812 since noon", "812", None, "noon"),
        ("812 assembly line stopped", "812", None, "assembly line stopped"),
        ("CASE-42 because they rang", "CASE-42", 42, "they rang"),
        ("case 42 as they rang", "case 42", 42, "they rang"),
        ("<https://desk.example/t/8|#8> because x", "8", None, "x"),
        ("<https://desk.example/t/8>, x", "https://desk.example/t/8", None, ", x"),
    ],
)
def test_which_and_why_are_taken_apart(typed: str, ticket: str, case_id: int | None, because: str) -> None:
    read = parse_escalate(plain(typed))
    assert (read.ticket, read.case_id, read.because.lstrip(", ") or read.because) == (
        ticket,
        case_id,
        because.lstrip(", ") or because,
    )


@given(st.text(max_size=300))
def test_any_text_is_read(typed: str) -> None:
    read = parse_escalate(typed)
    assert read.case_id is None or read.case_id > 0
    assert len(read.ticket) <= len(typed)
