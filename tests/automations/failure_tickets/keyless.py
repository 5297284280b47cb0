"""A team on a desk without keys, a change feed or groups: MuninX, by the stand-in that is held to its contract."""

from dataclasses import replace

from automations.adapters.muninx.desk import MuninxDesk
from automations.adapters.muninx.limits import CAPABILITIES
from automations.failure_tickets import tickets
from automations.failure_tickets.card import case_card
from automations.failure_tickets.card_types import TicketLine
from automations.failure_tickets.context import Context
from tests.automations.adapters.muninx.room import Room
from tests.automations.failure_tickets.world import World
from tests.desks.muninx import PeopleAtWork


class Keyless:
    """The world's cases and the room's desk."""

    def __init__(self, world: World) -> None:
        world.ctx = replace(world.ctx, desk_system="muninx", desk_can=CAPABILITIES)
        self.world = world
        self.room = Room(world.clock)
        self.room.fake.seed("Ben", "Okoro", "b.okoro@desk.example")
        self.room.fake.seed("Lea", "Lind", "lea@team.example")
        self.desk: MuninxDesk = self.room.desk()
        self.people = PeopleAtWork(self.room.fake)

    @property
    def ctx(self) -> Context:
        return self.world.ctx

    @property
    def made(self) -> list[str]:
        """The tickets that MuninX has."""
        return list(self.room.fake.tickets)

    def advance(self, case: int) -> list[str]:
        """Step after step until rest, as the engine does."""
        steps: list[str] = []
        while (step := tickets.advance(self.world.database, self.desk, case, self.ctx)) is not None:
            steps.append(step)
            assert len(steps) < 30, steps
        return steps

    def open(self, **changes: object) -> tuple[int, str]:
        """A case and its ticket, which was read back."""
        case = self.world.open(**changes)
        self.advance(case)
        ticket = self.world.ticket(case).ticket_id
        assert ticket is not None
        return case, ticket

    def line(self, case: int) -> TicketLine:
        with self.world.database.read() as session:
            return case_card(session, case, self.ctx).ticket
