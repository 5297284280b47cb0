"""Taking back what triage applied in a stretch of time: a run that puts each ticket back where it stood before.

One step for each applied decision, newest first, so that a ticket that was moved twice goes back twice. A ticket that
somebody else has moved since is theirs: it is left, and listed on the card. What a ticket had none of before stays,
since no desk takes a group or a priority away, and that is said on the card too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, IdempotencyKey
from automations.errors import Refused, Rejected, Unavailable
from automations.plan import Plan, Step
from automations.ports import HelpDesk
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.kinds import Action, Asked, RunKind
from automations.runs.rows import approvals, run_ref
from automations.runs.window import Window
from automations.triage.applying import apply, give_up, possible
from automations.triage.context import NAME, TriageContext
from automations.triage.decisions import UNDER_WAY, after, back_to, before, decision_ref, found, move, write_down
from automations.triage.place import Place, between, in_words, place_of
from automations.triage.telling import follow
from automations.words import in_brief, when
from storage import audit
from storage.engine import Database
from storage.models import Run, RunApproval, TriageDecision

RESTORE: Final = "restore"
TICKET: Final = "triage.restore"
"""The kind of run, and that of its steps."""
MOST: Final = 200
"""Tickets that one run puts back: each is looked at in the desk before anybody is asked."""
_LISTED: Final = 50
_FOR_GOOD: Final = "What is put back is not set again by an undo of this; people set a ticket's queue in the desk."


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied: in this window, by this rule and for this intent; empty for any."""

    window: Window
    rule: str = ""
    intent: str = ""


def run_context(ctx: TriageContext, channel: str) -> RunContext:
    """What acts on such runs are given; they only restore, so they work in every mode. `channel`: where leads are."""
    return RunContext(
        roster=ctx.roster,
        zone=ctx.zone,
        jobs=ctx.jobs,
        clock=ctx.clock,
        redactor=ctx.redactor,
        automation=NAME,
        mode=ctx.mode,
        channel=ctx.channel or channel,
        owner=ctx.owner,
        only_restores=True,
    )


def ask_to_restore(session: Session, applied: Applied, actor: Actor, ctx: RunContext) -> Run:
    """Ask for the plan. Raises: Refused for a rule or intent that nothing was applied by, with what is known; `ask`."""
    columns = (TriageDecision.rule, applied.rule, "rule"), (TriageDecision.intent, applied.intent, "intent")
    for column, name, what in columns:
        if name and session.scalar(select(TriageDecision.id).where(column == name).limit(1)) is None:
            known = in_brief(", ".join(filter(None, session.scalars(select(column).distinct().order_by(column)))), 300)
            raise Refused(f"Nothing was decided by the {what} {in_brief(name, 80)!r}. Known: {known or 'none yet'}.")
    options = {
        "rule": applied.rule,
        "intent": applied.intent,
        "since": applied.window.since.isoformat(),
        "until": applied.window.until.isoformat(),
    }
    return ask(session, RESTORE, "", options, actor, ctx, name=f"{applied.rule}/{applied.intent}"[:120])


class Restoring:
    """The kind of run and its action; `context` gives triage's own context as it is at that moment."""

    def __init__(self, database: Database, desk: HelpDesk, context: Callable[[], TriageContext]) -> None:
        self._database = database
        self._desk = desk
        self.kind = RunKind(RESTORE, self._plan, undoable=False)
        self.actions: Mapping[str, Action] = {TICKET: _Restore(database, desk, context)}

    def _plan(self, asked: Asked, ctx: RunContext) -> Plan:
        options = asked.options
        since, until = datetime.fromisoformat(options["since"]), datetime.fromisoformat(options["until"])
        with self._database.read() as session:
            rows = _applied(session, self._desk.system, since, until, options["rule"], options["intent"])
            session.expunge_all()
        where = f"from {when(since, ctx)} until {when(until, ctx)}"
        tickets = len({row.ticket_id for row in rows})
        if tickets > MOST:
            raise Refused(
                f"Triage changed {tickets} tickets {where}, more than the {MOST} of one run. Give a shorter time, a "
                "rule or an intent. Nothing was changed."
            )
        steps, left = self._ways_back(rows, asked.run_id)
        if not steps:
            why = f" {' '.join(left[:5])}" if left else ""
            raise Refused(f"There is nothing to put back of what triage applied {where}.{why} Nothing was changed.")
        more = [f"and {len(left) - _LISTED} more are left."] if len(left) > _LISTED else []
        return Plan(
            kind=RESTORE,
            subject="",
            title=f"Put back what triage applied to {tickets} {'ticket' if tickets == 1 else 'tickets'}",
            steps=tuple(steps),
            facts=(
                ("Applied", where),
                ("Only", ", ".join(filter(None, (_named("rule", options), _named("intent", options)))) or "everything"),
                ("Left", str(len(left))),
            ),
            warnings=(_FOR_GOOD, *left[:_LISTED], *more),
        )

    def _ways_back(self, rows: list[TriageDecision], run_id: int) -> tuple[list[Step], list[str]]:
        """The steps, newest decision first, and in words what is left."""
        steps: list[Step] = []
        left: list[str] = []
        stands: dict[str, tuple[Place | str, int | None]] = {}
        for row in rows:
            if row.ticket_id not in stands:
                stands[row.ticket_id] = look_at(self._desk, row), None
            here, needs = stands[row.ticket_id]
            ref = f"Ticket #{row.ticket_id} ({decision_ref(row.id)})"
            end, start = possible(after(row), self._desk), possible(back_to(row), self._desk)
            if isinstance(here, str):
                left.append(f"{ref} {here}, so it is left.")
            elif end == start:
                left.append(f"{ref} cannot be put back: it had none of it before, and no desk takes it away.")
            elif here != end:
                left.append(f"{ref} was moved since: it is in {in_words(here)}, so it is left.")
            else:
                steps.append(_step(row, start, end, run_id, needs))
                stands[row.ticket_id] = start, len(steps) - 1
        return steps, left


