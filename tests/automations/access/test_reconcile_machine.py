"""Whatever changes upstream and in the desk, and whatever people decide: the rows tell what differs."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from

from automations.access import finding_rows, findings
from automations.access.reconcile_plan import compare
from automations.errors import Refused
from automations.plan import RunState
from automations.runs import approve
from storage import audit
from storage.engine import Database
from storage.models import Finding
from tests.automations.access import reconciled
from tests.automations.access.listed import user
from tests.automations.access.reconciled import LEA, LEO
from tests.support import FakeClock, RecordingJobs

WHO = [f"a{number}@team.example" for number in range(4)]


class Drift(RuleBasedStateMachine):
    """Ten people, four of whom change."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="handoff-drift-"))
        shutil.copyfile(self.template, self.folder / "drift.db")
        self.database = Database(f"sqlite:///{self.folder / 'drift.db'}")
        self.here = reconciled.of(self.database, FakeClock(), RecordingJobs())
        self.released: datetime | None = None
        self.confirmed: set[str] = set()

    def teardown(self) -> None:
        with self.database.read() as session:
            assert audit.verify(session).ok
        suspended = {write[1] for write in self.here.team.writes}
        assert suspended <= self.confirmed, "nothing is touched about which nobody said yes"
        self.database.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        self.reconcile(confirm=False)

    @rule(email=sampled_from(WHO), active=booleans())
    def leaves_or_comes_back(self, email: str, active: bool) -> None:
        self.here.company.change(email, active=active)

    @rule(email=sampled_from(WHO), group=sampled_from(["support", "support-leads", "sales"]))
    def moves(self, email: str, group: str) -> None:
        self.here.company.change(email, groups=(group,))

    @rule(email=sampled_from(WHO), role=sampled_from(["Agent", "Senior", "Admin", "Odd"]))
    def gets_a_role(self, email: str, role: str) -> None:
        team = self.here.team
        team.users = [user(email, role) if one.agent.email == email else one for one in team.users]

    @rule(hours=sampled_from([1, 30, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.here.clock.move(timedelta(hours=hours))

    @rule(number=integers(0, 9), days=integers(1, 5))
    def keep(self, number: int, days: int) -> None:
        if row := self._open(number):
            until = self.here.clock.now() + timedelta(days=days)
            with suppress(Refused):
                self.here.act(
                    lambda session: findings.keep(session, row.id, row.digest, LEA, "agreed", until, self.here.ctx)
                )

    @rule(number=integers(0, 9))
    def confirm(self, number: int) -> None:
        if row := self._open(number):
            with suppress(Refused):
                self.here.act(lambda session: findings.confirm(session, row.id, row.digest, LEA, self.here.ctx))
                self.confirmed.add(row.subject)
            self.here.work()

    @rule(confirm=booleans())
    def reconcile(self, confirm: bool) -> None:
        with suppress(Refused):
            number = self.here.reconcile(LEA)
            if confirm and self.here.state(number) is RunState.PROPOSED:
                digest = self.here.run(number).digest
                self.here.release(number, digest)
            elif self.here.state(number) is RunState.PROPOSED:
                self.here.act(lambda session: approve.cancel(session, number, LEO, self.here.ctx))
            if self.here.state(number) is RunState.DONE:
                self._tells_what_differs()

    def _tells_what_differs(self) -> None:
        """Exactly what differs now is unsettled, once each; what is kept has time left and is what somebody saw."""
        terms = replace(self.here.reconciling.terms(self.here.ctx))
        now = compare(tuple(self.here.company.listed), tuple(self.here.team.users), terms)
        differing = {finding_rows.key_of("listed", one): one.digest for one in now.findings}
        with self.database.read() as session:
            mending = finding_rows.under_way(session)
        unsettled = [row for row in self.here.findings(*finding_rows.UNSETTLED) if row.id not in mending]
        keys = [row.key for row in unsettled]
        assert len(keys) == len(set(keys))
        assert set(keys) <= set(differing)
        assert set(differing) <= {row.key for row in self.here.findings(*finding_rows.UNSETTLED)}
        for row in unsettled:
            assert row.digest == differing[row.key]
            assert row.state in (finding_rows.OPEN, finding_rows.KEPT), "what no run mends any more is open again"
            if row.state == finding_rows.KEPT:
                assert row.until is not None
                assert row.until > self.here.clock.now()

    def _open(self, number: int) -> Finding | None:
        rows = self.here.findings(finding_rows.OPEN)
        return rows[number % len(rows)] if rows else None


def test_drift(sqlite_template: Path) -> None:
    Drift.template = sqlite_template
    run_state_machine_as_test(Drift, settings=settings(max_examples=12, stateful_step_count=14, deadline=None))
