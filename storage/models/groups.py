"""Groups of cases that one outage opened."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from storage.models.base import Base, Instant, Key, Listing, MaybeInstant, Number, Word, Words


class CaseGroup(Base):
    """Many cases of one source and reason that opened within minutes of each other, with one message and parent ticket.

    `open_key` is set while a member is open and no newer group of the kind has taken it over; `closed_at` once none is.
    `called` lists the owners who were mentioned, each with `email` and `by`: the `message` of a case of its own, the
    `group`'s first post, or a line of its `thread`. The ticket columns are a `CaseTicket` of the group's own.
    """

    __tablename__ = "case_group"
    __table_args__ = (
        UniqueConstraint("open_key"),
        UniqueConstraint("ticket_key"),
        CheckConstraint(
            "ticket_state in ('wanted', 'creating', 'unknown', 'created', 'verified')", name="ticket_state"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    open_key: Mapped[Key | None]
    source: Mapped[Key]
    reason: Mapped[Word]
    channel: Mapped[Key]
    queue: Mapped[Key]
    correlation_id: Mapped[Key]
    version: Mapped[int]
    opened_at: Mapped[Instant]
    last_joined_at: Mapped[Instant]
    closed_at: Mapped[MaybeInstant]
    called: Mapped[Listing]
    ticket_key: Mapped[Key]
    ticket_system: Mapped[Word]
    ticket_state: Mapped[Word]
    ticket_id: Mapped[Key | None]
    ticket_url: Mapped[Words | None]
    ticket_wanted: Mapped[int]
    ticket_verified: Mapped[int]
    ticket_verified_at: Mapped[MaybeInstant]
    ticket_missing: Mapped[Words | None]
    ticket_asked_at: Mapped[MaybeInstant]
