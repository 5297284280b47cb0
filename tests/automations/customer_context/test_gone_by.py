"""Nobody goes by a sync that was not let go on, or by one after which the settings bring fields elsewhere."""

from dataclasses import replace

import pytest

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context import groups
from automations.customer_context.comparing import places_of
from automations.customer_context.gone_by import IN_DESK
from automations.customer_context.rules import CustomerField, CustomerRules, Direction
from automations.plan import RunState
from storage.engine import Database
from storage.models import CustomerGroup, Run
from tests.automations.customer_context.carried import LEA, Carried, change
from tests.automations.customer_context.ledgered import Ledgered, conflict, desk_id, ledgered, taking
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Carried:
    return Carried(database, clock, jobs, BuiltinCustomers(database))


@pytest.fixture
def row(here: Carried) -> CustomerGroup:
    """Two customers whose tier would be another, as a sync showed it that looked just now."""
    ids = {account: here.customer(account, tier="pro") for account in ("A-1", "A-2")}
    row = here.group("changed", *(change(one, "tier", "pro", "enterprise", ids[one]) for one in ids))
    with here.database.begin() as session:
        run = session.get_one(Run, row.run_id)
        run.plan = {**run.plan, IN_DESK: places_of(here.rules, here.ctx.desk_can)}
    return row


def brought_here(rules: CustomerRules) -> CustomerRules:
    """The same fields, each kept in Handoff alone."""

    def moved(field: CustomerField) -> CustomerField:
        return field.model_copy(update={"direction": Direction.TO_HANDOFF})

    return rules.model_copy(update={"fields": tuple(moved(field) for field in rules.fields)})


def test_a_group_is_not_approved_for_another_place_than_it_showed(here: Carried, row: CustomerGroup) -> None:
    elsewhere = replace(here.ctx, rules=brought_here(here.rules))
    said = here.refused(lambda session: groups.approve(session, row.id, row.digest, LEA, elsewhere))
    assert "other places than when RUN-" in said
    assert (here.state(row), here.states(row)) == ("open", ["planned", "planned"])


def test_what_was_approved_is_not_written_to_another_place(here: Carried, row: CustomerGroup) -> None:
    here.act(lambda session: groups.approve(session, row.id, row.digest, LEA, here.ctx))
    here.rules = brought_here(here.rules)
    here.play()
    assert here.states(row) == ["planned", "planned"]
    assert "other places than when RUN-" in (here.steps(here.newest().id)[0].error or "")
    assert {here.known(account).tier for account in ("A-1", "A-2")} == {"pro"}


@pytest.mark.parametrize("state", [RunState.PROPOSED, RunState.CANCELLED, RunState.EXPIRED])
def test_nothing_is_taken_that_only_a_stopped_sync_saw(
    database: Database, clock: FakeClock, jobs: RecordingJobs, state: RunState
) -> None:
    there: Ledgered = ledgered(database, clock, jobs)
    there.know("A-1", desk_id=desk_id("A-1"), source={"tier": "enterprise"}, tier="pro")
    number = there.saw(conflict(desk="pro"), brake="9 of 10 customers at once")
    with database.begin() as session:
        session.get_one(Run, number).state = state.value
    assert f"RUN-{number} is" in there.refused(taking(there))
    assert there.only("open").account == "A-1"
    with database.begin() as session:
        session.get_one(Run, number).state = RunState.DONE.value
    there.act(taking(there))
    assert there.only("taking").account == "A-1"
