"""Words that every view of customer context shares: how many, what it would do to open tickets, how a group stands."""

from datetime import datetime
from typing import Final

from automations.customer_context.card_types import ConflictLine, GroupLine
from automations.customer_context.context import Effects
from automations.durations import in_words
from automations.runs.card import run_ref
from bot.views import Block
from bot.views.blocks import Part, plain
from bot.views.texts import Look, moment_mrkdwn, one_line, tame

BLANK: Final = "(empty)"
OPEN_STATES: Final = ("open", "held")
"""States of a group that still waits for somebody."""

CONFLICTS: Final = {
    "differs": "source and desk differ",
    "blank": "empty in the source, not in the desk",
    "two_rows": "the source tells one account twice, with different values",
    "two_accounts": "two accounts match one customer in the desk",
    "two_customers": "one account matches two customers in the desk",
}
"""What is not clear, by the kind of conflict."""


def small(text: str, at: datetime | None, look: Look) -> Block:
    """Small print, literal: no name or id in it is taken for markup. Then a time, if there is one."""
    said = [plain(text, 1_500)]
    shown = [{"type": "mrkdwn", "text": moment_mrkdwn(at, look), "verbatim": True}] if at is not None else []
    return {"type": "context", "elements": [*said, *shown]}


def told(*lines: str) -> Part:
    """Several lines of literal text in one part of a paragraph, for a message of many; the first goes on a line."""
    return {"type": "text", "text": "\n".join(tame(line) for line in lines) or " "}


def customers(count: int) -> str:
    """`1 customer`, `400 customers`."""
    return "1 customer" if count == 1 else f"{count:,} customers"


def value_words(value: str, limit: int = 120) -> str:
    """A value as people read it: an empty one says so."""
    return one_line(value, limit) or BLANK


def old(as_of: datetime, now: datetime) -> str:
    """How old something was then: `6 h old`; nothing under a minute."""
    age = now - as_of
    return f"{in_words(age)} old" if age.total_seconds() >= 60 else "just read"


def changes_open_tickets(effects: Effects) -> bool:
    """Whether Approve asks first, since open tickets would change if the group acted on them as well."""
    return bool(effects.priorities or effects.clocks or effects.escalations)


def effects_words(effects: Effects) -> str:
    """What a group would do to open tickets: `12 open tickets would get another SLA, 3 would escalate`; or nothing."""
    parts = [
        (effects.priorities, "would get another priority"),
        (effects.clocks, "would get another SLA"),
        (effects.escalations, "would escalate"),
    ]
    told = [(count, what) for count, what in parts if count]
    if not told:
        return ""
    (first, what), *rest = told
    noun = "open ticket" if first == 1 else "open tickets"
    return ", ".join([f"{first:,} {noun} {what}", *(f"{count:,} {what}" for count, what in rest)])


def group_sign(line: GroupLine) -> str:
    """Green: read back. Red: some were refused. Orange: waits for somebody, or is being carried out."""
    signs = {"applied": "🟢", "partial": "🔴", "undone": "↩️", "rejected": "⚪", "superseded": "⚪"}
    return signs.get(line.state, "🟠")


def group_stands(line: GroupLine) -> str:
    """How a decided group stands, in a line, without who decided it."""
    run = f": {run_ref(line.applied_by)}" if line.applied_by else ""
    too = ", on open tickets too" if line.open_too else ""
    match line.state:
        case "held":
            return "Held: no sync asks again until it is let go"
        case "rejected":
            return "Rejected: not asked again until a value changes"
        case "confirmed":
            refused = f", {line.refused:,} refused" if line.refused else ""
            return f"Approved{too}, {line.verified:,} of {line.size:,} verified{refused}{run}"
        case "applied":
            return f"Applied{too}, {line.verified:,} verified{run}"
        case "partial":
            return f"Partial{too}: {line.verified:,} of {line.size:,} verified, {line.refused:,} refused{run}"
        case "superseded":
            return "A newer sync shows this anew"
        case "undone":
            return f"Taken back{run}"
        case _:
            return "Waits for a lead"


def customer_words(line: ConflictLine, limit: int = 80) -> str:
    """`Acme GmbH (acct_42)`."""
    name, account = one_line(line.name, limit), one_line(line.account, min(limit, 60))
    return f"{name} ({account})" if name else account or "An account"


def conflict_title(line: ConflictLine) -> str:
    """`Acme GmbH (acct_42), tier`; without the field where it is about the whole customer."""
    whom = customer_words(line)
    return f"{whom}, {one_line(line.field, 64)}" if line.field else whom
