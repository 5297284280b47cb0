"""Escalations as plain JSON values for scripts, and as lines for people on a terminal."""

from datetime import datetime
from typing import Any

from automations.escalation.card_types import ClockLine, EscalationCard, EscalationRow, FiringLine
from automations.escalation.journal import escalation_ref
from automations.words import PersonRef
from bot.cli.output import facts, say
from bot.cli.times import in_zone
from bot.views.escalation_words import ENDINGS, VERDICTS, clock_name, left_words, step_name


def plain_row(row: EscalationRow) -> dict[str, Any]:
    """An escalation in a list."""
    return {
        "id": escalation_ref(row.id),
        "subject": row.subject,
        "ref": row.ref,
        "title": row.title,
        "url": row.url,
        "state": row.state,
        "reason": row.reason.value,
        "said": row.said,
        "priority": row.priority,
        "owner": _email(row.owner),
        "claimed_by": _email(row.claimed_by),
        "opened_at": _text(row.opened_at),
        "next_at": _text(row.next_at),
        "stale": row.stale,
        "permalink": row.permalink,
    }


def plain_card(card: EscalationCard) -> dict[str, Any]:
    """All that is known of one escalation."""
    return {
        "id": escalation_ref(card.id),
        "subject": card.subject,
        "ref": card.ref,
        "title": card.title,
        "url": card.url,
        "state": card.state,
        "ending": card.ending or None,
        "verdict": card.verdict or None,
        "firings": [_firing(one) for one in card.firings],
        "priority": card.priority,
        "customer": card.customer or None,
        "tier": card.tier or None,
        "standing": card.standing or None,
        "unclear": card.unclear or None,
        "queue": card.queue or None,
        "owner": _email(card.owner),
        "clocks": [_clock(one) for one in card.clocks],
        "called": [{"email": one.person.email, "step": one.step, "at": _text(one.at)} for one in card.called],
        "next": {"step": card.waiting_for, "at": _text(card.next_at)} if card.next_at else None,
        "opened_at": _text(card.opened_at),
        "opened_by": _email(card.opened_by),
        "claimed_by": _email(card.claimed_by),
        "claimed_at": _text(card.claimed_at),
        "snoozed_until": _text(card.snoozed_until),
        "snoozed_by": _email(card.snoozed_by),
        "stale": card.stale,
        "closed_by": _email(card.closed_by),
        "closed_at": _text(card.closed_at),
        "close_note": card.close_note or None,
        "note_by": _email(card.note_by),
        "note_at": _text(card.note_at),
        "note_error": card.note_error or None,
        "permalink": card.permalink,
    }


def state_words(row: EscalationRow) -> str:
    """The state of a line in a list."""
    claimed = f"claimed by {row.claimed_by.name}" if row.claimed_by else row.state
    return f"{claimed}, stale" if row.stale else claimed


def show_card(card: EscalationCard, zone: str) -> None:
    """Print one escalation for people."""

    def at(moment: datetime | None, by: PersonRef | None = None) -> str | None:
        return None if moment is None else f"{in_zone(moment, zone)}{f' by {by.name}' if by else ''}"

    say(f"{escalation_ref(card.id)}  {card.ref} {card.title}")
    ending = ENDINGS.get(card.ending, card.ending)
    called = (f"{one.person.name} ({step_name(one.step)}) {in_zone(one.at, zone)}" for one in card.called)
    facts(
        [
            ("State", f"{card.state}{f', {ending}' if ending else ''}{', stale' if card.stale else ''}"),
            *((("Why" if number == 0 else ""), _said(one, zone)) for number, one in enumerate(card.firings)),
            ("Customer", ", ".join(filter(None, (card.customer, card.tier)))),
            ("Tier, status", card.standing),
            ("Not clear whose", card.unclear),
            ("Priority, queue", ", ".join(filter(None, (card.priority, card.queue)))),
            ("Ticket is with", card.owner.name if card.owner else None),
            *((clock_name(one.kind), _standing(one, zone)) for one in card.clocks),
            ("Opened", at(card.opened_at, card.opened_by)),
            ("Called", "; ".join(called)),
            ("Next", f"{step_name(card.waiting_for)} {in_zone(card.next_at, zone)}" if card.next_at else None),
            ("Claimed", at(card.claimed_at, card.claimed_by)),
            ("In the desk", card.in_desk),
            ("Snoozed until", at(card.snoozed_until, card.snoozed_by)),
            ("Closed", at(card.closed_at, card.closed_by)),
            ("Note", card.close_note),
            ("Judged", VERDICTS.get(card.verdict)),
            ("Customer note", at(card.note_at, card.note_by) or card.note_error),
            ("Ticket", card.url),
            ("Slack", card.permalink),
        ]
    )  # fmt: skip


def _said(one: FiringLine, zone: str) -> str:
    found = "; ".join(line for line in one.evidence if line not in one.said)
    rule = f"rule {one.rule} {one.rule_version}, {in_zone(one.fired_at, zone)}"
    return f"{one.said}{f': {found}' if found else ''} ({rule})"


def _standing(one: ClockLine, zone: str) -> str:
    return f"{left_words(one)}{f', due {in_zone(one.due_at, zone)}' if one.due_at else ''} ({one.target})"


def _firing(one: FiringLine) -> dict[str, Any]:
    return {
        "reason": one.reason.value,
        "rule": one.rule,
        "rule_version": one.rule_version,
        "said": one.said,
        "evidence": list(one.evidence),
        "due_at": _text(one.due_at),
        "fired_at": _text(one.fired_at),
    }


def _clock(one: ClockLine) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "target": one.target,
        "state": one.state,
        "due_at": _text(one.due_at),
        "left_s": one.left_s,
        "counted": one.counted,
    }


def _email(person: PersonRef | None) -> str | None:
    return person.email if person else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
