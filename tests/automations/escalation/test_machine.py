"""Whatever happens in whatever order: one open escalation of a ticket, nobody called wrongly, and no call after an end.

People claim, release, snooze and resolve; the ticket is solved and reopened; people go away and come back; the bot is
down for a while. After every sweep the calls that are new are judged by what was so at that moment.
"""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from automations.domain import Actor
from automations.errors import Refused
from automations.escalation import hours
from storage import audit
from storage.engine import Database
from tests.automations.escalation.world import ANNA, BEN, LEA, MAX, EscalationWorld
from tests.support import FakeClock, RecordingJobs

PEOPLE = (ANNA, BEN, LEA, MAX)
EXAMPLES = int(os.environ.get("HANDOFF_MACHINE_EXAMPLES", "6"))


def email(actor: Actor) -> str:
    return (actor.email or "").lower()


class Life(RuleBasedStateMachine):
    """The life of the escalations of one ticket."""

    template: Path

    @initialize(urgent=st.booleans(), owned=st.booleans())
    def begin(self, *, urgent: bool, owned: bool) -> None:
        self.folder = TemporaryDirectory(prefix="handoff-machine-")
        path = Path(self.folder.name) / "handoff.db"
        shutil.copyfile(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        self.world = EscalationWorld.on(self.database, FakeClock(), RecordingJobs())
        self.world.promise_nothing()
        self.world.rules(keywords=("cancel",))
        self.asleep_until: datetime | None = None
        self.seen = 0
        assignee = email(ANNA) if owned else ""
        self.world.ticket("1", "cancel", assignee=assignee, priority="urgent" if urgent else "normal")
        self.sweep()

    @rule(minutes=st.sampled_from((5, 15, 30, 60, 240)))
    def time_goes_by(self, minutes: int) -> None:
        self.world.clock.move(timedelta(minutes=minutes))
        self.sweep()

    @rule(hours_down=st.integers(1, 70))
    def the_bot_is_down(self, hours_down: int) -> None:
        self.world.clock.move(timedelta(hours=hours_down))
        self.sweep()

    @rule(actor=st.sampled_from(PEOPLE), name=st.sampled_from(("claim", "release")))
    def somebody_decides(self, actor: Actor, name: str) -> None:
        self.act(lambda number: self.world.act(name, number, actor), actor)

    @rule(actor=st.sampled_from(PEOPLE), other=st.sampled_from(PEOPLE))
    def somebody_passes_it_on(self, actor: Actor, other: Actor) -> None:
        self.act(lambda number: self.world.act("reassign", number, email(other), actor), actor)

    @rule(actor=st.sampled_from(PEOPLE), length=st.integers(1, 72))
    def somebody_snoozes(self, actor: Actor, length: int) -> None:
        until = self.world.now + timedelta(hours=length)
        self.act(lambda number: self.world.act("snooze", number, until, actor), actor)

    @rule(actor=st.sampled_from(PEOPLE))
    def somebody_ends_it(self, actor: Actor) -> None:
        self.act(lambda number: self.world.act("not_needed", number, actor, ""), actor)

    @rule()
    def the_customer_writes_again(self) -> None:
        self.world.clock.move(timedelta(seconds=1))
        self.world.say("1", "customer", "Please cancel.")
        self.sweep()

    @rule(status=st.sampled_from(("solved", "open")))
    def the_desk_moves_it(self, status: str) -> None:
        self.world.change("1", status=status)
        self.sweep()

    @rule(actor=st.sampled_from(PEOPLE))
    def somebody_goes_away(self, actor: Actor) -> None:
        self.world.away(email(actor), days=2)

    @rule()
    def everybody_is_back(self) -> None:
        self.world.back()

    @rule(urgent=st.booleans())
    def its_priority_changes(self, *, urgent: bool) -> None:
        self.world.change("1", priority="urgent" if urgent else "normal")
        self.sweep()

    @invariant()
    def the_log_is_whole_and_one_is_open(self) -> None:
        rows = self.world.rows()
        assert sum(row.state != "closed" for row in rows) <= 1
        for row in rows:
            pairs = pairwise(row.called)
            assert all(one["email"] != two["email"] for one, two in pairs if two["by"] != "reassign")
            assert (row.next_at is None) or row.state == "open"
            assert row.round <= self.world.ctx.rules.repeats
        with self.database.read() as session:
            assert audit.verify(session).ok

    def act(self, act: Callable[[int], Any], actor: Actor) -> None:
        """One act on the newest escalation; what it calls is judged, too. A refusal changes nothing."""
        rows = self.world.rows()
        if not rows:
            return
        before = self.world.audit_rows()
        try:
            act(rows[-1].id)
        except Refused:
            assert self.world.audit_rows() == before
        self.judge(by=email(actor))

    def sweep(self) -> None:
        self.world.sweep()
        self.judge()
        count = self.world.audit_rows()
        self.world.sweep()
        assert self.world.audit_rows() == count, "a second sweep at the same moment does nothing"

    def judge(self, by: str = "") -> None:
        """Everybody who was called since the last look is there, may be called now, and did not do it themselves."""
        mentions = [(row, whom) for row in self.world.rows() for whom in self.world.calls(row.id)]
        for row, whom in mentions[self.seen :]:
            assert whom != by
            assert self.world.ctx.roster.available(whom, self.world.now)
            quiet_ok = hours.may_call(self.world.ctx, row.priority, self.world.now)
            assert quiet_ok, f"{whom} was called at {self.world.now}"
        self.seen = len(mentions)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()


def test_whatever_happens_nobody_is_called_wrongly(sqlite_template: Path) -> None:
    class Prepared(Life):
        template = sqlite_template

    steps = settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(Prepared, settings=steps)
