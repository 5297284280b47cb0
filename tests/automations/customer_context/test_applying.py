"""Groups carried out: each change looked at, written and read back once, whatever the desk does meanwhile."""

from datetime import timedelta

import pytest

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context.rules import CustomerRules
from automations.desks import CustomerChange
from automations.domain import IdempotencyKey, Mode
from automations.plan import RunState
from automations.runs.journal import follow
from automations.runs.rows import found as run_found
from storage.engine import Database
from storage.models import CustomerGroup, Notification
from tests.automations.customer_context.bad_line import SECRET, BadLine, Fault
from tests.automations.customer_context.carried import LEA, RULES, Carried, Death, change, dying
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def line(database: Database) -> BadLine:
    return BadLine(BuiltinCustomers(database))


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs, line: BadLine) -> Carried:
    return Carried(database, clock, jobs, line)


def tiers(here: Carried, number: int, *, since: str = "pro", to: str = "enterprise") -> CustomerGroup:
    """So many customers, and the group that changes the tier of all of them."""
    ids = {f"A-{n:04}": here.customer(f"A-{n:04}", tier=since) for n in range(number)}
    return here.group("changed", *(change(account, "tier", since, to, ids[account]) for account in ids))


def test_each_change_is_one_write_that_is_read_back_and_in_force(here: Carried, line: BadLine) -> None:
    row = tiers(here, 3)
    line.writes.clear()
    said = here.approve(row)
    assert said == "RUN-2 carries it out: tier pro → enterprise for 3 customers. It acts on new tickets only."
    assert here.newest().state == RunState.DONE
    assert here.state(row) == "applied"
    assert here.states(row) == ["verified"] * 3
    assert [what for _, what in line.writes] == ["update"] * 3
    assert {one.tier for one in line.customers()} == {"enterprise"}
    known = here.known("A-0000")
    assert (known.tier, known.tier_before, known.tier_since) == ("enterprise", "pro", here.clock.now())
    assert known.base["tier"] == "enterprise"
    (first, *_rest) = here.audited("customer.change")
    assert (first.target, first.before, first.outcome) == ("customer/A-0000", {"tier": "pro"}, "verified")
    assert first.after is not None
    assert (first.after["tier"], first.after["run"], first.after["group"]) == ("enterprise", "RUN-2", "GROUP-1")


def test_batches_are_of_a_hundred_and_the_message_follows_while_they_are_written(here: Carried, line: BadLine) -> None:
    row = tiers(here, 250)
    here.act(lambda session: follow(session, run_found(session, here.sync), here.ctx))
    before = _version(here)
    slow = line.looks
    ticking, look = line.book.customer, here.clock

    def later(customer: str) -> object:
        look.move(timedelta(seconds=0.1))
        return ticking(customer)

    line.book.customer = later  # type: ignore[method-assign,assignment]  # time passes with every look
    here.approve(row)
    steps = here.steps(here.newest().id)
    assert [step.target for step in steps] == ["group/1/1-100", "group/1/101-200", "group/1/201-250"]
    assert [step.state for step in steps] == ["verified"] * 3
    assert line.looks - slow == 500
    seconds = 50
    assert seconds / 3 - 5 < _version(here) - before < seconds / 3 + 8


def _version(here: Carried) -> int:
    rows = [one for one in here.rows(Notification, Notification.key) if one.key == f"run/{here.sync}"]
    return int(rows[0].version)


def test_what_is_true_already_is_not_written(here: Carried, line: BadLine) -> None:
    row = tiers(here, 2)
    line.book.update_customer(str(here.changes(row)[0].desk_id), CustomerChange(tier="enterprise"))
    line.writes.clear()
    here.approve(row)
    assert here.states(row) == ["verified", "verified"]
    assert len(line.writes) == 1


