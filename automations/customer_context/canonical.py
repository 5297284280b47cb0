"""One spelling for every value, so that equal ones compare equal whoever wrote them. Pure.

Canonical text has no blanks around it, one between words, and the composed form of letters (Unicode NFC). Numbers are
plain decimals, dates ISO 8601, yes and no `true` and `false` as desks tell them. Domains are lower case, in ASCII
(punycode), sorted, joined with a comma and a blank. A status is lower case; a tier keeps its letters, since a desk may
insist on them, and `same` compares it without.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Final

from automations.customer_context.rules import (
    ACTIVE,
    DOMAINS,
    NAME,
    STATUS,
    SUSPENDED,
    TIER,
    CustomerField,
    Direction,
    ValueType,
)

LONGEST: Final = 255
"""Characters of a value, and of an account id."""
LONGEST_WORD: Final = 64
"""Characters of a tier or a status, which rows keep as words."""
LONGEST_DOMAIN: Final = 253
"""Characters of a mail domain. Source: RFC 1035, 2.3.4, without the length octets."""
MOST_DOMAINS: Final = 100
"""Domains of one customer."""
MOST_REMEMBERED: Final = 2_048
"""Values of fields other than name and domains that are read once for all customers."""

_YES: Final = frozenset({"true", "t", "yes", "y", "on", "1"})
_NO: Final = frozenset({"false", "f", "no", "n", "off", "0"})
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_UNKEEPABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BETWEEN_DOMAINS: Final = re.compile(r"[\s,;|\[\]{}()\"'<>]+")
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")


class BadValue(ValueError):
    """A value that cannot be read as its field's type. Its message is the reason for people, a part of a sentence."""


def canonical(field: CustomerField, raw: str | None) -> str:
    """A source's value in canonical text, after the field's mapping. None and blanks are an empty text.

    A mapping is looked up as it is written, then in any case of letters. Raises: BadValue for a value that the mapping
    lacks, that is not of the field's type, is longer than rows keep, or holds characters that no database keeps.
    """
    text = tidy(raw)
    if field.values and (text or "" in field.values):
        text = tidy(_mapped(field, text))
    return intern(_typed(field, text)) if text else ""


def tidy(raw: str | None) -> str:
    """A text with one blank between words and none around them, in composed letters.

    Raises: BadValue if it holds control characters or halves of characters.
    """
    if not raw:
        return ""
    text = " ".join(raw.split())
    if text.isascii() and text.isprintable():
        return text
    if _UNKEEPABLE.search(text):
        raise BadValue("holds characters that cannot be kept")
    return unicodedata.normalize("NFC", text)


def shown(field: CustomerField, raw: str | None) -> str:
    """The desk's value of a field in canonical text. What does not fit the field's type stays as the desk shows it."""
    try:
        text = tidy(raw)
        return intern(_typed(field, text)) if text else ""
    except BadValue:
        return shown_text(raw)


def shown_text(raw: str | None) -> str:
    """A text of the desk with one blank between words, whatever it holds."""
    try:
        return tidy(raw)
    except BadValue:
        return kept_text(" ".join((raw or "").split()))


def kept_text(text: str) -> str:
    """A text with a mark in place of each character that no database keeps."""
    return unicodedata.normalize("NFC", _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def account_id(raw: str | None) -> str:
    """An account id without blanks around it, otherwise as it stands. Raises: BadValue if it can be none."""
    text = (raw or "").strip()
    if not text:
        raise BadValue("has no account id")
    if len(text) > LONGEST:
        raise BadValue(f"has an account id of {len(text)} characters, more than {LONGEST}")
    if not text.isprintable():
        raise BadValue(f"has the account id {_quoted(text)}, which holds characters that nobody sees")
    return intern(text)


def same(name: str, one: str, other: str) -> bool:
    """Whether two canonical values of the field of this name are one. Tiers are compared in any case of letters."""
    return one == other or (name == TIER and one.casefold() == other.casefold())


def folded(name: str, value: str) -> str:
    """The same text for all canonical values of the field of this name that are one."""
    return value.casefold() if name == TIER else value


def domain(text: str) -> str:
    """A mail domain in the form in which domains are kept. Raises: BadValue if it can be none."""
    if len(text) <= LONGEST_DOMAIN and _DOMAIN.fullmatch(text):
        return text
    name = text.strip().lower().removeprefix("@").removesuffix(".")
    if not name.isascii() and len(name) <= LONGEST_DOMAIN:
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError as exc:
            raise BadValue(f"{_quoted(text)} is no mail domain") from exc
    if len(name) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(name):
        raise BadValue(f"{_quoted(text)} is no mail domain")
    return name


def joined(domains: Iterable[str]) -> str:
    """Domains as one canonical text."""
    return ", ".join(sorted(set(domains)))


def split(text: str) -> tuple[str, ...]:
    """The domains of a canonical text."""
    return tuple(text.split(", ")) if text else ()


def _mapped(field: CustomerField, text: str) -> str:
    if text in field.values:
        return field.values[text]
    folded = text.casefold()
    for theirs, ours in field.values.items():
        if theirs.casefold() == folded:
            return ours
    raise BadValue(f"is {_quoted(text)}, which the settings map to nothing")


def _typed(field: CustomerField, text: str) -> str:
    if field.name == DOMAINS:
        return _domains(text)
    if field.name == NAME:
        return _text(field.name, text, to_desk=False)
    return _of_few(field.name, field.type, field.direction is Direction.TO_DESK, text)


@lru_cache(maxsize=MOST_REMEMBERED)
def _of_few(name: str, kind: ValueType, to_desk: bool, text: str) -> str:
    """A value of a field that has few, so that a long list reads each of them once."""
    if kind is ValueType.NUMBER:
        return _number(text)
    if kind is ValueType.DATE:
        return _date(text)
    if kind is ValueType.YES_NO:
        return _yes_no(text)
    return _text(name, text, to_desk=to_desk)


def _text(name: str, text: str, *, to_desk: bool) -> str:
    if name not in (STATUS, TIER):
        if len(text) > LONGEST:
            raise BadValue(f"has {len(text)} characters, more than {LONGEST}")
        return text
    lower = text.lower()
    if (length := max(len(text), len(lower))) > LONGEST_WORD:
        raise BadValue(f"has {length} characters, more than {LONGEST_WORD}")
    if name == STATUS and to_desk and lower not in (ACTIVE, SUSPENDED):
        raise BadValue(f"is {_quoted(text)}, and a desk knows {ACTIVE} and {SUSPENDED} alone")
    return lower if name == STATUS else text


def _number(text: str) -> str:
    if len(text) > LONGEST_WORD or not _NUMBER.fullmatch(text):
        raise BadValue(f"is {_quoted(text)}, which is no number")
    plain = format(Decimal(text), "f")
    whole, point, rest = plain.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    number = (digits.lstrip("0") or "0") + (f".{rest.rstrip('0')}" if point and rest.rstrip("0") else "")
    return number if number == "0" else sign + number


def _date(text: str) -> str:
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError as exc:
        raise BadValue(f"is {_quoted(text)}, which is no date such as 2026-01-31") from exc


def _yes_no(text: str) -> str:
    word = text.lower()
    if word in _YES or word in _NO:
        return "true" if word in _YES else "false"
    raise BadValue(f"is {_quoted(text)}, which is neither yes nor no")


def _domains(text: str) -> str:
    names = {domain(part) for part in _BETWEEN_DOMAINS.split(text) if part}
    if len(names) > MOST_DOMAINS:
        raise BadValue(f"names {len(names)} domains, more than {MOST_DOMAINS}")
    return ", ".join(sorted(names))


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
