"""What people get to see of escalations, as plain frozen values. Texts are redacted already but not escaped.

`card.py` fills them from storage; the bot's views turn them into messages, the command line into tables. Times are UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from automations.escalation.reasons import EscalationReason
from automations.words import PersonRef

SHADOW_SHOWN: Final = 40
"""Lines of a day in shadow that are shown."""


@dataclass(frozen=True, slots=True)
class FiringLine:
    """A rule that fired: `said` is its reason in a line, `evidence` what it found (words, numbers), a line each."""

    reason: EscalationReason
    rule: str
    rule_version: str
    said: str
    evidence: tuple[str, ...]
    due_at: datetime
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One of the last messages. `side`: customer, agent, bot. `cut`: it goes on in the desk."""

    at: datetime
    side: str
    author: str
    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """An SLA clock. `kind`: first_reply, next_reply, resolution. `state`: running, paused, met, ended.

    `due_at` is set while it runs. `left_s` are calendar seconds until then, negative once overdue, None while paused.
    """

    ticket_id: str
    title: str
    url: str
    kind: str
    target: str
    state: str
    due_at: datetime | None
    left_s: float | None
    counted: str


@dataclass(frozen=True, slots=True)
class SimilarLine:
    """A solved ticket that reads alike. `score` 0 to 1."""

    ticket_id: str
    title: str
    url: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalledLine:
    """Somebody whom the chain called: `step` is owner, group, lead or manager."""

    person: PersonRef
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EscalationCard:
    """Everything the living message of an escalation shows.

    `subject`: ticket or case; `ref` is what people call it (`#123`, `CASE-42`). `call` is whom this version of the
    message mentions, none of them for their own act. `waiting_for`/`next_at`: which step is next and when. `ending`:
    handled, not_needed, too_late, solved, taken_back. `account`: labels and values. `tried`: a line each.
    `customer_note` is proposed, never sent by itself; `may_note` is False where the desk cannot reply, or somebody has
    sent it. `note_by` without `note_at`: it is being sent; `note_at` is when the desk was seen to show it, `note_error`
    why it could not be sent, or that nobody knows yet whether it was. `in_desk` says what became of a claim in the
    desk ("assigned to Anna Berg, verified 02:15"). `unheard`: the chain was gone through and nobody has acknowledged.
    `verdict`: right, not_needed, too_late or missed, of its firings, empty while nobody has said. `standing`: the
    customer's tier and status as they are kept, with their age; `unclear`: why nobody knows whose it is. Both are empty
    where no customers are kept.
    """

    id: int
    subject: str
    ref: str
    desk: str
    title: str
    url: str
    state: str
    firings: tuple[FiringLine, ...]
    priority: str
    customer: str
    tier: str
    queue: str
    owner: PersonRef | None
    clocks: tuple[ClockLine, ...]
    messages: tuple[MessageLine, ...]
    account: tuple[tuple[str, str], ...]
    tried: tuple[str, ...]
    similar: tuple[SimilarLine, ...]
    called: tuple[CalledLine, ...]
    call: tuple[PersonRef, ...]
    waiting_for: str
    next_at: datetime | None
    opened_at: datetime
    opened_by: PersonRef | None
    claimed_by: PersonRef | None
    claimed_at: datetime | None
    snoozed_until: datetime | None
    snoozed_by: PersonRef | None
    stale: bool
    closed_by: PersonRef | None
    closed_at: datetime | None
    ending: str
    close_note: str
    note_by: PersonRef | None
    note_at: datetime | None
    customer_note: str
    may_note: bool
    permalink: str | None = None
    note_error: str = ""
    in_desk: str = ""
    unheard: bool = False
    verdict: str = ""
    standing: str = ""
    unclear: str = ""


@dataclass(frozen=True, slots=True)
class ShadowDay:
    """One day in mode shadow: what would have been escalated, in one message that calls nobody.

    `fired` are (ref, url, title, reason in a line, fired_at), newest last, at most `SHADOW_SHOWN`; `total` counts all.
    """

    day: date
    total: int
    fired: tuple[tuple[str, str, str, str, datetime], ...]


@dataclass(frozen=True, slots=True)
class SummaryCard:
    """Many escalations found late at once, as after an outage: one message that mentions each person at most once.

    `late` are (ref, url, title, reason in a line, due_at), most pressing first; `total` counts all of them.
    """

    late: tuple[tuple[str, str, str, str, datetime], ...]
    total: int
    call: tuple[PersonRef, ...]
    away_from: datetime | None
    away_until: datetime | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A part of a conversation, oldest message first. `number` counts from 1 up to `of`."""

    ref: str
    lines: tuple[MessageLine, ...]
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """An escalation as a line of a list: on the Home tab, in `/support mine`, in the terminal.

    `subject`: ticket or case; one of a case has no buttons of its own, since the case has them.
    """

    id: int
    ref: str
    title: str
    url: str
    state: str
    reason: EscalationReason
    said: str
    priority: str
    owner: PersonRef | None
    claimed_by: PersonRef | None
    opened_at: datetime
    next_at: datetime | None
    stale: bool
    permalink: str | None
    subject: str = "ticket"


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How a rule did: fired, and of those right, not needed, too late, unknown so far; missed by all rules.

    `median_ack_s`: median seconds until somebody acknowledged, None if nobody has. `precision` None without verdicts.
    """

    rule: str
    reason: EscalationReason
    fired: int
    right: int
    not_needed: int
    too_late: int
    unknown: int
    missed: int
    precision: float | None
    median_ack_s: float | None
