"""The living message of an escalation: why somebody is needed and how it stands in the first line, then for whom.

Everything below that answers what whoever claims it asks next: how much time is left, what the customer wrote, who was
called and who is next, what has been tried. Whom it calls is mentioned in its first post and nowhere else in it; a
later step of the chain calls by a line of its thread, since an edited message rings no phone.
"""

from typing import Final

from automations.escalation.card_types import EscalationCard, FiringLine, MessageLine, SimilarLine
from automations.words import PersonRef
from bot.views import Block, Message
from bot.views.blocks import (
    Part,
    bullets,
    context,
    header,
    label,
    link,
    message,
    new_line,
    ping,
    quote,
    rich,
    section,
    words,
)
from bot.views.case import who
from bot.views.escalation_acts import acts
from bot.views.escalation_clocks import clock_parts, clocks_as_of
from bot.views.escalation_note import note_blocks, sent_parts
from bot.views.escalation_words import (
    ENDINGS,
    VERDICTS,
    escalation_ref,
    evidence_lines,
    state_words,
    step_name,
    why,
)
from bot.views.texts import Look, esc, moment, one_line

FIRINGS_SHOWN: Final = 4
EVIDENCE_SHOWN: Final = 3
MESSAGES_SHOWN: Final = 3
MESSAGE_MAX: Final = 300
"""Characters of a message of the conversation; "Show all to me" has it whole."""
LINES_SHOWN: Final = 3
"""Lines of account, of what was tried, of similar tickets, of who was called."""

_SIDES: Final = {"customer": "customer", "agent": "team", "bot": "automatic"}


def escalation_message(card: EscalationCard, look: Look, *, first_post: bool) -> Message:
    """Render the living message. `first_post` is True until Slack has it; only then anybody is mentioned."""
    body = _closed(card, look) if card.state == "closed" else _open(card, look, first_post=first_post)
    said = fallback(card, look, first_post=first_post)
    return message(said, header(headline(card, look)), *body, context(_small_print(card, look)))


def headline(card: EscalationCard, look: Look) -> str:
    """State and reason: the line that is read when nothing else is."""
    return one_line(" · ".join(filter(None, (state_words(card, look), _reason(card)))), 150)


def fallback(card: EscalationCard, look: Look, *, first_post: bool) -> str:
    """Write the line a phone shows: whom it calls, the reason, which ticket, for whom."""
    ring = "".join(f"<@{one.slack}> " for one in _called_now(card, first_post=first_post))
    whom = f", {esc(_customer(card), 120)}" if card.customer or card.tier else ""
    what = f"{esc(card.ref, 60)} {esc(card.title, 200)}{whom}"
    said = esc(_reason(card), 300) if card.state == "open" else esc(state_words(card, look), 200)
    return f"{ring}{said}: {what}"


def _open(card: EscalationCard, look: Look, *, first_post: bool) -> list[Block]:
    """Put what decides first, with the buttons in reach of a thumb; then evidence, conversation and the rest.

    The buttons stand above the conversation: on a phone nobody should have to pass it to claim.
    """
    facts = section(*_customer_parts(card), *_clocks(card, look))
    people = [*_whose(card, look, first_post=first_post), *_chain(card, look)]
    helps = [*_account(card), *_tried(card), *_similar(card)]
    return [
        rich(_what(card), facts),
        *([rich(section(*people[1:]))] if people else []),
        *acts(card),
        *([rich(*evidence)] if (evidence := _evidence(card, look)) else []),
        *([rich(*_messages(card, look))] if card.messages else []),
        *([rich(*helps)] if helps else []),
        *note_blocks(card, look),
    ]


def _closed(card: EscalationCard, look: Look) -> list[Block]:
    by = [words(" by "), who(card.closed_by, bold=True)] if card.closed_by else []
    when = [words(" · "), moment(card.closed_at, look)] if card.closed_at else []
    how = [words(ENDINGS.get(card.ending, card.ending).capitalize() or "Closed", bold=True), *by, *when]
    note = [quote(card.close_note, limit=MESSAGE_MAX)] if card.close_note else []
    sent = sent_parts(card, look)
    facts = section(*_customer_parts(card), *_chain(card, look), *([new_line(), *sent] if sent else []))
    return [rich(_what(card), section(*how), *note, facts), *acts(card)]


def _what(card: EscalationCard) -> Block:
    shown = one_line(f"{card.ref} {card.title}", 180)
    return section(link(card.url, shown) if card.url else words(shown, bold=True))


def _customer_parts(card: EscalationCard) -> list[Part]:
    known = [label("Customer"), words(_customer(card) or "not known", limit=200)]
    if card.standing:
        known += [new_line(), label("Tier and status"), words(one_line(card.standing, 300))]
    if card.unclear:
        known += [new_line(), label("Not clear whose"), words(f"🟠 {one_line(card.unclear, 200)}")]
    return known


def _customer(card: EscalationCard) -> str:
    return " · ".join(filter(None, (one_line(card.customer, 100), one_line(card.tier, 40))))


def _clocks(card: EscalationCard, look: Look) -> list[Part]:
    return [part for clock in card.clocks for part in (new_line(), *clock_parts(clock, look))]


