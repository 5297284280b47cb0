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

from automations.domain import Actor
from automations.errors import Refused
from automations.plan import Plan, Step
from automations.ports import HelpDesk
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.kinds import Action, Asked, RunKind
from automations.runs.window import Window
from automations.triage.applying import possible
from automations.triage.context import NAME, TriageContext
from automations.triage.decisions import after, back_to, before, decision_ref
from automations.triage.place import Place, in_words
from automations.triage.put_back import PutBack, look_at
from automations.words import in_brief, when
from storage.engine import Database
from storage.models import Run, TriageDecision

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
        self.actions: Mapping[str, Action] = {TICKET: PutBack(database, desk, context)}

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
        back = len({step.target for step in steps})
        more = [f"and {len(left) - _LISTED} more are left."] if len(left) > _LISTED else []
        return Plan(
            kind=RESTORE,
            subject="",
            title=f"Put back what triage applied to {back} {'ticket' if back == 1 else 'tickets'}",
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
