"""A customer with an open case writes in: who is told, of what, and that it is once."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from automations.customer_context import notices
from automations.customer_context.context import AUTOMATION
from automations.domain import Mode
from automations.errors import OutcomeUnknown, Unavailable
from automations.failure_tickets import closing
from storage import modes
from storage.engine import Database
from tests.automations.customer_context.writing import Writing
from tests.automations.customers.kept import customer, keep
from tests.automations.failure_tickets.world import ANNA
from tests.support import FakeClock, RecordingJobs

SEVEN = {"customer": {"id": "acct_7", "name": "Seven"}, "dedup_key": "seven"}


@pytest.fixture
def writing(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Writing:
    made = Writing.on(database, clock, jobs)
    made.look()
    return made


def test_a_new_ticket_of_theirs_is_told_once_to_the_case_and_the_case_to_it(writing: Writing) -> None:
    case = writing.world.open()
    ticket = writing.ticket()
    assert writing.look() == 1
    assert writing.notices() == [(case, ticket, "planned", "")]
    assert [(one.key, one.args["ticket_id"]) for one in writing.world.jobs.of(notices.JOB)] == [
        (f"customers/note/{case}/builtin/{ticket}", ticket)
    ]
    (line,) = writing.lines()
    assert (line.parent_key, line.channel) == (f"case/{case}", "C_FAILURES")
    with writing.database.read() as session:
        shown = notices.wrote_in(session, line.data, writing.ctx)
    assert (shown.name, shown.account, shown.title) == ("Customer acct_42", "acct_42", "It stops")
    assert (shown.url, shown.state) == (f"https://desk.example/desk/tickets/{ticket}", "planned")
    writing.say(ticket)
    assert writing.look() == 0, "they have been told"
    writing.world.open(dedup_key="another")
    writing.say(ticket)
    assert writing.look() == 1, "but not of the other case"
    assert writing.audited() == [
        ("customers.wrote_in", "CASE-1", "planned"),
        ("customers.wrote_in", "CASE-2", "planned"),
    ]


def test_what_is_no_word_of_a_customer_with_an_open_case_is_told_to_nobody(writing: Writing) -> None:
    early = writing.ticket()
    writing.world.clock.move(timedelta(seconds=1))
    case = writing.world.open()
    writing.ticket("x@seven.example")
    writing.ticket("x@nobody.example")
    writing.ticket(None)
    writing.say(early, customer=False)
    writing.say(early, kind="internal", customer=False)
    ours = writing.ticket()
    writing.has_ticket(case, ours)
    writing.ticket(key="handoff-1")
    writing.ticket(status="solved")
    assert writing.look() == 0, "nor what they wrote before the case was opened"
    writing.say(early)
    assert writing.look() == 1
    with writing.world.begin() as session:
        closing.resolve(session, case, ANNA, "done", writing.world.ctx)
    writing.ticket()
    assert writing.look() == 0


def test_two_customers_of_one_domain_are_nobody(writing: Writing) -> None:
    keep(writing.database, customer("acct_8", "acme.example"))
    writing.world.open()
    writing.ticket()
    assert writing.look() == 0


def test_it_is_off_in_every_mode_but_ask_and_begins_anew(writing: Writing) -> None:
    writing.world.open()
    for off in ({"mode": Mode.SHADOW}, {"mode": Mode.OFF}, {"note_open_cases": False}):
        writing.set(**off)
        writing.ticket()
        assert writing.look() == 0
        with writing.database.read() as session:
            assert not notices.wanted(session, writing.ctx)
            assert not notices.was_wanted(session, writing.ctx)
        writing.set(mode=Mode.ASK, note_open_cases=True)
        assert writing.look() == 0, "what came while it was off is not told of"
    with writing.world.begin() as session:
        modes.set_mode(session, AUTOMATION, "off", by="lea@team.example", at=writing.world.clock.now())
    writing.ticket()
    assert writing.look() == 0
    assert writing.notices() == []


def test_a_look_that_broke_off_is_gone_on_with(writing: Writing) -> None:
    writing.world.open()
    tickets = [writing.ticket() for _ in range(5)]
    writing.read()
    assert [notices.look(writing.database, writing.ctx, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [one[1] for one in writing.notices()] == tickets


class WritingIn(RuleBasedStateMachine):
    """Customers write, cases open and close, the desk fails, looks and jobs come in any order and twice."""

    database: Database
    fresh: Writing
    made = 0
    cases = 0

    @initialize()
    def begin(self) -> None:
        type(self).made += 1
        self.writing, self.account = type(self).fresh, f"run_{self.made}"
        keep(self.writing.database, customer(self.account, f"run{self.made}.example"))
        self.open: set[int] = set()
        self.due: set[tuple[int, str]] = set()
        self.tickets: list[str] = []

    @rule()
    def a_case_opens(self) -> None:
        type(self).cases += 1
        told = {"id": self.account, "name": "Acme"}
        self.writing.world.clock.move(timedelta(seconds=1))
        self.open.add(self.writing.world.open(dedup_key=f"case {self.cases}", customer=told))
        self.writing.world.clock.move(timedelta(seconds=1))

    @precondition(lambda self: self.open)
    @rule()
    def a_case_ends(self) -> None:
        self.writing.look()
        case = self.open.pop()
        with self.writing.world.begin() as session:
            closing.resolve(session, case, ANNA, "done", self.writing.world.ctx)

    @rule()
    def a_customer_opens_a_ticket(self) -> None:
        self.tickets.append(self.writing.ticket(f"eva@run{self.made}.example"))
        self.due |= {(case, self.tickets[-1]) for case in self.open}

    @precondition(lambda self: self.tickets)
    @rule(pick=st.integers(0, 50))
    def a_customer_writes_again(self, pick: int) -> None:
        ticket = self.tickets[pick % len(self.tickets)]
        self.writing.say(ticket)
        self.due |= {(case, ticket) for case in self.open}

    @precondition(lambda self: self.tickets)
    @rule(pick=st.integers(0, 50))
    def an_agent_answers(self, pick: int) -> None:
        self.writing.say(self.tickets[pick % len(self.tickets)], customer=False)

    @rule(before=st.booleans(), times=st.integers(1, 4))
    def the_desk_fails(self, before: bool, times: int) -> None:
        error = Unavailable("503", system="builtin") if before else OutcomeUnknown("cut off", system="builtin")
        (self.writing.desk.before if before else self.writing.desk.after)["note"] = [error] * times

    @rule()
    def somebody_looks(self) -> None:
        self.writing.look()

    @rule()
    def jobs_are_played(self) -> None:
        self.writing.play()

    @rule()
    def jobs_are_played_again(self) -> None:
        for case, ticket in self.told():
            self.writing.run(case, ticket)

    def told(self) -> dict[tuple[int, str], str]:
        """The notices of this run, with how each stands."""
        return {(case, ticket): state for case, ticket, state, _ in self.writing.notices() if ticket in self.tickets}

    @invariant()
    def nothing_is_said_twice_or_wrongly(self) -> None:
        if not hasattr(self, "writing"):
            return
        told = self.told()
        assert told.keys() <= self.due
        for ticket in self.tickets:
            notes = self.writing.notes(ticket)
            named = [case for case, number in told if number == ticket]
            assert len(notes) <= len(named)
            for case in named:
                about = [one for one in notes if one.startswith(f"Handoff: CASE-{case} is about this customer.")]
                assert len(about) <= 1
                assert told[case, ticket] != "noted" or len(about) == 1

    def teardown(self) -> None:
        if hasattr(self, "writing"):
            self.writing.desk.before.clear()
            self.writing.desk.after.clear()
            self.somebody_looks()
            self.jobs_are_played_again()
            self.jobs_are_played()
            assert self.told() == dict.fromkeys(self.due, "noted")
            assert sum(one.data["account"] == self.account for one in self.writing.lines()) == len(self.due)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_happens_each_case_hears_of_each_ticket_once(writing: Writing) -> None:
    class OnThisDatabase(WritingIn):
        fresh = writing

    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=12, stateful_step_count=20, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
