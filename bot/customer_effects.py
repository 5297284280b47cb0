"""What a group of changes to customers would do to their open tickets: by triage's score, the SLA and escalation.

It is shown before anybody approves, and decides nothing. From rows alone, in a few queries for all of a group's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context.context import NO_EFFECTS, Effects
from automations.customer_context.open_tickets import Sought, open_of
from automations.customer_context.rules import DOMAINS, STATUS, TIER
from automations.customer_context.values import Change, ChangeKind, Group
from automations.domain import Mode
from automations.escalation.context import EscalationContext
from automations.escalation.other_tier import Otherwise, Outlook, outlooks
from automations.triage.context import TriageContext
from automations.triage.decisions import mode
from automations.triage.other_tier import Given, priorities
from storage.models import MirrorTicket

SAMPLES: Final = 5
"""Tickets that are named."""
_OF_STATUS: Final = frozenset({ChangeKind.SUSPENDED, ChangeKind.RESUMED})


@dataclass(frozen=True, slots=True)
class OpenTicketEffects:
    """Looks ahead by the rules that hold when it is asked."""

    triage: Callable[[], TriageContext]
    escalation: Callable[[], EscalationContext]

    def __call__(self, session: Session, group: Group) -> Effects:
        """What the group would do. A status moves no clock and no priority, so that its tickets are only counted."""
        tiers = {one.account: tier for one in group.changes if (tier := _tier_of(group, one)) is not None}
        of_status = [one for one in group.changes if group.kind in _OF_STATUS or one.field == STATUS]
        concerned = [one for one in group.changes if one.account in tiers] or of_status
        if not concerned:
            return NO_EFFECTS
        escalation = self.escalation()
        found = open_of(session, (_sought(one) for one in concerned), system=escalation.desk_system)
        others = {one.id: tiers[account] for one, account in found if one.tier != tiers.get(account, one.tier)}
        if not others:
            return Effects(tickets=len(found))
        tickets = [one for one, _ in found if one.id in others]
        triage = self.triage()
        given = priorities(session, tickets, others, triage)
        by_itself = given if mode(session, triage) is Mode.AUTO else {}
        then = {one.id: Otherwise(others[one.id], _priority(one, by_itself)) for one in tickets}
        return _effects(len(found), tickets, given, outlooks(session, tickets, then, escalation))


def _tier_of(group: Group, change: Change) -> str | None:
    """The tier that a change gives its customer; None if it gives none."""
    if group.kind is ChangeKind.ADDED:
        told = dict(change.values).get(TIER)
        return told.strip().lower() if told is not None else None
    return change.after.strip().lower() if change.field == TIER else None


def _sought(change: Change) -> Sought:
    domains = dict(change.values).get(DOMAINS, "")
    return Sought(change.account, change.desk_id, tuple(one.strip() for one in domains.split(",") if one.strip()))


def _priority(ticket: MirrorTicket, given: Mapping[int, Given]) -> str:
    """The priority that the clocks would go by: another one only where nobody has to apply it first."""
    return given[ticket.id][1] if ticket.id in given else ticket.priority


def _effects(
    total: int, tickets: list[MirrorTicket], given: Mapping[int, Given], ahead: Mapping[int, Outlook]
) -> Effects:
    told = [(one, _words(given.get(one.id), ahead[one.id])) for one in tickets]
    shown = sorted((one for one in told if one[1]), key=lambda one: (-len(one[1]), one[0].id))
    return Effects(
        tickets=total,
        priorities=len(given),
        clocks=sum(one.promised[0] != one.promised[1] for one in ahead.values()),
        escalations=sum(bool(one.escalates) for one in ahead.values()),
        samples=tuple((f"#{one.ticket_id}", one.url, "; ".join(words)) for one, words in shown[:SAMPLES]),
    )


def _words(given: Given | None, ahead: Outlook) -> list[str]:
    words = [f"priority {given[0] or 'none'} → {given[1] or 'none'}"] if given is not None else []
    before, after = ahead.promised
    if before != after:
        words.append(f"SLA {before or 'none'} → {after or 'none'}")
    return [*words, ahead.escalates] if ahead.escalates else words