def test_what_somebody_changed_meanwhile_stays_and_stands_in_the_ledger(here: Carried, line: BadLine) -> None:
    row = tiers(here, 2)
    line.book.update_customer(str(here.changes(row)[0].desk_id), CustomerChange(tier="gold"))
    here.approve(row)
    assert here.states(row) == ["changed", "verified"]
    assert here.changes(row)[0].error == "It is gold by now, neither pro as planned nor enterprise"
    assert (here.state(row), here.newest().state) == ("applied", RunState.DONE)
    (conflict,) = here.conflicts("open")
    assert (conflict.account, conflict.field, conflict.source_value, conflict.desk_value) == (
        "A-0000", "tier", "enterprise", "gold",
    )  # fmt: skip
    assert [one.tier for one in line.customers()] == ["gold", "enterprise"]


def test_what_the_desk_refuses_does_not_stop_the_others_and_is_tried_again(here: Carried, line: BadLine) -> None:
    row = tiers(here, 3)
    second = str(here.changes(row)[1].desk_id)
    line.refuses = frozenset({second})
    here.approve(row)
    run = here.newest()
    assert (run.state, here.state(row)) == (RunState.PARTIAL, "partial")
    assert here.states(row) == ["verified", "refused", "verified"]
    (entry,) = here.rejected("open")
    assert (entry.source, entry.row_key) == ("desk", "A-0001")
    assert "422" in entry.reason
    assert SECRET not in str([entry.reason, here.changes(row)[1].error, here.steps(run.id)[0].error])
    assert str(here.steps(run.id)[0].error).startswith("1 of 3 were refused, the others are settled. The first: Cust")
    line.refuses = frozenset()
    line.writes.clear()
    here.retry(run.id, 1)
    assert (here.newest().state, here.state(row)) == (RunState.DONE, "applied")
    assert line.writes == [(second, "update")]
    assert here.rejected("open") == []


def test_what_was_written_in_part_is_taken_back(here: Carried, line: BadLine) -> None:
    row = tiers(here, 3)
    line.refuses = frozenset({str(here.changes(row)[1].desk_id)})
    here.approve(row)
    run = here.newest().id
    line.refuses = frozenset()
    here.undo(run)
    assert here.run(run).state == RunState.ROLLED_BACK
    assert (here.state(row), here.states(row)) == ("undone", ["undone", "refused", "undone"])
    assert {one.tier for one in line.customers()} == {"pro"}
    assert here.known("A-0000").tier == "pro"


def test_a_desk_that_is_away_stops_the_step_which_goes_on_from_there(here: Carried, line: BadLine) -> None:
    row = tiers(here, 5)
    line.meets(None, Fault.UNAVAILABLE, Fault.LOST_BEFORE, None, Fault.LOST_AFTER)
    line.writes.clear()
    line.asked.clear()
    here.approve(row)
    assert (here.state(row), here.states(row)) == ("applied", ["verified"] * 5)
    assert len(line.writes) == 5
    assert len(line.asked) == 7


def test_a_desk_that_stays_away_leaves_a_run_that_people_try_again(here: Carried, line: BadLine) -> None:
    row = tiers(here, 3)
    line.meets(None, *([Fault.UNAVAILABLE] * 4))
    here.approve(row)
    run = here.newest()
    assert (run.state, here.state(row)) == (RunState.PARTIAL, "partial")
    assert here.states(row) == ["verified", "begun", "begun"]
    here.retry(run.id, 1)
    assert (here.run(run.id).state, here.state(row), here.states(row)) == (RunState.DONE, "applied", ["verified"] * 3)


@pytest.mark.parametrize("silent", [{1}, {1, 3}])
def test_customers_of_whom_the_desk_never_answers_do_not_stop_the_others(
    here: Carried, line: BadLine, silent: set[int]
) -> None:
    row = tiers(here, 6)
    line.silent = frozenset(str(here.changes(row)[number].desk_id) for number in silent)
    here.approve(row)
    run = here.newest()
    assert (run.state, here.state(row)) == (RunState.PARTIAL, "partial")
    assert here.states(row) == ["begun" if number in silent else "verified" for number in range(6)]
    line.silent = frozenset()
    here.retry(run.id, 1)
    assert (here.state(row), here.states(row)) == ("applied", ["verified"] * 6)


