"""What people get to see of triage, as plain frozen values. Texts are redacted already but not escaped.

Times are UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime

from automations.words import PersonRef


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """One decision, as it stands in the thread of its day.

    `decided_by`: rule, model, or empty for not decided, which `why_not` explains. `rules` are the rules in order with
    what each found: (name, matched, in words). `score_why` is the arithmetic. `changes` are (field, before, after) of
    what was or would be changed in the desk; empty for nothing. `state` as in `TriageDecision`. `held_back`: why mode
    auto acted as ask. `changed_from`: intent, queue and priority before a person chose others. `undo_by`: who is having
    it taken back. `standing`: the customer's tier and status as they were kept when it was decided, `unclear`: why
    nobody knew whose the ticket is; empty where no customers are kept.
    """

    id: int
    ticket_id: str
    ref: str
    title: str
    url: str
    desk: str
    mode: str
    held_back: str
    state: str
    intent: str
    decided_by: str
    rule: str
    confidence: float | None
    why_not: str
    level: int
    queue: str
    priority: str
    score: int
    score_why: tuple[tuple[str, int], ...]
    rules: tuple[tuple[str, bool, str], ...]
    changes: tuple[tuple[str, str, str], ...]
    changed_from: tuple[str, str, str] | None
    decided_at: datetime
    changed_by: PersonRef | None
    changed_at: datetime | None
    undo_by: PersonRef | None
    verified_at: datetime | None
    error: str
    model: str
    rules_version: str
    outcome: str
    outcome_queue: str
    standing: str = ""
    unclear: str = ""


@dataclass(frozen=True, slots=True)
class DayCard:
    """The living message of one day of triage: counts by queue, not decided, waiting for a person, failed.

    `queues` are (queue, decided so). `waiting` counts all that waits for a person, from earlier days too;
    `first_waiting` opens the oldest of it.
    """

    day: date
    mode: str
    total: int
    by_rule: int
    by_model: int
    undecided: int
    waiting: int
    applied: int
    undone: int
    failed: int
    queues: tuple[tuple[str, int], ...]
    first_waiting: str | None
    lint: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue (or intent) on history: how many belong there, how many were sent there, and how many rightly."""

    name: str
    belong: int
    sent: int
    right: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class EvaluationCard:
    """Triage measured on history. Shares are 0 to 1.

    `curve` are (confidence, coverage, accuracy), confidence rising. `confusion` are (belongs, sent, n), largest first.
    `baselines` are (name, accuracy). `moved`: tickets that changed queue later, and of those how many triage had right.
    `priority_cost`: mean cost of a wrong priority (steps apart, too low counts double) of triage, and of leaving it.
    `fails` says in words what the bar asks and was not reached; empty if `passed`.
    """

    id: int | None
    source: str
    made_at: datetime
    train_from: datetime | None
    test_from: datetime | None
    test_to: datetime | None
    trained_on: int
    examples: int
    decided: int
    right: int
    coverage: float
    precision: float | None
    accuracy: float
    queues: tuple[QueueFigures, ...]
    confusion: tuple[tuple[str, str, int], ...]
    curve: tuple[tuple[float, float, float], ...]
    baselines: tuple[tuple[str, float], ...]
    moved: tuple[int, int]
    priority_cost: tuple[float, float] | None
    lint: tuple[str, ...]
    rules_version: str
    model: str
    passed: bool
    fails: tuple[str, ...]
