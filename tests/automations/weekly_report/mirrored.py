"""Histories of tickets, written straight into the mirror's tables, and what a week of them must come to.

The oracle knows nothing of stretches: it plays each history from its beginning and writes down what happens.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from automations.weekly_report.period import parse_period
from automations.weekly_report.request import OPEN_STATUSES, Filters, Period, Request
from storage.models import MirrorMessage, MirrorPlace, MirrorSpan, MirrorTag, MirrorTicket
from storage.models.mirror import FOREVER

SYSTEM = "desk"
DONE = ("solved", "closed")
NUMBERS = ("created", "reopened", "left", "closed", "resolved", "merged", "backlog_start", "backlog_end", "deleted")
TIMES = ("first_reply", "response", "resolution")


@dataclass(frozen=True)
class Event:
    """At `at` the `field` (status, priority, group_name, assignee, merged) became `value`, or `side` said something."""

    at: datetime
    field: str
    value: Any


@dataclass(frozen=True)
class History:
    """A ticket's whole life. `events` are in order."""

    id: str
    created_at: datetime
    events: tuple[Event, ...] = ()
    status: str = "open"
    priority: str = "normal"
    group: str = "Support"
    assignee: str = ""
    opened_by: str = "customer"
    tier: str = ""
    tags: tuple[str, ...] = ()
    customer: str = ""
    deleted_at: datetime | None = None

    def values(self) -> dict[str, Any]:
        """What the ticket was made with."""
        return {
            "status": self.status,
            "priority": self.priority,
            "group_name": self.group,
            "assignee": self.assignee,
            "merged": False,
        }

    def changes(self) -> list[tuple[datetime, dict[str, Any]]]:
        """Moments at which something became another, with what was so then; what changed at one moment is one."""
        lived = [(self.created_at, self.values())]
        told = (event for event in self.events if event.field != "said")
        for at, together in groupby(told, key=lambda event: event.at):
            values = dict(lived[-1][1])
            for event in together:
                values[event.field] = event.value
            if at == self.created_at:
                lived = [(at, values)]
            elif values != lived[-1][1]:
                lived.append((at, values))
        return lived

    def messages(self) -> list[dict[str, Any]]:
        """What was said, and which of it answers what."""
        asked = self.created_at if self.opened_by == "customer" else None
        said, first = [], True
        for n, event in enumerate(one for one in self.events if one.field == "said"):
            row: dict[str, Any] = {
                "n": n, "at": event.at, "side": event.value, "author": "", "asked_at": None, "first": False,
                "waited_s": None,
            }  # fmt: skip
            if event.value == "customer":
                asked = asked or event.at
            elif event.value == "agent" and asked is not None:
                row |= {"asked_at": asked, "first": first, "waited_s": int((event.at - asked).total_seconds())}
                first, asked = False, None
            said.append(row)
        return said

    def waiting_since(self) -> datetime | None:
        """The first message of the customer that has no answer."""
        asked = self.created_at if self.opened_by == "customer" else None
        for event in (one for one in self.events if one.field == "said"):
            if event.value == "customer":
                asked = asked or event.at
            elif event.value == "agent":
                asked = None
        return asked

    def ended(self) -> dict[str, datetime]:
        """When it was solved and closed last, unless it was reopened since."""
        found: dict[str, datetime] = {}
        before = ""
        for at, values in self.changes():
            status = values["status"]
            if status not in DONE:
                found = {}
            elif status != before:
                found[status] = at
            before = status
        return found


def write(session: Session, histories: Iterable[History], *, since: datetime | None = None,
          read_at: datetime | None = None) -> None:  # fmt: skip
    """Put these histories in the place of whatever the mirror holds."""
    for table in (MirrorTag, MirrorMessage, MirrorSpan, MirrorTicket, MirrorPlace):
        session.execute(delete(table))
    for history in histories:
        ticket = session.execute(
            insert(MirrorTicket).values(**_ticket(history)).returning(MirrorTicket.id)
        ).scalar_one()
        lived = history.changes()
        ends = [*(at for at, _ in lived[1:]), FOREVER]
        befores = ["", *(values["status"] for _, values in lived)]
        spans = [
            {"ticket": ticket, "n": n, "from_at": at, "until_at": ends[n], "before": befores[n], **values}
            for n, (at, values) in enumerate(lived)
        ]
        session.execute(insert(MirrorSpan), spans)
        if said := history.messages():
            session.execute(insert(MirrorMessage), [{"ticket": ticket, **row} for row in said])
        if history.tags:
            session.execute(insert(MirrorTag), [{"ticket": ticket, "tag": tag} for tag in history.tags])
    began = datetime(2020, 1, 1, tzinfo=UTC)
    session.execute(
        insert(MirrorPlace).values(
            system=SYSTEM, cursor="", began_at=began, complete_at=began, since=since, read_at=read_at, listed=0
        )
    )