def test_a_run_that_wrote_nothing_leaves_its_group_open(here: Carried, line: BadLine) -> None:
    row = tiers(here, 2)
    line.deaf = 99
    here.approve(row)
    line.deaf = 0
    assert here.state(row) == "open"
    run = here.newest()
    here.retry(run.id, 1)
    assert (here.run(run.id).state, here.state(row)) == (RunState.DONE, "applied")


def test_a_group_that_was_decided_otherwise_is_not_carried_out_by_a_run_tried_again(
    here: Carried, line: BadLine
) -> None:
    row = tiers(here, 2)
    line.deaf = 99
    here.approve(row)
    line.deaf = 0
    run = here.newest().id
    with here.database.begin() as session:
        session.get_one(CustomerGroup, row.id).state = "rejected"
    line.writes.clear()
    here.retry(run, 1)
    assert line.writes == []
    assert "GROUP-1 is rejected by now" in str(here.steps(run)[0].error)
    assert here.state(row) == "rejected"


def test_answered_and_not_done_is_refused(here: Carried, line: BadLine) -> None:
    row = tiers(here, 1)
    line.meets(Fault.IGNORED)
    here.approve(row)
    (one,) = here.changes(row)
    assert (one.state, one.error) == ("refused", "It was asked for and answered, but it still is pro")


@pytest.mark.parametrize("boundary", ["customer.begun", "customer.written", "customer.read_back", "customer.ended"])
@pytest.mark.parametrize("passes", [1, 2, 3])
def test_a_death_at_any_place_writes_one_change_twice_at_most(
    here: Carried, line: BadLine, boundary: str, passes: int
) -> None:
    row = tiers(here, 3)
    line.writes.clear()
    with dying(boundary, passes), pytest.raises(Death):
        here.approve(row)
    here.play()
    assert (here.state(row), here.states(row)) == ("applied", ["verified"] * 3)
    assert len(line.writes) == 3, "what was written was seen by the look"
    assert len(here.audited("customer.change")) == 3


def test_a_customer_is_added_once_with_all_values(here: Carried, line: BadLine) -> None:
    values = {"name": "Acme GmbH", "domains": "acme.example, acme.test", "tier": "pro"}
    values |= {"status": "suspended", "plan": "x"}
    row = here.group("added", change("A-1", "", "", "", None, **values), change("A-2", "", "", "", None, name="Bea"))
    line.meets(Fault.LOST_AFTER, None, Fault.LOST_AFTER)
    here.approve(row)
    acme, bea = line.customers()
    assert (acme.reference, acme.name, acme.tier, acme.status) == ("A-1", "Acme GmbH", "pro", "suspended")
    assert acme.domains == ("acme.example", "acme.test")
    assert acme.fields == ()
    assert (bea.reference, bea.status) == ("A-2", "active")
    assert [what for _, what in line.writes] == ["create", "create", "suspend"]
    known = here.known("A-1")
    assert (known.desk_id, known.tier, known.status, known.fields) == (acme.id, "pro", "suspended", {"plan": "x"})
    assert known.base == values
    assert here.changes(row)[0].desk_id == acme.id


def test_a_customer_whom_somebody_else_made_meanwhile_is_linked_and_left_to_the_next_sync(
    here: Carried, line: BadLine
) -> None:
    row = here.group("added", change("A-1", "", "", "", None, name="Acme GmbH", tier="pro"))
    there = line.book.create_customer(
        CustomerChange(name="Acme AG", reference="A-1", tier="gold"), key=IdempotencyKey("k")
    )
    here.approve(row)
    (one,) = here.changes(row)
    assert (one.state, one.desk_id) == ("changed", there.id)
    assert one.error == "The desk has a customer of this account by now, of whom name is Acme AG, tier is gold"
    assert here.known("A-1").desk_id == there.id
    assert line.customer(there.id).name == "Acme AG"


