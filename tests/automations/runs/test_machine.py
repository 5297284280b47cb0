"""Runs as a state machine: whatever people, crashes, the outside and the clock do in any order, the laws hold.

`HANDOFF_RUNS` sets how many lives are played; the default is for every day.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers, lists, sampled_from
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Actor, Mode, Role
from automations.errors import Refused
from automations.plan import RunState
from automations.runs import approve, doing, journal, retry, undo
from automations.runs.propose import APPROVED_BY
from automations.words import identity
from storage import audit, stuck
from storage.engine import Database
from storage.models import AuditEntry, Run, RunApproval, RunStep, StuckItem
from tests.automations.runs.outside import FAULTS, Fault, Write
from tests.automations.runs.stage import ADA, ANNA, BEN, BENS, LEA, LEO, Death, Stage, dying, step
from tests.support import FakeClock, RecordingJobs

MOST = int(os.environ.get("HANDOFF_RUNS", "8"))
PEOPLE = (LEA, LEO, ADA, ANNA, BEN)
SUBJECTS = (BENS, "kim@team.example", "mo@team.example", "pia@team.example")
TARGETS = ("a", "b")
REQUESTS: Mapping[str, dict[str, Any]] = {
    "a role": step("desk.role", "a"),
    "other role": step("desk.role", "b", "boss"),
    "group": step("desk.group", "a"),
    "token": step("desk.token", "b", "revoked", undo=""),
    "blind": step("blind", "a"),
    "by hand": step("desk.group", "b", by_hand="Tick it.", owner="anna@team.example"),
    "said": step("blind", "b", "", before="", by_hand="Say it.", owner="anna@team.example", undo=""),
    "invited": step("invite", "a", "accepted", before="out", waits=True, undo=""),
}
PLACES = [("desk.role", "a"), ("desk.role", "b"), ("desk.group", "a"), ("desk.token", "b"), ("blind", "a")]
ACTS = ("retry", "retry", "undo", "undo", "stated", "invite", "cancel")
WANTED = lists(sampled_from(sorted(REQUESTS)), min_size=1, max_size=3, unique=True)
BOUNDARIES = (
    "run.planned",
    "run.proposed",
    "step.begun",
    "step.called",
    "step.made",
    "step.ended",
    "run.rested",
)
OPEN = {RunState.ASKED, RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING}
FINAL = {RunState.REFUSED, RunState.EXPIRED, RunState.CANCELLED, RunState.REPLACED, RunState.ROLLED_BACK}
AFTERWARDS = {
    **{state: {state} for state in FINAL},
    RunState.DONE: {RunState.DONE, RunState.ROLLED_BACK},
    RunState.RUNNING: {RunState.RUNNING, RunState.DONE, RunState.PARTIAL, RunState.FAILED, RunState.ROLLED_BACK},
    RunState.PARTIAL: {RunState.RUNNING, RunState.DONE, RunState.PARTIAL, RunState.FAILED, RunState.ROLLED_BACK},
    RunState.FAILED: {RunState.RUNNING, RunState.DONE, RunState.PARTIAL, RunState.FAILED, RunState.ROLLED_BACK},
}
"""What may follow a state, also several moves later."""


class LivesOfRuns(RuleBasedStateMachine):
    """Five people whose roles change, two subjects, things outside behind a bad line.

    `begun` are the runs that were being carried out when it was switched off; `states` and `step_states` what was seen
    last.
    """

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="handoff-runs-"))
        shutil.copyfile(self.template, self.folder / "runs.db")
        self.database = Database(f"sqlite:///{self.folder / 'runs.db'}")
        self.stage = Stage.on(self.database, FakeClock(), RecordingJobs())
        self.stage.outside.written = self.is_allowed
        self.roles: dict[str, Role | None] = {one.id: one.role for one in PEOPLE}
        self.blocked: set[str] = set()
        self.mode = Mode.ASK
        self.begun: set[int] = set()
        self.states: dict[int, RunState] = {}
        self.step_states: dict[tuple[int, int], str] = {}
        self.watching = patch.object(doing, "write_down", self.verified_by_a_reading(journal.write_down))
        self.watching.start()

    def teardown(self) -> None:
        """Let the outside be well, and much time pass: everything comes to rest, and everything is accounted for."""
        try:
            self.stage.outside.faults.clear()
            self.stage.outside.deaf.clear()
            self.set_mode(Mode.ASK)
            self.stage.play(twice=True)
            for _ in range(3):
                self.stage.wait(days=4)
            self.laws()
            self.at_rest()
            self.everything_applied_is_audited()
            with self.database.read() as session:
                verdict = audit.verify(session)
            assert verdict.ok, verdict.problem
        finally:
            self.watching.stop()
            self.database.close()
            shutil.rmtree(self.folder)

    @rule(
        wanted=WANTED,
        chained=booleans(),
        subject=sampled_from(SUBJECTS),
        by=sampled_from(PEOPLE),
        approvals=integers(1, 2),
        kind=sampled_from(("change", "leave", "once")),
    )
    def ask(self, wanted: list[str], chained: bool, subject: str, by: Actor, approvals: int, kind: str) -> None:
        steps = [REQUESTS[name] | ({"needs": [n - 1]} if chained and n else {}) for n, name in enumerate(wanted)]
        with suppress(Refused):
            self.stage.ask(*steps, by=self.now(by), subject=subject, kind=kind, approvals=approvals)

    @initialize(wanted=WANTED, kind=sampled_from(("change", "leave")))
    def begin_with_one(self, wanted: list[str], kind: str) -> None:
        self.stage.ask(*(REQUESTS[name] for name in wanted), kind=kind)

    @rule(later=booleans(), number=integers(0, 2), by=sampled_from((LEA, LEO, ADA)))
    def confirm_what_is_shown(self, later: bool, number: int, by: Actor) -> None:
        """The button of the card as it is, by somebody who mostly may."""
        self.confirm(number, by, right=True, later=later)

    @rule(
        wanted=WANTED,
        place=sampled_from(PLACES),
        fault=sampled_from((None, *FAULTS)),
        always=booleans(),
        boundary=sampled_from((None, *BOUNDARIES)),
        back=booleans(),
    )
    def carry_out(
        self,
        wanted: list[str],
        place: tuple[str, str],
        fault: Fault | None,
        always: bool,
        boundary: str | None,
        back: bool,
    ) -> None:
        """A run as it mostly goes, over what is broken now and then; `back`: and its undo."""
        self.give_role(LEA, Role.LEAD)
        self.give_role(ADA, Role.ADMIN)
        self.set_mode(Mode.ASK)
        for name in wanted:
            asked = REQUESTS[name]
            if self.stage.outside.value(asked["kind"], asked["target"]) == asked["after"]:
                self.stage.outside.drift(asked["kind"], asked["target"], "out")
        if fault is not None:
            self.stage.outside.meets(*place, fault, always=always)
        with dying(boundary or "", 1), suppress(Death, Refused):
            subject = f"p{len(self.states)}@team.example"
            run_id = self.stage.ask(*(REQUESTS[name] for name in wanted), by=self.now(LEA), subject=subject)
            self.stage.confirm(run_id, self.now(ADA))
            if back:
                self.stage.confirm(self.stage.undo(run_id, self.now(ADA)), self.now(ADA))

    @rule(subject=sampled_from(SUBJECTS), by=sampled_from(PEOPLE))
    def ask_for_it_at_once(self, subject: str, by: Actor) -> None:
        """As Suspend now: one person's yes, given by asking."""
        early = {APPROVED_BY: identity(by)}
        with suppress(Refused):
            self.stage.ask(REQUESTS["other role"], by=self.now(by), subject=subject, kind="lasting", confirmed=early)

    @rule(number=integers(0, 9), by=sampled_from(PEOPLE), right=booleans(), later=booleans())
    def confirm(self, number: int, by: Actor, right: bool, later: bool) -> None:
        """`later`: its jobs are not played yet."""
        run, actor = self.pick(number, RunState.PROPOSED) or self.pick(number), self.now(by)
        if run is None:
            return
        other = self.pick(number + 1)
        digest = run.digest if right or other is None else other.digest
        allowed = actor.may(Role.LEAD) and identity(actor) != run.subject and identity(actor) not in self.blocked
        accepted = self.does(lambda session: approve.approve(session, run.id, digest, actor, self.stage.ctx))
        if accepted:
            assert allowed
            assert digest == run.digest
            assert run.state == RunState.PROPOSED
            assert self.mode is Mode.ASK
        if not later:
            self.stage.play()

    @rule(
        number=integers(0, 4), by=sampled_from((LEA, ADA, *PEOPLE)), step_number=integers(0, 2), act=sampled_from(ACTS)
    )
    def act(self, number: int, by: Actor, step_number: int, act: str) -> None:
        """Somebody presses a button of a run, or of one of its steps."""
        run, actor, ctx = self.pick(number), self.now(by), self.stage.ctx
        if run is None or not (steps := self.stage.steps(run.id)):
            return
        row = steps[step_number % len(steps)]
        if act == "cancel":
            self.does(lambda session: approve.cancel(session, run.id, actor, ctx))
        elif act == "undo":
            self.does(lambda session: undo.undo(session, run.id, actor, ctx))
        else:
            on_step = {"retry": retry.retry_step, "stated": retry.done_by_hand, "invite": retry.invite_again}[act]
            wanted = {"retry": ("failed", "unknown"), "stated": ("waiting",), "invite": ("waiting", "failed")}[act]
            row = next((one for one in steps if one.state in wanted), row)
            self.does(lambda session: on_step(session, run.id, row.number, actor, ctx))
        self.stage.play()

    @rule(number=integers(0, 9), discard=booleans())
    def settle_stuck_work(self, number: int, discard: bool) -> None:
        waiting = self.stage.waiting()
        if not waiting:
            return
        item = waiting[number % len(waiting)]
        if discard:
            with self.database.begin() as session:
                stuck.discard(session, item.id, by="lea@team.example", note="no", at=self.stage.clock.now())
        else:
            self.stage.retry_from_queue(item.id)

    @rule(place=sampled_from(PLACES), fault=sampled_from((None, *FAULTS)), always=booleans(), deaf=integers(0, 5))
    def trouble(self, place: tuple[str, str], fault: Fault | None, always: bool, deaf: int) -> None:
        """Something outside breaks, or is well again; planners get no answer for a while."""
        self.stage.outside.faults.pop(place, None)
        if fault is not None:
            self.stage.outside.meets(*place, fault, always=always)
        self.stage.outside.deaf[place] = self.stage.down = deaf

    @rule(place=sampled_from([*PLACES, ("invite", "a"), ("desk.group", "b")]), value=sampled_from(("in", "out", "odd")))
    def drift(self, place: tuple[str, str], value: str) -> None:
        self.stage.outside.drift(*place, "accepted" if place[0] == "invite" else value)

    @rule(boundary=sampled_from((None, *BOUNDARIES)), passes=integers(1, 3), again=booleans(), number=integers(0, 5))
    def work(self, boundary: str | None, passes: int, again: bool, number: int) -> None:
        """One job, then all, unless it dies; `again`: every job that ever was, as after a back-up of the engine."""
        self.stage.play_one(number)
        if again:
            self.stage.played.clear()
        with dying(boundary or "", passes), suppress(Death):
            self.stage.play(twice=again)

    @rule(by=sampled_from(PEOPLE), role=sampled_from((Role.LEAD, Role.LEAD, Role.AGENT, None)))
    def give_role(self, by: Actor, role: Role | None) -> None:
        self.roles[by.id] = role

    @precondition(lambda self: self.states and not self.blocked)
    @rule()
    def block(self, by: Actor = LEO) -> None:
        self.stage.block(identity(by))
        self.blocked.add(identity(by))

    @rule(mode=sampled_from((Mode.ASK, Mode.ASK, Mode.OFF, Mode.SHADOW)))
    def set_mode(self, mode: Mode) -> None:
        self.begun = {number for number, state in self.states.items() if state is RunState.RUNNING}
        self.stage.mode(mode)
        self.mode = mode

    @rule(minutes=sampled_from((1, 5, 16, 60, 9 * 60)))
    def wait(self, minutes: int) -> None:
        self.stage.wait(minutes=minutes)

    @invariant()
    def laws(self) -> None:
        with self.database.read() as session:
            runs, steps = list(session.scalars(select(Run))), list(session.scalars(select(RunStep)))
            items = [item.args for item in session.scalars(select(StuckItem))]
        for run in runs:
            state, before = RunState(run.state), self.states.get(run.id)
            assert before is None or state in AFTERWARDS.get(before, set(RunState)), f"{before} -> {state}"
            self.states[run.id] = state
            assert (run.open_key is not None) == (state in OPEN), f"{run.open_key} while {state}"
            assert (run.settled_at is None) == (state in OPEN)
        for row in steps:
            place = row.run_id, row.number
            if self.step_states.get(place) in ("rolled_back", "skipped"):
                assert row.state == self.step_states[place]
            if self.step_states.get(place) in ("verified", "stated", "by_hand"):
                assert row.state in (self.step_states[place], "rolled_back")
            self.step_states[place] = row.state
            if row.state == "failed":
                assert {"run_id": row.run_id, "step": row.number} in items, "every failed step had its line"
            if row.state == "verified":
                assert row.found == row.after

    def is_allowed(self, write: Write) -> None:
        """Whether this change was approved, by people who might, and is one of the run's steps."""
        run_id, number = map(int, write.key.removeprefix("run/").split("/")[:2])
        with self.database.read() as session:
            run, row = session.get_one(Run, run_id), session.get_one(RunStep, (run_id, number))
            standing = session.scalars(select(RunApproval).where(RunApproval.run_id == run_id)).all()
            approved = select(AuditEntry).where(
                AuditEntry.action == "plan.approved", AuditEntry.target == f"RUN-{run_id}"
            )
            (entry,) = session.scalars(approved)
        assert (row.kind, row.target, row.after) == (write.kind, write.target, write.value)
        assert run.state == RunState.RUNNING or row.state == "failed", "only a late answer comes after the end"
        by_asking = {str(run.asked.get(APPROVED_BY) or (run.requested_by if run.needed > 1 else "")).lower()}
        assert entry.after is not None
        said = set(entry.after["by"])
        assert len(said) >= run.needed
        assert run.subject not in said
        assert {one.by for one in standing if one.digest == run.digest} >= said
        clicked = {email for email, digest in self.ever(run_id) if digest == run.digest}
        assert said - by_asking <= clicked
        assert self.mode is Mode.ASK or run_id in self.begun

    def ever(self, run_id: int) -> set[tuple[str, str]]:
        """Everybody who said yes to a run by a click, also those who were blocked since."""
        with self.database.read() as session:
            rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "plan.approval"))
            return {
                (row.actor, str(row.after["digest"]))
                for row in rows
                if row.target == f"RUN-{run_id}" and row.after and "by" not in row.after
            }

    def verified_by_a_reading(self, write_down: Callable[..., None]) -> Callable[..., None]:
        def checked(session: Session, run: Run, actor: Actor, action: str, *rest: Any, **named: Any) -> None:
            if action == "step.verified":
                after = named["after"]
                assert self.stage.outside.readings[after["kind"], after["target"]] == after["wanted"]
            write_down(session, run, actor, action, *rest, **named)

        return checked

    def at_rest(self) -> None:
        """Nothing is half done: what still runs waits for a person."""
        with self.database.read() as session:
            for run in session.scalars(select(Run)):
                assert run.state not in (RunState.ASKED, RunState.APPROVED), f"RUN-{run.id} is {run.state}"
                rows = session.scalars(select(RunStep).where(RunStep.run_id == run.id)).all()
                states = {row.state for row in rows}
                assert run.state != RunState.RUNNING or "waiting" in states
                assert "in_progress" not in states
                if run.state == RunState.DONE:
                    assert states <= {"verified", "stated", "by_hand", "rolled_back"}
                if run.state == RunState.PARTIAL:
                    assert states & {"failed", "unknown"}

    def everything_applied_is_audited(self) -> None:
        with self.database.read() as session:
            rows = list(session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("step."))))
        told = {(row.target, row.after["step"]) for row in rows if row.after}
        for write in self.stage.outside.writes:
            run_id, number = write.key.removeprefix("run/").split("/")[:2]
            assert (f"RUN-{run_id}", int(number)) in told

    def now(self, actor: Actor) -> Actor:
        """Somebody with the role they have now."""
        return replace(actor, role=self.roles[actor.id])

    def pick(self, number: int, *states: RunState) -> Run | None:
        with self.database.read() as session:
            among = select(Run).where(Run.state.in_([one.value for one in states or RunState]))
            runs = session.scalars(among.order_by(Run.id.desc())).all()
            return runs[number % len(runs)] if runs else None

    def does(self, act: Callable[[Session], str]) -> bool:
        with suppress(Refused), self.database.begin() as session:
            act(session)
            return True
        return False


@pytest.mark.slow
@pytest.mark.timeout(120 + 20 * MOST)
def test_the_lives_of_runs(sqlite_template: Path) -> None:
    LivesOfRuns.template = sqlite_template
    run_state_machine_as_test(
        LivesOfRuns,
        settings=settings(
            max_examples=MOST,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
