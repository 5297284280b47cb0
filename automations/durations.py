"""Lengths of time as people write them in settings: `90s`, `15m`, `4h`, `7d`, `1h 30m`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_PART = re.compile(r"([0-9]{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: object) -> object:
    """Read a length of time; anything but text is passed on for pydantic to judge.

    Raises: ValueError if the text is not a sum of numbers with units s, m, h or d, or is zero.
    """
    if not isinstance(text, str):
        return text
    if not re.fullmatch(rf"\s*(?:{_PART.pattern}\s*)+", text):
        raise ValueError("a length of time such as 90s, 15m, 4h or 7d is needed")
    length = sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in _PART.findall(text)), timedelta())
    if not length:
        raise ValueError("a length of time longer than zero is needed")
    return length


def in_words(length: timedelta) -> str:
    """`1 h 30 min`, `2 d`, `45 s`: the two largest units that are not zero."""
    seconds = int(length.total_seconds())
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(shown[:2]) or "0 s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A pydantic field that reads `4h`."""
