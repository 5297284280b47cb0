"""Customer context in a running bot: its doors, its night, and what it is without its section."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import select

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.request_tracker.customers import RequestTrackerCustomers
from automations.customer_context.context import APPLY, SYNC, CustomerContext
from automations.errors import ConfigError, Refused
from automations.failure_tickets.context import Context
from bot.customers_side import GRACE, CustomersSide, open_customer_doors
from bot.live import Live
from bot.run_jobs import NIGHTLY
from bot.settings import FailureTickets, Settings
from bot.settings_customers import CustomersSection
from bot.views.texts import Look
from storage.engine import Database
from storage.models import Run
from tests.automations.failure_tickets.samples import context
from tests.bot.live_terms import terms_of
from tests.customer_terms import customers_of
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


@pytest.fixture
def ctx(clock: FakeClock, jobs: RecordingJobs) -> Context:
    return context(clock, jobs)


def settings(**customers: object) -> Settings:
    source = {"name": "crm", "kind": "file", "path": "customers.csv", "account": "number"}
    name = {"name": "name", "source": "crm", "decision": "Who is meant when a ticket names a customer."}
    given = {"sources": [source], "fields": [name], **customers}
    section = CustomersSection.model_validate(given)
    return Settings(failure_tickets=FailureTickets(default_owner="ada@team.example"), customers=section)


def side(database: Database, ctx: Context, given: Settings, customers: CustomerContext | None) -> CustomersSide:
    terms = terms_of(ctx, Look(zone="UTC"), customers=customers)
    live = Live(replace(terms, settings=given))
    return CustomersSide(database, live, open_customer_doors(given, ctx.clock, BuiltinCustomers(database)))


def test_its_doors_are_the_sources_and_the_desk_where_it_keeps_customers(database: Database, ctx: Context) -> None:
    doors = open_customer_doors(settings(), ctx.clock, BuiltinCustomers(database))
    assert [source.title for source in doors.sources.values()] == ["crm (customers.csv)"]
    assert doors.account_columns == {"crm": "number"}
    assert isinstance(doors.book, BuiltinCustomers)
    assert open_customer_doors(settings(), ctx.clock, RequestTrackerCustomers()).book is None
    without = settings().model_copy(update={"customers": None})
    assert open_customer_doors(without, ctx.clock, None).sources == {}


def test_a_source_that_cannot_be_opened_is_a_wrong_setting(ctx: Context, tmp_path: Path) -> None:
    source = {"name": "crm", "kind": "sql", "url_file": str(tmp_path / "nowhere"), "query": "select 1"}
    with pytest.raises(ConfigError, match=r"customers\.sources\.crm"):
        open_customer_doors(settings(sources=[source]), ctx.clock, None)


def test_it_brings_its_kinds_and_asks_for_a_sync_each_night(database: Database, ctx: Context) -> None:
    made = side(database, ctx, settings(sync_at=time(2, 30)), customers_of(ctx))
    assert (made.name, set(made.kinds), made.is_set_up) == ("customers", {SYNC, APPLY}, True)
    assert set(made.actions) == {"customers.batch"}
    (once,) = made.timetable()
    assert (once.job, once.grace, once.catch_up) == (NIGHTLY, GRACE, True)
    fires = once.trigger.get_next_fire_time(None, datetime(2026, 11, 21, tzinfo=UTC))
    assert fires.astimezone(UTC) == datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
    (job,) = made.specs()
    assert (job.name, job.target({}), job.advance({})) == (NIGHTLY, "customers", None)
    job.advance({})
    with database.read() as session:
        assert job.owner_of(session, {}) == customers_of(ctx).owner
        runs = [(run.kind, run.automation, run.requested_by) for run in session.scalars(select(Run))]
    assert runs == [(SYNC, "customers", "handoff")], "one that is open is not asked for twice"


def test_without_a_time_there_is_no_night(database: Database, ctx: Context) -> None:
    assert side(database, ctx, settings(), customers_of(ctx)).timetable() == ()


def test_without_its_section_it_rests(database: Database, ctx: Context) -> None:
    given = settings().model_copy(update={"customers": None})
    made = side(database, ctx, given, None)
    assert (made.is_set_up, made.timetable()) == (False, ())
    with pytest.raises(Refused, match=r"no \[customers\] in the settings any more"):
        made.context()
    (job,) = made.specs()
    with database.read() as session:
        assert job.owner_of(session, {}) == ""
