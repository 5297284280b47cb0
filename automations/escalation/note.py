"""The note to the customer, that a specialist takes over: a person sends it, once; it never goes by itself.

Whoever presses first sends it. A call without an answer is looked for in the desk before anything is sent again, and it
counts as sent only once the desk was seen to show it.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import HANDOFF, Actor, IdempotencyKey, Role, TicketEvent
from automations.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from automations.escalation.context import EscalationContext
from automations.escalation.journal import found, move, show, subject_ref, write_down
from automations.escalation.moves import Outcome, refuse_closed, refuse_strangers
from automations.ports import HelpDesk
from automations.words import identity, typed, when, who
from storage import audit
from storage.engine import Database
from storage.models import Escalation

JOB: Final = "escalation.note"
"""Job: {"escalation_id"}."""
_SKEW: Final = timedelta(minutes=5)
"""How far the desk's clock may be behind ours."""


def send(session: Session, escalation_id: int, actor: Actor, text: str, ctx: EscalationContext) -> Outcome:
    """Send the note under the actor's name; without a text the one that was proposed.

    Raises: NotFound; Refused if it has ended, is about a case, or the desk cannot reply.
    """
    refuse_strangers(actor, ctx)
    if not ctx.can_reply:
        raise Refused(f"{ctx.desk_title} cannot send a reply for us. Write to the customer there. Nothing was sent.")
    audit.hold(session)
    row, me = found(session, escalation_id), identity(actor)
    refuse_closed(row, ctx)
    if row.subject != "ticket":
        raise Refused(f"{subject_ref(row)} has no customer to write to here. Nothing was sent.")
    if row.note_by is not None:
        return Outcome(False, _sent_already(row, me, ctx), row)
    words, turn = typed(text, ctx) or ctx.customer_note, int((row.evidence.get("note") or {}).get("turn", 0)) + 1
    now = ctx.clock.now()
    note = {"text": words, "state": "wanted", "turn": turn, "asked_at": now.isoformat(), "error": ""}
    if not move(session, row, note_by=me, note_at=None, evidence={**row.evidence, "note": note}):
        raise Refused("Others are changing it right now. Nothing was sent by you; please look again.")
    write_down(session, row, actor, "escalation.note_confirmed", ctx, after={"text": words})
    ctx.jobs.enqueue(session, JOB, f"escalation/{row.id}/note/{turn}", {"escalation_id": row.id})
    show(session, row, ctx)
    return Outcome(True, f"The note is being sent to the customer of {subject_ref(row)} under your name.", row)


def carry_out(database: Database, desk: HelpDesk, escalation_id: int, ctx: EscalationContext) -> None:
    """Send what a person confirmed and read it back. Looks first where an earlier call may have arrived.

    Raises: NotFound; Unavailable, OutcomeUnknown (try again), Rejected (a person has to act; the card says why).
    """
    with database.read() as session:
        row = found(session, escalation_id)
    if not under_way(row):
        return
    note = dict(row.evidence["note"])
    if note["state"] != "wanted" and (there := _shown_at(desk, row, note)) is not None:
        _end(database, row.id, note, "verified", "", ctx, at=there)
        return
    sending = _end(database, row.id, note, "sending", "", ctx)
    if sending is None:  # another worker has it, or somebody wrote another note meanwhile
        return
    try:
        key = IdempotencyKey(f"escalation/{row.id}/note/{note['turn']}")
        desk.reply(row.subject_id, str(note["text"]), confirmed_by=_confirmed_by(row, ctx), key=key)
        # A desk that lists no messages is believed when it says that it took it.
        there = _shown_at(desk, row, note) if Capability.EVENTS in desk.capabilities else ctx.clock.now()
        if there is None:
            raise Unavailable(f"ticket #{row.subject_id} does not show the reply yet", system=desk.system)
    except Rejected as exc:
        _end(database, row.id, sending, "failed", str(exc), ctx)
        raise
    except OutcomeUnknown as exc:
        _end(database, row.id, sending, "unclear", f"nobody knows yet whether it was sent: {exc}", ctx)
        raise
    _end(database, row.id, sending, "verified", "", ctx, at=there)


