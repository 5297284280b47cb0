"""Runs with their steps and approvals, findings of reconciliations, and people who are blocked inside Handoff."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Document, Instant, Key, Listing, MaybeInstant, Number, Word, Words


class Run(Base):
    """One plan on its way from being asked for to its end. States and their meaning: `automations.plan.RunState`.

    `open_key` is set while it waits for people or is carried out, so that nothing is asked for twice at once.
    `subject` is an e-mail address, empty where it is about many. `automation` is whose run it is, `asked` what was
    asked for (role, groups, reason, successor), `plan` what the card shows beside the steps (facts, warnings, why_two,
    brake, counts). `digest` is what people approve, empty before the plan. `needed` people have to approve. `private`:
    the card goes to `shown_to` (Slack user ids) as direct messages, since the subject could read the channel.
    `undo_of` is the run that this one takes back, `replaces` the one whose plan had changed. `review` is the state of
    the look of a second person afterwards: none, wanted, done.
    """

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint(
            "state in ('asked', 'refused', 'proposed', 'approved', 'running', 'done', 'partial', 'failed', 'expired', "
            "'cancelled', 'replaced', 'rolled_back')",
            name="state",
        ),
        CheckConstraint("review in ('none', 'wanted', 'done')", name="review"),
        Index("ix_run_state_expires_at", "state", "expires_at"),
        Index("ix_run_subject", "subject"),
        UniqueConstraint("open_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    open_key: Mapped[Key | None]
    automation: Mapped[Word] = mapped_column(server_default=text("'access'"))
    kind: Mapped[Word]
    subject: Mapped[Key]
    title: Mapped[Words]
    state: Mapped[Word]
    asked: Mapped[Document]
    plan: Mapped[Document]
    digest: Mapped[Word]
    needed: Mapped[int]
    requested_by: Mapped[Key]
    requested_at: Mapped[Instant]
    owner: Mapped[Key]
    correlation_id: Mapped[Key]
    channel: Mapped[Key]
    private: Mapped[bool]
    shown_to: Mapped[Listing]
    version: Mapped[int]
    proposed_at: Mapped[MaybeInstant]
    expires_at: Mapped[MaybeInstant]
    reminded_at: Mapped[MaybeInstant]
    approved_at: Mapped[MaybeInstant]
    settled_at: Mapped[MaybeInstant]
    settled_by: Mapped[Key | None]
    words: Mapped[Words]
    undo_of: Mapped[Count | None] = mapped_column(ForeignKey("run.id"))
    replaces: Mapped[Count | None] = mapped_column(ForeignKey("run.id"))
    review: Mapped[Word]
    reviewed_by: Mapped[Key | None]
    reviewed_at: Mapped[MaybeInstant]


class RunStep(Base):
    """One step of a run; `number` counts from 1. States and their meaning: `automations.plan.StepState`.

    `found` is what the last reading found, `found_at` when; `error` why it failed or what is not known. `looked` is
    true once a reading came after the call. `stated_by` is who says that it is done by hand. `due_at` is when waiting
    for it ends. `tries` counts how often it was begun.
    """

    __tablename__ = "run_step"
    __table_args__ = (
        CheckConstraint(
            "state in ('planned', 'in_progress', 'waiting', 'verified', 'stated', 'by_hand', 'failed', 'unknown', "
            "'rolled_back', 'skipped')",
            name="state",
        ),
        Index("ix_run_step_state", "state"),
    )

    run_id: Mapped[Count] = mapped_column(ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[Word]
    target: Mapped[Key]
    args: Mapped[Document]
    before: Mapped[Words]
    after: Mapped[Words]
    words: Mapped[Words]
    undo: Mapped[Words]
    needs: Mapped[Listing]
    by_hand: Mapped[Words]
    owner: Mapped[Key]
    urgent: Mapped[bool]
    waits: Mapped[bool]
    state: Mapped[Word]
    found: Mapped[Words | None]
    found_at: Mapped[MaybeInstant]
    error: Mapped[Words | None]
    stated_by: Mapped[Key | None]
    changed_at: Mapped[MaybeInstant]
    due_at: Mapped[MaybeInstant]
    reminded_at: Mapped[MaybeInstant]
    tries: Mapped[int]


class RunApproval(Base):
    """One person's yes to one digest of a run. `withdrawn_at`: it does not count any more (they lost the right to)."""

    __tablename__ = "run_approval"

    run_id: Mapped[Count] = mapped_column(ForeignKey("run.id"), primary_key=True)
    by: Mapped[Key] = mapped_column(primary_key=True)
    digest: Mapped[Word]
    at: Mapped[Instant]
    withdrawn_at: Mapped[MaybeInstant]


class Finding(Base):
    """One difference between the identity source and the desk. At most one is open for each `key`.

    `key` is kind, desk and subject. `digest` is what people confirm; `fix` are the steps that mend it (see
    `automations.plan.Step`), none where only a person can. `state`: open, confirmed (a run mends it), kept (with reason
    and end), fixed (the run verified it), gone (not found any more). `owner` is whom it was passed to, empty for none.
    `run_id` is the reconciliation that saw it last, `fixed_by` the run that mends it.
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("state in ('open', 'confirmed', 'kept', 'fixed', 'gone')", name="state"),
        Index(
            "uq_finding_open",
            "key",
            unique=True,
            sqlite_where=text("state in ('open', 'confirmed', 'kept')"),
            postgresql_where=text("state in ('open', 'confirmed', 'kept')"),
        ),
        Index("ix_finding_run_id", "run_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    key: Mapped[Key]
    kind: Mapped[Word]
    subject: Mapped[Key]
    name: Mapped[Words]
    words: Mapped[Words]
    fix: Mapped[Listing]
    digest: Mapped[Word]
    privileged: Mapped[bool]
    state: Mapped[Word]
    first_seen: Mapped[Instant]
    last_seen: Mapped[Instant]
    run_id: Mapped[Count] = mapped_column(ForeignKey("run.id"))
    fixed_by: Mapped[Count | None] = mapped_column(ForeignKey("run.id"))
    owner: Mapped[Key]
    decided_by: Mapped[Key | None]
    decided_at: Mapped[MaybeInstant]
    reason: Mapped[Words]
    until: Mapped[MaybeInstant]


class ReviewPage(Base):
    """Who had access when a reconciliation looked, up to a thousand people to a page; never changed. `number` from 1.

    Each of `lines` is what `automations.access.review` wrote: a person as desk and identity source told of them then,
    with the findings about them.
    """

    __tablename__ = "review_page"

    run_id: Mapped[Count] = mapped_column(ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[Listing]


class AccessBlock(Base):
    """Somebody may do nothing in Handoff any more, has no duty and gets no cases. `lifted_at` ends it.

    At most one is in force for each address.
    """

    __tablename__ = "access_block"
    __table_args__ = (
        Index(
            "uq_access_block_in_force",
            "email",
            unique=True,
            sqlite_where=text("lifted_at is null"),
            postgresql_where=text("lifted_at is null"),
        ),
    )

    id: Mapped[Number]
    email: Mapped[Key]
    run_id: Mapped[Count] = mapped_column(ForeignKey("run.id"))
    since: Mapped[Instant]
    set_by: Mapped[Key]
    lifted_at: Mapped[MaybeInstant]
    lifted_by: Mapped[Key | None]
