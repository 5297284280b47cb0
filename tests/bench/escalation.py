"""Sweeping 5,000 open tickets: `uv run python -m tests.bench escalation --tickets 5000`.

Tickets with three messages, words and SLA clocks are made up, always the same; as many again are solved. Then SLA's
refresh and escalation's sweep run together, as they do once in 15 s: while nothing changes, when a hundred tickets
change, when a hundred escalate, and when all clocks warn at once. No desk is called: the sweep is given none. Seconds
of the processor are shown beside those of the wall, since other work on the machine is in the latter alone.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select, update

from automations.escalation.context import EscalationContext
from automations.escalation.rules import EscalationRules
from automations.escalation.sweep import sweep
from automations.sla.keeping import refresh
from automations.sla.policy import SlaPolicy, SlaTarget
from storage import migrate
from storage.engine import Database
from storage.models import FOREVER, MirrorMessage, MirrorSpan, MirrorTicket, TicketText
from tests.automations.failure_tickets.world import World
from tests.bench.reconcile import postgresql
from tests.figures.told import tell
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import escalation_of

DESK = "builtin"
WORDS = (
    "the export of invoices fails with error 502",
    "we cannot log in since this morning",
    "how do I add a colleague",
)
RULES = EscalationRules(keywords=("cancel", "legal*", "data loss"), sentiment=-0.5, tiers=("platinum",))
DAYS = timedelta(days=3)
MOST_S = 2
JUDGED = ("nothing has changed", "100 escalations are open")
"""What is so once a minute; the others are rare, and told beside."""


def run(size: int, console: Console) -> None:
    """Fill, measure and print a row for each database and state of affairs."""
    table = Table(
        "database", "what", "s", "CPU s", "fired", title=f"{size:,} open tickets; load {os.getloadavg()[0]:.1f}"
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-bench-")))
        urls = {"SQLite": f"sqlite:///{folder / 'bench.db'}", "PostgreSQL": stack.enter_context(postgresql(folder))}
        for name, url in urls.items():
            for what, seconds, cpu, fired in _measure(url, size):
                table.add_row(name, what, f"{seconds:.2f}", f"{cpu:.2f}", f"{fired}")
                tell("escalation", f"{name}, {what}: {seconds:.2f} s", reached=seconds < MOST_S or what not in JUDGED)
    console.print(table)


def _measure(url: str, size: int) -> Iterator[tuple[str, float, float, int]]:
    migrate.upgrade(url)
    database, clock, jobs = Database(url), FakeClock(), RecordingJobs()
    long = timedelta(days=90)
    target = SlaTarget(name="all", first_reply=long, next_reply=long, resolution=long, count="calendar")
    ctx = replace(escalation_of(World.on(database, clock, jobs).ctx), rules=RULES, policy=SlaPolicy(targets=(target,)))
    _timed(database, ctx)
    _fill(database, size, clock.now())
    clock.move(timedelta(seconds=15))
    yield ("all tickets are new", *_timed(database, ctx))
    clock.move(timedelta(minutes=1))
    yield ("all are looked at once more", *_timed(database, ctx))
    for _ in range(2):
        clock.move(timedelta(minutes=3))
        quiet = _timed(database, ctx)
    yield ("nothing has changed", *quiet)
    for number, text in enumerate(("thanks", "we will cancel")):
        clock.move(timedelta(minutes=2))
        _change(database, range(number * 100, number * 100 + 100), text, clock.now())
        yield (f"100 customers wrote “{text}”", *_timed(database, ctx))
    clock.move(timedelta(seconds=15))
    yield ("100 escalations are open", *_timed(database, ctx))
    clock.move(timedelta(days=70))
    yield ("all clocks warn at once", *_timed(database, ctx))
    database.close()


def _timed(database: Database, ctx: EscalationContext) -> tuple[float, float, int]:
    began, cpu = time.perf_counter(), time.process_time()
    refresh(database, DESK, ctx.policy, ctx.hours, ctx.clock)
    done = sweep(database, ctx, read_at=ctx.clock.now())
    return time.perf_counter() - began, time.process_time() - cpu, done.fired


def _fill(database: Database, size: int, now: datetime) -> None:
    dice = Random(7)
    tickets = [_ticket(number, now - dice.random() * DAYS, now, solved=number >= size) for number in range(2 * size)]
    with database.begin() as session:
        made = session.execute(insert(MirrorTicket).returning(MirrorTicket.id, sort_by_parameter_order=True), tickets)
        ids = list(made.scalars())
        spans: list[dict[str, Any]] = []
        said: list[dict[str, Any]] = []
        for number, ticket in zip(ids, tickets, strict=True):
            values = {"status": ticket["status"], "priority": "normal", "group_name": "Support", "assignee": ""}
            begun = ticket["created_at"]
            lasting = {"n": 0, "from_at": begun, "until_at": FOREVER, "before": "", "merged": False}
            spans.append({"ticket": number, **lasting, **values})
            for n, side in enumerate(("customer", "agent", "customer")):
                at = begun + timedelta(minutes=10 * n)
                said.append({"ticket": number, "n": n, "at": at, "side": side, "author": "", "first": False})
        session.execute(insert(MirrorSpan), spans)
        session.execute(insert(MirrorMessage), said)
        session.execute(insert(TicketText), [_text(one["ticket_id"], dice.choice(WORDS), now) for one in tickets])


def _ticket(number: int, created_at: datetime, now: datetime, *, solved: bool) -> dict[str, Any]:
    return {
        "system": DESK, "ticket_id": str(number), "url": f"https://desk.example/{number}", "subject": "Cannot log in",
        "requester": f"c{number}@c.example", "opened_by": "customer", "channel": "email",
        "created_at": created_at, "updated_at": now, "status": "solved" if solved else "open", "priority": "normal",
        "group_name": "Support", "assignee": "", "tags": [], "customer_id": f"acct_{number % 300}",
        "customer_name": "Acme", "tier": "gold", "solved_at": now if solved else None, "told_by": "history",
        "changed_at": now,
    }  # fmt: skip


def _text(number: str, text: str, now: datetime) -> dict[str, Any]:
    said = {"at": now.isoformat(), "side": "customer", "author": "", "text": text}
    return {
        "system": DESK, "ticket_id": number, "opening": text, "latest": "", "latest_at": None, "last": [said],
        "event_id": "1", "customer_messages": 1, "language": "en", "tone": 0.0, "tone_words": [], "seen_at": now,
        "read_at": now,
    }  # fmt: skip


def _change(database: Database, numbers: range, text: str, now: datetime) -> None:
    names = [str(number) for number in numbers]
    with database.begin() as session:
        mine = MirrorTicket.system == DESK, MirrorTicket.ticket_id.in_(names)
        session.execute(update(MirrorTicket).where(*mine).values(changed_at=now, updated_at=now))
        ids = session.scalars(select(MirrorTicket.id).where(*mine)).all()
        said = {"n": 3, "at": now, "side": "customer", "author": "", "first": False}
        session.execute(insert(MirrorMessage), [{"ticket": number, **said} for number in ids])
        written = update(TicketText).where(TicketText.system == DESK, TicketText.ticket_id.in_(names))
        session.execute(written.values(latest=text, latest_at=now, read_at=now, seen_at=now))
