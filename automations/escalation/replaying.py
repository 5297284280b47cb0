"""History replayed: what today's rules and clocks would have fired for past tickets, and when. Pure.

Each moment is judged by what was known then: a ticket is looked at when it came and at each message, as long as it was
not solved, merged or deleted; its clocks at every moment. Words are looked at where they are kept.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from automations.calendar import WorkingHours
from automations.durations import in_words
from automations.escalation.clock_rules import KINDS
from automations.escalation.found import said
from automations.escalation.reasons import EscalationReason
from automations.escalation.rules import EscalationRules
from automations.escalation.text_rules import Observed, look
from automations.sla.life import Life, Standing
from automations.sla.policy import SlaPolicy
from automations.sla.replay import Firing, firings
from automations.sla.worked import WorkedHours
from automations.texts.language import language
from automations.texts.sentiment import sentiment


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTicket:
    """A ticket of the past. `words` maps the moment of a customer's message (or its creation) to what they wrote."""

    system: str
    ticket_id: str
    title: str
    customer_id: str
    customer_name: str
    requester: str
    life: Life
    words: Mapping[datetime, str]


@dataclass(frozen=True, slots=True)
class WouldFire:
    """A rule that would have fired at a moment for a ticket, with what it would have said."""

    at: datetime
    ticket_id: str
    title: str
    reason: EscalationReason
    rule: str
    said: str


def replay(
    tickets: Sequence[PastTicket], rules: EscalationRules, policy: SlaPolicy, hours: WorkingHours | None
) -> tuple[WouldFire, ...]:
    """Everything that would have fired, in order of time; each rule once for its clock, message or ticket."""
    worked, contacts = WorkedHours(hours), _contacts(tickets)
    fired: list[WouldFire] = []
    for ticket in tickets:
        fired += (_of_clock(ticket, one, policy) for one in firings(ticket.life, policy, worked))
    keys: set[str] = set()
    looks = sorted(((at, ticket) for ticket in tickets for at in _looks(ticket)), key=lambda one: one[0])
    for at, ticket in looks:
        for found in look(_observed(ticket, at, contacts, rules.contacts_within), rules):
            if found.key not in keys:
                keys.add(found.key)
                fired.append(WouldFire(at, ticket.ticket_id, ticket.title, found.reason, found.rule, found.said))
    return tuple(sorted(fired, key=lambda one: (one.at, one.ticket_id, one.reason.value, one.rule)))


def _of_clock(ticket: PastTicket, firing: Firing, policy: SlaPolicy) -> WouldFire:
    breached = firing.which == "breach"
    reason = EscalationReason.SLA_BREACH if breached else EscalationReason.SLA_WARNING
    target = next(one for one in policy.targets if one.name == firing.target)
    length = in_words(target.length(firing.kind) or timedelta())
    evidence = f"{KINDS[firing.kind]}, {firing.target}: {length}"
    return WouldFire(
        firing.at, ticket.ticket_id, ticket.title, reason, f"sla {firing.target}", said(reason, (evidence,))
    )


def _looks(ticket: PastTicket) -> Iterator[datetime]:
    """The moments at which its words and messages are looked at: when it came, and at each message while unsolved."""
    life = ticket.life
    for at in sorted({life.created_at, *(one.at for one in life.heard() if one.at >= life.created_at)}):
        period = [one for one in life.periods() if one.start <= at][-1]
        if period.standing in (Standing.RUNS, Standing.WAITS):
            yield at


def _observed(
    ticket: PastTicket, at: datetime, contacts: Mapping[str, Sequence[datetime]], within: timedelta
) -> Observed:
    life = ticket.life
    told = [one for one in life.said if one.at <= at and one.side in ("customer", "agent")]
    heard = [moment for moment in ticket.words if moment <= at]
    said_at = max(heard, default=life.created_at)
    words = ticket.words.get(said_at, "")
    tone = sentiment(words)
    times = contacts.get(_whose(ticket), ())
    return Observed(
        system=ticket.system,
        ticket_id=ticket.ticket_id,
        created_at=life.created_at,
        customer_id=ticket.customer_id,
        customer_name=ticket.customer_name,
        tier=life.tier,
        requester=ticket.requester,
        words=words,
        said_at=said_at,
        language=language(words),
        tone=tone.score,
        tone_words=tone.words,
        exchanged=len(told),
        last_public_at=told[-1].at if told else None,
        contacts=bisect_right(times, at) - bisect_left(times, at - within) if times else None,
    )


def _contacts(tickets: Sequence[PastTicket]) -> Mapping[str, Sequence[datetime]]:
    """When each customer got in touch: tickets they opened, and what they wrote afterwards."""
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for ticket in tickets:
        if not (who := _whose(ticket)):
            continue
        life = ticket.life
        wrote = {one.at for one in life.heard() if one.side == "customer"}
        opened = {life.created_at} if life.opened_by == "customer" else set()
        found[who] += sorted(wrote | (opened if not wrote or min(wrote) > life.created_at else set()))
    return {who: sorted(times) for who, times in found.items()}


def _whose(ticket: PastTicket) -> str:
    return ticket.requester or ticket.customer_id
