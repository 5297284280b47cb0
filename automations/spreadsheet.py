"""Cells of CSV files, so that no spreadsheet takes a text for a formula. Pure."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula; the last four are their full-width forms.

Source: owasp.org/www-community/attacks/CSV_Injection.
"""


def cell(value: object) -> object:
    """A value as a spreadsheet may have it: a text that would be a formula begins with an apostrophe, numbers stay."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