def under_way(row: Escalation) -> bool:
    """Whether a note is being sent, so that the desk may show it by now."""
    note = row.evidence.get("note") or {}
    return row.note_by is not None and note.get("state") in ("wanted", "sending", "unclear")


def gave_up(session: Session, escalation_id: int, why: str, ctx: EscalationContext) -> None:
    """Say on the card that the job was given up; whether it was sent has to be looked up in the desk."""
    audit.hold(session)
    row = found(session, escalation_id)
    note = dict(row.evidence.get("note") or {})
    if note.get("state") in ("wanted", "sending", "unclear"):
        left = note["state"] != "wanted"
        unclear = "; it may have been sent, so look in the desk before you send it again" if left else ""
        _write(session, row, note, "failed", f"{why}{unclear}", ctx)


def ask_again(session: Session, row: Escalation, ctx: EscalationContext) -> bool:
    """Ask for the job of a note under way, which is known unless the engine lost it. False if none is under way."""
    if not under_way(row):
        return False
    note = row.evidence["note"]
    ctx.jobs.enqueue(session, JOB, f"escalation/{row.id}/note/{note['turn']}", {"escalation_id": row.id})
    return True


def _sent_already(row: Escalation, me: str, ctx: EscalationContext) -> str:
    """Who was first, and when."""
    name = "You" if row.note_by == me else who(row.note_by, ctx)
    if row.note_at is not None:
        return f"{name} sent the note at {when(row.note_at, ctx)}, and it was seen in {ctx.desk_title}."
    return f"{name} {'are' if name == 'You' else 'is'} sending the note already. Nothing more was sent."


def _shown_at(desk: HelpDesk, row: Escalation, note: Mapping[str, Any]) -> datetime | None:
    """When the reply came by the desk's clock; None where the desk does not show it, or lists no messages."""
    if Capability.EVENTS not in desk.capabilities:
        return None
    since = datetime.fromisoformat(str(note["asked_at"])) - _SKEW
    said = _letters(str(note["text"]))
    return max(
        (event.at for event in desk.events(row.subject_id, after=None) if _is_it(event, since, said)), default=None
    )


def _is_it(event: TicketEvent, since: datetime, said: str) -> bool:
    return event.kind == "public" and event.at >= since and said in _letters(event.body)


def _letters(text: str) -> str:
    """Letters and digits alone: desks give markup and white space back otherwise than they got them."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _confirmed_by(row: Escalation, ctx: EscalationContext) -> Actor:
    person = ctx.roster.by_email(row.note_by)
    name, email = (person.name, person.email) if person else (str(row.note_by), row.note_by)
    return Actor(id=(person.slack if person else None) or str(row.note_by), name=name, email=email, role=Role.AGENT)


def _end(
    database: Database,
    escalation_id: int,
    note: Mapping[str, Any],
    state: str,
    error: str,
    ctx: EscalationContext,
    *,
    at: datetime | None = None,
) -> dict[str, Any] | None:
    """Write down how the note stands, and `at` which moment the desk has it.

    The note as it is then; None if it is another one by now, or stands otherwise.
    """
    with database.begin() as session:
        audit.hold(session)
        row = found(session, escalation_id)
        if dict(row.evidence.get("note") or {}) != dict(note):
            return None
        _write(session, row, note, state, error, ctx, at)
        return dict(row.evidence.get("note") or {})


def _write(
    session: Session,
    row: Escalation,
    note: Mapping[str, Any],
    state: str,
    error: str,
    ctx: EscalationContext,
    at: datetime | None = None,
) -> None:
    said = ctx.redactor.text(error)
    values: dict[str, Any] = {"evidence": {**row.evidence, "note": {**note, "state": state, "error": said}}}
    if state == "verified":
        values["note_at"] = ctx.clock.now()
        # Who had the note sent did not take the ticket up: a reply counts as that if it is younger.
        values["touched_at"] = max(ctx.clock.now(), at or ctx.clock.now(), row.touched_at)
    if state == "failed":
        values["note_by"] = None  # whoever looks at it next may send it
    if not move(session, row, **values):
        return
    if state in ("verified", "failed", "unclear"):
        after = {"ticket": row.subject_id, "by": row.note_by, "error": said}
        write_down(session, row, HANDOFF, "escalation.note", ctx, outcome=state, after=after)
        show(session, row, ctx)
