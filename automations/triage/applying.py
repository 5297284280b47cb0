"""Making a decision true in the desk, or taking it back: change, read back, and only then say so.

What is about to be sent is committed before it is sent, and what came of it after; so a crash anywhere is met by the
next run looking first. A ticket that stands neither where the decision found it nor where it puts it was moved by
somebody else, and is left to them.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import HANDOFF, IdempotencyKey, Mode
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from automations.ports import HelpDesk
from automations.triage.context import TriageContext
from automations.triage.deciding import APPLY
from automations.triage.decisions import UNDER_WAY, after, back_to, before, found, mode, move, write_down
from automations.triage.place import Place, as_change, between, changes, in_words, place_of
from automations.triage.telling import follow
from automations.words import in_brief
from storage import audit, stuck
from storage.boundaries import reach
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import TriageDecision

LONGEST_REASON: Final = 1_000


def apply(database: Database, desk: HelpDesk, decision_id: int, ctx: TriageContext) -> None:
    """Carry out what was asked for, until it was read back; nothing if nothing was, or it is done.

    Raises: NotFound; Unavailable (try again); OutcomeUnknown (try again, it will look first); Rejected (a person has to
    act). The decision says so by then.
    """
    with database.begin() as session:
        row = found(session, decision_id)
        if row.state == "failed":
            _take_up(session, row, ctx)
        session.expunge(row)
    try:
        with alone(database, f"triage/{row.system}/{row.ticket_id}"):
            _Run(database, desk, decision_id, ctx).make()
    except Occupied as exc:
        words = f"another worker is still at ticket #{row.ticket_id}"
        raise Unavailable(words, system=desk.system) from exc


def give_up(session: Session, decision_id: int, why: str, ctx: TriageContext) -> None:
    """The job was given up, for this reason; nothing if it does not wait for it."""
    audit.hold(session)
    why = in_brief(ctx.redactor.text(why), LONGEST_REASON)
    row = move(session, decision_id, UNDER_WAY, "failed", error=why)
    if row is not None:
        write_down(session, row, HANDOFF, "failed", "failed", ctx, after={"state": "failed", "why": why})
        follow(session, row, ctx)


def possible(place: Place, desk: HelpDesk) -> Place:
    """The same without what this desk cannot set, which is then left as it is."""
    group = place.group if Capability.GROUPS in desk.capabilities else ""
    return Place(group, place.priority if Capability.PRIORITIES in desk.capabilities else "")


def _take_up(session: Session, row: TriageDecision, ctx: TriageContext) -> None:
    """Somebody had the failed job tried again from the failure queue: that is a Retry of the decision."""
    if stuck.last_state(session, job=APPLY, args={"decision_id": row.id}) != "retried":
        return
    audit.hold(session)
    again = move(session, row.id, ("failed",), "applying", error="")
    if again is not None:
        write_down(session, again, HANDOFF, "retried", "applying", ctx, before={"state": "failed"})
        follow(session, again, ctx)


class _Run:
    """One decision on its way. `start` is where the ticket is taken from, `end` where it is put; Undo swaps the two."""

    def __init__(self, database: Database, desk: HelpDesk, decision_id: int, ctx: TriageContext) -> None:
        self.database = database
        self.desk = desk
        self.ctx = ctx
        with database.read() as session:
            self.row = row = found(session, decision_id)
            session.expunge(row)
            self.mode = mode(session, ctx)
        self.back = row.undo_by is not None
        self.start, self.end = (after(row), back_to(row)) if self.back else (before(row), after(row))

    def make(self) -> None:
        if self.row.state not in UNDER_WAY or self._is_held_back():
            return
        if self.row.system != self.desk.system:
            words = f"the ticket is in {self.row.system}, but the desk in use is {self.desk.system}"
            raise Rejected(words, system=self.desk.system, code="other_desk")
        if (here := self._look()) is not None:
            self._make_true(here)

    def _make_true(self, here: Place) -> None:
        self.start, self.end = self._possible(self.start), self._possible(self.end)
        here = self._possible(here)
        if self.row.called_at is None:
            if here == self.end:
                self._rest("nothing" if not self.back else "undone", "was so already")
                return
            if here != self.start:
                self._moved(here)
                return
        if here != self.end:
            if not between(here, self.start, self.end):
                self._moved(here)
                return
            self._call(here)
            reach("ticket.updated")
            if (seen := self._look()) is None:
                return
            here = self._possible(seen)
        if here == self.end:
            self._rest("undone" if self.back else "applied", "verified")
        elif between(here, self.start, self.end):
            words = f"{self.desk.title} does not show the change of ticket #{self.row.ticket_id} yet"
            raise Unavailable(words, system=self.desk.system)
        else:
            self._moved(here)

    def _is_held_back(self) -> bool:
        """Whether the mode forbids it by now: what nothing was sent of yet stays undone, or waits for a person.

        Undo works in every mode, and what has left for the desk is seen through.
        """
        if self.back or self.row.called_at is not None or self.mode is Mode.AUTO:
            return False
        if self.mode is not Mode.ASK:
            self._end_elsewhere(f"triage was switched to mode {self.mode} before it was applied")
            return True
        if self.row.changed_by != HANDOFF.id:
            return False
        told = {"why": "triage was switched to mode ask before it was applied"}
        self._settle(UNDER_WAY, "proposed", "held_back", "proposed", told, changed_by=None, changed_at=None, error="")
        return True

    def _look(self) -> Place | None:
        """Where the ticket stands now. None if it is gone, which ends the decision."""
        try:
            shown = self.desk.get(self.row.ticket_id)
        except Rejected as exc:
            if exc.code != "no_ticket":
                raise
            self._end_elsewhere("the ticket was deleted")
            return None
        if shown.merged_into is not None:
            self._end_elsewhere("the ticket was merged into another one")
            return None
        return place_of(shown)

    def _possible(self, place: Place) -> Place:
        """The same without what this desk cannot set."""
        return possible(place, self.desk)

    def _call(self, here: Place) -> None:
        self._keep({"called_at": self.ctx.clock.now()})
        reach("ticket.updating")
        key = IdempotencyKey(f"triage/{self.row.id}/{self.row.version}")
        try:
            self.desk.update(self.row.ticket_id, as_change(here, self.end), key=key)
        except OutcomeUnknown as exc:
            self._unclear(str(exc))
            raise
        except (Rejected, Unavailable):
            self._keep({"called_at": None})
            raise

    def _keep(self, values: Mapping[str, Any]) -> None:
        mine = update(TriageDecision).where(TriageDecision.id == self.row.id, TriageDecision.state.in_(UNDER_WAY))
        with self.database.begin() as session:
            session.execute(mine.values(values).execution_options(synchronize_session=False))

    def _unclear(self, why: str) -> None:
        why = in_brief(self.ctx.redactor.text(why), LONGEST_REASON)
        self._settle(("applying",), "unclear", "unclear", "unclear", {"why": why}, error=why)

    def _rest(self, state: str, how: str) -> None:
        """The desk was seen to show it."""
        changed = [list(one) for one in changes(self.start, self.end)]
        values: dict[str, Any] = {"verified_at": self.ctx.clock.now(), "called_at": None, "error": ""}
        if state == "undone":
            values |= {"changed_by": self.row.undo_by}
        action = "undone" if state == "undone" else "applied"
        self._settle(UNDER_WAY, state, action, "verified", {"changes": changed, "how": how}, **values)

    def _moved(self, here: Place) -> None:
        """Somebody else moved the ticket: it is theirs."""
        words = f"somebody moved the ticket meanwhile: it is in {in_words(here)}"
        if self.back:
            values = {"undo_by": None, "called_at": None, "error": f"not undone, {words}"}
            self._settle(UNDER_WAY, "applied", "undo_refused", "refused", {"why": words}, **values)
        else:
            self._end_elsewhere(words)

    def _end_elsewhere(self, why: str) -> None:
        now = self.ctx.clock.now()
        values = {"error": why, "called_at": None, "changed_at": now}
        self._settle(UNDER_WAY, "superseded", "superseded", "superseded", {"why": why}, **values)

    def _settle(
        self, since: tuple[str, ...], state: str, action: str, outcome: str, told: Mapping[str, Any], **values: Any
    ) -> None:
        """Bring the decision to a state, with its audit row and its message, if no other worker has."""
        with self.database.begin() as session:
            audit.hold(session)
            row = move(session, self.row.id, since, state, **values)
            if row is not None:
                was = {"state": self.row.state, "queue": self.start.group, "priority": self.start.priority}
                write_down(session, row, HANDOFF, action, outcome, self.ctx, before=was, after={"state": state, **told})
                follow(session, row, self.ctx)
            reach("triage.settled")
        reach("ticket.verified")
