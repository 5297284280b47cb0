"""SLA clocks, escalations with the rules that fired for them, and what people said of those."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Document, Instant, Key, Listing, MaybeInstant, Number, Word, Words


class SlaClock(Base):
    """One clock of a ticket, as of the mirror's `changed_at` `seen_at`; made anew when the ticket or policy changes.

    `kind`: first_reply, next_reply, resolution. `turn` counts the customer's messages that began a wait, 1 for the
    others. `state`: running, paused (the ticket waits for the customer), met, ended (nobody need answer any more).
    `hours`: working or calendar; `policy_version` covers what was promised and the team's hours. It warns after
    `warn_s` seconds and is breached after `target_s`; `spent_s` have run up to `seen_at`. `due_at` and `warn_at` are
    set only while it runs, and None for what takes a century. `ended_at`: when it was met or ended.
    `told` is what escalation has fired for it: empty, warned, breached; it begins anew with a turn.
    `late_s`: seconds of its own hours over the target when it ended, 0 if in time.
    """

    __tablename__ = "sla_clock"
    __table_args__ = (
        CheckConstraint("kind in ('first_reply', 'next_reply', 'resolution')", name="kind"),
        CheckConstraint("state in ('running', 'paused', 'met', 'ended')", name="state"),
        CheckConstraint("told in ('', 'warned', 'breached')", name="told"),
        Index("ix_sla_clock_told_due_at", "told", "due_at"),
        Index("ix_sla_clock_told_warn_at", "told", "warn_at"),
        Index("ix_sla_clock_state_due_at", "state", "due_at"),
    )

    system: Mapped[Word] = mapped_column(primary_key=True)
    ticket_id: Mapped[Key] = mapped_column(primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    turn: Mapped[int]
    target: Mapped[Key]
    policy_version: Mapped[Word]
    target_s: Mapped[Count]
    warn_s: Mapped[Count]
    hours: Mapped[Word]
    state: Mapped[Word]
    started_at: Mapped[Instant]
    spent_s: Mapped[Count]
    warn_at: Mapped[MaybeInstant]
    due_at: Mapped[MaybeInstant]
    ended_at: Mapped[MaybeInstant]
    late_s: Mapped[Count]
    told: Mapped[Word]
    seen_at: Mapped[Instant]


class SlaPlace(Base):
    """How far a desk's clocks are kept.

    `changed_at` and `ticket` (the mirror's number) are the last change that was taken in. `policy_version` is that by
    which all tickets up to `walked` (the mirror's number) are judged, None once all are: the walk that began at
    `walk_began_at` has come to its end.
    """

    __tablename__ = "sla_place"

    system: Mapped[Word] = mapped_column(primary_key=True)
    changed_at: Mapped[Instant]
    ticket: Mapped[Count]
    policy_version: Mapped[Word]
    walked: Mapped[Count | None]
    walk_began_at: Mapped[Instant]


class Escalation(Base):
    """What was brought before somebody: a ticket of the desk, or one of our own cases. One open for each.

    `subject`: ticket (`subject_id` is the desk's id) or case (its number). `open_key` is `subject/system/subject_id`
    exactly while it is not closed. `reason` is the most pressing of its firings. `state`: open (nobody has it),
    claimed, closed. `step` is the step of the chain that was taken last, `round` how often the chain was gone through;
    `next_at` when the next is due, None once claimed or after the last. `called`: {"email", "at", "step"}. A claimed
    one that nobody touches is spoken of at `stale_at`. `ending`: handled, not_needed, too_late, solved, taken_back.
    `parent` is the message in whose thread it stands, where many were gathered. `evidence`: the last three messages,
    account, what was tried, similar tickets. `note_*`: who sent the customer the note, and when.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("open_key"),
        CheckConstraint("subject in ('ticket', 'case')", name="subject"),
        CheckConstraint("state in ('open', 'claimed', 'closed')", name="state"),
        CheckConstraint("(open_key is null) = (state = 'closed')", name="open_key_while_open"),
        CheckConstraint(
            "(state = 'claimed') = (claimed_by is not null) or state = 'closed'", name="claimed_by_somebody"
        ),
        Index("ix_escalation_state_next_at", "state", "next_at"),
        Index("ix_escalation_system_subject_id", "system", "subject_id"),
        Index("ix_escalation_owner", "owner"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    subject: Mapped[Word]
    system: Mapped[Word]
    subject_id: Mapped[Key]
    open_key: Mapped[Key | None]
    state: Mapped[Word]
    version: Mapped[int]
    reason: Mapped[Word]
    title: Mapped[Words]
    url: Mapped[Words]
    priority: Mapped[Word]
    customer_id: Mapped[Key]
    customer_name: Mapped[Key]
    tier: Mapped[Word]
    queue: Mapped[Key]
    owner: Mapped[Key]
    step: Mapped[int]
    round: Mapped[int]
    next_at: Mapped[MaybeInstant]
    called: Mapped[Listing]
    opened_at: Mapped[Instant]
    opened_by: Mapped[Key]
    claimed_by: Mapped[Key | None]
    claimed_at: Mapped[MaybeInstant]
    snoozed_until: Mapped[MaybeInstant]
    snoozed_by: Mapped[Key | None]
    touched_at: Mapped[Instant]
    stale_at: Mapped[MaybeInstant]
    reminders: Mapped[int]
    closed_at: Mapped[MaybeInstant]
    closed_by: Mapped[Key | None]
    ending: Mapped[Word]
    close_note: Mapped[Words]
    note_by: Mapped[Key | None]
    note_at: Mapped[MaybeInstant]
    evidence: Mapped[Document]
    parent: Mapped[Key | None]
    correlation_id: Mapped[Key]


class EscalationFiring(Base):
    """A rule that fired once: for this ticket, clock, message or case. `fired_key` is what makes it once.

    `due_at` is the moment it was about (a deadline, a message), `fired_at` when it was found. `escalation_id` is None
    in mode shadow. `inputs` is what the rule compared, `evidence` what it found, for people.
    `verdict`: empty while unknown, right, not_needed, too_late, missed (nothing had fired when a person had to press
    Escalate); `verdict_by` is a person, or `outcome` where what became of the ticket says it.
    """

    __tablename__ = "escalation_firing"
    __table_args__ = (
        UniqueConstraint("fired_key"),
        CheckConstraint("verdict in ('', 'right', 'not_needed', 'too_late', 'missed')", name="verdict"),
        Index("ix_escalation_firing_escalation_id", "escalation_id"),
        Index("ix_escalation_firing_fired_at", "fired_at"),
        Index("ix_escalation_firing_system_ticket_id", "system", "ticket_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    escalation_id: Mapped[int | None] = mapped_column(ForeignKey("escalation.id"))
    fired_key: Mapped[Key]
    subject: Mapped[Word]
    system: Mapped[Word]
    ticket_id: Mapped[Key]
    reason: Mapped[Word]
    rule: Mapped[Key]
    rule_version: Mapped[Word]
    mode: Mapped[Word]
    due_at: Mapped[Instant]
    fired_at: Mapped[Instant]
    inputs: Mapped[Document]
    evidence: Mapped[Listing]
    verdict: Mapped[Word]
    verdict_by: Mapped[Key]
    verdict_at: Mapped[MaybeInstant]
