"""Reports: what was counted, by which definitions, from which data, and where it was posted."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Document, Instant, Key, MaybeInstant, Number, Word, Words


class Report(Base):
    """One report. `window` is set for a scheduled one, once for each period, and unique: no second is ever made.

    `state`: asked, made, failed (`error` says why; Retry makes it `asked` again). `request` is what was asked for:
    period, zone, filters, what ends a ticket. `definitions` maps each number to the version of its definition.
    `result` is what was counted; `hash` (SHA-256 of its canonical JSON) identifies it. `members` is zlib-compressed
    JSON in Base64: for each number the tickets behind it; it may be megabytes, so it is read only where asked for.
    `data_at` is when the desk was last read to its end; `since` from when on its past is known, None for all of it.
    `rerun_of` is the report that this one counts again.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("window"),
        CheckConstraint("state in ('asked', 'made', 'failed')", name="state"),
        Index("ix_report_from_at", "from_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    window: Mapped[Key | None]
    kind: Mapped[Word]
    state: Mapped[Word]
    asked_by: Mapped[Key]
    owner: Mapped[Key]
    channel: Mapped[Key]
    system: Mapped[Word]
    zone: Mapped[Word]
    from_at: Mapped[Instant]
    to_at: Mapped[Instant]
    request: Mapped[Document]
    definitions: Mapped[Document]
    result: Mapped[Document]
    hash: Mapped[Word]
    members: Mapped[Words] = mapped_column(deferred=True)
    error: Mapped[Words]
    asked_at: Mapped[Instant]
    made_at: Mapped[MaybeInstant]
    data_at: Mapped[MaybeInstant]
    since: Mapped[MaybeInstant]
    rerun_of: Mapped[int | None] = mapped_column(ForeignKey("report.id"))


class Upload(Base):
    """A file for Slack: uploaded once into the thread of a message of ours, however often a call fails on the way.

    `key` names it, `notification` the message in whose thread it belongs, `kind` and `args` say what to draw or write.
    `state`: pending, named (Slack gave `file_id` and an address for the bytes), sharing (the call that shows it has
    left; its outcome may be unclear), shared, refused (`error` says why). `shared_at` is when that call left last.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'named', 'sharing', 'shared', 'refused')", name="state"),
        Index("ix_upload_state", "state"),
    )

    key: Mapped[Key] = mapped_column(primary_key=True)
    notification: Mapped[str] = mapped_column(ForeignKey("notification.key"))
    kind: Mapped[Word]
    args: Mapped[Document]
    state: Mapped[Word]
    file_id: Mapped[Word | None]
    error: Mapped[Words | None]
    asked_at: Mapped[Instant]
    shared_at: Mapped[MaybeInstant]
