"""Some weeks of the demo's help desk before its first day, so that a report has something to count.

Made by rule and a fixed seed, counted back from the present moment: tickets of every weekday, answered, handed on,
solved, some reopened and some waiting still. Nothing in it is a person's or a customer's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.models import DeskCustomer, DeskGroup, DeskMessage, DeskTicket, DeskUser
from storage.upsert import insert_into

WEEKS: Final = 6
A_DAY: Final = (7, 8, 6, 7, 5, 2, 1)
"""Tickets made on each day of a week, Monday first."""
MARK: Final = "import/demo-"
"""How the keys of these tickets begin."""
AGENTS: Final = ("ines.holt@example.com", "ravi.nair@example.com", "june.adler@example.com")
CUSTOMERS: Final = (
    ("Northwind Cargo", "enterprise"),
    ("Lumen Optics", "enterprise"),
    ("Fjord Foods", "business"),
    ("Alder & Pine", "business"),
    ("Quarry Tools", "business"),
    ("Bluebird Books", "starter"),
    ("Tandem Cycles", "starter"),
)
TOPICS: Final = (
    ("Invoice shows the wrong address", "Billing", "invoice"),
    ("Refund for a double charge", "Billing", "refund"),
    ("Cannot sign in after the update", "Support", "login"),
    ("Export stops at 10,000 rows", "Support", "export"),
    ("Calendar does not sync", "Support", "sync"),
    ("How do we add a second site?", "Support", "onboarding"),
)
PRIORITIES: Final = ("low", "normal", "normal", "normal", "high", "high", "urgent")
_ANSWER: Final = "Thank you for writing. We have looked into it; please try it once more and tell us."
_ASK: Final = "It is still the same here."


@dataclass
class _Life:
    """A ticket's life as far as the present moment. `lines` are its messages in order."""

    until: datetime
    made_at: datetime
    customer: DeskCustomer
    subject: str
    tag: str
    priority: str
    status: str = "open"
    assignee: str = ""
    group: str = "Support"
    solved_at: datetime | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)

    def says(self, at: datetime, author: str, body: str, *, customer: bool = False) -> None:
        """Somebody writes, unless that lies ahead."""
        self._line(at, author, "public", body, from_customer=customer)

    def becomes(self, at: datetime, author: str, name: str, after: str) -> None:
        """A field changes, unless that lies ahead or it is so already."""
        before = str(getattr(self, name))
        words = f"{name} {before or 'none'} → {after or 'none'}"
        if before == after or not self._line(at, author, "change", words, changes=[[name, before, after]]):
            return
        setattr(self, name, after)
        if name == "status":
            self.solved_at = (self.solved_at or at) if after in ("solved", "closed") else None

    def row(self, number: int, groups: dict[str, int], agents: dict[str, int]) -> DeskTicket:
        """The ticket as it is now."""
        customer = self.customer
        return DeskTicket(
            key=f"{MARK}{number}",
            subject=self.subject,
            status=self.status,
            priority=self.priority,
            group_id=groups.get(self.group),
            assignee_id=agents.get(self.assignee),
            customer_id=customer.id,
            requester=f"office@{customer.domains[0]}",
            tags=[self.tag],
            fields={"customer": {"id": customer.external_ref, "name": customer.name, "tier": customer.tier}},
            created_at=self.made_at,
            updated_at=self.lines[-1]["at"],
            solved_at=self.solved_at,
        )

    def _line(self, at: datetime, author: str, kind: str, body: str, **more: object) -> bool:
        if at > self.until:
            return False
        said = {"at": at, "author": author, "kind": kind, "body": body}
        self.lines.append({**said, "from_customer": False, "changes": None, **more})
        return True


def fill(database: Database, now: datetime) -> int:
    """Put the history into the built-in desk, which has its people. 0 if it is there, else how many tickets it has."""
    with database.begin() as session:
        if session.scalar(select(DeskTicket.id).where(DeskTicket.key == f"{MARK}1")) is not None:
            return 0
        groups = {row.name: row.id for row in session.scalars(select(DeskGroup))}
        agents = {row.email: row.id for row in session.scalars(select(DeskUser))}
        customers = [_customer(session, name, tier) for name, tier in CUSTOMERS]
        chance = Random(7)  # noqa: S311 - the same sample every time, and nothing is guarded by it
        lived = [_lived(at, chance.choice(customers), chance, now) for at in _beginnings(now, chance)]
        rows = [life.row(number, groups, agents) for number, life in enumerate(lived, start=1)]
        session.add_all(rows)
        session.flush()
        said = [{"ticket_id": row.id, **line} for row, life in zip(rows, lived, strict=True) for line in life.lines]
        session.execute(insert(DeskMessage), said)
        return len(rows)


