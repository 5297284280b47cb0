"""Customer context as an automation: listed, its modes set and refused, its runs decided about where access is not."""

from datetime import datetime, timedelta

import pytest

from automations.customer_context.context import CustomerContext
from automations.desks import cannot
from automations.failure_tickets.context import Context
from automations.plan import RunState, Step
from automations.runs.advance import Runner
from automations.runs.ask import ask
from automations.runs.kinds import RunKind
from bot.cli.run_opened import NO_CUSTOMERS, NOT_SET_UP
from bot.customers_parts import make_customer_context
from bot.desk import limits_of
from bot.engine import prepare
from bot.parts import make_context
from bot.settings_file import load
from storage import stuck
from storage.engine import Database
from storage.models import CustomerGroup, KnownCustomer, Run
from tests.bot.cli.conftest import MARA, TEAM, Terminal, listed
from tests.bot.cli.customers_there import CUSTOMERS, SETTINGS
from tests.bot.cli.desks import sqlite_alone
from tests.bot.cli.plans import MARA as LEAD
from tests.bot.cli.plans import Nobody, Plans
from tests.bot.cli.test_runs import ACCESS

database_url = sqlite_alone
BATCH = Step("value", "group/1/1-2", "out", "in", "Write 2 customers", undo="Put 2 customers back")


class Batches(Plans):
    """Runs of changes to customers, over an outside of values."""

    @property
    def runner(self) -> Runner:
        kinds = {"customer_changes": RunKind("customer_changes", self._plan)}
        return Runner(self.database, kinds, {"value": self.outside}, Nobody(), lambda _automation: self.context)


