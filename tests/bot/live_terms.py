"""The terms of a test's own context."""

from collections.abc import Mapping
from types import MappingProxyType

from automations.access.context import AccessContext
from automations.customer_context.context import CustomerContext
from automations.domain import Role
from automations.failure_tickets.context import Context
from bot.live import Terms
from bot.settings import FailureTickets, Settings
from bot.views.texts import Look
from tests.report_terms import report_of
from tests.triage_terms import escalation_of, triage_of

NOBODY: Mapping[Role, tuple[str, ...]] = MappingProxyType({})


def terms_of(
    ctx: Context,
    look: Look,
    roles: Mapping[Role, tuple[str, ...]] = NOBODY,
    *,
    access: AccessContext | None = None,
    customers: CustomerContext | None = None,
) -> Terms:
    """Terms with this context; the settings beside it say little."""
    settings = Settings(failure_tickets=FailureTickets(default_owner=ctx.book.default_owner))
    return Terms(
        settings,
        ctx,
        report_of(ctx),
        triage_of(ctx),
        escalation_of(ctx),
        look,
        roles,
        access=access,
        customers=customers,
    )
