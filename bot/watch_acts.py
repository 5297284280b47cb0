"""What triage and escalation do in the desk, by jobs: a decision, a note to a customer, a claim that is shown there."""

from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.escalation import desk_claim, note
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref
from automations.escalation.similar_tickets import JOB as SIMILAR
from automations.escalation.similar_tickets import SolvedTickets, find_similar
from automations.failure_tickets.present import present
from automations.ports import HelpDesk
from automations.triage import applying, decisions
from automations.triage.context import TriageContext
from automations.triage.deciding import APPLY, ask_to_apply
from bot.engine import Args, JobSpec, Route
from bot.escalation_parts import as_of
from bot.live import Live
from storage.engine import Database
from storage.models import Escalation, TriageDecision

TRIES: Final = 20

ROUTES: Final = (
    *(Route(name=name, queue="desk") for name in (APPLY, note.JOB, desk_claim.JOB)),
    Route(name=SIMILAR, queue="jobs"),
)
"""All that somebody has to know who only asks for jobs."""


@dataclass(frozen=True, slots=True)
class TicketActs:
    """What is carried out in the desk of one bot. What is given up says so on its card, and has its owner.

    `solved` is kept as long as the bot runs: similar tickets are looked for in it.
    """

    database: Database
    live: Live
    desk: HelpDesk
    solved: SolvedTickets = field(default_factory=SolvedTickets)

    def triage_context(self, session: Session) -> TriageContext:
        """What every act of triage is given, with the team as it is now."""
        terms = self.live.terms
        return replace(terms.triage, roster=present(session, terms.context).roster)

    def escalation_context(self, session: Session) -> EscalationContext:
        """What every act of escalation is given, with the team and whoever stands in for somebody as it is now."""
        terms = self.live.terms
        return as_of(terms.escalation, present(session, terms.context))

    def specs(self) -> tuple[JobSpec, ...]:
        """Every job, ready for the engine."""
        return (
            JobSpec(
                name=APPLY,
                queue="desk",
                advance=self._apply,
                target=lambda args: decisions.decision_ref(int(args["decision_id"])),
                owner_of=lambda _session, _args: self.live.terms.triage.owner,
                on_stuck=self._not_applied,
                max_attempts=TRIES,
            ),
            JobSpec(
                name=note.JOB,
                queue="desk",
                advance=self._send_note,
                target=_escalation,
                owner_of=self._owner,
                on_stuck=self._note_not_sent,
                max_attempts=TRIES,
            ),
            JobSpec(
                name=desk_claim.JOB,
                queue="desk",
                advance=self._assign,
                target=_escalation,
                owner_of=self._owner,
                on_stuck=self._not_assigned,
                max_attempts=TRIES,
            ),
            JobSpec(name=SIMILAR, queue="jobs", advance=self._find_similar, target=_escalation, owner_of=self._owner),
        )

    def ask_for_what_was_lost(self) -> int:
        """Ask for the jobs of decisions, notes and claims under way, as after a restore without the engine's tables.

        Called at a start. A job that is known already is not asked for twice. Says how many were asked for.
        """
        terms = self.live.terms
        under_way = select(TriageDecision).where(TriageDecision.state.in_(decisions.UNDER_WAY))
        with self.database.begin() as session:
            decided = session.scalars(under_way.order_by(TriageDecision.id)).all()
            for decision in decided:
                ask_to_apply(session, decision, terms.triage)
            asked = len(decided)
            for row in session.scalars(select(Escalation).where(Escalation.state != "closed").order_by(Escalation.id)):
                asked += note.ask_again(session, row, terms.escalation)
                asked += desk_claim.ask_again(session, row, terms.escalation)
        return asked

    def _apply(self, args: Args) -> None:
        with self.database.read() as session:
            ctx = self.triage_context(session)
        applying.apply(self.database, self.desk, int(args["decision_id"]), ctx)

    def _not_applied(self, session: Session, args: Args, why: str) -> None:
        applying.give_up(session, int(args["decision_id"]), why, self.triage_context(session))

    def _send_note(self, args: Args) -> None:
        with self.database.read() as session:
            ctx = self.escalation_context(session)
        note.carry_out(self.database, self.desk, int(args["escalation_id"]), ctx)

    def _note_not_sent(self, session: Session, args: Args, why: str) -> None:
        note.gave_up(session, int(args["escalation_id"]), why, self.escalation_context(session))

    def _assign(self, args: Args) -> None:
        with self.database.read() as session:
            ctx = self.escalation_context(session)
        desk_claim.assign(self.database, self.desk, int(args["escalation_id"]), ctx)

    def _find_similar(self, args: Args) -> None:
        find_similar(self.database, self.solved, int(args["escalation_id"]), self.live.terms.escalation)

    def _not_assigned(self, session: Session, args: Args, why: str) -> None:
        desk_claim.gave_up(session, int(args["escalation_id"]), why, self.escalation_context(session))

    def _owner(self, session: Session, args: Args) -> str:
        """Whoever took the escalation up, or wanted the note; else the automation's owner."""
        row = session.get(Escalation, int(args["escalation_id"]))
        return (row and (row.note_by or row.claimed_by)) or self.live.terms.escalation.owner


def _escalation(args: Args) -> str:
    return escalation_ref(int(args["escalation_id"]))
