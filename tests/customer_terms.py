"""The context of customers for a test's own context."""

from typing import Any

from automations.customer_context.context import AUTOMATION, CustomerContext
from automations.customer_context.rules import Blank, CustomerField, CustomerRules
from automations.domain import Mode
from automations.failure_tickets.context import Context
from bot.customers_parts import OF_CUSTOMERS

CHANNEL = "C_CUSTOMERS"
TIERS = {"PRO": "pro", "ENT": "enterprise"}
RULES = CustomerRules(
    fields=(
        CustomerField(name="name", source="crm", decision="Who is meant when a ticket names a customer."),
        CustomerField(
            name="tier", source="crm", values=TIERS, blank=Blank.CONFLICT, decision="How soon their tickets are due."
        ),
    )
)


def customers_of(ctx: Context, **changes: Any) -> CustomerContext:
    """Customer context of this team in mode ask, with two fields from one source; `changes` are other values of it."""
    given: dict[str, Any] = {
        "roster": ctx.roster,
        "zone": ctx.zone,
        "jobs": ctx.jobs,
        "clock": ctx.clock,
        "redactor": ctx.redactor,
        "automation": AUTOMATION,
        "mode": Mode.ASK,
        "channel": CHANNEL,
        "owner": ctx.book.default_owner,
        "rules": RULES,
        "desk_system": ctx.desk_system,
        "desk_title": "The built-in desk",
        "desk_can": OF_CUSTOMERS,
    }
    return CustomerContext(**(given | changes))