def _whose(card: EscalationCard, look: Look, *, first_post: bool) -> list[Part]:
    called = _called_now(card, first_post=first_post)
    parts: list[Part] = []
    if called:
        parts += [new_line(), label("For")]
        for number, one in enumerate(called):
            parts += [*([words(", ")] if number else []), ping(one.slack or "")]
    if card.claimed_by is not None:
        at = [words(" · "), moment(card.claimed_at, look)] if card.claimed_at else []
        parts += [new_line(), label("Claimed by"), who(card.claimed_by, bold=True), *at]
        parts += [words(f", {card.in_desk}", limit=160)] if card.in_desk else []
    if card.snoozed_until is not None:
        by = [words(" by "), who(card.snoozed_by)] if card.snoozed_by else []
        parts += [new_line(), label("Snoozed"), words("until "), moment(card.snoozed_until, look), *by]
    if card.owner is not None and card.owner != card.claimed_by:
        parts += [new_line(), label("Ticket is with"), who(card.owner)]
    return parts


def _chain(card: EscalationCard, look: Look) -> list[Part]:
    """Who was called and when, who is next and when."""
    parts: list[Part] = []
    for number, one in enumerate(card.called[-LINES_SHOWN:]):
        parts += [label("Called")] if not number else [words(", ")]
        parts += [who(one.person), words(f" ({step_name(one.step)}) "), moment(one.at, look)]
    made = [new_line(), *parts] if parts else []
    if card.state == "open" and card.next_at is not None:
        made += [new_line(), label("Next"), words(f"{step_name(card.waiting_for) or 'the next step'}, "),
                 moment(card.next_at, look), words(", if nobody claims it before")]  # fmt: skip
    return made


def _evidence(card: EscalationCard, look: Look) -> list[Block]:
    """Every rule that fired with what it found. A reason that the headline holds whole is not said again."""
    above, shown = headline(card, look), card.firings[:FIRINGS_SHOWN]
    lines = list(filter(None, (_firing(one, named=why(one) not in above) for one in shown)))
    if len(card.firings) > len(shown):
        lines.append([words(f"and {len(card.firings) - len(shown)} more")])
    return [section(words("Why", bold=True)), bullets(lines)] if lines else []


def _firing(one: FiringLine, *, named: bool) -> list[Part]:
    found = "; ".join(evidence_lines(one)[:EVIDENCE_SHOWN])
    if not named:
        return [words(found, limit=200)] if found else []
    return [words(why(one), bold=True, limit=160), *([words(f": {found}", limit=200)] if found else [])]


def _messages(card: EscalationCard, look: Look) -> list[Block]:
    made: list[Block] = []
    for one in card.messages[-MESSAGES_SHOWN:]:
        made += [section(*_author(one), words(" · "), moment(one.at, look)), quote(one.text, limit=MESSAGE_MAX)]
    return made


def _author(one: MessageLine) -> list[Part]:
    return [words(one_line(one.author, 60) or "Nobody", bold=True), words(f", {_SIDES.get(one.side, one.side)}")]


def _account(card: EscalationCard) -> list[Block]:
    if not card.account:
        return []
    lines: list[list[Part]] = [
        [label(one_line(name, 40) or "…"), words(value, limit=100)] for name, value in card.account[:LINES_SHOWN]
    ]
    return [section(words("Account", bold=True)), bullets(lines)]


def _tried(card: EscalationCard) -> list[Block]:
    if not card.tried:
        return []
    return [
        section(words("Tried already", bold=True)),
        bullets([[words(line, limit=140)] for line in card.tried[-LINES_SHOWN:]]),
    ]


def _similar(card: EscalationCard) -> list[Block]:
    if not card.similar:
        return []
    return [section(words("Solved before", bold=True)), bullets([_alike(one) for one in card.similar[:LINES_SHOWN]])]


def _alike(one: SimilarLine) -> list[Part]:
    shared = f" · {', '.join(one_line(word, 30) for word in one.words[:4])}" if one.words else ""
    return [
        link(one.url, one_line(f"#{one.ticket_id} {one.title}", 90)),
        words(f" · {max(0.0, min(one.score, 1.0)):.0%} alike{shared}", limit=100),
    ]


def _reason(card: EscalationCard) -> str:
    return why(card.firings[0]) if card.firings else "Escalated"


def _called_now(card: EscalationCard, *, first_post: bool) -> list[PersonRef]:
    return [one for one in card.call if one.slack] if first_post and card.state == "open" else []


def _small_print(card: EscalationCard, look: Look) -> str:
    rules = ", ".join(dict.fromkeys(f"{esc(one.rule, 60)} {esc(one.rule_version, 12)}" for one in card.firings[:3]))
    by = f"opened by {esc(card.opened_by.name, 80)}" if card.opened_by else ""
    queue = f"queue {esc(card.queue, 80)}" if card.queue else ""
    parts = (f"{esc(card.priority, 20)}" if card.priority else "", queue, f"rule {rules}" if rules else "", by)
    last = VERDICTS.get(card.verdict, "") if card.state == "closed" else clocks_as_of(card.clocks, look)
    return " · ".join(filter(None, (escalation_ref(card.id), *parts, last)))
