"""What every act of customer context is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context.rules import CustomerRules
from automations.customer_context.values import Group
from automations.customer_ports import CustomerSource
from automations.desks import Capability
from automations.errors import Refused
from automations.ports import CustomerBook
from automations.runs.context import RunContext

AUTOMATION: Final = "customers"
"""The automation's name in modes, audit and lists."""
SYNC: Final = "customers"
"""Kind of run: read, compare and show. It changes nothing outside."""
APPLY: Final = "customer_changes"
"""Kind of run: carry groups of changes out."""
CARD: Final = "customers.sync"
LEDGER: Final = "customers.ledger"
"""Kinds of messages: a sync with its groups, and the living list of conflicts."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a group of changes would do to open tickets if it acted on them too; otherwise to new ones alone.

    `tickets` are open tickets of these customers; `priorities` those that would get another priority, `clocks` those
    whose SLA would be another one, `escalations` those that would escalate at once. `samples` are (ticket's number,
    its address, what would change, in words).
    """

    tickets: int = 0
    priorities: int = 0
    clocks: int = 0
    escalations: int = 0
    samples: tuple[tuple[str, str, str], ...] = ()


NO_EFFECTS: Final = Effects()

EffectsOf = Callable[[Session, Group], Effects]
"""What a group would do to open tickets, by what triage and the clocks go by. No effect for fields without any."""


@dataclass(frozen=True, slots=True)
class CustomerDoors:
    """What customer context reaches the outside through. `book` is None where the desk keeps no customers.

    `sources` are by their names in the settings, the desk not among them; `account_columns` says in which column of
    each the account id stands, `id` where it says nothing.
    """

    sources: Mapping[str, CustomerSource]
    book: CustomerBook | None
    account_columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerContext(RunContext):
    """A run's context, and what the settings say of customers. Frozen: one reload is one new context.

    `whole_every_s`: a source with a cursor is listed whole after so many seconds, so that who is gone is seen.
    """

    rules: CustomerRules
    desk_system: str
    desk_title: str
    desk_can: frozenset[Capability] = field(default_factory=frozenset)
    whole_every_s: float = 7 * 86_400.0
    note_open_cases: bool = True


def customer_context(ctx: RunContext) -> CustomerContext:
    """The context as customers need it. Raises: Refused if it is another automation's."""
    if not isinstance(ctx, CustomerContext):
        raise Refused("There is no [customers] in the settings any more, so its runs rest. Nothing was changed.")
    return ctx
