"""Tickets of the past with what people made of them, to measure triage by: from a file, or from the desk's own history.

A file tells the label or the queue that was right in the end. Of the desk's tickets the right queue is the one in which
they were solved; only those count that an agent answered or that were somebody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from automations.triage.context import TriageContext
from automations.triage.inputs import Inputs
from automations.triage.observing import inputs_of
from automations.triage.rules import Intent, TriageRules
from storage.models import MirrorMessage, MirrorSpan, MirrorTicket, TicketText


@dataclass(frozen=True, slots=True)
class Example:
    """One ticket of the past. `label` is what it was about, in the words of the intents; empty if nobody says.

    `queue` is where it belonged in the end, `first_queue` where it first lay; empty where that is not known. `outside`:
    it belonged to none of the kinds. `priority` is what people gave it, empty if not known. `at` None: the file has no
    dates, and its order stands for time. `part`: train or test, where the file itself says so.
    """

    inputs: Inputs
    label: str = ""
    queue: str = ""
    first_queue: str = ""
    priority: str = ""
    outside: bool = False
    at: datetime | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Examples in order of time, and the rules to hold against them.

    `own_labels`: the labels are none of the settings' intents, so each stands for a queue of its own name.
    """

    examples: tuple[Example, ...]
    rules: TriageRules
    own_labels: bool = False
    dated: bool = False


def history(examples: Sequence[Example], rules: TriageRules) -> History:
    """Put examples in order and find where each belongs by the intents of the settings.

    Where most labels are none of those, the labels themselves are taken for intents and queues, without any rule.
    """
    labelled = [one for one in examples if one.label and not one.outside]
    known = {intent.name.casefold(): intent for intent in rules.intents}
    strangers = sum(one.label.casefold() not in known for one in labelled)
    own = bool(labelled) and strangers * 2 > len(labelled)
    if own:
        names = sorted({one.label for one in labelled})
        rules = rules.model_copy(update={"intents": tuple(Intent(name=one, queue=one) for one in names), "rules": ()})
        known = {intent.name.casefold(): intent for intent in rules.intents}
    dated = bool(examples) and all(one.at is not None for one in examples)
    ordered = sorted(examples, key=_at) if dated else list(examples)
    return History(tuple(_placed(one, known, rules) for one in ordered), rules, own, dated)


def of_the_desk(session: Session, ctx: TriageContext, days: int) -> History:
    """The desk's own tickets of the last so many days whose words are kept, solved and looked after by people."""
    mine = and_(TicketText.system == MirrorTicket.system, TicketText.ticket_id == MirrorTicket.ticket_id)
    answered = select(MirrorMessage.n).where(MirrorMessage.ticket == MirrorTicket.id, MirrorMessage.side == "agent")
    since = ctx.clock.now() - timedelta(days=days)
    wanted = (
        select(MirrorTicket, TicketText, MirrorSpan.group_name)
        .join(TicketText, mine)
        .join(MirrorSpan, and_(MirrorSpan.ticket == MirrorTicket.id, MirrorSpan.n == 0))
        .where(MirrorTicket.system == ctx.desk_system, MirrorTicket.created_at > since)
        .where(MirrorTicket.status.in_(("solved", "closed")), MirrorTicket.opened_by == "customer")
        .where(MirrorTicket.merged_into.is_(None), MirrorTicket.deleted_at.is_(None))
        .where(or_(MirrorTicket.assignee != "", answered.exists()))
        .order_by(MirrorTicket.created_at, MirrorTicket.id)
    )
    labels = {intent.queue: intent.name for intent in ctx.rules.intents if _alone(intent, ctx.rules)}
    examples = [
        Example(
            inputs=inputs_of(ticket, words, 1),
            label=labels.get(ticket.group_name, ""),
            queue=ticket.group_name,
            first_queue=first,
            priority=ticket.priority,
            at=ticket.created_at,
        )
        for ticket, words, first in session.execute(wanted).all()
        if ticket.group_name
    ]
    return history(examples, ctx.rules)


def _alone(intent: Intent, rules: TriageRules) -> bool:
    """Whether a queue stands for this intent alone, so that the queue tells what a ticket was about."""
    return sum(one.queue == intent.queue for one in rules.intents) == 1


def _at(example: Example) -> datetime:
    assert example.at is not None, "only asked where every example has a date"
    return example.at


def _placed(one: Example, known: dict[str, Intent], rules: TriageRules) -> Example:
    """An example with the queue that its label stands for; one of no kind belongs to the default queue."""
    intent = known.get(one.label.casefold())
    outside = one.outside or (bool(one.label) and intent is None)
    queue = one.queue or (rules.default_queue if outside else intent.queue if intent else "")
    return replace(one, label=intent.name if intent else "", queue=queue, outside=outside)
