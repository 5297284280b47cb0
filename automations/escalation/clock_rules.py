"""SLA clocks that warn or are breached, as firings; and until when the mirror is waited for before one is told.

What the desk was not read past cannot be told from what was answered a moment ago; so a deadline waits until the mirror
was read beyond it, but never longer than a minute.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from automations.durations import in_words
from automations.escalation.context import EscalationContext
from automations.escalation.found import Found, key_of
from automations.escalation.reasons import EscalationReason
from automations.sla.keeping import DueClock, due
from automations.words import when

SWEEP_EVERY: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(seconds=60) - SWEEP_EVERY
"""How long a deadline waits for the mirror: the sweep after that still finds it within the minute."""

KINDS: Final = {"first_reply": "first reply", "next_reply": "next reply", "resolution": "resolution"}


def clocks_due(
    session: Session, ctx: EscalationContext, *, read_at: datetime | None, limit: int
) -> Iterator[tuple[DueClock, Found]]:
    """Clocks that are to be told now, each with its firing."""
    now = ctx.clock.now()
    for clock in due(session, ctx.desk_system, now, limit):
        seen = read_at is not None and read_at >= clock.at
        if seen or now - clock.at >= LONGEST_WAIT:
            yield clock, _found(clock, ctx, read_at, seen=seen)


def _found(clock: DueClock, ctx: EscalationContext, read_at: datetime | None, *, seen: bool) -> Found:
    breached = clock.which == "breach"
    length = in_words(timedelta(seconds=clock.target_s))
    promised = f"{clock.target}: {length}" + (", working hours" if clock.counted == "working" else "")
    said = f"{KINDS[clock.kind]} {'was' if breached else 'is'} due {when(clock.due_at, ctx)} ({promised})"
    last = when(read_at, ctx) if read_at is not None else "an unknown time"
    unread = f"the desk was last read at {last}, so somebody may have answered since"
    return Found(
        reason=EscalationReason.SLA_BREACH if breached else EscalationReason.SLA_WARNING,
        rule=f"sla {clock.target}",
        version=ctx.policy.version,
        key=key_of("sla", clock.system, clock.ticket_id, clock.kind, str(clock.turn), clock.which),
        subject="ticket",
        system=clock.system,
        subject_id=clock.ticket_id,
        due_at=clock.at,
        inputs={
            "clock": clock.kind,
            "turn": clock.turn,
            "target": clock.target,
            "target_s": clock.target_s,
            "spent_s": clock.spent_s,
            "due_at": clock.due_at.isoformat(),
            "desk_read_at": read_at.isoformat() if read_at is not None else None,
        },
        evidence=(said,) if seen else (said, unread),
    )
