"""The whole conversation of a ticket in the thread of its escalation: once, because a person asked for it.

Slack keeps what stands there, so it never happens by itself. A repeat of the job writes the same messages anew.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.escalation.card_types import MessageLine, ThreadPage
from automations.escalation.context import EscalationContext
from automations.escalation.conversation import whole_conversation
from automations.escalation.journal import card_key, escalation_ref, found, move, subject_ref, write_down
from automations.escalation.moves import Outcome, refuse_case, refuse_strangers
from automations.ports import HelpDesk
from automations.posting import put_and_deliver
from automations.words import identity, when, who
from storage import audit
from storage.engine import Database

JOB: Final = "escalation.conversation"
"""Job: {"escalation_id"}."""
PAGE: Final = "escalation.page"
"""The kind of a message that holds a part of the conversation."""
_KEPT: Final = "in_thread"


def ask(session: Session, escalation_id: int, actor: Actor, ctx: EscalationContext) -> Outcome:
    """Have the conversation posted into the thread, once. Raises: NotFound; Refused for a case's escalation."""
    refuse_strangers(actor, ctx)
    audit.hold(session)
    row, now = found(session, escalation_id), ctx.clock.now()
    refuse_case(row, "open")
    before: Mapping[str, Any] = row.evidence.get(_KEPT) or {}
    if before:
        at = when(datetime.fromisoformat(before["at"]), ctx)
        text = f"{who(before['by'], ctx)} had {subject_ref(row)}'s conversation posted at {at}. Nothing was posted."
        return Outcome(changed=False, text=text, row=row)
    kept = {"by": identity(actor), "at": now.isoformat()}
    if not move(session, row, evidence={**row.evidence, _KEPT: kept}):
        raise Refused(f"Others are changing {escalation_ref(row.id)} right now. Nothing was posted; please try again.")
    write_down(session, row, actor, "escalation.shown_in_thread", ctx)
    ctx.jobs.enqueue(session, JOB, f"{card_key(row.id)}/conversation", {"escalation_id": row.id})
    text = f"The conversation of {subject_ref(row)} is being posted into the thread."
    return Outcome(changed=True, text=text, row=row)


def post(database: Database, desk: HelpDesk, escalation_id: int, ctx: EscalationContext) -> int:
    """Read the conversation and post it into the thread, as several messages. How many.

    Raises: NotFound; Refused if the desk lists no messages; AdapterError.
    """
    with database.read() as session:
        row = found(session, escalation_id)
    parts = whole_conversation(desk, row.subject_id, ctx)
    with database.begin() as session:
        for number, part in enumerate(parts, start=1):
            shown = {"lines": [_plain(one) for one in part], "number": number, "of": len(parts)}
            put_and_deliver(
                session,
                ctx,
                key=f"{card_key(row.id)}/conversation/{number}",
                kind=PAGE,
                channel=ctx.channel,
                data={"escalation_id": row.id, "ref": subject_ref(row), **shown},
                at=ctx.clock.now(),
                parent_key=row.parent or card_key(row.id),
            )
    return len(parts)


def thread_page(data: Mapping[str, Any]) -> ThreadPage:
    """What a message of the thread shows, from its notification's data."""
    lines = (MessageLine(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in data["lines"])
    return ThreadPage(str(data["ref"]), tuple(lines), int(data["number"]), int(data["of"]))


def _plain(line: MessageLine) -> dict[str, Any]:
    return {"at": line.at.isoformat(), "side": line.side, "author": line.author, "text": line.text, "cut": line.cut}
