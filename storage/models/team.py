"""What people settle from day to day: absences, covers, pauses, links between accounts; and what was noticed of it."""

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Document, Instant, Key, MaybeInstant, Number, Word, Words


class AbsenceRow(Base):
    """Somebody is away, [start, until), by a person's word in Slack or on the command line. `ended_at`: back early."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_until", "until"),)

    id: Mapped[Number]
    email: Mapped[Key]
    start: Mapped[Instant]
    until: Mapped[Instant]
    set_by: Mapped[Key]
    set_at: Mapped[Instant]
    ended_at: Mapped[MaybeInstant]
    ended_by: Mapped[Key | None]


class DutyCover(Base):
    """Somebody has a rotation's duty, [start, until), in place of whose turn it is. The newest row wins."""

    __tablename__ = "duty_cover"
    __table_args__ = (
        CheckConstraint("kind in ('swap', 'cover')", name="kind"),
        Index("ix_duty_cover_until", "until"),
    )

    id: Mapped[Number]
    rotation: Mapped[Key]
    email: Mapped[Key]
    kind: Mapped[Word]
    start: Mapped[Instant]
    until: Mapped[Instant]
    set_by: Mapped[Key]
    set_at: Mapped[Instant]
    ended_at: Mapped[MaybeInstant]
    ended_by: Mapped[Key | None]


class Pause(Base):
    """An automation or a source acts on nothing, [start, until). Ends by itself; `ended_at` is set when that was told.

    At most one is open for each target. `after_event` is the newest event's number when it began, 0 for none.
    """

    __tablename__ = "pause"
    __table_args__ = (
        CheckConstraint("kind in ('automation', 'source')", name="kind"),
        Index(
            "uq_pause_open",
            "kind",
            "target",
            unique=True,
            sqlite_where=text("ended_at is null"),
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: Mapped[Number]
    kind: Mapped[Word]
    target: Mapped[Key]
    start: Mapped[Instant]
    until: Mapped[Instant]
    because: Mapped[Words]
    after_event: Mapped[Count]
    set_by: Mapped[Key]
    set_at: Mapped[Instant]
    ended_at: Mapped[MaybeInstant]
    ended_by: Mapped[Key | None]


class HandOver(Base):
    """One hand-over of a rotation that was noticed, so that it is told once."""

    __tablename__ = "hand_over"

    rotation: Mapped[Key] = mapped_column(primary_key=True)
    at: Mapped[Instant] = mapped_column(primary_key=True)


class SourceWatch(Base):
    """Since when a source is expected to be heard from; `told_at` is when its silence was made a case, until heard."""

    __tablename__ = "source_watch"

    source: Mapped[Key] = mapped_column(primary_key=True)
    since: Mapped[Instant]
    told_at: Mapped[MaybeInstant]


class PeopleLink(Base):
    """A person's Slack user or desk agent as settled by `handoff people link`; it wins over the settings."""

    __tablename__ = "people_link"

    email: Mapped[Key] = mapped_column(primary_key=True)
    slack: Mapped[Key | None]
    desk: Mapped[Key | None]
    set_by: Mapped[Key]
    set_at: Mapped[Instant]


class ConfigReload(Base):
    """Somebody asked for the settings to be read again. `state`: asked, taken, refused; `words` say what came of it."""

    __tablename__ = "config_reload"
    __table_args__ = (CheckConstraint("state in ('asked', 'taken', 'refused')", name="state"),)

    id: Mapped[Number]
    asked_by: Mapped[Key]
    asked_at: Mapped[Instant]
    state: Mapped[Word]
    words: Mapped[Words]
    settled_at: Mapped[MaybeInstant]


class DeskCursor(Base):
    """How far a desk's changes have been read."""

    __tablename__ = "desk_cursor"

    system: Mapped[Word] = mapped_column(primary_key=True)
    cursor: Mapped[Words]
    read_at: Mapped[Instant]


class DeskFact(Base):
    """What was read of a desk and changes seldom: its agents, its required fields."""

    __tablename__ = "desk_fact"

    system: Mapped[Word] = mapped_column(primary_key=True)
    name: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[Document]
    read_at: Mapped[Instant]


class HomeView(Base):
    """A Home tab that somebody has opened. `digest` is of what it shows, so that it is sent again only when changed."""

    __tablename__ = "home_view"

    user: Mapped[Key] = mapped_column(primary_key=True)
    team: Mapped[Key]
    digest: Mapped[Key]
    opened_at: Mapped[Instant]
    shown_at: Mapped[Instant]
