"""The ticket mirror: what reports and clocks need of the desk's tickets, kept here so that the desk is read once.

Nothing here is the desk's only copy: all of it can be thrown away and read anew. No text of a message is kept.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Count, Instant, Key, Listing, MaybeInstant, Number, Word, Words

FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a stretch that has not ended."""

LONG_WAIT_S: Final = 2_592_000
"""Seconds (30 days) from which on a wait is long: answers to such are found by an index of their own."""
_ANSWERS: Final = text("asked_at is not null")
_LONG_WAITS: Final = text(f"waited_s >= {LONG_WAIT_S}")


class MirrorTicket(Base):
    """A ticket of the desk as it is now, with what its messages come to.

    `opened_by`: customer, agent or bot (our own, or another integration). `channel` is the desk's word for the way the
    ticket came (email, chat, phone, web …) in lower case, empty where it does not tell. `tier` is in lower case, empty
    for none.
    `waiting_since` is the first customer message that nobody has answered yet. `first_reply_at`: the first public reply
    of an agent after a customer's message. `solved_at` and `closed_at` are the last times it became so, None while it
    was reopened since. `told_by` says where its past comes from: `history` (the desk told each change), `seen` (only
    what looks at it found). `changed_at` is when this row, its stretches or its messages last became different here.
    """

    __tablename__ = "mirror_ticket"
    __table_args__ = (
        UniqueConstraint("system", "ticket_id"),
        CheckConstraint("opened_by in ('customer', 'agent', 'bot')", name="opened_by"),
        CheckConstraint("told_by in ('history', 'seen')", name="told_by"),
        Index("ix_mirror_ticket_created_at", "created_at"),
        Index("ix_mirror_ticket_waiting_since", "waiting_since"),
        Index("ix_mirror_ticket_solved_at", "solved_at"),
        Index("ix_mirror_ticket_closed_at", "closed_at"),
        Index("ix_mirror_ticket_changed_at", "changed_at"),
        Index("ix_mirror_ticket_requester", "requester"),
        Index("ix_mirror_ticket_customer_id", "customer_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    system: Mapped[Word]
    ticket_id: Mapped[Key]
    url: Mapped[Words]
    subject: Mapped[Words]
    requester: Mapped[Key | None]
    opened_by: Mapped[Word]
    channel: Mapped[Word] = mapped_column(server_default=text("''"))
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    status: Mapped[Word]
    priority: Mapped[Word]
    group_name: Mapped[Key]
    assignee: Mapped[Key]
    tags: Mapped[Listing]
    customer_id: Mapped[Key]
    customer_name: Mapped[Key]
    tier: Mapped[Word]
    first_reply_at: Mapped[MaybeInstant]
    waiting_since: Mapped[MaybeInstant]
    solved_at: Mapped[MaybeInstant]
    closed_at: Mapped[MaybeInstant]
    merged_into: Mapped[Key | None]
    deleted_at: Mapped[MaybeInstant]
    told_by: Mapped[Word]
    changed_at: Mapped[Instant]


class MirrorSpan(Base):
    """A stretch of a ticket's life in which status, priority, group and assignee stayed the same: [from_at, until_at).

    `before` is the status of the stretch before, empty for the first; equal to `status` where something else changed.
    The stretches of a ticket follow each other without gap or overlap from its creation on; the last ends at FOREVER.
    None is empty: what changed at one moment is one change. Empty words stand for none.
    """

    __tablename__ = "mirror_span"
    __table_args__ = (
        Index("ix_mirror_span_from_at", "from_at"),
        Index("ix_mirror_span_status_until_at", "status", "until_at", "from_at", "ticket"),
    )

    ticket: Mapped[int] = mapped_column(ForeignKey("mirror_ticket.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_at: Mapped[Instant]
    until_at: Mapped[Instant]
    before: Mapped[Word]
    status: Mapped[Word]
    priority: Mapped[Word]
    group_name: Mapped[Key]
    assignee: Mapped[Key]
    merged: Mapped[bool]


class MirrorMessage(Base):
    """A public message of a ticket, in the order of their times. `side`: customer, agent, bot.

    `author` is an agent's address, else their name; empty for a customer's message.

    `asked_at` is set on an agent's message that answers: the time of the first customer message not answered before
    (the ticket's creation if no message of theirs is told of it). `first`: it is the ticket's first answer.
    `waited_s` are the calendar seconds between the two.
    """

    __tablename__ = "mirror_message"
    __table_args__ = (
        CheckConstraint("side in ('customer', 'agent', 'bot')", name="side"),
        Index("ix_mirror_message_answer_at", "at", "asked_at", sqlite_where=_ANSWERS, postgresql_where=_ANSWERS),
        Index(
            "ix_mirror_message_long_wait",
            "asked_at",
            "at",
            "ticket",
            sqlite_where=_LONG_WAITS,
            postgresql_where=_LONG_WAITS,
        ),
    )

    ticket: Mapped[int] = mapped_column(ForeignKey("mirror_ticket.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    side: Mapped[Word]
    author: Mapped[Key]
    asked_at: Mapped[MaybeInstant]
    first: Mapped[bool]
    waited_s: Mapped[Count | None]


class MirrorTag(Base):
    """A tag that a ticket bears now, so that tickets are found and counted by it."""

    __tablename__ = "mirror_tag"
    __table_args__ = (Index("ix_mirror_tag_tag", "tag"),)

    ticket: Mapped[int] = mapped_column(ForeignKey("mirror_ticket.id"), primary_key=True)
    tag: Mapped[Key] = mapped_column(primary_key=True)


class MirrorName(Base):
    """A value that tickets of a desk bear or have borne, so that a filter is checked without a look at all tickets.

    `key` is what can be filtered by: group, tier, tag, customer (id or name), assignee.
    """

    __tablename__ = "mirror_name"

    system: Mapped[Word] = mapped_column(primary_key=True)
    key: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[Key] = mapped_column(primary_key=True)


class MirrorPlace(Base):
    """How far a desk is mirrored.

    `cursor` is where the next look begins. `left` are tickets that the desk told of before that and that were not read
    yet, so that a page of many calls goes on where it broke off. `complete_at` is set once the desk was read to its end
    for the first time. `since`: from when on the mirror knows the desk's past, None for all of it. `read_at` is when it
    was last read to its end: the time stamp of the data. `listed`: tickets read so far in the first reading.
    """

    __tablename__ = "mirror_place"

    system: Mapped[Word] = mapped_column(primary_key=True)
    cursor: Mapped[Words]
    left: Mapped[Listing] = mapped_column(JSON, default=list)
    began_at: Mapped[Instant]
    complete_at: Mapped[MaybeInstant]
    since: Mapped[MaybeInstant]
    read_at: Mapped[MaybeInstant]
    listed: Mapped[int]
