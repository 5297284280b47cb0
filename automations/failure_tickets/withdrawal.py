"""Withdrawing a case that should never have been opened, and opening it again. One act each, as every act on a case.

Only a case that nobody has touched is withdrawn: open, and its history written by Handoff alone. Its ticket follows by
the job of every change; what the desk refuses waits in the failure queue.
"""

from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, case_ref
from automations.errors import NotFound, Refused
from automations.failure_tickets.closing import reopen, waits_for_a_person
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, perform
from automations.words import who
from storage.models import Case, CaseEntry, CaseTicket
from storage.retention.asked import pruned

OPEN: Final = "open"
WITHDRAWN: Final = "withdrawn"
"""Values of the step that withdraws a case; any other says in words what somebody has done with it."""


def how_it_stands(session: Session, case_id: int, ctx: Context) -> str:
    """`open` if nobody has touched the case, `withdrawn`, or in words why it is left. Raises: NotFound."""
    case = session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise NotFound(f"There is no {case_ref(case_id)}.{pruned(session, Case, case_id)}")
    return _stands(session, case, ctx)


def cannot_close(session: Session, case_id: int, ctx: Context) -> str:
    """Why the ticket of a case cannot be closed by rule, in words; empty if it can."""
    return waits_for_a_person(session, case_id, ctx)


def withdraw(session: Session, case_id: int, by: str, why: str, run_id: int, ctx: Context) -> None:
    """Close a case as opened by mistake. `by` is who confirmed it (an e-mail address), `why` what they gave, or empty.

    Raises: NotFound; Refused if somebody has touched it.
    """

    def decide(case: Case) -> Act | str:
        if (now := _stands(session, case, ctx)) != OPEN:
            raise Refused(f"{case_ref(case.id)} {now}, so it was left as it is")
        note = f"withdrawn by RUN-{run_id}" + (f": {why}" if why else "")
        emptied = dict.fromkeys(("open_key", "claimed_by", "claimed_at"))
        closed = {"closed_at": ctx.clock.now(), "closed_by": by, "close_note": note, "withdrawn_run": run_id}
        values = {"status": CaseStatus.NOT_NEEDED.value, **emptied, **closed}
        said = f"withdrew this case on the word of {who(by, ctx)}: it should not have been opened (RUN-{run_id})"
        text = f"{said}: {why}" if why else said
        return Act(WITHDRAWN, values, text, "withdrew it", f"{case_ref(case.id)} is withdrawn.")

    perform(session, case_id, HANDOFF, _as_one(ctx), decide)


def open_again(session: Session, case_id: int, ctx: Context) -> None:
    """Open a withdrawn case again. Raises: NotFound; Refused if a newer case took its place, or others changed it."""
    if (now := how_it_stands(session, case_id, ctx)) != WITHDRAWN:
        raise Refused(f"{case_ref(case_id)} {now}, so it was left as it is")
    reopen(session, case_id, HANDOFF, _as_one(ctx))


def _as_one(ctx: Context) -> Context:
    """Of many cases at once the threads do not each hear: their messages follow, and the run's card tells of all."""
    return replace(ctx, as_one=True)


def _stands(session: Session, case: Case, ctx: Context) -> str:
    status = CaseStatus(case.status)
    if status is CaseStatus.NOT_NEEDED and case.withdrawn_run is not None:
        return WITHDRAWN
    if status.closed:
        return f"was closed by {who(case.closed_by, ctx)}"
    if case.claimed_by is not None:
        return f"was claimed by {who(case.claimed_by, ctx)}"
    people = CaseEntry.case_id == case.id, CaseEntry.actor != HANDOFF.id
    touched = session.scalars(select(CaseEntry).where(*people).order_by(CaseEntry.seq.desc()).limit(1)).one_or_none()
    if touched is not None:
        return f"was worked on by {who(touched.actor, ctx)}"
    ticket = session.get(CaseTicket, case.id, populate_existing=True)
    return "has a ticket that somebody changed in the desk" if ticket is not None and ticket.accepted else OPEN
