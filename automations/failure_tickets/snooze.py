"""Snooze: a case keeps quiet until a set time. It has an end, at most a week away, at which its owner hears of it.

Nothing escalates and nobody is reminded before the end. Whoever touches the case wakes it; a new occurrence does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.errors import Refused
from automations.failure_tickets import journal, offers
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, Outcome, escalates_at, perform, refuse_closed
from automations.failure_tickets.placing import place
from automations.moments import read_moment
from automations.words import when, who
from storage import audit
from storage.models import Case

LONGEST: Final = timedelta(days=7)
MORNING: Final = time(9)
EARLY: Final = time(6)
"""Before this, the next morning is today's."""

AT_ONCE: Final = 100
"""Cases of a group that wake beside the first in one transaction."""

WOKE = "woke"


@dataclass(frozen=True, slots=True)
class Choice:
    """An end that is offered: `word` comes back, `label` is read."""

    word: str
    label: str
    until: datetime


def choices(ctx: Context) -> tuple[Choice, ...]:
    """The ends that are offered now: in an hour, in four, and the next morning on which the team works."""
    now = ctx.clock.now()
    hours = [Choice(f"{count}h", f"{count} hour{'s' * (count > 1)}", now + timedelta(hours=count)) for count in (1, 4)]
    morning = _next_morning(ctx)
    named = "Next working morning" if ctx.hours else "Next morning"
    mornings = [Choice("morning", f"{named} ({when(morning, ctx)})", morning)] if morning - now <= LONGEST else []
    return (*hours, *mornings)


def end_of(chosen: str, typed: str, ctx: Context) -> datetime:
    """Read an end: what was typed if anything was, such as `Fri 14:00`, else the choice of that word.

    Raises: Refused in words if it is neither, is past, or is more than a week away.
    """
    if typed.strip():
        return read_moment(ctx.redactor.text(typed), now=ctx.clock.now(), zone=ctx.book.zone, day_begins=MORNING)
    found = next((choice.until for choice in choices(ctx) if choice.word == chosen), None)
    if found is None:
        raise Refused("Please choose when it should come back, or type a time such as Fri 14:00.")
    return found


def snooze(session: Session, case_id: int, actor: Actor, until: datetime, ctx: Context) -> Outcome:
    """Let a case keep quiet until then. A second snooze takes the place of the first.

    Raises: Refused if the case is closed, or the end is past or more than a week away.
    """
    now, me = ctx.clock.now(), journal.identity(actor)
    if until <= now:
        raise Refused(f"{when(until, ctx)} is past already. Please choose a time to come.")
    if until - now > LONGEST:
        raise Refused(f"{when(until, ctx)} is more than {LONGEST.days} days away. A case can be snoozed that long.")

    def decide(case: Case) -> Act | str:
        refuse_closed(case, ctx)
        values: dict[str, Any] = {"snoozed_until": until, "snoozed_by": me}
        if case.status == CaseStatus.OPEN and case.escalated_at is None:
            values["escalate_at"] = escalates_at(case, ctx, begin=until)
        said = f"snoozed this case until {when(until, ctx)}"
        answer = f"{case_ref(case.id)} is snoozed until {when(until, ctx)}. Whoever acts on it wakes it."
        return Act("snoozed", values, said, f"snoozed it until {when(until, ctx)}", answer)

    return perform(session, case_id, actor, ctx, decide)


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, Any]]]:
    """List the snoozes that are over: a key with the end, and the case."""
    over = select(Case.id, Case.snoozed_until).where(Case.snoozed_until <= ctx.clock.now()).order_by(Case.id)
    found = session.execute(over).all()
    return [(f"{number}/{until.isoformat()}", {"case_id": number}) for number, until in found if until is not None]


def wake(session: Session, args: Mapping[str, Any], ctx: Context) -> bool:
    """Wake a case whose snooze is over, with a line that calls its owner. True if this call did it.

    The other cases of its group that were snoozed alike wake with it, and their owner is called once.
    """
    now = ctx.clock.now()
    audit.hold(session)
    case = session.get_one(Case, int(args["case_id"]), populate_existing=True)
    if not _is_over(case, now):
        return False
    by, end, owner = who(case.snoozed_by, ctx), when(case.snoozed_until, ctx), case.owner
    group_id = place(session, case).group_id
    beside = _beside(session, case, group_id) if group_id is not None else []
    as_told = replace(ctx, as_one=bool(beside))
    woken = [one for one in (case, *beside) if _wake(session, one, now, as_told, by=by, end=end)]
    if group_id is not None and beside and woken:
        text = f"woke {len(woken)} cases of this group, which {by} had snoozed until {end}"
        journal.tell_group(session, group_id, woken, text=text, mention=owner, ctx=ctx)
    return case in woken


def _beside(session: Session, case: Case, group_id: int) -> list[Case]:
    """Find the cases of which the same is to be said to the same person in the same thread."""
    same = (Case.group_id == group_id, Case.id != case.id, Case.owner == case.owner)
    alike = (Case.snoozed_by == case.snoozed_by, Case.snoozed_until == case.snoozed_until)
    wanted = select(Case).where(*same, *alike).order_by(Case.id).limit(AT_ONCE)
    found = session.scalars(wanted, execution_options={"populate_existing": True}).all()
    return [one for one in found if place(session, one).group_id == group_id]


def _is_over(case: Case, now: datetime) -> bool:
    return case.snoozed_until is not None and case.snoozed_until <= now


def _wake(session: Session, case: Case, now: datetime, ctx: Context, *, by: str, end: str) -> bool:
    """Wake one case. False if somebody did so meanwhile."""
    before = {field: offers.plain(getattr(case, field)) for field in ("snoozed_until", "snoozed_by")}
    over = update(Case).where(Case.id == case.id, Case.snoozed_until <= now)
    woken = over.values(snoozed_until=None, snoozed_by=None).returning(Case.id)
    if session.scalar(woken, execution_options={"synchronize_session": False}) is None:
        return False
    journal.note(
        session,
        case,
        verb=WOKE,
        actor=HANDOFF,
        text=f"woke this case, which {by} had snoozed until {end}",
        to_desk=False,
        mention=case.owner,
        ctx=ctx,
        before=before,
        after=dict.fromkeys(before),
        act="woke it",
        sync=False,
    )
    return True


def _next_morning(ctx: Context) -> datetime:
    now, zone = ctx.clock.now(), ZoneInfo(ctx.book.zone)
    local = now.astimezone(zone)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    if ctx.hours is not None:
        return ctx.hours.next_start(tomorrow if ctx.hours.covers(now) else now)
    day = local.date() if local.time() < EARLY else tomorrow.date()
    return datetime.combine(day, MORNING, zone).astimezone(now.tzinfo)
