"""What follows `/support escalate`: which ticket or case, and why. The text comes from `bot.grammar.plain`."""

import re
from dataclasses import dataclass

from bot.grammar_duty import literal

_CASE = re.compile(r"case[-\s#]?([1-9][0-9]{0,17})", re.IGNORECASE)
_TICKET = re.compile(r"(?:ticket\s*)?#?(\S{1,255}?)", re.IGNORECASE)
_BECAUSE = re.compile(r"^(?:(?:because(?: of)?|since|as)\b|[:-])\s*", re.IGNORECASE)
_WHICH = re.compile(r"(?:ticket\s+)?(?:case[\s#]\s*)?\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EscalateCommand:
    """An `escalate …` that was read. `ref` is what was named, empty for nothing; `because` as typed, may be empty."""

    ref: str = ""
    because: str = ""

    @property
    def case_id(self) -> int | None:
        """The case that is named, None for a ticket."""
        match = _CASE.fullmatch(self.ref)
        return int(match[1]) if match else None

    @property
    def ticket(self) -> str:
        """The ticket that is named: its number without a sign before it, or its address."""
        match = _TICKET.fullmatch(self.ref)
        return match[1] if match else self.ref


def parse_escalate(rest: str) -> EscalateCommand:
    """Read `TICKET|CASE-n because REASON`; the word `because` may be left out, and so may everything."""
    text = literal(rest)
    match = _WHICH.match(text)
    if match is None:
        return EscalateCommand()
    ref, because = match[0].rstrip(":,;"), text[match.end() :].strip()
    return EscalateCommand(ref, _BECAUSE.sub("", because).strip())
