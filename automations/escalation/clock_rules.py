"""SLA clocks that warn or are breached, as firings; and until when the mirror is waited for before one is told.

What the desk was not read past cannot be told from what was answered a moment ago; so a deadline waits until the mirror
was read beyond it, but never longer than a minute.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.durations import in_words
from automations.escalation.context import EscalationContext
from automations.escalation.found import Found, key_of
from automations.escalation.reasons import EscalationReason
from automations.sla.keeping import DueClock, due
from automations.words import when
from storage.models import SlaClock

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
        at = clock.due_at if clock.told == "breached" else clock.warn_at
        seen = read_at is not None and read_at >= at
        if seen or now - at >= LONGEST_WAIT:
            yield clock, _found(clock, at, ctx, read_at=None if seen else read_at, seen=seen)


def tell(session: Session, clock: DueClock, ctx: EscalationContext) -> None:
    """Note on the clock what has fired for it, unless it runs another turn by now."""
    mine = SlaClock.system == ctx.desk_system, SlaClock.ticket_id == clock.ticket_id, SlaClock.kind == clock.kind
    session.execute(
        update(SlaClock).where(*mine, SlaClock.turn == clock.turn).values(told=clock.told),
        execution_options={"synchronize_session": False},
    )


def _found(
    clock: DueClock, at: datetime, ctx: EscalationContext, *, read_at: datetime | None, seen: bool
) -> Found:
    breached = clock.told == "breached"
    reason = EscalationReason.SLA_BREACH if breached else EscalationReason.SLA_WARNING
    length = in_words(timedelta(seconds=clock.target_s))
    said = "was due" if breached else "is due"
    evidence = [f"{KINDS[clock.kind]} {said} {when(clock.due_at, ctx)} ({clock.target}: {length}, {clock.hours} hours)"]
    if not seen:
        last = when(read_at, ctx) if read_at is not None else "never"
        evidence.append(f"the desk was last read at {last}, so somebody may have answered since")
    return Found(
        reason=reason,
        rule=f"sla {clock.target}",
        version=clock.policy_version,
        key=key_of("sla", ctx.desk_system, clock.ticket_id, clock.kind, str(clock.turn), clock.told),
        subject="ticket",
        system=ctx.desk_system,
        subject_id=clock.ticket_id,
        due_at=at,
        inputs={
            "clock": clock.kind,
            "turn": clock.turn,
            "target": clock.target,
            "target_s": clock.target_s,
            "due_at": clock.due_at.isoformat(),
            "desk_read_at": read_at.isoformat() if read_at is not None else None,
        },
        evidence=tuple(evidence),
    )
