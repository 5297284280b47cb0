"""How long a server asks us to wait."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT_S: Final = 900.0
"""No header holds a job longer than this; then somebody looks again."""


def retry_after_s(header: str | None, *, now: datetime) -> float:
    """Seconds a server asked us to wait: 0.0 if it did not say in a form we know, at most LONGEST_WAIT_S.

    `header` is raw: whole seconds or an HTTP date, RFC 9110 section 10.2.3; only a date is measured against `now`.
    """
    if header is None:
        return 0.0
    if header.strip().isdecimal():
        return min(float(header), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT_S) if at.tzinfo else 0.0
