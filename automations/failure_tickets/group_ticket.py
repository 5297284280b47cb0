"""The parent ticket of a group: made once, closed with the group, opened again with it; true only when read back.

    wanted -> creating -> created -> verified
    creating (found after a crash) and unknown are looked up by our own key before anything is made again

What a step is about to do is committed before it is done, what came of it after. While a closing of a member may still
be taken back the desk hears nothing of the end. A desk without parent tickets is never asked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    HANDOFF,
    IdempotencyKey,
    Ticket,
)
from automations.errors import AdapterError, OutcomeUnknown, OverBudget, Rejected, Unavailable
from automations.failure_tickets import group_life, journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.group_wanted import Parent, Step, difference, load, next_step
from automations.failure_tickets.placing import group_place, group_ref, show
from automations.failure_tickets.ticket_row import outcome_of
from automations.failure_tickets.wanted import settled
from automations.ports import HelpDesk
from storage import audit
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import Case, CaseGroup, CaseTicket


def advance(database: Database, desk: HelpDesk, group_id: int, ctx: Context) -> Step | None:
    """Make one next step true and return its name; None at rest.

    Raises: NotFound; Unavailable (try again), OutcomeUnknown (try again, it will look first), Rejected (a person has
    to act). What is missing is stored in words before any of them leaves here.
    """
    if Capability.PARENTS not in desk.capabilities:
        return None
    try:
        with alone(database, f"group/{group_id}"):
            with database.read() as session:
                parent = load(session, group_id, ctx)
            if (step := next_step(parent)) is not None:
                with _failures_kept(database, parent, step, ctx):
                    _make(step, database, desk, parent, ctx)
            return step
    except Occupied as exc:
        raise Unavailable(f"another worker is still at {group_ref(group_id)}", system=desk.system) from exc


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, int]]]:
    """List groups that ended while a closing could still be taken back, and now cannot: a key, and the group."""
    if Capability.PARENTS not in ctx.desk_can:
        return []
    held = select(Case.id).where(Case.group_id == CaseGroup.id, Case.hold_until.is_not(None)).exists()
    ended = CaseGroup.closed_at.is_not(None), CaseGroup.ticket_wanted > CaseGroup.ticket_verified, ~held
    found = session.execute(select(CaseGroup.id, CaseGroup.ticket_wanted).where(*ended).order_by(CaseGroup.id))
    return [(f"{group_id}/{wanted}", {"group_id": group_id}) for group_id, wanted in found]


def go_on(session: Session, args: Mapping[str, Any], ctx: Context) -> None:
    """Ask for the parent ticket of a group to follow its end, now that nobody can take it back."""
    group = session.get_one(CaseGroup, int(args["group_id"]))
    key = f"group/{group.id}/ticket/{group.ticket_wanted}/settled"
    ctx.jobs.enqueue(session, group_life.SYNC, key, {"group_id": group.id})


def _make(step: Step, database: Database, desk: HelpDesk, parent: Parent, ctx: Context) -> None:
    if parent.ticket_id is not None and parent.system != desk.system:
        words = f"the ticket is in {parent.system}, but the desk in use is {desk.system}"
        raise Rejected(words, system=desk.system, code="other_desk")
    match step:
        case "look_up":
            _look_up(database, desk, parent, ctx)
        case "create":
            _create(database, desk, parent, ctx)
        case "bring":
            _bring(database, desk, parent, ctx)


def _look_up(database: Database, desk: HelpDesk, parent: Parent, ctx: Context) -> None:
    found = desk.find(IdempotencyKey(parent.key), since=parent.draft.since)
    if found is not None:
        _store(database, desk, parent, found, "found", ctx)
        return
    settled(desk, parent.asked_at, ctx.clock.now())
    with database.begin() as session:
        _move(session, parent, {"ticket_state": "wanted"}, only_from=("creating", "unknown"))


def _create(database: Database, desk: HelpDesk, parent: Parent, ctx: Context) -> None:
    with database.begin() as session:
        asked = {"ticket_asked_at": ctx.clock.now()}
        values = {"ticket_state": "creating", "ticket_system": desk.system, **asked}
        if not _move(session, parent, values, only_from=("wanted",)):
            return
    made = desk.create(parent.draft, key=IdempotencyKey(parent.key))
    _store(database, desk, parent, made, "done", ctx)


def _store(database: Database, desk: HelpDesk, parent: Parent, ticket: Ticket, outcome: str, ctx: Context) -> None:
    """Keep the new ticket, and let every member's ticket be brought under it."""
    values = {"ticket_state": "created", "ticket_system": desk.system, "ticket_id": ticket.id, "ticket_url": ticket.url}
    with database.begin() as session:
        _audit(session, parent, ctx, "ticket.create", outcome, {"ticket": ticket.id, "url": ticket.url})
        grown = update(Case).where(Case.group_id == parent.group_id).values(version=Case.version + 1)
        options = {"synchronize_session": False}
        members = session.execute(grown.returning(Case.id, Case.version), execution_options=options).all()
        _move(session, parent, values, only_from=("creating", "unknown"))
        for case_id, version in sorted(members):
            session.execute(
                update(CaseTicket).where(CaseTicket.case_id == case_id).values(wanted_version=version),
                execution_options=options,
            )
            ctx.jobs.enqueue(session, journal.SYNC, f"ticket/{case_id}/{version}", {"case_id": case_id})


