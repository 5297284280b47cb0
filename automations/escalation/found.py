"""What a rule found: why somebody is needed, for which ticket or case, since when, and on what evidence. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from automations.escalation.reasons import REASON_NAMES, EscalationReason
from automations.words import in_brief

LONGEST: Final = 255
"""Characters of a key."""
LONGEST_EVIDENCE: Final = 300

Subject = Literal["ticket", "case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A rule that fires. `key` is what makes it once: the same clock, message or case gives the same key.

    `rule` is its name in the settings, `due_at` the moment it is about, `inputs` what it compared, `evidence` what it
    found, a line each for people. `by` is the identity of a person who escalates, empty for a rule.
    """

    reason: EscalationReason
    rule: str
    version: str
    key: str
    subject: Subject
    system: str
    subject_id: str
    due_at: datetime
    inputs: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    by: str = ""

    @property
    def said(self) -> str:
        """The reason in a line."""
        return said(self.reason, self.evidence)


def said(reason: EscalationReason, evidence: tuple[str, ...]) -> str:
    """A reason with the first of what was found."""
    name = REASON_NAMES[reason]
    return f"{name}: {evidence[0]}" if evidence else name


def key_of(*parts: str) -> str:
    """A key of these parts, of at most 255 characters whatever the desk calls its tickets."""
    key = "/".join(parts)
    if len(key) <= LONGEST:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"{key[: LONGEST - len(digest) - 1]}/{digest}"


def line(text: str) -> str:
    """A line of evidence: one line, and not endless."""
    return in_brief(" ".join(text.split()), LONGEST_EVIDENCE)


def around(text: str, start: int, end: int) -> str:
    """The words at a place of a text with some of what stands beside them, as a quotation."""
    first, last = max(start - 60, 0), min(end + 60, len(text))
    cut = text[first:last]
    return line(f"“{'…' if first else ''}{cut.strip()}{'…' if last < len(text) else ''}”")