@pytest.fixture
def customers(handoff: Terminal, database: Database, monkeypatch: pytest.MonkeyPatch) -> CustomerContext:
    """Customers are set up and access is not; on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "240")
    handoff.file("team.toml", SETTINGS)
    prepare(database)
    limits = limits_of()["builtin"]
    lacks = cannot(limits.TITLE, limits.BY_HAND)
    given = make_context(load().settings, database, "builtin", desk_can=limits.CAPABILITIES, desk_cannot=lacks)
    made = make_customer_context(load().settings, given, desk_title=limits.TITLE)
    assert made is not None
    return made


@pytest.fixture
def batches(customers: CustomerContext, database: Database, monkeypatch: pytest.MonkeyPatch) -> Batches:
    """A bot that runs, and is quick."""
    made = Batches(database, customers, steps=(BATCH,))
    made.outside.values[BATCH.target] = "out"

    def running(_database: Database) -> bool:
        made.go()
        return True

    monkeypatch.setattr("bot.cli.run_follow.bot_running", running)
    return made


def test_it_is_listed_off_without_its_section(handoff: Terminal) -> None:
    row = listed(handoff)["customers"]
    assert (row["mode"], row["owner"], row["next_sync"], row["last_sync"]) == (
        "off",
        "mara.lind@example.com",
        None,
        None,
    )
    refused = handoff("automations", "mode", "customers", "ask", *MARA)
    assert (refused.code, NO_CUSTOMERS in refused.err) == (1, True)


def test_it_is_listed_with_what_waits_for_people(
    handoff: Terminal, customers: CustomerContext, database: Database
) -> None:
    now = customers.clock.now()
    with database.begin() as session:
        run = ask(session, "customers", "", {}, LEAD, customers)
        known = {"status": "active", "tier": "", "domains": [], "fields": {}, "source_values": {}, "base": {}}
        session.add(KnownCustomer(account="A-1", name="A", tier_before="", changed_at=now, **known))
        session.add(KnownCustomer(account="A-2", name="B", tier_before="", changed_at=now, gone_since=now, **known))
        for number, state in enumerate(("open", "held", "applied")):
            session.add(
                CustomerGroup(
                    run_id=run.id,
                    key=f"k{number}",
                    kind="changed",
                    field="tier",
                    before="pro",
                    after="enterprise",
                    size=1,
                    digest="d",
                    state=state,
                    open_too=False,
                    effects={},
                    version=1,
                    reason="",
                )
            )
    row = listed(handoff)["customers"]
    assert (row["mode"], row["mode_from"], row["owner"]) == ("ask", "settings", "mara.lind@example.com")
    assert (row["customers"], row["gone"], row["open_groups"], row["held_groups"]) == (2, 1, 1, 1)
    assert (row["last_sync"]["ref"], row["last_sync"]["state"]) == ("RUN-1", "asked")
    due = datetime.fromisoformat(str(row["next_sync"])) - customers.clock.now()
    assert timedelta() < due <= timedelta(days=1)
    shown = " ".join(handoff("automations", "list").out.split())
    assert "Customers 2, 1 of them gone from their source" in shown
    assert "Waiting 1 groups open, 1 held" in shown
    assert "ask: changes the groups that people have approved" in shown


def test_stuck_work_of_runs_counts_for_whose_run_it_is(
    handoff: Terminal, customers: CustomerContext, database: Database
) -> None:
    handoff.file("team.toml", SETTINGS + ACCESS)
    with database.begin() as session:
        run = ask(session, "customers", "", {}, LEAD, customers)
        other = ask(session, "customers", "x@example.com", {}, LEAD, customers)
        session.get_one(Run, other.id).automation = "access"
        for number, job, run_id in ((1, "run.step", run.id), (2, "run.plan", run.id), (3, "run.advance", other.id)):
            args = {"run_id": run_id, "step": number}
            stuck.add(session, job=job, key=f"k{number}", args=args, target=f"RUN-{run_id}", owner="a@b.example",
                      reason="the desk is away", attempts=4, at=customers.clock.now())  # fmt: skip
        stuck.add(session, job="sched:customers", key="k4", args={}, target="customers", owner="", reason="away",
                  attempts=4, at=customers.clock.now())  # fmt: skip
    rows = listed(handoff)
    assert {name: row["stuck"] for name, row in rows.items() if row["stuck"]} == {"access": 1, "customers": 3}


def test_it_is_begun_by_hand(handoff: Terminal, customers: CustomerContext, database: Database) -> None:
    ran = handoff("automations", "run", "customers", *MARA)
    assert (ran.code, ran.out) == (2, "RUN-1 is asked for.\n")
    assert "No bot is running: RUN-1 goes on when" in ran.err
    with database.read() as session:
        assert [(run.kind, run.automation) for run in session.query(Run)] == [("customers", "customers")]


def test_its_modes_end_at_ask(handoff: Terminal, customers: CustomerContext) -> None:
    auto = handoff("automations", "mode", "customers", "auto", *MARA)
    assert (auto.code, "every group of changes is approved by a person" in auto.err) == (64, True)
    off = handoff("automations", "mode", "customers", "off", *MARA)
    assert (off.code, off.out) == (0, "customers is off now: it reads no sources and changes nothing.\n")
    assert listed(handoff)["customers"]["mode_from"] == "command"


def test_its_runs_are_listed_shown_and_decided_about_where_access_is_not_set_up(
    handoff: Terminal, batches: Batches
) -> None:
    run_id = batches.ask(subject="", kind="customer_changes")
    (row,) = handoff("runs", "list", "--json").json
    assert (row["ref"], row["automation"], row["state"]) == ("RUN-1", "customers", "proposed")
    assert "Write 2 customers" in handoff("runs", "show", "RUN-1").out
    ran = handoff("runs", "approve", "RUN-1", "--yes", *MARA)
    assert (ran.code, batches.state(run_id)) == (0, (RunState.DONE, ["verified"]))
    back = handoff("runs", "rollback", "RUN-1", "--yes", *MARA)
    assert (back.code, batches.outside.values[BATCH.target]) == (0, "out")
    assert batches.state(run_id)[0] == RunState.ROLLED_BACK


def test_a_step_that_failed_is_tried_again_and_a_plan_given_up(handoff: Terminal, batches: Batches) -> None:
    batches.outside.broken.add(BATCH.target)
    run_id = batches.ask(subject="", kind="customer_changes")
    handoff("runs", "approve", "RUN-1", "--yes", *MARA)
    assert batches.state(run_id) == (RunState.FAILED, ["failed"])
    batches.outside.broken.clear()
    with batches.database.read() as session:
        (item,) = stuck.open_items(session)
    assert handoff("stuck", "list").out.count("RUN-1 step 1") == 1
    assert handoff("stuck", "retry", str(item.id)).code == 0
    ran = handoff("runs", "retry", "RUN-1", "1", *MARA)
    assert (ran.code, batches.state(run_id)) == (0, (RunState.DONE, ["verified"]))
    batches.outside.values[BATCH.target] = "out"
    other = batches.ask(subject="", kind="customer_changes")
    assert handoff("runs", "cancel", f"RUN-{other}", *MARA).code == 0
    assert batches.state(other)[0] == RunState.CANCELLED


def test_a_run_whose_automation_is_not_set_up_says_so(handoff: Terminal, batches: Batches, context: Context) -> None:
    batches.ask(subject="", kind="customer_changes")
    handoff.file("team.toml", TEAM + ACCESS)
    shown = handoff("runs", "show", "RUN-1")
    assert (shown.code, NO_CUSTOMERS in shown.err) == (1, True)
    assert handoff("runs", "list", "--json").json == []
    with batches.database.begin() as session:
        session.get_one(Run, 1).automation = "access"
    handoff.file("team.toml", SETTINGS)
    shown = handoff("runs", "show", "RUN-1")
    assert (shown.code, NOT_SET_UP in shown.err) == (1, True)


def test_doctor_does_not_show_the_url_of_a_source(handoff: Terminal) -> None:
    file = 'kind = "file"\npath = "customers.csv"'
    sql = 'kind = "sql"\nurl = "sqlite:///secret-place.db"\nquery = "select id, name, plan from account"'
    handoff.file("team.toml", SETTINGS.replace(file, sql))
    assert file in CUSTOMERS
    told = handoff("doctor", "--json").json
    values = {one["key"]: one["value"] for one in told["settings"]}
    assert (values["customers.sources"], values["customers.fields"]) == ("1 in all", "2 in all")
    assert "secret-place" not in str(told["settings"])
