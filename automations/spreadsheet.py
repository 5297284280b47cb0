"""Cells of CSV files, so that no spreadsheet takes a text for a formula. Pure.

A spreadsheet may also read the file with another separator than ours (in many countries the semicolon), and then a cell
begins in the middle of a text. So an apostrophe stands before whatever would begin a formula, at the start of the text
or after a semicolon, tab or line break. Which ones were added can be told from the result: `bare` takes them off again,
and every file of CSV that is read goes through it, so that what was exported is imported as it was.
"""

import re
from typing import Final

_STARTS: Final = "=+\\-@＝＋－＠"
"""What begins a formula; the last four are full-width forms.

Source: owasp.org/www-community/attacks/CSV_Injection.
"""
_PLACE: Final = re.compile(rf"((?:^|[;\t\r\n])[\s\"\0]*+)('*+)(?=[{_STARTS}])")
"""Where a cell may begin: blanks, quotes and NUL before the sign are what some spreadsheets drop."""
_CONTROL: Final = re.compile(r"'*+[\t\r\n\0]")
_GUARDED: Final = re.compile(rf"((?:^|[;\t\r\n])[\s\"\0]*+)'('*+)(?=[{_STARTS}])")
_GUARDED_CONTROL: Final = re.compile(r"'++[\t\r\n\0]")


def cell(value: object) -> object:
    """A value as a spreadsheet may have it: a text that would be a formula gets an apostrophe, numbers stay."""
    if not isinstance(value, str):
        return value
    guarded = _PLACE.sub(r"\1'\2", value)
    return f"'{guarded}" if _CONTROL.match(guarded) else guarded


def bare(written: str) -> str:
    """The text that `cell` wrote so. In a file of somebody else's, too, an apostrophe before a formula says "text"."""
    if "'" not in written:
        return written
    return _GUARDED.sub(r"\1\2", written[1:] if _GUARDED_CONTROL.match(written) else written)
