"""Every string that crosses to Slack and comes back: action ids, button values, the command grammar.

What comes back is untrusted. It decodes to a small frozen value, or raises `WireError` or `UsageError` with words for
the person; it never crashes. Values are opaque ids (at most 75 characters, the lower of Slack's published limits for
an option), so a person's right and the case's state are always looked up anew.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from automations.errors import HandoffError


class WireError(HandoffError):
    """A button, menu or form that this version does not know: made by another version, or by hand."""


class UsageError(HandoffError):
    """A command that could not be read. Says which word was not understood and what is known."""


class CaseAct(StrEnum):
    """What people can do to a case. The value is the button's action id and the form's callback id."""

    CLAIM = "case.claim"
    RELEASE = "case.release"
    REASSIGN = "case.reassign"
    ESCALATE = "case.escalate"
    RESOLVE = "case.resolve"
    REOPEN = "case.reopen"
    NOT_NEEDED = "case.not_needed"


CASE_MORE = "case.more"
"""The overflow menu that holds the acts for which there is no button."""

ACT_NAMES: dict[CaseAct, str] = {
    CaseAct.CLAIM: "Claim",
    CaseAct.RELEASE: "Release",
    CaseAct.REASSIGN: "Reassign",
    CaseAct.ESCALATE: "Escalate",
    CaseAct.RESOLVE: "Resolve",
    CaseAct.REOPEN: "Reopen",
    CaseAct.NOT_NEEDED: "Not needed",
}
"""One word for one act, everywhere people read it."""

FIELD_TO = "to"
FIELD_REASON = "reason"
FIELD_NOTE = "note"
"""Inputs of the forms: each is both the block id and the action id of its input."""


_CASE_VALUE = re.compile(r"case:([1-9][0-9]{0,17}):([a-z_]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CaseButton:
    """What a button, a menu entry or a form about a case carries: which case, which act."""

    case_id: int
    act: CaseAct

    def encode(self) -> str:
        """`case:42:claim`, for a button's value, an option's value or a form's private metadata."""
        return f"case:{self.case_id}:{self.act.removeprefix('case.')}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _CASE_VALUE.fullmatch(value)) is None:
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        try:
            act = CaseAct(f"case.{match.group(2)}")
        except ValueError as exc:
            raise WireError("This button asks for something that Handoff does not do. Nothing was changed.") from exc
        return cls(int(match.group(1)), act)


class SupportVerb(StrEnum):
    """The words that `/support` knows."""

    HELP = "help"
    STATUS = "status"
    MINE = "mine"
    CASES = "cases"


PAGED = frozenset({SupportVerb.MINE, SupportVerb.CASES})
MAX_PAGE = 9999


@dataclass(frozen=True, slots=True)
class SupportCommand:
    """A `/support …` that was understood. `page` counts from 1 and is used by the lists only."""

    verb: SupportVerb
    page: int = 1


_SIGNS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff")
)


def plain(text: str) -> str:
    """Typed text with the signs that phones and clients put in (curly quotes, long dashes, odd spaces) made plain."""
    return " ".join(text.translate(_SIGNS).split())


def parse_support(text: str) -> SupportCommand:
    """Read what follows `/support`: a word, for lists a page number too. Nothing at all means help.

    Raises: UsageError with the word that was not understood and the words that are known.
    """
    words = [word.strip("'\"").casefold() for word in plain(text).split()]
    if not words:
        return SupportCommand(SupportVerb.HELP)
    try:
        verb = SupportVerb(words[0])
    except ValueError as exc:
        known = ", ".join(SupportVerb)
        raise UsageError(f"I do not know “{_short(words[0])}”. I know: {known}.") from exc
    if len(words) == 1:
        return SupportCommand(verb)
    if verb not in PAGED:
        raise UsageError(f"“{verb}” stands alone; I did not understand “{_short(words[1])}”.")
    if len(words) > 2 or (page := _page(words[1])) is None:
        raise UsageError(f"After “{verb}” comes a page number or nothing, such as “{verb} 2”.")
    return SupportCommand(verb, page)


def without_skin_tone(emoji: str) -> str:
    """Give the emoji's name alone: `thumbsup` for `thumbsup::skin-tone-2`."""
    return emoji.partition("::")[0].strip(":")


def _page(word: str) -> int | None:
    return page if word.isascii() and word.isdecimal() and 1 <= (page := int(word[:6])) <= MAX_PAGE else None


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
