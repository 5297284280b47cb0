"""No text becomes a formula in a spreadsheet, whatever separator it reads with, and none loses anything."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automations.spreadsheet import bare, cell

SIGNS = "=+-@＝＋－＠"
LEADS = ["", " ", '"', "\0", "\t", "\r", "\n", "\r\n", "a;", "a\t", "a\n", 'a;"', 'a"; ', "a\n\0"]
PAYLOADS = [f"{lead}{sign}cmd|'/c calc'!A1" for lead in LEADS for sign in SIGNS]
PIECES = [*SIGNS, ";", "\t", "\r", "\n", "\0", " ", '"', "'", ",", "a", "1"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20)


def live(text: str, delimiter: str) -> list[str]:
    """The cells a reader with this separator would run, blanks, quotes and NUL before the sign left out."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [one for row in rows for one in row if one.lstrip(' \t\r\n\0"')[:1] in set(SIGNS)]


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_no_payload_is_live_with_any_separator(payload: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(["first", cell(payload), cell("x"), 5])
    for delimiter in (",", ";", "\t"):
        assert live(text.getvalue(), delimiter) == [], delimiter


@given(TEXTS)
@example("'=1")
@example("''\t=1")
@example("\t\n'=1;;'-2")
def test_nothing_of_a_text_is_lost(text: str) -> None:
    written = cell(text)
    assert isinstance(written, str)
    assert bare(written) == text


def test_numbers_and_ordinary_texts_stay() -> None:
    kept = [-5, 1.5, None, True, "", "a-b", "a, -b", "x=1", "anna@team.example", "it's", "'quoted'"]
    assert [cell(one) for one in kept] == kept
