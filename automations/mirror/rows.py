"""What the mirror keeps of a ticket, and its rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row

from automations.domain import CustomerRef, Ticket, TicketEvent
from automations.mirror.fitting import fitting
from automations.mirror.messages import Message, talk
from automations.mirror.stretches import Stretch, Values, began, life
from automations.redact import Redactor
from storage.models import FOREVER

LONGEST_SUBJECT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket as the mirror keeps it. `columns` are those of its own row, without `id` and `changed_at`."""

    columns: Mapping[str, Any]
    stretches: tuple[Stretch, ...]
    messages: tuple[Message, ...]
    tags: tuple[str, ...]


def kept(
    ticket: Ticket,
    events: Sequence[TicketEvent],
    known: Sequence[Stretch],
    customer: CustomerRef | None,
    redactor: Redactor,
    *,
    whole: bool,
) -> Kept:
    """What to keep of a ticket and all its events. `whole`: the desk tells its past; `known` as in `life`."""
    lived, said = life(ticket, events, known, whole=whole), talk(ticket, events)
    now = lived.stretches[-1].values
    tags = tuple(sorted({fitting(redactor.text(tag)) for tag in ticket.tags}))
    columns = {
        "system": ticket.system,
        "ticket_id": ticket.id,
        "url": ticket.url,
        "subject": fitting(redactor.text(ticket.subject), LONGEST_SUBJECT),
        "requester": fitting(redactor.text(ticket.requester)) if ticket.requester else None,
        "opened_by": said.opened_by,
        "channel": fitting(ticket.channel, 64).strip().lower(),
        "created_at": began(ticket, events),
        "updated_at": ticket.updated_at,
        "status": now.status,
        "priority": now.priority,
        "group_name": now.group_name,
        "assignee": now.assignee,
        "tags": list(tags),
        "customer_id": fitting(customer.id) if customer else "",
        "customer_name": fitting(redactor.text(customer.name)) if customer else "",
        "tier": fitting(customer.tier, 64).strip().lower() if customer else "",
        "first_reply_at": said.first_reply_at,
        "waiting_since": said.waiting_since,
        "solved_at": lived.solved_at,
        "closed_at": lived.closed_at,
        "merged_into": ticket.merged_into,
        "deleted_at": None,
        "told_by": "history" if whole else "seen",
    }
    return Kept(columns, lived.stretches, said.messages, tags)


def span_rows(number: int, stretches: Iterable[Stretch]) -> Iterator[dict[str, Any]]:
    """The rows of a ticket's stretches."""
    for n, one in enumerate(stretches):
        times = {"from_at": one.from_at, "until_at": one.until_at or FOREVER, "before": one.before}
        yield {"ticket": number, "n": n, **times, **one.values._asdict()}


def message_rows(number: int, messages: Iterable[Message]) -> Iterator[dict[str, Any]]:
    """The rows of a ticket's messages."""
    for n, one in enumerate(messages):
        answer = {"asked_at": one.asked_at, "first": one.first, "waited_s": one.waited_s}
        yield {"ticket": number, "n": n, "at": one.at, "side": one.side, "author": one.author, **answer}


def tag_rows(number: int, tags: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows of a ticket's tags."""
    return ({"ticket": number, "tag": tag} for tag in tags)


def names_of(kept: Kept) -> Iterator[tuple[str, str]]:
    """What a ticket can be filtered by, now and in its past: keys and values; none is empty."""
    columns = kept.columns
    named = [("tier", columns["tier"]), ("customer", columns["customer_id"]), ("customer", columns["customer_name"])]
    named += [("tag", tag) for tag in kept.tags]
    for one in kept.stretches:
        named += [("group", one.values.group_name), ("assignee", one.values.assignee)]
    return ((key, value) for key, value in named if value)


def stretches_of(rows: Iterable[Row[Any]]) -> dict[int, tuple[Stretch, ...]]:
    """Stretches by ticket, from rows in order of ticket and n."""
    return {
        number: tuple(
            Stretch(
                row.from_at,
                row.until_at if row.until_at < FOREVER else None,
                row.before,
                Values(row.status, row.priority, row.group_name, row.assignee, row.merged),
            )
            for row in some
        )
        for number, some in groupby(rows, key=lambda row: int(row.ticket))
    }


def messages_of(rows: Iterable[Row[Any]]) -> dict[int, tuple[Message, ...]]:
    """Messages by ticket, from rows in order of ticket and n."""
    return {
        number: tuple(Message(row.at, row.side, row.author, row.asked_at, row.first, row.waited_s) for row in some)
        for number, some in groupby(rows, key=lambda row: int(row.ticket))
    }
