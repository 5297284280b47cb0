"""The job engine over groups of customers' changes, to be killed.

`bots.Forked(…, customers_process.forked)` says `ready` when the engine runs. The desk is the built-in one. Every write
is a line of the journal FAULTS_JOURNAL before it goes there, so that a kill loses none.
"""

import os
import threading
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context.applying import Applying
from automations.customer_context.context import AUTOMATION, CustomerContext, CustomerDoors
from automations.customer_context.rules import CustomerField, CustomerRules
from automations.desks import CustomerChange
from automations.domain import Actor, Mode, Role
from automations.people import Person, Roster
from automations.ports import Jobs
from automations.posting import DELIVER
from automations.redact import Redactor
from automations.runs.advance import Runner
from bot import run_jobs
from bot.engine import Engine, EngineClient, JobSpec, Route
from storage.engine import Database
from tests.faults.bot_process import told

LEA = Actor("U_LEAD1", "Lea Lind", "lea@team.example", Role.LEAD)
ROUTES = (*run_jobs.ROUTES, Route(name=DELIVER, queue="jobs"))
POLL_S = 0.05
RULES = CustomerRules(fields=(CustomerField(name="tier", source="crm", decision="Which clock a ticket has"),))


class WallClock:
    """The real time: the engine's waits are real."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Journaled(BuiltinCustomers):
    """The built-in desk with a line for every write."""

    def __init__(self, database: Database, journal: Path) -> None:
        super().__init__(database)
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        os.write(self._journal, f"{customer}\n".encode())
        super().update_customer(customer, change)


class NoRooms:
    """Nobody is asked where anybody is."""

    def leads(self) -> tuple[str, ...]:
        return ("U_LEAD1",)

    def is_member(self, channel: str, user: str) -> bool:
        return True


def context(jobs: Jobs) -> CustomerContext:
    """What every act is given."""
    return CustomerContext(
        roster=Roster((Person(LEA.name, str(LEA.email), LEA.id),)),
        zone="Europe/Oslo",
        jobs=jobs,
        clock=WallClock(),
        redactor=Redactor(),
        automation=AUTOMATION,
        mode=Mode.ASK,
        channel="C_CUSTOMERS",
        owner=str(LEA.email),
        rules=RULES,
        desk_system="builtin",
        desk_title="The desk",
        desk_can=BuiltinCustomers.capabilities,
    )


def engine_over(database: Database, journal: Path) -> Engine:
    """The engine with the jobs of runs; messages go nowhere."""
    ctx = context(EngineClient(database, ROUTES))
    applying = Applying(database, CustomerDoors({}, Journaled(database, journal)), lambda: ctx)
    runner = Runner(database, {applying.kind.name: applying.kind}, applying.actions, NoRooms(), lambda _name: ctx)
    nowhere = JobSpec(
        name=DELIVER,
        queue="jobs",
        advance=lambda _args: None,
        target=lambda args: str(args["key"]),
        owner_of=lambda _session, _args: "",
    )
    return Engine(
        database,
        jobs=(*run_jobs.specs(runner), nowhere),
        redact=str,
        clock=WallClock(),
        default_owner=lambda: str(LEA.email),
        poll_s=POLL_S,
    )


def forked(env: dict[str, str], log: Path, says: Connection) -> None:
    """The engine in a process forked from one that has imported all this; to be killed."""
    with told(env, log):
        engine = engine_over(Database(env["FAULTS_DATABASE"]), Path(env["FAULTS_JOURNAL"]))
        engine.start()
        says.send("ready")
        pause = threading.Event()
        while not pause.wait(0.2):
            engine.reap()
