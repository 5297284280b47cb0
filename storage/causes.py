"""What several failures have in common: one reason, without the numbers and addresses that differ."""

import hashlib
import re
from typing import Final

MOST: Final = 400
"""Characters of a reason that count; what differs behind them is detail."""

_TRIED: Final = re.compile(r"\s*\(tried \d{1,9} times\)")
_ADDRESS: Final = re.compile(r"https?://[^\s\"'”)]{1,300}")
_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}")
_REFERENCE: Final = re.compile(r"\b(?:CASE|RUN|GROUP|ESC)-\d{1,18}\b|\b[CDGUWST][A-Z0-9]{7,20}\b")
_HEX: Final = re.compile(r"\b(?=[0-9a-f-]{0,35}\d)[0-9a-f]{8}[0-9a-f-]{0,28}\b")
_NUMBER: Final = re.compile(r"\d[\d.,:_-]{0,40}")
_STATUS: Final = re.compile(r"\b(?:answered|HTTP|status) ([1-5]\d\d)\b")
_BLANKS: Final = re.compile(r"\s+")


def plainly(reason: str) -> str:
    """The reason as its cause: `the desk answered 503` and the same with another number read alike."""
    text = _TRIED.sub("", reason[: 2 * MOST])
    for found in (_ADDRESS, _MAIL, _REFERENCE, _HEX, _NUMBER):
        text = found.sub("#", text)
    return _BLANKS.sub(" ", text).strip().casefold()[:MOST]


def cause_of(job: str, reason: str) -> str:
    """Sixteen hex digits that are the same for the same cause of the same kind of work.

    The kind counts, so that whoever acts on all of a cause knows what is done again. An HTTP status counts too.
    """
    status = _STATUS.search(reason[: 2 * MOST])
    named = f"{job}\n{plainly(reason)}\n{status.group(1) if status else ''}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]