def test_every_kind_is_written_where_it_lives(here: Carried, line: BadLine) -> None:
    first = here.customer("A-1", tier="pro", region="north", domains="a.example", plan="old")
    second = here.customer("A-2", status="suspended")
    line.book.update_customer(str(first), CustomerChange(reference=""))
    line.writes.clear()
    several = [
        here.group("linked", change("A-1", "", "", "A-1", first)),
        here.group("changed", change("A-1", "name", "Customer A-1", "Acme AG", first)),
        here.group("changed", change("A-1", "domains", "a.example", "a.example, b.example", first)),
        here.group("changed", change("A-1", "plan", "old", "new", first)),
        here.group("cleared", change("A-1", "region", "north", "", first)),
        here.group("suspended", change("A-1", "status", "active", "suspended", first)),
        here.group("resumed", change("A-2", "status", "suspended", "active", second)),
    ]
    for row in several:
        here.approve(row)
        assert here.states(row) == ["verified"], row.kind
    acme, other = line.customers()
    assert (acme.reference, acme.name, acme.domains) == ("A-1", "Acme AG", ("a.example", "b.example"))
    assert (dict(acme.fields), acme.status, other.status) == ({"region": ""}, "suspended", "active")
    assert len(line.writes) == 6, "plan is kept here alone"
    known = here.known("A-1")
    assert (known.name, known.status, known.domains) == ("Acme AG", "suspended", ["a.example", "b.example"])
    assert (known.fields["plan"], known.fields["region"]) == ("new", "")
    assert here.known("A-2").gone_since is None


def test_without_customers_in_the_desk_everything_is_kept_here(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    here = Carried(database, clock, jobs, None)
    here.customer("A-1", tier="pro")
    rows = [
        here.group("added", change("A-2", "", "", "", None, name="Bea", tier="gold", domains="b.example")),
        here.group("changed", change("A-1", "tier", "pro", "enterprise", None)),
        here.group("suspended", change("A-1", "status", "active", "suspended", None)),
    ]
    for row in rows:
        here.approve(row)
        assert here.states(row) == ["verified"]
    assert (here.known("A-1").tier, here.known("A-1").status) == ("enterprise", "suspended")
    assert (here.known("A-2").name, here.known("A-2").tier, here.known("A-2").domains) == ("Bea", "gold", ["b.example"])


def test_another_word_for_gone_is_kept_here_alone(here: Carried, line: BadLine) -> None:
    here.rules = CustomerRules(fields=RULES.fields, gone="churned")
    desk_id = here.customer("A-1")
    line.writes.clear()
    here.approve(here.group("suspended", change("A-1", "status", "active", "churned", desk_id)))
    assert here.known("A-1").status == "churned"
    assert line.writes == []


def test_a_field_that_the_settings_name_no_more_is_refused(here: Carried, line: BadLine) -> None:
    row = tiers(here, 1)
    here.rules = CustomerRules(fields=tuple(one for one in RULES.fields if one.name != "tier"))
    line.writes.clear()
    here.approve(row)
    assert here.states(row) == ["refused"]
    assert line.writes == []
    assert here.changes(row)[0].error == "The settings name no source of truth for tier any more"


@pytest.mark.parametrize("mode", [Mode.SHADOW])
def test_in_shadow_mode_a_group_is_shown_and_open_again(here: Carried, line: BadLine, mode: Mode) -> None:
    row = tiers(here, 1)
    here.mode = mode
    line.writes.clear()
    here.approve(row)
    assert (here.newest().state, here.state(row)) == (RunState.CANCELLED, "open")
    assert line.writes == []
    here.mode = Mode.ASK
    here.approve(here.rows(CustomerGroup, CustomerGroup.id)[0], LEA)
    assert here.state(row) == "applied"
