"""The grammar of the slash commands: what people type, read forgivingly and refused in words.

`/support WORD REST`: the word chooses the listener, which reads the rest with a parser of this module.
"""

from dataclasses import dataclass
from enum import StrEnum

from automations.errors import HandoffError


class UsageError(HandoffError):
    """A command that could not be read. Says which word was not understood and what is known."""


class SupportVerb(StrEnum):
    """The words that `/support` knows."""

    HELP = "help"
    STATUS = "status"
    MINE = "mine"
    CASES = "cases"
    NEW = "new"
    ESCALATE = "escalate"
    ESCALATIONS = "escalations"
    TRIAGE = "triage"
    ON_DUTY = "on-duty"
    AWAY = "away"
    BACK = "back"
    PAUSE = "pause"
    RESUME = "resume"


PAGED = frozenset({SupportVerb.MINE, SupportVerb.CASES, SupportVerb.ESCALATIONS})
FREE = frozenset(SupportVerb) - PAGED - {SupportVerb.HELP, SupportVerb.STATUS}
"""Words whose rest is read by a parser of its own."""
ALIASES = {"duty": "on-duty", "onduty": "on-duty", "on-call": "on-duty", "oncall": "on-duty", "unpause": "resume"}
"""Words that people type for one of ours."""
MAX_PAGE = 9999


@dataclass(frozen=True, slots=True)
class SupportCommand:
    """A `/support …` that was understood.

    `page` counts from 1 and is used by the lists only; `rest` is what follows the word, made plain, for the words that
    have a grammar of their own.
    """

    verb: SupportVerb
    page: int = 1
    rest: str = ""


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
        verb = SupportVerb(ALIASES.get(words[0], words[0]))
    except ValueError as exc:
        known = ", ".join(SupportVerb)
        raise UsageError(f"I do not know “{_short(words[0])}”. I know: {known}.") from exc
    if verb in FREE:
        return SupportCommand(verb, rest=plain(text).partition(" ")[2])
    if len(words) == 1:
        return SupportCommand(verb)
    if verb not in PAGED:
        raise UsageError(f"“{verb}” stands alone; I did not understand “{_short(words[1])}”.")
    if len(words) > 2 or (page := _page(words[1])) is None:
        raise UsageError(f"After “{verb}” comes a page number or nothing, such as “{verb} 2”.")
    return SupportCommand(verb, page)


def _page(word: str) -> int | None:
    return page if word.isascii() and word.isdecimal() and 1 <= (page := int(word[:6])) <= MAX_PAGE else None


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
