"""What is shown of a run, as plain values: made by `card`, rendered by the bot's views and the command line."""

from dataclasses import dataclass
from datetime import datetime

from automations.words import PersonRef


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as people see it. `state` is a `StepState` value; the other fields are those of its row.

    `owner` is who does it by hand, or looks after it. `undo` is empty where it cannot be taken back. `changed_at` is
    when it came into its state, `found_at` when it was last read.
    """

    number: int
    kind: str
    words: str
    state: str
    before: str
    after: str
    already: bool
    undo: str = ""
    by_hand: str = ""
    found: str = ""
    found_at: datetime | None = None
    changed_at: datetime | None = None
    error: str = ""
    owner: PersonRef | None = None
    stated_by: PersonRef | None = None
    due_at: datetime | None = None
    needs: tuple[int, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes."""

    by: PersonRef
    at: datetime


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run as its card shows it. `state` is a `RunState` value; `digest` goes into the buttons, never into words.

    `automation` is whose it is. `needed` people have to approve, `approvals` have. `reason` is what the requester gave.
    `words` say how it ended where that is not told by the steps (refused, expired by, cancelled by, failed). `mode` is
    shadow where nothing will be applied. `replaced_by`, `replaces`, `undo_of` and `undone_by` are numbers of other
    runs, None for none. `can_undo`: the button Undo is there. `review`: none, wanted, done.
    """

    id: int
    kind: str
    title: str
    state: str
    subject: PersonRef | None
    requested_by: PersonRef
    requested_at: datetime
    reason: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    steps: tuple[StepLine, ...]
    approvals: tuple[Approval, ...]
    needed: int
    why_two: str
    brake: str
    digest: str
    owner: PersonRef
    words: str = ""
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    mode: str = "ask"
    replaced_by: int | None = None
    replaces: int | None = None
    undo_of: int | None = None
    undone_by: int | None = None
    can_undo: bool = False
    can_suspend_now: bool = False
    review: str = "none"
    reviewed_by: PersonRef | None = None
    automation: str = "access"
