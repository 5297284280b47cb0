"""When a silent source is heard from again: the case of its silence closes with the event, whatever that event is.

On the way of every event, so what is not expected to be heard from costs nothing here. While the automation or the
source may not act nothing closes; the clock makes up for it in `silence`.
"""

import hashlib
from collections.abc import Collection, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.failure_tickets import closing, journal, occurrences
from automations.failure_tickets.context import Context
from automations.failure_tickets.endings import TOLD
from storage import audit
from storage.models import SourceWatch


def silence_key(source: str) -> str:
    """The case key of a source's silence; no event's key begins like this."""
    return "silent:1:" + hashlib.sha256(source.encode()).hexdigest()[:40]


def hear(session: Session, heard: Mapping[str, str], ctx: Context) -> bool:
    """Close the cases of silence of the sources just `heard`, each with what it said. True: the audit head is held now.

    Must be called before any case is touched, for sources that may act now. `ctx.mode` is the mode in force.
    """
    expected = heard.keys() & ctx.timing.expect_every.keys()
    if not expected or ctx.mode is not Mode.AUTO or not (told := _told(session, expected)):
        return False
    audit.hold(session)
    for source in sorted(told):
        over(session, source, f"{source} was heard from again: {heard[source]}", ctx)
    return True


def over(session: Session, source: str, note: str, ctx: Context) -> None:
    """Close the case of a source's silence, if it is open, and watch the source anew. The audit head must be held.

    Where the desk asks for what only a person knows the case stays open, and its thread is told.
    """
    case = occurrences.open_case_of(session, silence_key(source))
    if case is not None and (why := closing.waits_for_a_person(session, case.id, ctx)):
        text = f"heard that this silence is over: {note}. {why}"
        journal.note(session, case, verb=TOLD, actor=HANDOFF, text=text, to_desk=False, mention=None, ctx=ctx)
    elif case is not None:
        closing.close_by_rule(session, case.id, note, ctx)
    forget = update(SourceWatch).where(SourceWatch.source == source).values(told_at=None)
    session.execute(forget, execution_options={"synchronize_session": False})


def _told(session: Session, sources: Collection[str]) -> set[str]:
    silent = select(SourceWatch.source).where(SourceWatch.source.in_(sources), SourceWatch.told_at.is_not(None))
    return set(session.connection().execute(silent).scalars())