def _bring(database: Database, desk: HelpDesk, parent: Parent, ctx: Context) -> None:
    assert parent.ticket_id is not None, "a created ticket has an id"
    shown = desk.get(parent.ticket_id)
    change = difference(parent, shown)
    if not change.empty:
        with database.begin() as session:
            _move(session, parent, {"ticket_state": "created"}, only_from=("verified",))
        desk.update(parent.ticket_id, change, key=IdempotencyKey(f"{parent.key}/v{parent.wanted}"))
        asked = {field: value for field, value in asdict(change).items() if value}
        with database.begin() as session:
            _audit(session, parent, ctx, "ticket.update", "done", asked)
        shown = desk.get(parent.ticket_id)
    if not (left := difference(parent, shown)).empty or shown.key != parent.key:
        what = f"the status {shown.status}" if left.status else "another owner" if left.assignee else "another key"
        raise Unavailable(f"the desk shows {what} on the parent ticket", system=desk.system)
    seen = {"status": shown.status.value, "assignee": shown.assignee, "key": shown.key}
    with database.begin() as session:
        _audit(session, parent, ctx, "ticket.verify", "done", seen)
        verified = {"ticket_state": "verified", "ticket_verified": parent.wanted, "ticket_missing": None}
        _move(session, parent, verified | {"ticket_verified_at": ctx.clock.now(), "ticket_url": shown.url})
        _refresh(session, parent, ctx)


@contextmanager
def _failures_kept(database: Database, parent: Parent, step: Step, ctx: Context) -> Iterator[None]:
    """Store what went wrong, in words and as the state to go on from, and let the error through."""
    try:
        yield
    except AdapterError as exc:
        words = ctx.redactor.text(str(exc))
        unknown, paced = isinstance(exc, OutcomeUnknown), isinstance(exc, OverBudget)
        with database.begin() as session:
            if words != parent.missing and not paced:
                _audit(session, parent, ctx, f"ticket.{step}", outcome_of(exc), {"why": words})
            if step == "create":
                _move(session, parent, {"ticket_state": "unknown" if unknown else "wanted"}, only_from=("creating",))
            if words != parent.missing and not paced:
                _move(session, parent, {"ticket_missing": words})
                _refresh(session, parent, ctx)
        raise


def _move(session: Session, parent: Parent, values: Mapping[str, Any], *, only_from: tuple[str, ...] = ()) -> bool:
    moved = update(CaseGroup).where(CaseGroup.id == parent.group_id)
    if only_from:
        moved = moved.where(CaseGroup.ticket_state.in_(only_from))
    return session.scalar(moved.values(dict(values)).returning(CaseGroup.id)) is not None


def _refresh(session: Session, parent: Parent, ctx: Context) -> None:
    channel = session.scalar(select(CaseGroup.channel).where(CaseGroup.id == parent.group_id)) or ""
    show(session, group_place(parent.group_id, channel), ctx, ctx.clock.now())


def _audit(session: Session, parent: Parent, ctx: Context, action: str, outcome: str, after: Mapping[str, Any]) -> None:
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action=action,
        target=group_ref(parent.group_id),
        outcome=outcome,
        correlation_id=parent.correlation_id,
        after=after,
    )