def customer_opens(
    database: Database, subject: str, words: str, *, customer: str, tier: str, at: datetime, until: datetime
) -> str:
    """Let a customer open a ticket in queue Support, as if it had come in at that time; its id."""
    with database.begin() as session:
        groups = {row.name: row.id for row in session.scalars(select(DeskGroup))}
        life = _Life(until, at, _customer(session, customer, tier), subject, "demo", "low")
        life.says(at, f"office@{life.customer.domains[0]}", words, customer=True)
        row = life.row(0, groups, {})
        row.key = f"{MARK}{uuid4().hex}"
        session.add(row)
        session.flush()
        session.execute(insert(DeskMessage), [{"ticket_id": row.id, **line} for line in life.lines])
        return str(row.id)


def _beginnings(now: datetime, chance: Random) -> Iterator[datetime]:
    """When tickets are made, oldest first: by day most of them, some at night."""
    day = now.date() - timedelta(days=now.weekday(), weeks=WEEKS)
    while day <= now.date():
        midnight = datetime.combine(day, time(), now.tzinfo)
        hours = sorted(chance.triangular(5, 21, 10) for _ in range(A_DAY[day.weekday()]))
        yield from (at for hour in hours if (at := midnight + timedelta(hours=hour)) < now)
        day += timedelta(days=1)


def _lived(at: datetime, customer: DeskCustomer, chance: Random, now: datetime) -> _Life:
    """One ticket's life from its making on."""
    subject, group, tag = chance.choice(TOPICS)
    requester = f"office@{customer.domains[0]}"
    life = _Life(now, at, customer, subject, tag, chance.choice(PRIORITIES))
    life.says(at, requester, f"{subject}. Can you help?", customer=True)
    _live(life, at, requester, chance.choice(AGENTS), group, chance)
    return life


def _live(life: _Life, at: datetime, requester: str, agent: str, group: str, chance: Random) -> None:
    """Taken, handed to its group, answered once or more, solved, now and then reopened, closed in the end."""

    def later(low_h: float, high_h: float) -> datetime:
        nonlocal at
        at += timedelta(hours=chance.uniform(low_h, high_h))
        return at

    if chance.random() < 0.02:
        return  # nobody has seen it
    life.becomes(later(0.05, 0.6), agent, "assignee", agent)
    life.becomes(later(0.05, 0.5), agent, "group", group)
    for round_ in range(chance.choice((1, 1, 2, 2, 3))):
        if round_:
            life.says(later(1, 20), requester, _ASK, customer=True)
            life.becomes(at, requester, "status", "open")
        life.says(later(0.2, 6), agent, _ANSWER)
        life.becomes(at, agent, "status", "pending")
    if (waits := chance.random()) < 0.08:
        if waits < 0.03:
            life.says(later(1, 20), requester, _ASK, customer=True)
            life.becomes(at, requester, "status", "open")
        return  # it waits to this day
    life.becomes(later(1, 30), agent, "status", "solved")
    if chance.random() < 0.12:
        life.says(later(4, 60), requester, _ASK, customer=True)
        life.becomes(at, requester, "status", "open")
        life.says(later(0.5, 8), agent, _ANSWER)
        life.becomes(later(1, 20), agent, "status", "solved")
    life.becomes(later(96, 96), agent, "status", "closed")


def _customer(session: Session, name: str, tier: str) -> DeskCustomer:
    """The customer of this name, made if the desk does not have it."""
    word = name.lower().replace(" & ", "-").replace(" ", "-")
    row = insert_into(session, DeskCustomer).values(
        name=name, external_ref=f"demo-{word}", domains=[f"{word}.example"], tier=tier, status="active", fields={}
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["external_ref"]))
    return session.scalars(select(DeskCustomer).where(DeskCustomer.external_ref == f"demo-{word}")).one()
