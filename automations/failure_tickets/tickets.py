"""Opening the one ticket of a case and keeping it true, a step at a time, until the desk was seen to show it.

    wanted -> creating -> created -> verified
    creating (found after a crash) and unknown are looked up by our own key before anything is made again

`advance` makes one next step true. What a step is about to do is committed before it is done, what came of it after;
a crash in between is met by the next step looking first. The ticket counts as verified only by a reading. One worker
is at a case at a time, so a state `creating` that is found was left by one that died, not by one still waiting.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, IdempotencyKey, Ticket, case_ref
from automations.errors import AdapterError, OutcomeUnknown, OverBudget, Rejected, Unavailable
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.wanted import PendingNote, Step, Wanted, difference, load, next_step, shortfall
from automations.ports import HelpDesk
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import Case, CaseEntry, CaseTicket


def advance(database: Database, desk: HelpDesk, case_id: int, ctx: Context) -> Step | None:
    """Make one next step true and return its name; None at rest.

    Raises: NotFound; Unavailable (try again), OutcomeUnknown (try again, it will look first), Rejected (a person has
    to act). What is missing is stored in words before any of them leaves here.
    """
    try:
        with alone(database, f"ticket/{case_id}"):
            with database.read() as session:
                wanted = load(session, case_id, ctx)
            step = next_step(wanted)
            if step is not None:
                with _failures_kept(database, wanted, step, ctx):
                    _Run(database, desk, wanted, ctx).make(step)
            return step
    except Occupied as exc:
        raise Unavailable(f"another worker is still at {case_ref(case_id)}", system=desk.system) from exc


class _Run:
    """One step for one ticket: the four things every step needs, so that each step reads top to bottom."""

    def __init__(self, database: Database, desk: HelpDesk, wanted: Wanted, ctx: Context) -> None:
        self.database = database
        self.desk = desk
        self.wanted = wanted
        self.ctx = ctx

    def make(self, step: Step) -> None:
        if self.wanted.ticket_id is not None and self.wanted.system != self.desk.system:
            words = f"the ticket is in {self.wanted.system}, but the desk in use is {self.desk.system}"
            raise Rejected(words, system=self.desk.system, code="other_desk")
        match step:
            case "look_up":
                self._look_up()
            case "create":
                self._create()
            case "note":
                assert self.wanted.note is not None
                self._note(self.wanted.note)
            case "update":
                self._update()
            case "read_back":
                self._read_back()

    def _look_up(self) -> None:
        found = self.desk.find(IdempotencyKey(self.wanted.key))
        if found is not None:
            self._store_created(found, sent=0, outcome="found")
            return
        with self.database.begin() as session:
            _move(session, self.wanted, {"state": "wanted"}, only_from=("creating", "unknown"))

    def _create(self) -> None:
        with self.database.begin() as session:
            values = {"state": "creating", "system": self.desk.system}
            if not _move(session, self.wanted, values, only_from=("wanted",)):
                return
        reach("ticket.creating")
        made = self.desk.create(self.wanted.draft, key=IdempotencyKey(self.wanted.key))
        reach("ticket.created")
        self._store_created(made, sent=0 if self.wanted.closed else self.wanted.version, outcome="done")
        reach("ticket.stored")

    def _store_created(self, ticket: Ticket, *, sent: int, outcome: str) -> None:
        values = {"state": "created", "ticket_id": ticket.id, "url": ticket.url, "seen": {"sent": sent}}
        try:
            with self.database.begin() as session:
                self._audit(session, "ticket.create", outcome, {"ticket": ticket.id, "url": ticket.url})
                _move(session, self.wanted, values | {"system": self.desk.system}, only_from=("creating", "unknown"))
        except IntegrityError as exc:
            words = f"ticket #{ticket.id} belongs to another case already"
            raise Rejected(words, system=self.desk.system, code="ticket_taken") from exc

    def _note(self, note: PendingNote) -> None:
        self._begin_change()
        key = IdempotencyKey(f"{self.wanted.key}/entry/{note.seq}")
        self.desk.note(self._ticket_id, note.text, author=note.author, key=key)
        with self.database.begin() as session:
            self._audit(session, "ticket.note", "done", {"ticket": self._ticket_id, "entry": note.seq})
            entry = CaseEntry.case_id == self.wanted.case_id, CaseEntry.seq == note.seq
            session.execute(update(CaseEntry).where(*entry).values(written_at=self.ctx.clock.now()))

    def _update(self) -> None:
        self._begin_change()
        shown = self.desk.get(self._ticket_id)
        change = difference(self.wanted, shown)
        if not change.empty:
            self.desk.update(self._ticket_id, change, key=IdempotencyKey(f"{self.wanted.key}/v{self.wanted.version}"))
        with self.database.begin() as session:
            if not change.empty:
                asked = {field: value for field, value in asdict(change).items() if value is not None}
                before = {field: getattr(shown, field) for field in asked}
                self._audit(session, "ticket.update", "done", asked, before=before)
            _move(session, self.wanted, {"seen": {"sent": self.wanted.version}})

    def _begin_change(self) -> None:
        """From here on the ticket may differ from what was read last."""
        with self.database.begin() as session:
            _move(session, self.wanted, {"state": "created"}, only_from=("verified",))

    def _read_back(self) -> None:
        shown = self.desk.get(self._ticket_id)
        reach("ticket.read_back")
        if (missing := shortfall(self.wanted, shown)) is not None:
            with self.database.begin() as session:
                _move(session, self.wanted, {"seen": _seen(shown, sent=0)})
            raise Unavailable(missing, system=self.desk.system)
        now = self.ctx.clock.now()
        with self.database.begin() as session:
            self._audit(session, "ticket.verify", "done", _seen(shown, sent=self.wanted.version))
            case = session.get_one(Case, self.wanted.case_id)
            journal.refresh(session, case, self.ctx)
            verified = {"state": "verified", "verified_version": self.wanted.version, "verified_at": now}
            seen = {"missing": None, "url": shown.url, "seen": _seen(shown, sent=self.wanted.version)}
            _move(session, self.wanted, verified | seen)
        reach("ticket.verified")

    @property
    def _ticket_id(self) -> str:
        assert self.wanted.ticket_id is not None, "a created ticket has an id: the database holds that"
        return self.wanted.ticket_id

    def _audit(
        self, session: Session, action: str, outcome: str, after: Mapping[str, Any], *, before: Any = None
    ) -> None:
        _write_audit(session, self.wanted, self.ctx, action, outcome, after, before=before)


@contextmanager
def _failures_kept(database: Database, wanted: Wanted, step: Step, ctx: Context) -> Iterator[None]:
    """Store what went wrong, in words and as the state to go on from, and let the error through.

    A create whose outcome is known not to have happened may be tried again; an unknown one is looked up first. That we
    wait for our own limit is nothing that went wrong, and nobody is told of it.
    """
    try:
        yield
    except AdapterError as exc:
        words = ctx.redactor.text(str(exc))
        unknown, paced = isinstance(exc, OutcomeUnknown), isinstance(exc, OverBudget)
        with database.begin() as session:
            if words != wanted.missing and not paced:
                _write_audit(session, wanted, ctx, f"ticket.{step}", _outcome(exc), {"why": words})
                journal.refresh(session, session.get_one(Case, wanted.case_id), ctx)
            if step == "create":
                _move(session, wanted, {"state": "unknown" if unknown else "wanted"}, only_from=("creating",))
            if not paced:
                _move(session, wanted, {"missing": words})
        raise


def _move(session: Session, wanted: Wanted, values: Mapping[str, Any], *, only_from: tuple[str, ...] = ()) -> bool:
    """Change the ticket row; with `only_from` only out of these states. False if it was in another one."""
    moved = update(CaseTicket).where(CaseTicket.case_id == wanted.case_id)
    if only_from:
        moved = moved.where(CaseTicket.state.in_(only_from))
    done = session.scalar(moved.values(dict(values)).returning(CaseTicket.case_id))
    return done is not None


def _seen(shown: Ticket, *, sent: int) -> dict[str, Any]:
    """What a reading showed, as it is kept with the ticket row."""
    word = shown.status_word or shown.status.value
    fields = {"status": shown.status.value, "status_word": word, "assignee": shown.assignee, "group": shown.group}
    return fields | {"priority": shown.priority.value if shown.priority else None, "key": shown.key, "sent": sent}


def _outcome(exc: AdapterError) -> str:
    match exc:
        case OutcomeUnknown():
            return "unknown"
        case Rejected():
            return "rejected"
        case _:
            return "unavailable"


def _write_audit(
    session: Session,
    wanted: Wanted,
    ctx: Context,
    action: str,
    outcome: str,
    after: Mapping[str, Any],
    *,
    before: Any = None,
) -> None:
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action=action,
        target=case_ref(wanted.case_id),
        outcome=outcome,
        correlation_id=wanted.correlation_id,
        before=before,
        after=after,
    )
