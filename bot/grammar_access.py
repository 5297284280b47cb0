"""What follows `/support-provision`, `/support-offboard` and `/support-reconcile`: people, roles, groups taken apart.

Read as forgivingly as `bot.grammar` reads: in any order that makes sense, with the signs that phones and Slack put in.
People are mentions (`<@U1|anna>`), e-mail addresses, also as Slack pastes them (`<mailto:a@b.example|a@b.example>`), or
`@anna`; who is leaving may also be named by name. What a person's words mean is found out by the listener.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.grammar import UsageError, plain
from bot.grammar_duty import literal

ADDRESS = re.compile(r"[^\s<>@,;:\"'()\\]+@[^\s<>@,;:\"'()\\]+\.[^\s<>@,;:\"'()\\.]+")
"""What looks like an e-mail address. Whether it is somebody's is asked elsewhere."""

_MAILTO = re.compile(r"<mailto:([^<>|?\s]+)[^<>|]*(?:\|[^<>]*)?>")
_TOKEN = re.compile(r'<@[^<>]*>|"([^"]*)"|,|[^\s,"]+')
_NAME = re.compile(
    r"(?:^|\s)(?:name|named|called)[:=]?\s*(?:\"([^\"]*)\"|'([^']*)'(?=\s|$)|(?<=[\s:=])(.*)$)", re.IGNORECASE
)
_BECAUSE = re.compile(r"(?:^|\s)(?:because(?: of)?|reason[:=]?)\s+", re.IGNORECASE)
_TO = re.compile(r"(?:^|\s)(?:to|successor[:=]?)\s+", re.IGNORECASE)
_NOW = re.compile(r"(?:^|\s)(?:right\s+)?now[,.!]*(?=\s|$)", re.IGNORECASE)
_BEFORE_ROLE = frozenset({"as", "a", "an", "the", "role", "role:", "with"})
_BEFORE_GROUPS = frozenset(
    {"in", "into", "for", "to", "with", "group", "groups", "group:", "groups:", "queue", "queues"}
)


class AccessCommand(StrEnum):
    """The slash commands of access, by what follows the prefix."""

    PROVISION = "provision"
    OFFBOARD = "offboard"
    RECONCILE = "reconcile"


class ReconcileVerb(StrEnum):
    """What can be asked of a reconciliation."""

    START = "start"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Provision:
    """A `provision …` that was understood. `person` is a mention, an address or `@anna`; `name` empty if not given."""

    person: str
    role: str
    groups: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Offboard:
    """An `offboard …` that was understood: who leaves, to whom their tickets go, whether at once, and why."""

    person: str
    successor: str = ""
    now: bool = False
    because: str = ""


def asks_for_help(text: str) -> bool:
    """Say whether somebody wants to know how a command is used."""
    return plain(text).strip("'\"?").casefold() in ("help", "--help", "-h") or plain(text) == "?"


def parse_provision(text: str, roles: Sequence[str]) -> Provision | None:
    """Read what follows `provision`; None for nothing at all. `roles` are the names of the roles there are.

    Raises: UsageError with what is missing or not known.
    """
    typed = _addresses(plain(text))
    if not typed:
        return None
    rest, name = _named(typed)
    words = list(_TOKEN.finditer(rest))
    people = [match[0] for match in words if _is_person(match[0])]
    if not people:
        raise UsageError("Whom? Give @person or an e-mail address.")
    if len(people) > 1:
        raise UsageError(f"I read {len(people)} people here; one at a time, please.")
    said = [match for match in words if match[0] != people[0]]
    role, groups = _role([match[0] if match[1] is None else match[1] for match in said], roles)
    return Provision(people[0], role, groups, name)


def parse_offboard(text: str) -> Offboard | None:
    """Read what follows `offboard`; None for nothing at all. Raises: UsageError with what is missing."""
    typed = _addresses(plain(text))
    if not typed:
        return None
    head, because = _cut(_BECAUSE, typed)
    at_once = _NOW.search(head) is not None
    person, successor = _cut(_TO, _NOW.sub("", head).strip())
    reason = literal(because).strip("'\" ")
    person, successor = (said.strip("'\",. ") for said in (person, successor))
    if not person:
        raise UsageError("Who leaves? Give @person or an e-mail address.")
    if at_once and not reason:
        raise UsageError("To suspend somebody now, say why: … now because …")
    return Offboard(person, successor, at_once, reason)


def parse_reconcile(text: str) -> ReconcileVerb:
    """Read what follows `reconcile`; nothing starts one. Raises: UsageError with what is known."""
    said = plain(text).strip("'\"").casefold()
    if said in ("", "start", "run", "now"):
        return ReconcileVerb.START
    if said in ("status", "show", "last"):
        return ReconcileVerb.STATUS
    raise UsageError(f"After “reconcile” I do not know “{_short(said)}”. I know: status; alone it starts one.")


def _addresses(text: str) -> str:
    """Take back what Slack made of addresses."""
    return _MAILTO.sub(lambda match: match[1], text)


def _named(text: str) -> tuple[str, str]:
    """Take `name "First Last"` out of a text, and give both."""
    if (match := _NAME.search(text)) is None:
        return text, ""
    name = next((part for part in match.groups() if part is not None), "")
    return f"{text[: match.start()]} {text[match.end() :]}".strip(), literal(name).strip("'\" ")


def _is_person(word: str) -> bool:
    return word.startswith("<@") or (len(word) > 1 and word.startswith("@")) or ADDRESS.fullmatch(word) is not None


def _role(words: list[str], roles: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Find the role that words begin with, the longest that fits, and the groups that follow.

    Raises: UsageError with the roles there are.
    """
    known = ", ".join(roles) or "none yet; an admin adds them under [[access.roles]] in the settings"
    start = 0
    while start < len(words) and words[start].casefold() in (_BEFORE_ROLE | {","}):
        start += 1
    if start == len(words):
        raise UsageError(f"Which role? I know: {known}.")
    for role in sorted(roles, key=len, reverse=True):
        parts = role.casefold().split()
        if [word.casefold() for word in words[start : start + len(parts)]] == parts or words[
            start
        ].casefold() == role.casefold():
            taken = len(parts) if words[start].casefold() != role.casefold() else 1
            return role, _groups(words[start + taken :])
    raise UsageError(f"I do not know the role “{_short(literal(words[start]))}”. I know: {known}.")


def _groups(words: list[str]) -> tuple[str, ...]:
    """Read names of groups: between commas where there are any, else each word, and each text in quotes, is one."""
    while words and (words[0] == "," or words[0].casefold() in _BEFORE_GROUPS):
        words = words[1:]
    if "," not in words:
        return tuple(dict.fromkeys(literal(word) for word in words if word.strip()))
    named = " ".join(words).split(",")
    return tuple(dict.fromkeys(literal(" ".join(one.split())) for one in named if one.strip()))


def _cut(sign: re.Pattern[str], text: str) -> tuple[str, str]:
    """What stands before the first `sign`, and after it; all of it and nothing where there is none."""
    if (match := sign.search(text)) is None:
        return text.strip(), ""
    return text[: match.start()].strip(), text[match.end() :].strip()


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
