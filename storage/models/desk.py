"""The built-in help desk's own tables: tickets, messages, users, groups, customers."""

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Document, Instant, Key, Listing, MaybeInstant, Number, Word, Words

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class DeskGroup(Base):
    """A group of agents; also the queue that tickets wait in."""

    __tablename__ = "desk_group"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Number]
    name: Mapped[Key]


class DeskUser(Base):
    """A person of the desk. `email` is kept in lower case."""

    __tablename__ = "desk_user"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("state in ('active', 'invited', 'suspended')", name="state"),
    )

    id: Mapped[Number]
    name: Mapped[Key]
    email: Mapped[Key]
    role: Mapped[Word]
    state: Mapped[Word]


class DeskMembership(Base):
    """Who is in which group."""

    __tablename__ = "desk_membership"

    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("desk_group.id"), primary_key=True)


class DeskCustomer(Base):
    """A customer organization. `external_ref` is the id the rest of the company knows it by."""

    __tablename__ = "desk_customer"
    __table_args__ = (UniqueConstraint("external_ref"),)

    id: Mapped[Number]
    name: Mapped[Key]
    external_ref: Mapped[Key | None]
    domains: Mapped[Listing]
    tier: Mapped[Word | None]
    status: Mapped[Word]
    fields: Mapped[Document]


class DeskTicket(Base):
    """A ticket. `key` is the idempotency key of who made it, unique where set.

    A merged ticket is closed and points to the one it went into; a deleted one is kept, but nobody is shown it.
    `parent_id` and `merged_into_id` are no references to the database: a back-up puts rows back in order of their id,
    and a parent may be the younger one.
    """

    __tablename__ = "desk_ticket"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("status in ('open', 'pending', 'on_hold', 'solved', 'closed')", name="status"),
        CheckConstraint("priority in ('low', 'normal', 'high', 'urgent')", name="priority"),
        Index("ix_desk_ticket_updated_at_id", "updated_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Number]
    key: Mapped[Key | None]
    subject: Mapped[Words]
    status: Mapped[Word]
    priority: Mapped[Word]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("desk_group.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("desk_user.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("desk_customer.id"))
    requester: Mapped[Key | None]
    tags: Mapped[Listing]
    fields: Mapped[Document]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    solved_at: Mapped[MaybeInstant]
    parent_id: Mapped[int | None] = mapped_column(_NUMBER)
    merged_into_id: Mapped[int | None] = mapped_column(_NUMBER)
    deleted_at: Mapped[MaybeInstant]


class DeskMessage(Base):
    """A message of a ticket. `kind`: internal note, public reply, or change (a line of history).

    `changes` are the fields a change was about: [field, before, after]. `from_customer`: a public message of theirs.
    """

    __tablename__ = "desk_message"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        CheckConstraint("kind in ('internal', 'public', 'change')", name="kind"),
        Index("ix_desk_message_ticket_id_id", "ticket_id", "id"),
    )

    id: Mapped[Number]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("desk_ticket.id"))
    key: Mapped[Key | None]
    at: Mapped[Instant]
    author: Mapped[Key]
    kind: Mapped[Word]
    body: Mapped[Words]
    from_customer: Mapped[bool] = mapped_column(server_default=false())
    changes: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
