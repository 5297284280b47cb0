"""A failure event mapped from a monitoring product, which cannot know whether a person has to act.

An alert is `warning` (recorded and counted, never a ticket) until it carries one of the four reasons in a label or
tag named `handoff_reason`, or a rule names one for it (`treat_as`). Its texts are cut to our limits, not refused: the
vendor's sender cannot be told to write shorter, and the diagnostics link leads to the whole.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from automations.failure_tickets.event import OPENS_A_CASE, Customer, FailureEvent, Reason

REASON_LABEL = "handoff_reason"
CUSTOMER_LABEL = "handoff_customer"
TIER_LABEL = "handoff_tier"


class Alert(FailureEvent):
    """An event of a monitoring product. Only these are judged by a rule's `treat_as`."""


def reason_named(word: object) -> Reason:
    """Read the reason a label or tag names: one of the four that open a case, or `warning` where none is given.

    Raises: ValueError if it names something else, so that a typo shows at once in the sender's delivery log.
    """
    if word is None or word in ("", Reason.WARNING.value):
        return Reason.WARNING
    for reason in Reason:
        if word == reason.value and reason in OPENS_A_CASE:
            return reason
    allowed = ", ".join(sorted(OPENS_A_CASE))
    raise ValueError(f"{REASON_LABEL} must be one of {allowed} or warning")


def customer_of(labels: Mapping[str, str]) -> Customer | None:
    """Read the customer from the labels `handoff_customer` (an id) and `handoff_tier`, None without the first."""
    number = cut(labels.get(CUSTOMER_LABEL, "").strip(), 255)
    return Customer(id=number, tier=cut(labels.get(TIER_LABEL, "").strip(), 64)) if number else None


def source_or(source: str, vendor: str) -> str:
    """Name the source: the sender's own name, or the product's where the sender may speak for everybody (`*`)."""
    return vendor if source in ("", "*") else source


def cut(text: str, size: int) -> str:
    """Leave out what cannot be stored and cut to `size` bytes of UTF-8; a cut shows as an ellipsis."""
    clean = text.replace("\x00", "").encode("utf-8", "ignore")
    if len(clean) <= size:
        return clean.decode("utf-8")
    return clean[: size - 3].decode("utf-8", "ignore") + "…"


def web_address(*candidates: Any) -> str | None:
    """Pick the first candidate that is an http or https address of at most 2,000 characters, or None."""
    for candidate in candidates:
        if not isinstance(candidate, str) or len(candidate) > 2000 or cut(candidate, 8000) != candidate:
            continue
        try:
            parts = urlsplit(candidate)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname:
            return candidate
    return None


def moment(field: str, text: str | None, fallback: datetime) -> datetime:
    """Read a vendor's RFC 3339 time; a missing or absurd one becomes `fallback`.

    Fractions beyond microseconds are cut (Go writes nine digits), a time without a zone is UTC.
    Raises: ValueError naming `field` if there is a text that is no time.
    """
    if not text:
        return fallback
    try:
        read = datetime.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(f"{field}: a time such as 2026-11-21T02:14:00Z is needed") from exc
    read = read.replace(tzinfo=UTC) if read.tzinfo is None else read
    return read.astimezone(UTC) if 2000 < read.year < 2200 else fallback