def _ticket(one: History) -> dict[str, Any]:
    values, replies = one.changes()[-1][1], [row["at"] for row in one.messages() if row["first"]]
    merged = values.pop("merged")
    return {
        **values, "system": SYSTEM, "ticket_id": one.id, "url": f"https://desk.example/{one.id}",
        "subject": f"Ticket {one.id}", "requester": None, "opened_by": one.opened_by, "created_at": one.created_at,
        "updated_at": one.created_at, "tags": list(one.tags), "customer_id": one.customer,
        "customer_name": one.customer.upper(), "tier": one.tier, "first_reply_at": replies[0] if replies else None,
        "waiting_since": one.waiting_since(), "solved_at": one.ended().get("solved"),
        "closed_at": one.ended().get("closed"), "merged_into": "other" if merged else None,
        "deleted_at": one.deleted_at, "told_by": "history", "changed_at": one.created_at,
    }  # fmt: skip


@dataclass
class Played:
    """What the oracle saw: for each number the tickets, as often as they counted."""

    numbers: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in NUMBERS})
    times: dict[str, list[tuple[str, float]]] = field(default_factory=lambda: {name: [] for name in TIMES})
    at_end: dict[str, dict[str, Any]] = field(default_factory=dict)

    def size(self, name: str, which: Callable[[str], bool] = lambda _: True) -> int:
        return sum(which(ticket) for ticket in self.numbers[name])


def play(histories: Sequence[History], request: Request) -> Played:
    """Replay every history, event for event, and count."""
    seen, period = Played(), request.period
    is_open = OPEN_STATUSES[request.open_until]
    for one in (one for one in histories if one.created_at < period.to_at):
        counts, state, at_end = Counter[str](), "", one.values()
        for at, values in one.changes():
            if at >= period.to_at:
                break
            now = values["status"]
            if at < period.from_at:
                counts["backlog_start"] = int(now in is_open)
            else:
                counts["created"] += state == ""
                counts["reopened"] += state not in ("", *is_open) and now in is_open
                leaves = (state == "" or state in is_open) and now not in is_open
                counts["left"] += leaves
                counts["merged"] += leaves and values["merged"]
                counts["closed"] += now == "closed" != state
            state, at_end = now, values
        counts["backlog_end"] = int(state in is_open)
        solved, merged = one.ended().get("solved"), one.changes()[-1][1]["merged"]
        in_period = solved is not None and period.from_at <= solved < period.to_at and not merged
        counts["resolved"] = int(in_period)
        if not chosen(one, at_end, request.filters):
            continue
        if one.deleted_at is not None:
            touched = any(counts[name] for name in ("backlog_start", "created", "reopened", "left", "closed"))
            seen.numbers["deleted"] += [one.id] * touched
            continue
        seen.at_end[one.id] = {**at_end, "tier": one.tier}
        for name, times in counts.items():
            seen.numbers[name] += [one.id] * times
        for row in one.messages():
            if row["asked_at"] is not None and period.from_at <= row["at"] < period.to_at:
                waited = (row["at"] - row["asked_at"]).total_seconds()
                seen.times["response"].append((one.id, waited))
                seen.times["first_reply"] += [(one.id, waited)] * row["first"]
        if in_period and solved is not None:
            seen.times["resolution"].append((one.id, (solved - one.created_at).total_seconds()))
    return seen


def chosen(one: History, at_end: dict[str, Any], filters: Filters) -> bool:
    known = {
        "group": {at_end["group_name"].lower()}, "priority": {at_end["priority"].lower()}, "tier": {one.tier.lower()},
        "tag": {tag.lower() for tag in one.tags}, "customer": {one.customer.lower()},
        "assignee": {at_end["assignee"].lower()},
    }  # fmt: skip
    return all(known[key] & set(values) for key, values in filters.chosen)


def week(year: int, month: int, day: int, zone: str = "UTC", *, days: int = 7) -> Period:
    """The days from this one on."""
    first = datetime(year, month, day, tzinfo=UTC).date()
    last = first.fromordinal(first.toordinal() + days - 1)
    return parse_period(f"{first}..{last}", datetime(2030, 1, 1, tzinfo=UTC), zone)
