"""Having an applied decision undone as a step of a run: by the same act and with the same care as its button Undo."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, IdempotencyKey
from automations.errors import Refused, Rejected, Unavailable
from automations.plan import Step
from automations.ports import HelpDesk
from automations.runs.rows import approvals, run_ref
from automations.triage.applying import apply, give_up, possible
from automations.triage.context import TriageContext
from automations.triage.decisions import UNDER_WAY, after, back_to, decision_ref, found, move, write_down
from automations.triage.place import Place, between, in_words, place_of
from automations.triage.telling import follow
from storage import audit
from storage.engine import Database
from storage.models import Run, RunApproval, TriageDecision


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
class PutBack:
    """The action of a step that puts a ticket back. Its arguments: `decision`, and the `run` that people confirmed."""

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
