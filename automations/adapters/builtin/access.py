"""Who may work in the built-in desk: its agents, their state, and the groups they are in.

It has one role and gives no tokens, so there is nothing of either to change or to revoke. An agent who was removed is
kept as an end user, since tickets and messages name them.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from automations.adapters.builtin.limits import BY_HAND, CAPABILITIES, TITLE
from automations.adapters.builtin.rows import SYSTEM, group_id
from automations.adapters.builtin.tables import DeskTables
from automations.desks import AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected
from storage.engine import Database
from storage.models import DeskGroup, DeskMembership, DeskUser
from storage.upsert import insert_into

AGENT = "agent"
END_USER = "end_user"


class BuiltinAccess:
    """`DeskAccess` over desk_user and desk_membership."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, database: Database) -> None:
        self._tables = DeskTables(database)

    def agent(self, email: str) -> DeskAgent | None:
        """One agent as the desk shows them now; None if there is none."""
        with self._tables.reading() as session:
            row = _row(session, email)
            return _shown(row) if row is not None else None

    def agents(self) -> Iterator[DeskAgent]:
        """All agents, by name."""
        with self._tables.reading() as session:
            rows = session.scalars(_agents()).all()
        return map(_shown, rows)

    def everybody(self) -> Iterator[AgentAccess]:
        """All agents, by name, with their groups; nobody has a token."""
        groups: dict[int, list[str]] = {}
        with self._tables.reading() as session:
            rows = session.scalars(_agents()).all()
            places = select(DeskMembership.user_id, DeskGroup.name).join(
                DeskGroup, DeskMembership.group_id == DeskGroup.id
            )
            for user, name in session.execute(places.order_by(DeskGroup.name)):
                groups.setdefault(user, []).append(name)
        return (AgentAccess(_shown(row), tuple(groups.get(row.id, ())), ()) for row in rows)

    def seats(self) -> Seats:
        """As many as there are agents: their number is not limited."""
        with self._tables.reading() as session:
            agents = select(func.count()).select_from(DeskUser).where(DeskUser.role != END_USER)
            return Seats(session.scalar(agents) or 0, None)

    def roles(self) -> Iterator[str]:
        """The one role there is."""
        return iter((AGENT,))

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Make an active agent; one who was removed is one again. An agent who is there stays as they are."""
        if role != AGENT:
            raise Rejected(f"the built-in desk has no role {role!r}; known: {AGENT}", system=SYSTEM, code="no_role")
        row = {"name": name, "email": email.lower(), "role": role, "state": "active"}
        insert_again = {"role": role, "state": "active"}
        with self._tables.writing() as session:
            statement = insert_into(session, DeskUser).values(row)
            was_removed = DeskUser.role == END_USER
            session.execute(
                statement.on_conflict_do_update(index_elements=["email"], set_=insert_again, where=was_removed)
            )

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        """Raises Rejected: nobody is invited."""
        with self._tables.reading() as session:
            _agent_row(session, email)
        raise Rejected("the built-in desk invites nobody: its agents are active at once", system=SYSTEM, code="cannot")

    def set_role(self, email: str, role: str) -> None:
        """Raises Rejected: there is one role only."""
        with self._tables.reading() as session:
            _agent_row(session, email)
        raise Rejected("the built-in desk has one role only", system=SYSTEM, code="cannot")

    def suspend(self, email: str) -> None:
        """Let nobody work in the desk as this agent, from the next page they open."""
        self._state(email, "suspended")

    def reactivate(self, email: str) -> None:
        """Take a suspension back."""
        self._state(email, "active")

    def remove(self, email: str) -> None:
        """Make an end user of an agent, in no group. Their tickets keep their name."""
        with self._tables.writing() as session:
            row = _row(session, email)
            if row is None:
                return
            session.execute(delete(DeskMembership).where(DeskMembership.user_id == row.id))
            values = {"role": END_USER, "state": "suspended"}
            session.execute(update(DeskUser).where(DeskUser.id == row.id).values(values))

    def groups(self) -> Iterator[str]:
        """The names of all groups, in order; tickets are in the same."""
        with self._tables.reading() as session:
            return iter(session.scalars(select(DeskGroup.name).order_by(DeskGroup.name)).all())

    def memberships(self, email: str) -> Iterator[str]:
        """The names of the groups an agent is in, in order."""
        with self._tables.reading() as session:
            of_them = DeskMembership.user_id == _agent_row(session, email).id
            names = select(DeskGroup.name).join(DeskMembership, DeskMembership.group_id == DeskGroup.id)
            return iter(session.scalars(names.where(of_them).order_by(DeskGroup.name)).all())

    def join(self, email: str, group: str) -> None:
        """Put an agent into a group."""
        with self._tables.writing() as session:
            member = {"user_id": _agent_row(session, email).id, "group_id": group_id(session, group)}
            session.execute(insert_into(session, DeskMembership).values(member).on_conflict_do_nothing())

    def leave(self, email: str, group: str) -> None:
        """Take an agent out of a group."""
        with self._tables.writing() as session:
            user, left = _agent_row(session, email).id, group_id(session, group)
            both = DeskMembership.user_id == user, DeskMembership.group_id == left
            session.execute(delete(DeskMembership).where(*both))

    def sign_out(self, email: str) -> None:
        """Raises Rejected: a personal link ends by itself, and at once for who is suspended."""
        with self._tables.reading() as session:
            _agent_row(session, email)
        raise Rejected("the built-in desk has no sessions to end", system=SYSTEM, code="cannot")

    def tokens(self, email: str) -> Iterator[DeskToken]:
        """None: the desk gives no tokens."""
        with self._tables.reading() as session:
            _agent_row(session, email)
        return iter(())

    def revoke_token(self, email: str, token: str) -> None:
        """Nothing to do: a token that the desk never gave is worthless."""
        with self._tables.reading() as session:
            _agent_row(session, email)

    def _state(self, email: str, state: str) -> None:
        with self._tables.writing() as session:
            user = _agent_row(session, email).id
            session.execute(update(DeskUser).where(DeskUser.id == user).values(state=state))


def _agents() -> Select[DeskUser]:
    return select(DeskUser).where(DeskUser.role != END_USER).order_by(DeskUser.name, DeskUser.id)


def _row(session: Session, email: str) -> DeskUser | None:
    agents = DeskUser.email == email.lower(), DeskUser.role != END_USER
    return session.scalars(select(DeskUser).where(*agents)).one_or_none()


def _agent_row(session: Session, email: str) -> DeskUser:
    if (row := _row(session, email)) is None:
        raise Rejected(f"the built-in desk has no agent with the address {email}", system=SYSTEM, code="no_agent")
    return row


def _shown(row: DeskUser) -> DeskAgent:
    return DeskAgent(str(row.id), row.name, row.email, row.role, row.state)
