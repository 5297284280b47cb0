"""What a decision of triage says in words: what it is, why, what is changed, and how it stands."""

from automations.triage.card_types import DecisionCard
from bot.views.texts import Look, clock, one_line, written

LEVELS = {1: "fully automatable", 2: "assisted", 3: "by people"}
"""How far this kind of request could be automated, by level."""
NOT_DECIDED = "not decided"


def about_words(card: DecisionCard) -> str:
    """`billing (level 2, assisted)`, or that nobody knows."""
    if not card.intent:
        return NOT_DECIDED
    return f"{card.intent} (level {card.level}, {LEVELS[card.level]})"


def decider_words(card: DecisionCard) -> str:
    """Who decided and by what: a rule with what it found, the classifier with its confidence, or why nobody."""
    if card.decided_by == "rule":
        found = next((words for name, _, words in card.rules if name == card.rule), "")
        return f"rule {card.rule}: {found}" if found else f"rule {card.rule}"
    if card.decided_by == "model":
        sure = f" with confidence {card.confidence:.2f}" if card.confidence is not None else ""
        return f"no rule matched; the {card.model or 'classifier'} says {card.intent}{sure}"
    return card.why_not or NOT_DECIDED


def score_words(card: DecisionCard) -> str:
    """`tier enterprise 2 + “down” 3 = 5 → high`."""
    parts = " + ".join(f"{words} {points}" for words, points in card.score_why)
    return f"{parts} = {card.score} → {card.priority}" if parts else f"nothing counts = {card.score} → {card.priority}"


def rules_words(card: DecisionCard) -> str:
    """The rules in their order as far as they were needed: what each found."""
    told = []
    for number, (name, matched, words) in enumerate(card.rules, start=1):
        told.append(f"{number} {one_line(name, 60)} {'✓' if matched else '–'} {one_line(words, 90)}")
        if matched:
            break
    return " · ".join(told) or "there are none"


def change_words(card: DecisionCard) -> tuple[str, ...]:
    """`queue Support → Billing`, one for each field that is changed."""
    return tuple(f"{field} {before or 'none'} → {after or 'none'}" for field, before, after in card.changes)


def final_words(card: DecisionCard) -> str:
    """What Undo could not put back of a change that nobody has applied yet; empty if it could all of it."""
    if card.state not in ("proposed", "shadow"):
        return ""
    lasting = [field for field, before, _ in card.changes if not before]
    return f"The {' and the '.join(lasting)}: the ticket has none now, and no desk takes one away" if lasting else ""


def state_words(card: DecisionCard, look: Look) -> str:
    """How it stands, with a light: green only for what the desk was seen to show."""
    by, desk = f" by {_by(card)}" if _by(card) else "", card.desk
    at = f" {clock(card.verified_at, look)}" if card.verified_at else ""
    match card.state:
        case "shadow":
            return "⚪ Only shown: triage is in mode shadow and changes nothing"
        case "proposed":
            held = f" (mode auto is held back: {card.held_back})" if card.held_back else ""
            return f"🟠 Waits for you: nothing was changed yet{held}"
        case "applying":
            back = card.undo_by is not None
            return f"🟠 {'Being undone' if back else 'Being applied'}{by}, not verified yet"
        case "applied":
            note = f". {_sentence(card.error)}" if card.error else ""
            return f"🟢 Applied{by}, verified in {desk}{at}{note}"
        case "nothing":
            return f"⚪ Nothing to change: ticket #{card.ticket_id} was so already"
        case "declined":
            when = f", {written(card.changed_at, look.zone)}" if card.changed_at else ""
            return f"⚪ Left as it is{by}{when}"
        case "superseded":
            return f"⚪ No longer holds: {card.error or 'a newer one does'}"
        case "unclear":
            return f"🟠 Not clear whether {desk} did it: {card.error}. Handoff looks again"
        case "undone":
            return f"⚪ Undone{by}, verified in {desk}{at}"
        case _:
            what = "Not undone" if card.undo_by is not None else "Not applied"
            return f"🔴 {what}: {card.error or 'no reason given'}"


def _by(card: DecisionCard) -> str:
    """Whose act it is, empty for the bot's own."""
    person = card.undo_by or card.changed_by
    return one_line(person.name, 60) if person is not None else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
