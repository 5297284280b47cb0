"""A team with customers: a source and a desk in memory, synced by the real engine of runs, decided in Slack."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.customer_context import lists
from automations.customer_context.card_types import GroupLine, SyncCard
from automations.customer_context.context import NO_EFFECTS, CustomerContext, Effects
from automations.customer_context.values import Group
from bot.wire_customers import ChangesAct, ChangesButton, ConflictAct, ConflictButton, FieldButton, field_key
from tests.automations.customer_context import synced
from tests.automations.customer_context.synced import Synced
from tests.automations.failure_tickets.world import World

TOUCHES = Effects(4, 0, 3, 1, (("812", "https://desk.example/812", "SLA: premium in place of standard"),))
"""What a change of tiers does to open tickets here."""


@dataclass
class Customers:
    """Ten customers whose source says something else by now, and the buttons of what that came to."""

    world: World
    synced: Synced
    run: int = 0

    @classmethod
    def on(cls, world: World) -> "Customers":
        here = synced.of(world.database, world.clock, world.jobs)
        here.sync()
        here.effects = touches
        return cls(world, here)

    @property
    def ctx(self) -> CustomerContext:
        return self.synced.ctx

    def changed(self) -> "Customers":
        """A sync that found two tiers raised, one name changed, and two conflicts about other tiers."""
        source, book = self.synced.source, self.synced.book
        assert book is not None
        source.change("A-3", name="Customer Three")
        for number in (1, 2, 4, 5):
            source.change(f"A-{number}", tier="enterprise")
        for number in (4, 5):
            book.change(book.by_reference(f"A-{number}").id, tier="basic")
        self.run = self.synced.sync()
        return self

    def card(self) -> SyncCard:
        with self.world.database.read() as session:
            return lists.sync_card(session, self.run, self.ctx)

    def line(self, field: str) -> GroupLine:
        (line,) = [one for one in self.card().groups if one.field == field and one.kind == "changed"]
        return line

    def button(self, field: str, act: ChangesAct) -> ChangesButton:
        """The button of a group as the message bears it now."""
        line = self.line(field)
        return ChangesButton(line.id, act, line.digest, self.run)

    def all_at_once(self) -> ChangesButton:
        return ChangesButton(0, ChangesAct.APPROVE_ALL, self.card().digest, self.run)

    def conflict(self, number: int, act: ConflictAct) -> ConflictButton:
        """The button of a conflict as the message bears it now; `number` counts from 1."""
        row = self.synced.conflicts()[number - 1]
        return ConflictButton(row.id, act, row.version)

    def field(self, name: str, act: ConflictAct) -> FieldButton:
        with self.world.database.read() as session:
            fields = {field: digest for field, _, digest in lists.whole_fields(session)}
        return FieldButton(act, field_key(name), fields[name])


def touches(_session: Session, group: Group) -> Effects:
    """Tiers decide on clocks, everything else on nothing."""
    return TOUCHES if group.field == "tier" else NO_EFFECTS
