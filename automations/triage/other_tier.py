"""What priority triage would give tickets if they went by another tier: a look ahead that decides nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.triage.context import TriageContext
from automations.triage.decisions import UNDER_WAY, mode
from automations.triage.observing import inputs_of
from automations.triage.place import Place, wanted
from automations.triage.scoring import points, priority_of, total, with_tier
from automations.triage.standing import awaits_triage, moved_by_hand, why_left_alone
from storage.models import MirrorSpan, MirrorTicket, TicketText, TriageDecision

AT_ONCE: Final = 500
"""Tickets looked at in one query."""
Given = tuple[str, str]
"""The priority that triage gives now, and the one that it would give then."""


def priorities(
    session: Session, tickets: Sequence[MirrorTicket], tiers: Mapping[int, str], ctx: TriageContext
) -> dict[int, Given]:
    """Tickets that triage would give another priority by these tiers, by the mirror's numbers.

    None while it is off or in shadow, where it gives none.
    Only those that it would decide about again: a customer waits, and nobody of the team has taken it in hand. Contacts
    count as they did when it was decided last.
    """
    if mode(session, ctx) in (Mode.OFF, Mode.SHADOW) or ctx.rules.set_priority == "never":
        return {}
    now = ctx.clock.now()
    waiting = [one for one in tickets if one.system == ctx.desk_system and one.waiting_since is not None]
    found: dict[int, Given] = {}
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        texts, decided, stood = _texts(session, some), _decided(session, some), _stood(session, some)
        for one in some:
            words, before = texts.get(one.ticket_id), decided.get(one.ticket_id, ())
            if words is None or not _decides(one, words, before, stood.get(one.id, ()), now):
                continue
            given = _given(one, words, before, tiers[one.id], ctx)
            if given[0] != given[1]:
                found[one.id] = given
    return found


def _decides(
    ticket: MirrorTicket,
    words: TicketText,
    decided: Sequence[TriageDecision],
    stood: Sequence[tuple[datetime, Place]],
    now: datetime,
) -> bool:
    under_way = any(row.state in UNDER_WAY for row in decided)
    left_alone = why_left_alone(ticket, decided, lambda: moved_by_hand(ticket, stood))
    return not under_way and not left_alone and awaits_triage(ticket, words, now)


def _given(
    ticket: MirrorTicket, words: TicketText, decided: Sequence[TriageDecision], tier: str, ctx: TriageContext
) -> Given:
    counted = int(decided[0].inputs.get("contacts", 1)) if decided else 1
    inputs, scale = inputs_of(ticket, words, counted), ctx.rules.score
    if not (more := with_tier(inputs, tier, scale)):
        return "", ""
    here, now = Place(ticket.group_name, ticket.priority), total(points(inputs, scale))
    scored = (priority_of(score, scale).value for score in (now, now + more))
    before, after = (wanted("", one, ctx.rules.set_priority, here).priority for one in scored)
    return before, after


def _texts(session: Session, tickets: Sequence[MirrorTicket]) -> dict[str, TicketText]:
    names = [one.ticket_id for one in tickets]
    mine = TicketText.system == tickets[0].system, TicketText.ticket_id.in_(names)
    return {one.ticket_id: one for one in session.scalars(select(TicketText).where(*mine))}


def _decided(session: Session, tickets: Sequence[MirrorTicket]) -> dict[str, list[TriageDecision]]:
    """Decisions about each ticket, newest first."""
    names = [one.ticket_id for one in tickets]
    mine = TriageDecision.system == tickets[0].system, TriageDecision.ticket_id.in_(names)
    found: dict[str, list[TriageDecision]] = defaultdict(list)
    for row in session.scalars(select(TriageDecision).where(*mine).order_by(TriageDecision.id.desc())):
        found[row.ticket_id].append(row)
    return found


def _stood(session: Session, tickets: Sequence[MirrorTicket]) -> dict[int, list[tuple[datetime, Place]]]:
    found: dict[int, list[tuple[datetime, Place]]] = defaultdict(list)
    for number, at, place in _places(session, [one.id for one in tickets]):
        found[number].append((at, place))
    return found


def _places(session: Session, numbers: Sequence[int]) -> Iterator[tuple[int, datetime, Place]]:
    columns = MirrorSpan.ticket, MirrorSpan.from_at, MirrorSpan.group_name, MirrorSpan.priority
    asked = select(*columns).where(MirrorSpan.ticket.in_(numbers)).order_by(MirrorSpan.ticket, MirrorSpan.n)
    for number, at, group, priority in session.execute(asked):
        yield number, at, Place(group, priority)
