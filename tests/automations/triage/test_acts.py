"""People's buttons: once, by name, and the second one is told who was first. And a decision's whole life, by chance."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from automations.domain import Mode, Priority
from automations.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from automations.people import Person, Roster
from automations.triage.acts import Choice, queues
from storage import audit, stuck
from storage.engine import Database
from storage.models import TriageDecision
from tests.automations.triage.stage import ANNA, BEN, SOLVED, Death, Stage, dying_at
from tests.support import FakeClock, RecordingJobs

REFUND = "Please refund my invoice"


def test_a_double_click_is_one_and_the_second_is_told_who_was_first(stage: Stage) -> None:
    row = stage.decided(REFUND)
    assert stage.act("apply_by", row) == f"TRIAGE-{row.id}: ticket #1 goes to Billing, normal."
    for verb in ("apply_by", "leave"):
        with pytest.raises(Refused, match="is being carried out by Anna Berg at 03:14"):
            stage.act(verb, row, BEN)
    assert len(stage.jobs.of("triage.apply")) == 1
    stage.play()
    with pytest.raises(Refused, match=r"was applied by Anna Berg .*Nothing was changed by you"):
        stage.act("apply_by", row, BEN)


def test_leave_and_its_late_apply(stage: Stage) -> None:
    row = stage.decided(REFUND)
    assert stage.act("leave", row) == f"TRIAGE-{row.id}: ticket #1 is left as it is."
    assert stage.state(row) == "declined"
    with pytest.raises(Refused, match="was left as it is by Anna Berg"):
        stage.act("apply_by", row, BEN)
    for verb in ("undo", "retry"):
        with pytest.raises(Refused, match="left as it is"):
            stage.act(verb, row)
    assert stage.desk.updates == []


def test_change_is_carried_out_and_keeps_what_was_decided(stage: Stage) -> None:
    row = stage.decided(REFUND)
    assert queues(row, stage.ctx) == ("Billing", "Support")
    stage.act("change", row, BEN, Choice("account", "Support", "low"))
    stage.play()
    done = stage.row(row.id)
    assert (done.state, done.intent, done.queue, done.priority) == ("applied", "account", "Support", "low")
    assert stage.desk.tickets["1"].priority == Priority.LOW, "a person may lower it"
    assert done.inputs["changed_from"] == {"intent": "billing", "queue": "Billing", "priority": "low"}
    assert (done.outcome, done.outcome_queue) == ("moved", "Support"), "triage was wrong"
    assert ("changed", "ben@example.com") in stage.audited(row)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice("lunch", "Support", "low"), "no intent 'lunch' here. Known: billing, technical, account"),
        (Choice("billing", "Kitchen", "low"), "no queue 'Kitchen' here. Known: Billing, Support"),
        (Choice("billing", "Support", "asap"), "no priority 'asap' here. Known: low, normal, high, urgent"),
    ],
)
def test_what_nobody_knows_is_refused_with_what_is_known(stage: Stage, choice: Choice, words: str) -> None:
    row = stage.decided(REFUND)
    with pytest.raises(Refused, match=words):
        stage.act("change", row, ANNA, choice)
    assert stage.state(row) == "proposed"


def test_nothing_is_applied_in_a_mode_that_applies_nothing(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.into(Mode.SHADOW)
    for verb, more in (("apply_by", ()), ("change", (Choice("billing", "Billing", "low"),))):
        with pytest.raises(Refused, match="Triage is in mode shadow"):
            stage.act(verb, row, ANNA, *more)
    stage.act("leave", row)
    shown = stage.decided(REFUND, name="2")
    stage.into(Mode.ASK)
    with pytest.raises(Refused, match="was only shown"):
        stage.act("apply_by", shown)


def test_undo_works_after_triage_was_switched_off(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.play()
    stage.into(Mode.OFF)
    stage.act("undo", row)
    stage.desk.before = [Rejected("closed", system="builtin")]
    stage.play()
    assert (stage.state(row), stage.row(row.id).undo_by) == ("failed", "anna@example.com")
    stage.act("leave", row, BEN)
    assert (stage.state(row), stage.row(row.id).undo_by) == ("applied", None), "what could not be undone is applied"
    stage.act("undo", row)
    stage.desk.before = [Rejected("closed", system="builtin")]
    stage.play()
    stage.act("retry", row)
    stage.play()
    assert (stage.state(row), stage.desk.tickets["1"].group) == ("undone", "Support")


def test_an_undo_that_could_take_nothing_back_is_refused(stage: Stage) -> None:
    row = stage.decided("Refund: it is down", group="Billing", priority=None)
    stage.act("apply_by", row)
    stage.play()
    with pytest.raises(Refused, match="had no priority before"):
        stage.act("undo", row)


def test_a_retry_settles_what_waits_in_the_failure_queue(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.desk.before = [Unavailable("503", system="builtin")] * 4
    stage.play()
    with stage.database.begin() as session:
        args = {"decision_id": row.id}
        stuck.add(
            session, job="triage.apply", key="k", args=args, target=f"TRIAGE-{row.id}", owner="lead@example.com",
            reason="503", attempts=4, at=stage.clock.now(),
        )  # fmt: skip
    stage.act("retry", row)
    with stage.database.read() as session:
        assert stuck.count_open(session) == 0


def test_who_was_blocked_decides_nothing(stage: Stage) -> None:
    row = stage.decided(REFUND)
    people = (Person("Anna Berg", "anna@example.com", slack="U_AGENT1", blocked=True),)
    object.__setattr__(stage.ctx, "roster", Roster(people))
    for verb in ("apply_by", "leave", "undo", "retry"):
        with pytest.raises(Refused, match="no access to Handoff any more"):
            stage.act(verb, row)


class Life(RuleBasedStateMachine):
    """One ticket, and whatever people, the desk, the clock and crashes do to it."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "life.db"
        shutil.copyfile(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        self.stage = Stage.on(self.database, FakeClock(), RecordingJobs())
        self.stage.desk.opened("1", REFUND)
        self.stage.clock.move(timedelta(minutes=2))
        self.by_hand: tuple[Any, Any] | None = None

    def teardown(self) -> None:
        with self.database.read() as session:
            verdict = audit.verify(session)
        assert verdict.ok, verdict.problem
        self.database.close()
        self.folder.cleanup()

    def rows(self) -> list[TriageDecision]:
        with self.database.read() as session:
            found = session.query(TriageDecision).order_by(TriageDecision.id).all()
            session.expunge_all()
            return found

    def place(self) -> tuple[Any, Any]:
        shown = self.stage.desk.tickets["1"]
        return shown.group, shown.priority

    @rule(words=st.sampled_from(["refund now", "my password", "it is down for everyone", "hm"]))
    def write(self, words: str) -> None:
        self.stage.desk.wrote("1", words)

    @rule()
    def watch(self) -> None:
        self.stage.watch()

    @rule(verb=st.sampled_from(["apply_by", "leave", "undo", "retry"]), who=st.sampled_from([ANNA, BEN]))
    def press(self, verb: str, who: Any) -> None:
        if rows := self.rows():
            with suppress(Refused):
                self.stage.act(verb, rows[-1], who)

    @rule(
        before=st.lists(st.sampled_from(["lost", "no", "away"]), max_size=2),
        after=st.lists(st.just("lost"), max_size=1),
    )
    def play(self, before: list[str], after: list[str]) -> None:
        self.stage.desk.before = [WRONG[one] for one in before]
        self.stage.desk.after = [WRONG[one] for one in after]
        self.stage.play()
        self.stage.desk.before, self.stage.desk.after = [], []

    @rule(boundary=st.sampled_from(["ticket.updating", "ticket.updated", "ticket.verified"]))
    def crash(self, boundary: str) -> None:
        rows = [row for row in self.rows() if row.state in ("applying", "unclear")]
        if rows:
            with dying_at(boundary), suppress(Death):
                self.stage.run(rows[-1].id)
            self.stage.run(rows[-1].id)

    @rule(group=st.sampled_from(["Sales", "Support", "Billing"]))
    def move_by_hand(self, group: str) -> None:
        if group != self.place()[0]:
            self.stage.desk.moved("1", group=group)
            self.by_hand = self.place()

    @rule()
    def solve(self) -> None:
        self.stage.desk.moved("1", status=SOLVED)

    @invariant()
    def at_most_one_waits(self) -> None:
        waiting = [row for row in self.rows() if row.state in ("proposed", "applying", "unclear")]
        assert len(waiting) <= 1

    @invariant()
    def nothing_is_green_that_was_not_read_back(self) -> None:
        for row in self.rows():
            assert row.state != "applied" or row.verified_at is not None
            assert row.called_at is None or row.state in ("applying", "unclear", "failed")

    @invariant()
    def nobody_is_overruled(self) -> None:
        """What a person moved stays there, unless a person said Apply or Undo after it and saw where it was."""
        if self.by_hand is not None and self.stage.desk.updates:
            latest = self.stage.desk.events_by["1"][-1]
            assert not (latest.ours and self.by_hand[0] == "Sales"), "nothing proposed begins or ends in Sales"


WRONG = {
    "lost": OutcomeUnknown("500", system="builtin"),
    "no": Rejected("422", system="builtin"),
    "away": Unavailable("503", system="builtin"),
}


def test_a_decisions_life(sqlite_template: Path) -> None:
    Life.template = sqlite_template
    run_state_machine_as_test(Life, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))
