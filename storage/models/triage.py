"""What triage and escalation rules read of tickets, the team's classifiers, and what was decided about each ticket."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Document, Instant, Key, Listing, MaybeInstant, Number, Word, Words


class TicketText(Base):
    """The words of a ticket, redacted: the mirror keeps none. Named by the desk's id, since the mirror is made anew.

    `opening` is what it began with, `latest` the newest message of the customer (empty if there is none beside the
    opening), `last` the newest three public messages: {"at", "side", "author", "text"}. `event_id` is the desk's id of
    the event up to which it was read. `language`: ISO 639-1, empty if unclear. `tone`: -1 to 1 of the customer's
    newest words, `tone_words` those that made it so. `seen_at` is the mirror's `changed_at` of the ticket when its
    words were read, so that what changed since is found.
    """

    __tablename__ = "ticket_text"
    __table_args__ = (Index("ix_ticket_text_read_at", "read_at"),)

    system: Mapped[Word] = mapped_column(primary_key=True)
    ticket_id: Mapped[Key] = mapped_column(primary_key=True)
    opening: Mapped[Words]
    latest: Mapped[Words]
    latest_at: Mapped[MaybeInstant]
    last: Mapped[Listing]
    event_id: Mapped[Key]
    customer_messages: Mapped[Count]
    language: Mapped[Word]
    tone: Mapped[float]
    tone_words: Mapped[Listing]
    seen_at: Mapped[Instant]
    read_at: Mapped[Instant]


class TriageModel(Base):
    """A classifier of the team's own. `training_hash` is that of the texts and labels it was trained on.

    `scores` are those of its cross-validation, `threshold` the confidence below which it decides nothing, `body` what
    `automations.texts` makes of it. The newest one that is not retired is in use.
    """

    __tablename__ = "triage_model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Number]
    made_at: Mapped[Instant]
    made_by: Mapped[Key]
    source: Mapped[Words]
    training_hash: Mapped[Word]
    examples: Mapped[Count]
    labels: Mapped[Listing]
    scores: Mapped[Document]
    threshold: Mapped[float]
    retired_at: Mapped[MaybeInstant]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class TriageEvaluation(Base):
    """Triage measured on history: what `auto` needs before it may act. `rules_version` and `model_id` are what ran.

    `passed`: it reached the bar of the settings at that time. `result` holds all figures; `source` names the data.
    """

    __tablename__ = "triage_evaluation"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Number]
    made_at: Mapped[Instant]
    made_by: Mapped[Key]
    source: Mapped[Words]
    rules_version: Mapped[Word]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("triage_model.id"))
    examples: Mapped[Count]
    passed: Mapped[bool]
    result: Mapped[Document]


class TriageDecision(Base):
    """What triage decided about a ticket, from which inputs, and what became of it.

    One for each `input_hash` of a ticket: its words, tier, channel, rules and classifier. `decided_by`: rule, model, or
    empty for not decided (`why_not` says why; `queue` is then the default queue). `level`: how far this kind of request
    could be automated: 1 fully, 2 assisted, 3 by people. `score_why` are (label, points).
    `state`: shadow (only shown), proposed (waits for a person), applying, applied (read back from the desk), nothing
    (the ticket was so already), declined, superseded (newer words, or a person moved it), unclear, failed, undone.
    `before_queue` and `before_priority` are what the ticket was when it was decided. `called_at`: a change has left for
    the desk, and was not read back yet. `undo_by`: who is having it taken back.
    `outcome`: empty while open, kept, or moved (the ticket later went to another queue, `outcome_queue`).
    `day` names the message of the day in whose thread it is told.
    """

    __tablename__ = "triage_decision"
    __table_args__ = (
        UniqueConstraint("system", "ticket_id", "input_hash"),
        CheckConstraint("decided_by in ('rule', 'model', '')", name="decided_by"),
        CheckConstraint("level between 1 and 3", name="level"),
        CheckConstraint(
            "state in ('shadow', 'proposed', 'applying', 'applied', 'nothing', 'declined', 'superseded', 'unclear', "
            "'failed', 'undone')",
            name="state",
        ),
        CheckConstraint("outcome in ('', 'kept', 'moved')", name="outcome"),
        Index("ix_triage_decision_decided_at", "decided_at"),
        Index("ix_triage_decision_state", "state"),
        Index("ix_triage_decision_day", "day"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    system: Mapped[Word]
    ticket_id: Mapped[Key]
    input_hash: Mapped[Word]
    decided_at: Mapped[Instant]
    mode: Mapped[Word]
    rules_version: Mapped[Word]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("triage_model.id"))
    intent: Mapped[Key]
    decided_by: Mapped[Word]
    rule: Mapped[Key]
    confidence: Mapped[float | None]
    why_not: Mapped[Words]
    level: Mapped[int]
    queue: Mapped[Key]
    priority: Mapped[Word]
    score: Mapped[int]
    score_why: Mapped[Listing]
    inputs: Mapped[Document]
    state: Mapped[Word]
    version: Mapped[int]
    before_queue: Mapped[Key]
    before_priority: Mapped[Word]
    changed_by: Mapped[Key | None]
    changed_at: Mapped[MaybeInstant]
    called_at: Mapped[MaybeInstant]
    undo_by: Mapped[Key | None]
    verified_at: Mapped[MaybeInstant]
    error: Mapped[Words]
    outcome: Mapped[Word]
    outcome_queue: Mapped[Key]
    outcome_at: Mapped[MaybeInstant]
    day: Mapped[Word]
