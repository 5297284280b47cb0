"""The words of an escalation as message, lists, Home tab and terminal share them: its state, reason, clocks, steps.

Everything here is literal text: whoever puts it into mrkdwn escapes it.
"""

from typing import Final

from automations.escalation.card_types import ClockLine, EscalationCard, EscalationRow, FiringLine
from automations.escalation.reasons import REASON_NAMES, EscalationReason
from bot.views.report_words import length
from bot.views.texts import Look, one_line, written

ENDINGS: Final = {
    "handled": "handled",
    "not_needed": "not needed",
    "too_late": "came too late",
    "solved": "solved in the desk",
    "taken_back": "taken back",
}
"""How an escalation ended; a name of another version stands for itself."""

VERDICTS: Final = {
    "right": "called right",
    "not_needed": "called not needed",
    "too_late": "called too late",
    "missed": "missed by every rule",
}
"""What people said of it, or what became of it said."""

CLOCKS: Final = {"first_reply": "First reply", "next_reply": "Next reply", "resolution": "Resolution"}
"""What people call each clock."""

STEPS: Final = {"owner": "the owner", "group": "the group on duty", "lead": "the lead", "manager": "the manager"}
"""What people call each step of the chain."""


def escalation_ref(escalation_id: int) -> str:
    """`ESC-7`."""
    return f"ESC-{escalation_id}"


def reason_line(reason: EscalationReason, said: str) -> str:
    """The reason with what was found, in one line; its name stands once, whoever wrote it."""
    name, found = REASON_NAMES[reason], one_line(said, 300)
    return found if found.casefold().startswith(name.casefold()) else f"{name}: {found}" if found else name


def why(firing: FiringLine) -> str:
    """A firing's reason with what was found."""
    return reason_line(firing.reason, firing.said)


def evidence_lines(firing: FiringLine) -> list[str]:
    """What was found beyond what the reason says already."""
    told = why(firing)
    return [line for one in firing.evidence if (line := one_line(one, 120)) and line not in told]


def state_words(card: EscalationCard, look: Look) -> str:
    """Say state and person at a glance, each state with a sign of its own: `🚨 Open`, `👤 Claimed by Ines Holt`."""
    if card.state == "closed":
        by = f" by {one_line(card.closed_by.name, 40)}" if card.closed_by else ""
        return f"✅ {ENDINGS.get(card.ending, card.ending.replace('_', ' ')).capitalize() or 'Closed'}{by}"
    held = f"claimed by {one_line(card.claimed_by.name, 40)}" if card.claimed_by else ""
    if card.snoozed_until is not None:
        return ", ".join(filter(None, (f"💤 Snoozed until {written(card.snoozed_until, look.zone)}", held)))
    if card.stale:
        return ", ".join(filter(None, ("🟠 Stale", held)))
    if held:
        return f"👤 {held[:1].upper()}{held[1:]}"
    return "🚨 Open, nobody has acknowledged" if card.unheard else "🚨 Open"


def row_state(row: EscalationRow) -> str:
    """The state of a line in a list, in a word or two."""
    if row.stale:
        return f"stale, claimed by {row.claimed_by.name}" if row.claimed_by else "stale"
    return f"claimed by {row.claimed_by.name}" if row.claimed_by else row.state


def clock_name(kind: str) -> str:
    """What people call a clock."""
    return CLOCKS.get(kind, one_line(kind.replace("_", " "), 40).capitalize() or "SLA")


def left_words(clock: ClockLine) -> str:
    """`12 min left`, `12 min overdue`, `paused`: how a clock stands, without when it is due."""
    if clock.state == "paused":
        return "paused while it waits for the customer"
    if clock.state != "running" or clock.left_s is None:
        return {"met": "met", "ended": "ended"}.get(clock.state, clock.state)
    return f"{length(abs(clock.left_s))} {'left' if clock.left_s > 0 else 'overdue'}"


def clock_sign(clock: ClockLine) -> str:
    """Red once overdue, nothing to see of one that stands still or is over."""
    return "🔴 " if clock.state == "running" and clock.left_s is not None and clock.left_s <= 0 else ""


def step_name(step: str) -> str:
    """What people call a step of the chain."""
    return STEPS.get(step, step)