def look_at(desk: HelpDesk, row: TriageDecision) -> Place | str:
    """Where the ticket stands, of what the desk can set; in words if it is gone. Raises: AdapterError."""
    try:
        shown = desk.get(row.ticket_id)
    except Rejected as exc:
        if exc.code != "no_ticket":
            raise
        return "was deleted"
    return "was merged into another one" if shown.merged_into is not None else possible(place_of(shown), desk)


@dataclass(frozen=True, slots=True)
class _Restore:
    """Has an applied decision undone, by the same act and the same care as the button Undo on its message."""

    database: Database
    desk: HelpDesk
    context: Callable[[], TriageContext]

    def look(self, step: Step) -> str | None:
        """Where the ticket stands; back only once the decision says so too."""
        with self.database.read() as session:
            row = found(session, int(step.arg["decision"]))
            session.expunge(row)
        here = look_at(self.desk, row)
        if isinstance(here, str):
            return here
        end, start = possible(after(row), self.desk), possible(back_to(row), self.desk)
        if row.state == "undone" or not between(here, start, end):
            return in_words(here)
        return in_words(end)

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        """Raises: Unavailable (nothing was sent; the decision is as it was), OutcomeUnknown, Rejected, Refused."""
        decision_id, ctx = int(step.arg["decision"]), self.context()
        with self.database.begin() as session:
            self._ask(session, decision_id, int(step.arg["run"]), ctx)
        try:
            apply(self.database, self.desk, decision_id, ctx)
        except Rejected as exc:
            with self.database.begin() as session:
                give_up(session, decision_id, str(exc), ctx)
            raise
        except Unavailable:
            with self.database.begin() as session:
                _as_before(session, decision_id, ctx)
            raise

    def _ask(self, session: Session, decision_id: int, run_id: int, ctx: TriageContext) -> None:
        """Say that the decision is being taken back, on the word of who confirmed the run. Once is enough."""
        audit.hold(session)
        row = found(session, decision_id)
        if row.undo_by is not None and row.state in UNDER_WAY:
            return
        run = session.get_one(Run, run_id)
        yes: list[RunApproval] = approvals(session, run)
        by = yes[0].by if yes else HANDOFF.id
        since = ("applied", "failed") if row.undo_by is not None else ("applied",)
        moved = move(session, decision_id, since, "applying", undo_by=by, error="")
        if moved is None:
            raise Refused(f"{decision_ref(decision_id)} is {row.state} by now, so its ticket was left as it is")
        told = {**back_to(moved)._asdict(), "by": run_ref(run_id), "on_the_word_of": by}
        write_down(session, moved, HANDOFF, "undo_asked", "applying", ctx, before={"state": row.state}, after=told)
        follow(session, moved, ctx)


def _as_before(session: Session, decision_id: int, ctx: TriageContext) -> None:
    """Nothing was sent: the decision is applied as before, so that it never waits for a job that nobody asked for."""
    audit.hold(session)
    row = found(session, decision_id)
    if row.state not in UNDER_WAY or row.called_at is not None:
        return
    moved = move(session, decision_id, UNDER_WAY, "applied", undo_by=None)
    if moved is not None:
        write_down(session, moved, HANDOFF, "undo_postponed", "applied", ctx, before={"state": "applying"})
        follow(session, moved, ctx)


def _applied(
    session: Session, system: str, since: datetime, until: datetime, rule: str, intent: str
) -> list[TriageDecision]:
    """What was read back as applied in that time, newest first."""
    wanted = [
        TriageDecision.system == system,
        TriageDecision.state == "applied",
        TriageDecision.verified_at >= since,
        TriageDecision.verified_at < until,
    ]
    wanted += [TriageDecision.rule == rule] if rule else []
    wanted += [TriageDecision.intent == intent] if intent else []
    return list(session.scalars(select(TriageDecision).where(*wanted).order_by(TriageDecision.id.desc())))


def _step(row: TriageDecision, start: Place, end: Place, run_id: int, needs: int | None) -> Step:
    stays = [
        f"the {name} stays, it had none before"
        for name, was, now in zip(("queue", "priority"), before(row), end, strict=True)
        if now and not was
    ]
    words = f"Ticket #{row.ticket_id} back to {in_words(start)} ({decision_ref(row.id)})"
    return Step(
        kind=TICKET,
        target=f"ticket #{row.ticket_id}",
        before=in_words(end),
        after=in_words(start),
        words=f"{words}; {', '.join(stays)}" if stays else words,
        args=(("decision", str(row.id)), ("run", str(run_id))),
        needs=() if needs is None else (needs,),
    )


def _named(what: str, options: Mapping[str, str]) -> str:
    return f"{what} {options[what]}" if options[what] else ""
