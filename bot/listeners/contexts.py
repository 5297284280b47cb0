"""The context of a run's automation, as listeners ask for it, with words for the person where one is not set up."""

from typing import Final

from automations.access.context import AccessContext
from automations.customer_context.context import AUTOMATION as CUSTOMERS
from automations.customer_context.context import CustomerContext
from automations.errors import Refused
from automations.runs.context import RunContext
from bot.listeners.exchange import Turn
from storage.models import Run

ACCESS_OFF: Final = (
    "Access is not set up. Nothing was changed. An admin sets it up in Handoff's settings: [access] with "
    'mode = "ask", a channel and the roles, and [identity] for where it is kept who works here.'
)
CUSTOMERS_OFF: Final = (
    "Customer context is not set up. Nothing was changed. An admin sets it up in Handoff's settings: [customers] with "
    'mode = "ask", a channel, the sources and the fields, each with the decision it changes.'
)


def access_of(turn: Turn) -> AccessContext:
    """What every act of access is given. Raises: Refused if access is not set up."""
    if turn.deps.access is None:
        raise Refused(ACCESS_OFF)
    return turn.deps.access


def customers_of(turn: Turn) -> CustomerContext:
    """What every act of customer context is given. Raises: Refused if it is not set up."""
    if turn.deps.customers is None:
        raise Refused(CUSTOMERS_OFF)
    return turn.deps.customers


def context_of(turn: Turn, run: Run) -> RunContext:
    """What an act on this run is given: the context of its automation. Raises: Refused if that is not set up."""
    if run.automation == CUSTOMERS:
        return customers_of(turn)
    return turn.deps.run_contexts.get(run.automation) or access_of(turn)
