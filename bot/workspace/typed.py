"""What a client does not let through: no address, number or date where one is asked for, or too many choices."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from bot.workspace.model import Json

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def complaint(element: Json, held: Any) -> str | None:
    """What a client says about what was put into an element, None if nothing. `held` is not empty."""
    match element["type"]:
        case "plain_text_input":
            return _length(held, element.get("min_length", 0), element.get("max_length", 3000))
        case "email_text_input":
            return None if _matches(_EMAIL, held) else "Please enter a valid email address."
        case "url_text_input":
            return None if _is_address(held) else "Please enter a valid URL."
        case "number_input":
            return _number(element, held)
        case "datepicker":
            return None if _is_day(held) else "Please pick a date."
        case "timepicker":
            return None if _matches(_TIME, held) else "Please pick a time."
        case "datetimepicker":
            is_instant = type(held) is int and 1_000_000_000 <= held <= 9_999_999_999
            return None if is_instant else "Please pick a date and a time."
        case _:
            return _count(element, held)


def _length(held: Any, least: int, most: int) -> str | None:
    if not isinstance(held, str):
        return "Please enter text."
    if len(held) < least:
        return f"This should be at least {least} characters."
    return f"This should be at most {most} characters." if len(held) > most else None


def _matches(pattern: re.Pattern[str], held: Any) -> bool:
    return isinstance(held, str) and pattern.fullmatch(held) is not None


def _is_address(held: Any) -> bool:
    if not isinstance(held, str) or re.search(r"\s", held):
        return False
    try:
        parts = urlsplit(held)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _number(element: Json, held: Any) -> str | None:
    try:
        number = Decimal(held) if isinstance(held, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        return "Please enter a number."
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return "Please enter a whole number."
    if (least := element.get("min_value")) is not None and number < Decimal(least):
        return f"This should be at least {least}."
    if (most := element.get("max_value")) is not None and number > Decimal(most):
        return f"This should be at most {most}."
    return None


def _is_day(held: Any) -> bool:
    if not _matches(_DATE, held):
        return False
    try:
        date.fromisoformat(held)
    except ValueError:
        return False
    return True


def _count(element: Json, held: Any) -> str | None:
    most = element.get("max_files", 10) if element["type"] == "file_input" else element.get("max_selected_items")
    if most is None or not isinstance(held, list) or len(held) <= most:
        return None
    return f"Please choose at most {most}."
