"""Triage in Slack: the living message of a day, and in its thread a line for each ticket with its buttons."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from automations.triage.card_types import DayCard, DecisionCard
from automations.words import PersonRef
from bot.views import Block, Message
from bot.views.blocks import (
    Part,
    actions,
    bullets,
    button,
    context,
    header,
    label,
    link,
    message,
    new_line,
    ping,
    rich,
    section,
    words,
)
from bot.views.texts import Look, esc, one_line
from bot.views.triage_words import (
    about_words,
    change_words,
    decider_words,
    final_words,
    rules_words,
    score_words,
    state_words,
)
from bot.wire_triage import TRIAGE_NAMES, TriageAct, TriageButton

BUTTONS: Final[Mapping[str, tuple[TriageAct, ...]]] = {
    "proposed": (TriageAct.APPLY, TriageAct.CHANGE, TriageAct.LEAVE),
    "failed": (TriageAct.RETRY, TriageAct.LEAVE),
    "applied": (TriageAct.UNDO,),
}
"""What people can do in each state beside Why."""
_FIRST: Final = frozenset({TriageAct.APPLY, TriageAct.RETRY})
_MODES: Final = {
    "off": "Triage is switched off.",
    "shadow": "Mode shadow: this is what would be done. Nothing is changed, and nobody is called.",
    "ask": "Mode ask: a person applies each of them.",
    "auto": "Mode auto: what is decided is applied, and Undo takes it back.",
}
MOST_QUEUES: Final = 12


def decision_message(card: DecisionCard, look: Look) -> Message:
    """One ticket in the thread of its day: what it is, why, what is or would be changed, and how it stands."""
    changes = change_words(card)
    parts: list[Part] = [link(card.url, ticket_name(card)), new_line()]
    if card.standing:
        parts += [label("Tier and status"), words(one_line(card.standing, 300)), new_line()]
    if card.unclear:
        parts += [label("Not clear whose"), words(f"🟠 {one_line(card.unclear, 200)}"), new_line()]
    parts += [label("About"), words(about_words(card), limit=200), new_line()]
    parts += [label("Why"), words(decider_words(card), limit=400), new_line()]
    if card.changed_from is not None:
        intent, queue, priority = card.changed_from
        was = ", ".join(part for part in (intent or "not decided", queue, priority) if part)
        parts += [label("Changed by a person"), words(f"it was {was}", limit=200), new_line()]
    parts += [label("Change"), words("; ".join(changes) or "none", bold=bool(changes), limit=300)]
    if final := final_words(card):
        parts += [new_line(), label("Cannot be undone"), words(final, limit=200)]
    said = f"{ticket_name(card)}: {'; '.join(changes) or 'no change'} ({card.state})"
    return message(
        esc(said, 600),
        rich(section(*parts)),
        context(f"Score: {esc(score_words(card), 500)}\nRules: {esc(rules_words(card), 900)}"),
        context(esc(state_words(card, look), 600)),
        decision_buttons(card),
    )


def day_message(card: DayCard) -> Message:
    """The message of one day: how much was decided and by what, what waits, and rules to look at."""
    title = f"Triage, {_day(card.day)}"
    parts: list[Part] = [label(_tickets(card.total)), words(_by(card)), new_line()]
    parts += [label("Queues"), words(_queues(card), limit=600)]
    if card.waiting:
        parts += [new_line(), label("Waiting for you"), words(f"{card.waiting:,}")]
        if card.first_waiting:
            parts += [words(" – "), link(card.first_waiting, "open the oldest")]
    done = [(card.applied, "applied"), (card.undone, "undone"), (card.failed, "failed")]
    if told := ", ".join(f"{count:,} {what}" for count, what in done if count):
        parts += [new_line(), label("Done"), words(told)]
    odd = [bullets([[words(one_line(line, 400))] for line in card.lint[:8]])] if card.lint else []
    rules: list[Block] = [rich(section(words("Rules to look at", bold=True)), *odd)] if odd else []
    return message(
        esc(f"{title}: {_tickets(card.total)}, {card.waiting:,} waiting", 300),
        header(title),
        rich(section(*parts)),
        *rules,
        context(f"{_MODES.get(card.mode, esc(card.mode))} Each ticket is in the thread."),
    )


def waits_message(card: DecisionCard, waiting: int, where: str | None, owner: PersonRef, *, call: bool) -> Message:
    """Tell the owner once a day that proposals wait. `call` mentions them; `where` opens the oldest."""
    many = "1 decision waits" if waiting == 1 else f"{waiting:,} decisions wait"
    called: list[Part] = [ping(owner.slack), words(" ")] if call and owner.slack else [words(f"{owner.name}: ")]
    ring = f"<@{owner.slack}> " if call and owner.slack else f"{esc(owner.name, 80)}: "
    named = link(where, ticket_name(card)) if where else words(ticket_name(card))
    tail = "has waited for more than 4 hours of working time."
    return message(
        f"{ring}{esc(f'{many} for a person; {ticket_name(card)} {tail}', 600)}",
        rich(section(*called, words(f"{many} for a person. The oldest, "), named, words(f", {tail}"))),
    )


def where_message(mode: str, waiting: int, where: str | None) -> Message:
    """Say where today's message is, `where` opens it; how far triage goes, and how many decisions wait."""
    today: list[Part] = [link(where, "Today's message")] if where else [words("Nothing was decided today")]
    waits = "nothing waits" if not waiting else "1 decision waits" if waiting == 1 else f"{waiting:,} decisions wait"
    return message(
        f"Triage: {waits} for a person",
        rich(section(*today, words(f", {waits} for a person."))),
        context(_MODES.get(mode, esc(mode))),
    )


def decision_buttons(card: DecisionCard) -> Block:
    """What can be done now, Why always."""
    return actions(*(_button(card, act) for act in (*BUTTONS.get(card.state, ()), TriageAct.WHY)))


def ticket_name(card: DecisionCard) -> str:
    """`#123 Export stops`."""
    return one_line(f"#{card.ticket_id} {card.title}", 150)


def _button(card: DecisionCard, act: TriageAct) -> Block:
    value = TriageButton(card.id, act).encode()
    return button(TRIAGE_NAMES[act], act, value, style="primary" if act in _FIRST else None)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _tickets(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count:,} tickets"


def _by(card: DayCard) -> str:
    return f"{card.by_rule:,} by rule, {card.by_model:,} by classifier, {card.undecided:,} not decided"


def _queues(card: DayCard) -> str:
    shown = [f"{one_line(queue, 60)} {count:,}" for queue, count in card.queues[:MOST_QUEUES]]
    if len(card.queues) > MOST_QUEUES:
        shown.append(f"and {len(card.queues) - MOST_QUEUES} more")
    return ", ".join(shown) or "none yet"
