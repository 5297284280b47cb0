"""Since when the automation watches a desk, and how far it has looked: one row, moved by whoever sweeps.

What came before it was switched on fires nothing, so that the first day brings no flood; that moment is said once in
the channel. Off and on again is a new moment; a bot that was down was never off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.escalation.context import NAME, EscalationContext
from automations.posting import put_and_deliver
from automations.words import when
from storage import audit, modes
from storage.models import DeskFact
from storage.upsert import insert_into

MODES: Final = (Mode.OFF, Mode.SHADOW, Mode.AUTO)
LINE: Final = "escalation.line"
"""The kind of one line: in the thread of an escalation, or that the automation is on."""


@dataclass(frozen=True, slots=True)
class Watch:
    """`since`: when it was switched on. `swept`: when the last sweep began, so what changed before it was looked at."""

    since: datetime
    swept: datetime


def mode(session: Session, ctx: EscalationContext) -> Mode:
    """The mode in force: one set by command wins. Off for a word that is no mode of it, and without a channel."""
    return wished(session, ctx) if ctx.channel else Mode.OFF


def wished(session: Session, ctx: EscalationContext) -> Mode:
    """The mode that somebody wants, whether there is a channel for it or not."""
    by_command = modes.mode_of(session, NAME)
    wanted = ctx.mode.value if by_command is None else by_command
    return Mode(wanted) if wanted in MODES else Mode.OFF


def watched(session: Session, ctx: EscalationContext) -> Watch | None:
    """Where to go on from, None if it was off until now."""
    known = _value(session, ctx)
    return Watch(**{name: datetime.fromisoformat(at) for name, at in known.items()}) if known else None


def switch(session: Session, ctx: EscalationContext, chosen: Mode) -> Watch | None:
    """Where to go on from, None for off. The first time, and after it was off, it begins now and says so."""
    audit.hold(session)
    known, now = watched(session, ctx), ctx.clock.now()
    if chosen is Mode.OFF:
        if known is not None:
            write_down(session, ctx, "escalation.switched_off", outcome=chosen.value, before={"since": known.since})
            _keep(session, ctx, {})
        return None
    if known is not None:
        return known
    began = Watch(now, now)
    keep(session, ctx, began)
    write_down(session, ctx, "escalation.switched_on", outcome=chosen.value, after={"since": now})
    _say(session, ctx, chosen, now)
    return began


def on_since(session: Session, ctx: EscalationContext) -> datetime | None:
    """Since when it watches, None while it is off or has not begun yet."""
    known = _value(session, ctx)
    return datetime.fromisoformat(known["since"]) if known else None


def keep(session: Session, ctx: EscalationContext, watch: Watch) -> None:
    """Write down how far it has looked."""
    _keep(session, ctx, {name: getattr(watch, name).isoformat() for name in Watch.__dataclass_fields__})


def write_down(
    session: Session,
    ctx: EscalationContext,
    action: str,
    *,
    outcome: str,
    target: str = NAME,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row of the automation itself, or of a firing without an escalation; texts are redacted."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action=action,
        target=target,
        outcome=outcome,
        correlation_id=f"{target}/{ctx.desk_system}",
        before=None if before is None else ctx.redactor.tree(plain(before)),
        after=None if after is None else ctx.redactor.tree(plain(after)),
    )


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the log keeps them: moments as text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _value(session: Session, ctx: EscalationContext) -> Mapping[str, str]:
    mine = DeskFact.system == ctx.desk_system, DeskFact.name == NAME
    return session.scalar(select(DeskFact.value).where(*mine)) or {}


def _keep(session: Session, ctx: EscalationContext, value: dict[str, Any]) -> None:
    row = {"system": ctx.desk_system, "name": NAME, "value": value, "read_at": ctx.clock.now()}
    insert = insert_into(session, DeskFact).values(row)
    newer = {"value": insert.excluded.value, "read_at": insert.excluded.read_at}
    session.execute(insert.on_conflict_do_update(index_elements=["system", "name"], set_=newer))


def _say(session: Session, ctx: EscalationContext, chosen: Mode, now: datetime) -> None:
    how = " in shadow: it calls nobody and says once a day what it would have done" if chosen is Mode.SHADOW else ""
    text = f"Escalation is on since {when(now, ctx)}{how}. Messages and deadlines from before do not escalate."
    data = {"text": text, "mention": None, "at": now.isoformat()}
    key = f"escalation/on/{ctx.desk_system}/{now.isoformat()}"
    put_and_deliver(session, ctx, key=key, kind=LINE, channel=ctx.channel, data=data, at=now)
