"""Customers as Handoff knows them, what a sync found, what was done about it, and what source and desk disagree on.

Nothing is ever deleted: a customer who is gone upstream keeps their row and says since when.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Document, Instant, Key, Listing, MaybeInstant, Number, Word, Words


class KnownCustomer(Base):
    """One customer by the company's own account id, as messages and clocks go by it.

    `name`, `status` (active, suspended or the settings' word for gone), `tier` (lower case, empty for none), `domains`
    and `fields` are the values in force: those of the desk where the field lives in the desk, else our own. `desk_id`
    is the desk's id of the customer, None while there is none. `source_values` is what the source said last, `base`
    what source and desk agreed on last, both canonical text by the field's name. `gone_since`: a whole listing of the
    source did not have it any more. `tier_before` is what `tier` was until `tier_since`: tickets older than that keep
    the old one.
    """

    __tablename__ = "customer"
    __table_args__ = (Index("ix_customer_desk_id", "desk_id"),)

    account: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[Words]
    status: Mapped[Word]
    tier: Mapped[Word]
    domains: Mapped[Listing]
    fields: Mapped[Document]
    desk_id: Mapped[Key | None]
    source_values: Mapped[Document]
    base: Mapped[Document]
    gone_since: Mapped[MaybeInstant]
    tier_before: Mapped[Word]
    tier_since: Mapped[MaybeInstant]
    changed_at: Mapped[Instant]


class CustomerDomain(Base):
    """A mail domain (lower case) of a customer. Two customers may name the same one, which is a conflict."""

    __tablename__ = "customer_domain"
    __table_args__ = (Index("ix_customer_domain_account", "account"),)

    domain: Mapped[Key] = mapped_column(primary_key=True)
    account: Mapped[Key] = mapped_column(ForeignKey("customer.account"), primary_key=True)


class CustomerSource(Base):
    """How far a source was read. `cursor` is where the next look begins, empty where each look is a whole listing.

    `read_at` is when, `as_of` how old its data was then; `whole_at` and `rows` are those of the last whole listing.
    """

    __tablename__ = "customer_source"

    name: Mapped[Word] = mapped_column(primary_key=True)
    cursor: Mapped[Words]
    read_at: Mapped[Instant]
    as_of: Mapped[Instant]
    whole_at: Mapped[MaybeInstant]
    rows: Mapped[Count]


class CustomerGroup(Base):
    """Changes of one kind that people decide about together: "tier pro to enterprise: 400".

    `kind`: added, linked, changed, cleared, suspended, resumed, taken (a conflict settled for the source), restored (a
    customer taken back to what was recorded). `field` is empty where it is about the whole customer. `before` and
    `after` are the values for all of it, empty where each change has its own. `key` is the same in every sync.
    `digest` is what people decide about. `state`: open, held (asked again by no sync until it is let go), rejected,
    confirmed (`applied_by` carries it out), applied, partial, superseded (a newer sync shows the same anew), undone.
    `open_too`: open tickets get the new tier as well. `effects` is what it would do to open tickets.
    """

    __tablename__ = "customer_group"
    __table_args__ = (
        CheckConstraint(
            "kind in ('added', 'linked', 'changed', 'cleared', 'suspended', 'resumed', 'taken', 'restored')",
            name="kind",
        ),
        CheckConstraint(
            "state in ('open', 'held', 'rejected', 'confirmed', 'applied', 'partial', 'superseded', 'undone')",
            name="state",
        ),
        Index("ix_customer_group_run_id", "run_id"),
        Index("ix_customer_group_applied_by", "applied_by"),
        Index("ix_customer_group_state", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    run_id: Mapped[Count | None] = mapped_column(ForeignKey("run.id"))
    key: Mapped[Key]
    kind: Mapped[Word]
    field: Mapped[Word]
    before: Mapped[Words]
    after: Mapped[Words]
    size: Mapped[Count]
    digest: Mapped[Word]
    state: Mapped[Word]
    open_too: Mapped[bool]
    effects: Mapped[Document]
    version: Mapped[int]
    decided_by: Mapped[Key | None]
    decided_at: Mapped[MaybeInstant]
    reason: Mapped[Words]
    applied_by: Mapped[Count | None] = mapped_column(ForeignKey("run.id"))


class CustomerChange(Base):
    """One value of one customer that a group changes; `number` counts from 1 within the group.

    `before` is recorded when it is planned, for going back. `values` are those of a customer who is made. `conflict` is
    the ledger's row that it settles. `state`: planned, begun (a call may have left), verified (read back), refused (the
    desk said no, `error` says why), changed (it was neither as planned nor as wanted any more), undone, left (could not
    be taken back, since it has changed since).
    """

    __tablename__ = "customer_change"
    __table_args__ = (
        CheckConstraint(
            "state in ('planned', 'begun', 'verified', 'refused', 'changed', 'undone', 'left')",
            name="state",
        ),
        Index("ix_customer_change_account", "account"),
        Index("ix_customer_change_state", "group_id", "state"),
    )

    group_id: Mapped[Count] = mapped_column(ForeignKey("customer_group.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[Key]
    name: Mapped[Words]
    desk_id: Mapped[Key | None]
    field: Mapped[Word]
    before: Mapped[Words]
    after: Mapped[Words]
    values: Mapped[Document]
    conflict: Mapped[int | None]
    state: Mapped[Word]
    error: Mapped[Words]
    changed_at: Mapped[MaybeInstant]


class CustomerConflict(Base):
    """Something source and desk disagree on, or that is not clear, until somebody settles it or a value changes.

    `kind`: differs (two values), blank (the source has none now), two_rows (one account told twice), two_accounts (of
    one customer in the desk), two_customers (of one account). `winner` is the rule's: source, desk, or empty where only
    people can tell. `others` are ids of all concerned. `state`: open, taking (a run takes the source's value), taken,
    kept (the desk's value stays, until `until` if that is set), ignored, gone (a value changed, or it is not so any
    more). What was settled does not come back while `source_value` and `desk_value` are as they were.
    """

    __tablename__ = "customer_conflict"
    __table_args__ = (
        CheckConstraint("kind in ('differs', 'blank', 'two_rows', 'two_accounts', 'two_customers')", name="kind"),
        CheckConstraint("state in ('open', 'taking', 'taken', 'kept', 'ignored', 'gone')", name="state"),
        Index(
            "uq_customer_conflict_standing",
            "account",
            "field",
            "kind",
            unique=True,
            sqlite_where=text("state in ('open', 'taking', 'kept', 'ignored')"),
            postgresql_where=text("state in ('open', 'taking', 'kept', 'ignored')"),
        ),
        Index("ix_customer_conflict_state", "state", "field"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    account: Mapped[Key]
    name: Mapped[Words]
    field: Mapped[Word]
    kind: Mapped[Word]
    source: Mapped[Word]
    source_value: Mapped[Words]
    desk_value: Mapped[Words]
    desk_id: Mapped[Key | None]
    url: Mapped[Words]
    others: Mapped[Listing]
    winner: Mapped[Word]
    since: Mapped[Instant]
    last_seen: Mapped[Instant]
    state: Mapped[Word]
    version: Mapped[int]
    decided_by: Mapped[Key | None]
    decided_at: Mapped[MaybeInstant]
    reason: Mapped[Words]
    until: Mapped[MaybeInstant]
    run_id: Mapped[Count | None] = mapped_column(ForeignKey("run.id"))


class CustomerRejected(Base):
    """A row of a source, or a change, that could not be taken, and why. Tried again in every sync until it is fixed.

    `row_key` is the account where it has one, else the row's place. `row` is what it said, redacted, `hash` that of all
    of it: a dismissed row that changes is tried again. `state`: open, fixed, dismissed.
    """

    __tablename__ = "customer_rejected"
    __table_args__ = (
        CheckConstraint("state in ('open', 'fixed', 'dismissed')", name="state"),
        Index(
            "uq_customer_rejected_standing",
            "source",
            "row_key",
            unique=True,
            sqlite_where=text("state in ('open', 'dismissed')"),
            postgresql_where=text("state in ('open', 'dismissed')"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    source: Mapped[Word]
    row_key: Mapped[Key]
    reason: Mapped[Words]
    row: Mapped[Document]
    hash: Mapped[Word]
    first_seen: Mapped[Instant]
    last_seen: Mapped[Instant]
    tries: Mapped[int]
    state: Mapped[Word]
    decided_by: Mapped[Key | None]
    decided_at: Mapped[MaybeInstant]


class CustomerNotice(Base):
    """A customer with an open case wrote in: the ticket's note and the case's line about it, made once.

    `state`: planned, noted (the desk shows the note), failed (`error` says why).
    """

    __tablename__ = "customer_notice"
    __table_args__ = (CheckConstraint("state in ('planned', 'noted', 'failed')", name="state"),)

    case_id: Mapped[Count] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    system: Mapped[Word] = mapped_column(primary_key=True)
    ticket_id: Mapped[Key] = mapped_column(primary_key=True)
    account: Mapped[Key]
    seen_at: Mapped[Instant]
    state: Mapped[Word]
    error: Mapped[Words]
