"""What triage knows of a ticket when it decides, as one frozen value, and the hash that makes a decision one. Pure."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from automations.texts.language import UNKNOWN
from automations.texts.sentiment import THRESHOLD

_WORDS: Final = ("subject", "opening", "latest")
ENGLISH: Final = frozenset({"en", UNKNOWN})
"""A language that cannot be told counts as English: a bare error message is of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """One ticket. Words are redacted and free of quoted mail; tier and channel are in lower case, empty for none.

    `latest` is what the customer wrote last if that is not the opening. `contacts` are those of the last 24 hours, this
    one among them. `tone` is -1 to 1 of the customer's newest words; `language` ISO 639-1, empty if unclear.
    """

    subject: str = ""
    opening: str = ""
    latest: str = ""
    tier: str = ""
    channel: str = ""
    tags: tuple[str, ...] = ()
    contacts: int = 0
    tone: float = 0.0
    tone_words: tuple[str, ...] = ()
    language: str = ""
    customer_messages: int = 0

    @property
    def text(self) -> str:
        """All words, the subject in a line of its own."""
        return "\n".join(part for part in (self.subject, self.opening, self.latest) if part.strip())

    @property
    def unreadable(self) -> str:
        """Why no words can be gone by, empty if they can."""
        if not any(sign.isalnum() for sign in self.text):
            return "there are no words to go by"
        return "" if self.language in ENGLISH else f"it is not written in English (language: {self.language})"

    @property
    def negative(self) -> bool:
        """Whether the customer sounds angry or unhappy; of words that cannot be read nobody says so."""
        return self.tone <= THRESHOLD and not self.unreadable

    def hash(self, rules_version: str, model_id: int | None) -> str:
        """Sixty-four hex digits that change with everything that could change the decision."""
        decides = {**asdict(self), "tone": round(self.tone, 4), "rules": rules_version, "model": model_id}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def kept(self) -> dict[str, Any]:
        """What a decision keeps of them: everything but the words, which are kept for a time of their own."""
        told = {name: value for name, value in asdict(self).items() if name not in _WORDS}
        return {**told, "tags": list(self.tags), "tone_words": list(self.tone_words)}
