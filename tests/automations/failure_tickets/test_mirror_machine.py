"""Slack and desk change one case as they like, over a bad line: nothing bounces, both sides agree, the desk wins."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import select

from automations.domain import Actor, CaseStatus, Priority, TicketChange, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Refused, Unavailable
from automations.failure_tickets import closing, desk_feed, life, tickets
from automations.failure_tickets.moves import Outcome
from storage import audit
from storage.engine import Database
from storage.models import DeskMessage
from tests.automations.failure_tickets.shaky import ShakyDesk
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.support import FakeClock, RecordingJobs

AGENTS = {
    "anna@team.example": "anna@team.example",
    "b.okoro@desk.example": "ben@team.example",
    "lea@team.example": "lea@team.example",
}
STRANGER = "mara@desk.example"
EDITS = [
    TicketChange(assignee=""),
    TicketChange(assignee=STRANGER),
    *(TicketChange(assignee=agent) for agent in AGENTS),
    *(TicketChange(status=status) for status in (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.SOLVED)),
    *(TicketChange(priority=priority) for priority in (Priority.LOW, Priority.URGENT)),
    *(TicketChange(group=group) for group in ("Support", "Billing")),
]
FIELD_OF = {"assignee": "owner", "status": "status", "priority": "priority", "group": "queue"}


class BothSides(RuleBasedStateMachine):
    """One case, three people in Slack, four in the desk."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="handoff-mirror-"))
        shutil.copyfile(self.template, self.folder / "mirror.db")
        self.database = Database(f"sqlite:///{self.folder / 'mirror.db'}")
        self.world = World.on(self.database, FakeClock(), RecordingJobs())
        self.world.without_rules()
        self.desk = ShakyDesk.on(self.world)
        self.desk.desk.ensure_agent("Mara Lind", STRANGER)
        self.case = self.world.open()
        self.slack: Counter[str] = Counter()
        self._settle()
        self.sent = self._writes()

    def teardown(self) -> None:
        self._settle()
        with self.database.read() as session:
            assert audit.verify(session).ok
        self.both_sides_agree()
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(actor=sampled_from((ANNA, BEN, LEA)), act=sampled_from(("claim", "release", "resolve", "reopen")))
    def click(self, actor: Actor, act: str) -> None:
        words = ("done",) if act == "resolve" else ()
        do = getattr(closing if act in ("resolve", "reopen") else life, act)
        self._in_slack(lambda session: do(session, self.case, actor, *words, self.world.ctx))

    @rule(actor=sampled_from((ANNA, BEN, LEA)), to=sampled_from(sorted(AGENTS.values())))
    def reassign(self, actor: Actor, to: str) -> None:
        self._in_slack(lambda session: life.reassign(session, self.case, actor, to, self.world.ctx))

    @rule(change=sampled_from(EDITS), by=sampled_from([*AGENTS, STRANGER]))
    def edit_in_the_desk(self, change: TicketChange, by: str) -> None:
        self.desk.desk.work.change("1", change, by=by)

    @rule(change=sampled_from(EDITS), by=sampled_from([*AGENTS, STRANGER]), clicked=booleans())
    def an_edit_wins_at_rest(self, change: TicketChange, by: str, clicked: bool) -> None:
        """What somebody sets there stays and is not sent back, even if Slack changed the same a moment later."""
        self._settle()
        before, sent, was = self._writes(), self.slack.copy(), self.desk.desk.get("1")
        self.edit_in_the_desk(change, by)
        if clicked and change.assignee and (was.assignee or "") != change.assignee:
            self.reassign(ANNA, "lea@team.example")
        self._settle()
        self.slack = sent  # it did not hold, so it allows no write
        shown = self.desk.desk.get("1")
        for field in ("assignee", "status", "priority", "group"):
            if (wanted := getattr(change, field)) is not None:
                assert (getattr(shown, field) or "") == wanted
                assert self._writes()[field] == before[field], "it came back to the desk"

    @rule()
    def read_the_feed(self) -> None:
        with suppress(AdapterError):
            desk_feed.read(self.database, self.desk, self.world.ctx)

    @rule(times=integers(1, 3))
    def sync(self, times: int) -> None:
        for _ in range(times):
            with suppress(AdapterError):
                tickets.advance(self.database, self.desk, self.case, self.world.ctx)

    @rule(call=sampled_from(["update", "note", "get", "events", "changed"]), lost=booleans(), after=booleans())
    def bad_line(self, call: str, lost: bool, after: bool) -> None:
        fault: AdapterError = (
            OutcomeUnknown("no answer", system="builtin") if lost else Unavailable("503", system="builtin")
        )
        place = self.desk.after if after and lost and call in ("update", "note") else self.desk.before
        place.setdefault(call, []).append(fault)

    @rule()
    def a_minute_passes(self) -> None:
        self.world.clock.move(self.world.ctx.timing.undo_for)

    @invariant()
    def nothing_bounces(self) -> None:
        """The desk was written to no more often than Slack changed something."""
        for field, count in (self._writes() - self.sent).items():
            assert count <= self.slack[FIELD_OF[field]], f"{field}: {count} writes for {dict(self.slack)}"

    def both_sides_agree(self) -> None:
        case, row, shown = self.world.case(self.case), self.world.ticket(self.case), self.desk.desk.get("1")
        accepted = row.accepted or {}
        closed = CaseStatus(case.status).closed
        assert (row.state, row.verified_version) == ("verified", row.wanted_version)
        assert closed == (shown.status in (TicketStatus.SOLVED, TicketStatus.CLOSED)) or "status" in accepted
        assert AGENTS.get(shown.assignee or "") == case.owner or "assignee" in accepted
        assert (shown.priority, shown.group) == (case.priority, case.queue)

    def _in_slack(self, act: Callable[..., Outcome]) -> None:
        before = self.world.case(self.case)
        with suppress(Refused), self.world.begin() as session:
            act(session)
        after = self.world.case(self.case)
        if before.owner != after.owner:
            self.slack["owner"] += 1
        if CaseStatus(before.status).closed != CaseStatus(after.status).closed:
            self.slack["status"] += 1

    def _writes(self) -> Counter[str]:
        """How often we changed each field in the desk."""
        with self.database.read() as session:
            rows = session.scalars(
                select(DeskMessage).where(DeskMessage.author == "handoff", DeskMessage.kind == "change")
            )
            return Counter(field for row in rows for field, _, _ in row.changes or ())

    def _settle(self) -> None:
        """Let the line be good, and everything come to rest."""
        self.desk.before.clear()
        self.desk.after.clear()
        self.world.clock.move(self.world.ctx.timing.undo_for)
        for _ in range(40):
            desk_feed.read(self.database, self.desk, self.world.ctx)
            if tickets.advance(self.database, self.desk, self.case, self.world.ctx) is None:
                return
        raise AssertionError("never comes to rest")


@pytest.mark.slow
def test_both_sides(sqlite_template: Path) -> None:
    BothSides.template = sqlite_template
    run_state_machine_as_test(
        BothSides,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
