"""Whether a query is one that only reads, and asks rightly for what changed. Pure."""

import re
from typing import Final

from sqlalchemy import text

SINCE: Final = "since"
"""The parameter that a cursor's value is given to; NULL where all rows are asked for."""

_SINCE: Final = re.compile(r"(?<![:\w\\]):since\b(?!:)")
"""It, as SQLAlchemy finds parameters."""

_QUOTED: Final = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL
)
_WRITES: Final = ("insert", "update", "delete", "merge", "into", "share")
_PASSES_OVER: Final = re.compile(r"(?<![<>=!])>\s*:since\b|:since\s*<(?![=>])", re.IGNORECASE)
_TAKES_ALL: Final = re.compile(r":since\s+is\s+null\b", re.IGNORECASE)


def problem(query: str) -> str:
    """Why this query is not taken, in words; empty if it is.

    It has to be one SELECT (or WITH … SELECT). With `:since` it has to give all rows where that is NULL, and those with
    the cursor's own value again: what was committed with the same value a moment later would be passed over.
    """
    bare = _QUOTED.sub(" '' ", query).strip().rstrip(";").strip()
    words = re.findall(r"\w+", bare.lower())
    if ";" in bare or not re.match(r"(select|with)\b", bare, re.IGNORECASE):
        return "it has to be one SELECT (or WITH … SELECT), and nothing else"
    if writing := [word for word in _WRITES if word in words]:
        return f"a source is only read, and it says {writing[0].upper()}"
    binds = sorted(set(text(query).compile().params) - {SINCE})
    if binds:
        return f":{binds[0]} is taken for a parameter; where it is none, write it as \\:{binds[0]}"
    if not asks_since(query):
        return ""
    if _PASSES_OVER.search(bare):
        return "compare with >= :since, since > passes over rows that got the same value a moment later"
    if not _TAKES_ALL.search(bare):
        return "without a cursor all rows are needed: write (:since is null or … >= :since)"
    return ""


def for_all(query: str) -> str:
    """The query for all rows. NULL stands in it: PostgreSQL could not tell the type of a parameter without a value."""
    return _SINCE.sub("NULL", query)


def asks_since(query: str) -> bool:
    """Whether it has the parameter `:since`."""
    return SINCE in text(query).compile().params
