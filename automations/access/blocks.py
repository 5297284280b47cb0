"""Who may do nothing in Handoff any more: set by an offboarding as its first step, lifted when that is taken back.

Besides the block itself, what they have said yes to and what is not decided yet counts no more. All else follows from
the row: no role, no duty, no cases, no personal link (see `failure_tickets.present`, `bot.desk_door`, `bot.listeners`).
"""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.plan import RunState
from automations.runs.context import RunContext
from automations.runs.journal import follow
from automations.runs.rows import found, run_ref
from storage import audit
from storage.models import AccessBlock, Run, RunApproval
from storage.upsert import insert_into


def blocked(session: Session) -> frozenset[str]:
    """The e-mail addresses of everybody who is blocked now, in lower case."""
    return frozenset(session.scalars(select(AccessBlock.email).where(AccessBlock.lifted_at.is_(None))))


def block(session: Session, email: str, also: Collection[str], run_id: int, ctx: RunContext) -> None:
    """Block somebody under each of their addresses by this run. Blocked already is success, and writes nothing."""
    audit.hold(session)
    now, addresses = ctx.clock.now(), _addresses(email, also)
    set_anew = []
    for address in addresses:
        row = {"email": address, "run_id": run_id, "since": now, "set_by": HANDOFF.id}
        added = insert_into(session, AccessBlock).values(row).on_conflict_do_nothing().returning(AccessBlock.id)
        set_anew += [address] if session.scalar(added) is not None else []
    withdrawn = _withdraw(session, addresses, ctx)
    if set_anew or withdrawn:
        after = {"addresses": set_anew, "approvals_withdrawn": [run_ref(one) for one in withdrawn]}
        _write_down(session, email, "access.blocked", run_id, ctx, after)
    for one in withdrawn:
        follow(session, found(session, one), ctx)


def lift(session: Session, email: str, also: Collection[str], run_id: int, ctx: RunContext) -> None:
    """Take a block back. Nobody blocked is success. Approvals that were withdrawn by it stay withdrawn."""
    audit.hold(session)
    standing = AccessBlock.email.in_(_addresses(email, also)), AccessBlock.lifted_at.is_(None)
    values = {"lifted_at": ctx.clock.now(), "lifted_by": HANDOFF.id}
    ended = update(AccessBlock).where(*standing).values(values).returning(AccessBlock.email)
    lifted = sorted(session.scalars(ended, execution_options={"synchronize_session": False}))
    if lifted:
        _write_down(session, email, "access.unblocked", run_id, ctx, {"addresses": lifted})


def _withdraw(session: Session, addresses: Collection[str], ctx: RunContext) -> list[int]:
    """Let their approvals of runs that are not decided yet count no more. Returns the runs' numbers."""
    undecided = select(Run.id).where(Run.state.in_((RunState.ASKED.value, RunState.PROPOSED.value)))
    theirs = RunApproval.by.in_(addresses), RunApproval.withdrawn_at.is_(None), RunApproval.run_id.in_(undecided)
    ended = update(RunApproval).where(*theirs).values(withdrawn_at=ctx.clock.now()).returning(RunApproval.run_id)
    return sorted(session.scalars(ended, execution_options={"synchronize_session": False}))


def _addresses(email: str, also: Collection[str]) -> list[str]:
    return sorted({one.lower() for one in (email, *also)})


def _write_down(
    session: Session, email: str, action: str, run_id: int, ctx: RunContext, after: dict[str, list[str]]
) -> None:
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action=action,
        target=email.lower(),
        outcome="done",
        correlation_id=found(session, run_id).correlation_id,
        after=after,
    )
