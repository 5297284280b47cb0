"""A built-in desk with tickets that failures opened, as its pages show them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from automations.adapters.builtin.audited import AuditedTables
from automations.adapters.builtin.desk import BuiltinDesk
from automations.adapters.builtin.people import DeskWork
from automations.domain import Actor, TicketField
from automations.failure_tickets import tickets
from bot.access import ReadAccess
from bot.desk_door import DeskDoor, desk_door
from bot.pages import Editing, desk_pages
from bot.settings import Team
from tests.automations.failure_tickets.world import ROSTER, World
from tests.bot.http_world import HttpWorld

ZONE = ZoneInfo("Europe/Oslo")
TEAM = Team(name="Sample team", zone="Europe/Oslo")
FAILURES: tuple[dict[str, Any], ...] = (
    {},
    {"source": "billing-worker", "summary": "Ledger refuses the nightly batch", "dedup_key": "ledger", "checks": []},
    {
        "source": "crm-sync",
        "summary": "Contact import stopped: 214 rows have no account id",
        "dedup_key": "crm",
        "reason": "data_blocked",
        "customer": {"id": "acct_7", "name": "Globex", "tier": "business"},
        "impact": {"blocked": True, "customers": 12},
        "attempts": [],
    },
    {
        "source": "export",
        "summary": "A decision is needed: the customer's export holds two currencies in one column and the job cannot"
        " tell which one the invoice is in",
        "dedup_key": "export",
        "reason": "decision_needed",
        "customer": None,
        "impact": {},
        "details": "",
    },
)


def desk_of(world: World, base_url: str = "http://127.0.0.1:8080") -> BuiltinDesk:
    """A desk with the team's people and queues."""
    desk = BuiltinDesk(world.database, world.clock, base_url)
    for queue in ("Support", "Billing"):
        desk.ensure_group(queue)
    for person in ROSTER.people:
        desk.ensure_agent(person.name, person.desk or person.email)
    return desk


def open_tickets(world: World, desk: BuiltinDesk, *failures: dict[str, Any]) -> None:
    """Let failures in and open their tickets, a few minutes apart."""
    for failure in failures:
        number = world.open(**failure)
        world.clock.move(timedelta(minutes=7))
        while tickets.advance(world.database, desk, number, world.ctx) is not None:
            world.clock.move(timedelta(minutes=1))


def writable(world: World, *required: TicketField) -> BuiltinDesk:
    """A desk of the team that asks for these fields before a ticket is solved."""
    desk_of(world)
    return BuiltinDesk(world.database, world.clock, "http://127.0.0.1:8080", required)


def door_of(world: World) -> DeskDoor:
    """What makes personal links to the world's desk."""
    return desk_door(world.database, world.clock.now)


def with_pages(
    world: World,
    desk: BuiltinDesk,
    read_token: str | None = None,
    *,
    editing: bool = False,
    team: Callable[[], Team] = lambda: TEAM,
) -> HttpWorld:
    """The HTTP port with the desk's pages; `editing`: people with a personal link may work on them."""

    def work_for(email: str, ticket: str) -> DeskWork:
        tables = AuditedTables(world.database, world.clock, world.ctx.redactor, Actor(email, email), ticket)
        return DeskWork(tables, world.clock, tuple(desk.required_fields()), world.ctx.redactor.text)

    port = HttpWorld(world, read_token=read_token)
    given = Editing(door_of(world), work_for) if editing else None
    port.routers = [desk_pages(desk, ReadAccess(read_token, port.senders), team, given)]
    port.client = port.asking()
    return port
