"""Opening the one ticket of a case and keeping it true, a step at a time, until the desk was seen to show it.

What others did to the ticket comes first: a reading that shows it lets the case follow (`mirror`), and nothing is sent.

    wanted -> creating -> created -> verified
    creating (found after a crash) and unknown are looked up by our own key before anything is made again;
    where a desk has no keys a person is asked instead (`unclear`), and nothing is made until they said what they found

`advance` makes one next step true. What a step is about to do is committed before it is done, what came of it after;
a crash in between is met by the next step looking first. The ticket counts as verified only by a reading. One worker
is at a case at a time, so a state `creating` that is found was left by one that died, not by one still waiting.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import IdempotencyKey, Ticket, TicketStatus, case_ref
from automations.errors import Rejected, Unavailable
from automations.failure_tickets import journal, unclear
from automations.failure_tickets.compare import difference, shortfall, values_wanted
from automations.failure_tickets.context import Context
from automations.failure_tickets.mirror import Followed, follow
from automations.failure_tickets.mirror_plan import with_sent
from automations.failure_tickets.present import present
from automations.failure_tickets.ticket_row import failures_kept, move, reading, write_audit
from automations.failure_tickets.wanted import (
    PendingNote,
    Step,
    Wanted,
    load,
    next_step,
    settled,
)
from automations.ports import HelpDesk
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
                ctx = present(session, ctx)
                wanted = load(session, case_id, ctx, can=desk.capabilities)
            step = next_step(wanted)
            if step is not None:
                with failures_kept(database, wanted, step, ctx):
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
            case "ask":
                raise unclear.ask(self.database, self.desk, self.wanted, self.ctx)
            case "take_up":
                self._take_up()
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
        found = self.desk.find(IdempotencyKey(self.wanted.key), since=self.wanted.draft.since)
        if found is not None:
            self._store_created(found, sent=0, outcome="found")
            return
        settled(self.desk, self.wanted.asked_at, self.ctx.clock.now())
        with self.database.begin() as session:
            move(session, self.wanted, {"state": "wanted"}, only_from=("creating", "unknown"))

    def _take_up(self) -> None:
        """Take the ticket that somebody found as the case's own, if it is there and names the case."""
        try:
            found = unclear.named(self.desk, self.wanted, self.ctx)
            self._store_created(found, sent=0, outcome="found")
        except Rejected as exc:
            unclear.ask_anew(self.database, self.wanted)
            words = f"{exc}. {unclear.look_for(self.desk, self.wanted, self.ctx)}"
            raise Rejected(words, system=self.desk.system, code=exc.code) from exc

    def _create(self) -> None:
        with self.database.begin() as session:
            values = {"state": "creating", "system": self.desk.system, "asked_at": self.ctx.clock.now()}
            values |= {"ours": with_sent(None, self._drafted())}
            if not move(session, self.wanted, values, only_from=("wanted",)):
                return
        reach("ticket.creating")
        made = self.desk.create(self.wanted.draft, key=IdempotencyKey(self.wanted.key))
        reach("ticket.created")
        more = self.wanted.closed or self.wanted.parent is not None
        self._store_created(made, sent=0 if more else self.wanted.version, outcome="done")
        reach("ticket.stored")

    def _drafted(self) -> dict[str, str | None]:
        """What a ticket that is made shows: the draft, open and under no other one."""
        return {**values_wanted(self.wanted), "status": TicketStatus.OPEN.value, "parent": None}

    def _store_created(self, ticket: Ticket, *, sent: int, outcome: str) -> None:
        values = {
            "state": "created",
            "ticket_id": ticket.id,
            "url": ticket.url,
            "seen": {"sent": sent},
            "unclear_at": None,
        }
        try:
            by = {"found_by": self.wanted.named_by} if self.wanted.named_by else {}
            with self.database.begin() as session:
                self._audit(session, "ticket.create", outcome, {"ticket": ticket.id, "url": ticket.url} | by)
                move(session, self.wanted, values | {"system": self.desk.system}, only_from=("creating", "unknown"))
        except IntegrityError as exc:
            words = f"ticket #{ticket.id} belongs to another case already"
            raise Rejected(words, system=self.desk.system, code="ticket_taken") from exc

    def _note(self, note: PendingNote) -> None:
        self._begin_change({})
        key = IdempotencyKey(f"{self.wanted.key}/entry/{note.seq}")
        try:
            self.desk.note(self._ticket_id, note.text, author=note.author, key=key)
        except Rejected:
            if self._follow().shown is None:  # the ticket was deleted or merged meanwhile, and the case has followed
                return
            raise
        with self.database.begin() as session:
            self._audit(session, "ticket.note", "done", {"ticket": self._ticket_id, "entry": note.seq})
            entry = CaseEntry.case_id == self.wanted.case_id, CaseEntry.seq == note.seq
            session.execute(update(CaseEntry).where(*entry).values(written_at=self.ctx.clock.now()))

    def _update(self) -> None:
        followed = self._follow()
        if (shown := followed.shown) is None or followed.moved:
            return
        change = difference(self.wanted, shown)
        asked = {field: value for field, value in asdict(change).items() if value not in (None, ())}
        self._begin_change({field: str(value) for field, value in asked.items() if field != "fields"})
        if not change.empty:
            reach("ticket.updating")
            self.desk.update(self._ticket_id, change, key=IdempotencyKey(f"{self.wanted.key}/v{self.wanted.version}"))
            reach("ticket.updated")
        with self.database.begin() as session:
            if not change.empty:
                before = {field: getattr(shown, field) for field in asked}
                self._audit(session, "ticket.update", "done", asked, before=before)
            move(session, self.wanted, {"seen": {"sent": self.wanted.version}})

    def _follow(self) -> Followed:
        """Read the ticket. What others did to it the case has followed then, and is another one than is wanted here."""
        return follow(self.database, self.desk, self.wanted, self.ctx)

    def _begin_change(self, sent: Mapping[str, str | None]) -> None:
        """From here on the ticket may differ from what was read last, and what is sent may be there unanswered."""
        with self.database.begin() as session:
            move(session, self.wanted, {"state": "created"}, only_from=("verified",))
            if sent:
                ours = session.scalar(select(CaseTicket.ours).where(CaseTicket.case_id == self.wanted.case_id))
                move(session, self.wanted, {"ours": with_sent(ours, sent)})

    def _read_back(self) -> None:
        followed = self._follow()
        reach("ticket.read_back")
        if (shown := followed.shown) is None or followed.moved:
            return
        if (missing := shortfall(self.wanted, shown)) is not None:
            with self.database.begin() as session:
                move(session, self.wanted, {"seen": reading(shown, sent=0)})
            raise Unavailable(missing, system=self.desk.system)
        now = self.ctx.clock.now()
        with self.database.begin() as session:
            self._audit(session, "ticket.verify", "done", reading(shown, sent=self.wanted.version))
            case = session.get_one(Case, self.wanted.case_id)
            journal.refresh(session, case, self.ctx)
            verified = {"state": "verified", "verified_version": self.wanted.version, "verified_at": now}
            rest = {"missing": None, "url": shown.url, "seen": reading(shown, sent=self.wanted.version)}
            move(session, self.wanted, verified | rest)
        reach("ticket.verified")

    @property
    def _ticket_id(self) -> str:
        assert self.wanted.ticket_id is not None, "a created ticket has an id: the database holds that"
        return self.wanted.ticket_id

    def _audit(
        self, session: Session, action: str, outcome: str, after: Mapping[str, Any], *, before: Any = None
    ) -> None:
        write_audit(session, self.wanted, self.ctx, action, outcome, after, before=before)
