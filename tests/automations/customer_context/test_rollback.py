"""Going back: what the newest sync brought, or what it changed of one customer; what has changed since stays."""

import pytest

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context import rollback
from automations.customer_context.rules import CustomerRules
from automations.desks import CustomerChange
from automations.errors import NotFound
from automations.plan import RunState
from automations.runs import approve
from storage.engine import Database
from storage.models import CustomerGroup
from tests.automations.customer_context.bad_line import BadLine
from tests.automations.customer_context.carried import ANNA, LEA, RULES, Carried, change
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def line(database: Database) -> BadLine:
    return BadLine(BuiltinCustomers(database))


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs, line: BadLine) -> Carried:
    return Carried(database, clock, jobs, line)


def back(here: Carried, account: str) -> int:
    """Take one customer back. Returns the number of the run, confirmed and carried out."""
    here.act(lambda session: rollback.customer(session, account, LEA, here.ctx))
    here.play()
    number = here.newest().id
    assert here.run(number).state == RunState.PROPOSED, "people see first what it does"
    here.confirm(number)
    return number


def test_only_leads_go_back(here: Carried) -> None:
    here.customer("A-1")
    assert "Only a lead" in here.refused(lambda session: rollback.last(session, ANNA, here.ctx))
    assert "Only a lead" in here.refused(lambda session: rollback.customer(session, "A-1", ANNA, here.ctx))


def test_with_nothing_to_take_back_it_says_so(here: Carried) -> None:
    here.customer("A-1")
    assert "nothing to take back" in here.refused(lambda session: rollback.last(session, LEA, here.ctx))
    assert "nothing that a sync changed" in here.refused(
        lambda session: rollback.customer(session, "A-1", LEA, here.ctx)
    )
    assert "'A-9'" in here.refused(lambda session: rollback.customer(session, "A-9", LEA, here.ctx), NotFound)


def test_one_customer_goes_back_to_before_the_newest_sync_that_changed_them(here: Carried, line: BadLine) -> None:
    ids = {account: here.customer(account, tier="pro", region="north") for account in ("A-1", "A-2")}
    here.approve(here.group("changed", *(change(one, "region", "north", "south", ids[one]) for one in ids)))
    here.sync = here.another_sync()
    tiers = here.group("changed", *(change(one, "tier", "pro", "gold", ids[one]) for one in ids))
    names = here.group("changed", change("A-1", "name", "Customer A-1", "Acme AG", ids["A-1"]))
    here.approve(tiers)
    here.approve(names)
    line.writes.clear()
    number = back(here, "A-1")
    assert here.run(number).title == "Take Acme AG back"
    first, second = line.customers()
    assert (first.name, first.tier, dict(first.fields)["region"]) == ("Customer A-1", "pro", "south")
    assert second.tier == "gold"
    assert len(line.writes) == 2
    assert (here.states(tiers), here.states(names)) == (["undone", "verified"], ["undone"])
    assert {(one.field, one.source_value, one.desk_value) for one in here.conflicts("kept")} == {
        ("tier", "gold", "pro"), ("name", "Acme AG", "Customer A-1"),
    }  # fmt: skip
    assert (here.known("A-1").name, here.known("A-1").tier) == ("Customer A-1", "pro")
    back(here, "A-1")
    assert dict(next(line.customers()).fields)["region"] == "north"
    assert "nothing that a sync changed" in here.refused(
        lambda session: rollback.customer(session, "A-1", LEA, here.ctx)
    )


def test_what_the_desk_has_changed_since_stays(here: Carried, line: BadLine) -> None:
    desk_id = here.customer("A-1", tier="pro", region="north")
    here.approve(here.group("changed", change("A-1", "tier", "pro", "gold", desk_id)))
    here.approve(here.group("changed", change("A-1", "region", "north", "south", desk_id)))
    line.book.update_customer(str(desk_id), CustomerChange(tier="basic"))
    back(here, "A-1")
    (acme,) = line.customers()
    assert (acme.tier, dict(acme.fields)["region"]) == ("basic", "north")
    (conflict,) = here.conflicts("open")
    assert (conflict.field, conflict.source_value, conflict.desk_value) == ("tier", "gold", "basic")


def test_who_was_added_is_suspended_or_stays(here: Carried, line: BadLine) -> None:
    for account in ("A-1", "A-2"):
        here.approve(here.group("added", change(account, "", "", "", None, name=account, status="active")))
    back(here, "A-1")
    assert [one.status for one in line.customers()] == ["suspended", "active"]
    here.rules = CustomerRules(fields=tuple(one for one in RULES.fields if one.name != "status"))
    assert "A-2: nothing that a sync changed" in here.refused(
        lambda session: rollback.customer(session, "A-2", LEA, here.ctx)
    )


def test_nobody_goes_back_while_the_customer_is_being_changed(here: Carried) -> None:
    desk_id = here.customer("A-1", tier="pro")
    here.approve(here.group("changed", change("A-1", "tier", "pro", "gold", desk_id)))
    here.act(lambda session: rollback.customer(session, "A-1", LEA, here.ctx))
    said = here.refused(lambda session: rollback.customer(session, "A-1", LEA, here.ctx))
    assert said.startswith("RUN-3 is changing Customer A-1 or waits for a yes to it.")
    here.play()
    here.act(lambda session: approve.cancel(session, 3, LEA, here.ctx))
    here.play()
    assert here.rows(CustomerGroup, CustomerGroup.id)[-1].state == "rejected"
    back(here, "A-1")
    assert here.known("A-1").tier == "pro"


def test_the_last_sync_is_taken_back_with_all_its_runs_and_then_the_one_before(here: Carried, line: BadLine) -> None:
    desk_id = here.customer("A-1", tier="pro", region="north")
    older = here.group("changed", change("A-1", "tier", "pro", "silver", desk_id))
    here.approve(older)
    here.sync = here.another_sync()
    several = [
        here.group("changed", change("A-1", "tier", "silver", "gold", desk_id)),
        here.group("changed", change("A-1", "region", "north", "south", desk_id)),
    ]
    for row in several:
        here.approve(row)
    said = here.act(lambda session: rollback.last(session, LEA, here.ctx))
    assert said.startswith("What RUN-3 brought is taken back. RUN-6: the undo of RUN-5 is being planned")
    here.play()
    for number in (6, 7):
        here.confirm(number)
    assert [here.state(row) for row in (older, *several)] == ["applied", "undone", "undone"]
    (acme,) = line.customers()
    assert (acme.tier, dict(acme.fields)["region"]) == ("silver", "north")
    here.act(lambda session: rollback.last(session, LEA, here.ctx))
    here.play()
    here.confirm(here.newest().id)
    assert here.known("A-1").tier == "pro"


def test_without_customers_in_the_desk_what_was_added_is_blank_again(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    here = Carried(database, clock, jobs, None)
    here.approve(here.group("added", change("A-1", "", "", "", None, name="Acme", tier="gold", domains="a.example")))
    back(here, "A-1")
    assert (here.known("A-1").tier, here.known("A-1").domains) == ("", [])
