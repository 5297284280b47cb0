"""Zendesk, as an OAuth client or with an API token of old."""

from automations.adapters.http import Connection
from automations.adapters.zendesk import limits
from automations.adapters.zendesk.access import ZendeskAccess
from automations.adapters.zendesk.auth import LEGACY_WARNING
from automations.adapters.zendesk.calls import CALLS
from automations.adapters.zendesk.connect import Credential, connect
from automations.adapters.zendesk.customers import ZendeskCustomers
from automations.adapters.zendesk.desk import ZendeskDesk
from automations.adapters.zendesk.limits import OrganizationFields
from bot.desks.kind import Kind, Line, Needed
from bot.settings_desks import Desk


def _desk(line: Line) -> ZendeskDesk:
    return ZendeskDesk(_connection(line), line.requester, line.now)


def _customers(line: Line) -> ZendeskCustomers:
    named = line.section.zendesk
    fields = OrganizationFields(named.tier_field, named.status_field, named.customer_fields)
    return ZendeskCustomers(_connection(line), fields)


def _access(line: Line) -> ZendeskAccess:
    return ZendeskAccess(_connection(line, administrative=True), line.now)


def _connection(line: Line, *, administrative: bool = False) -> Connection:
    named = line.section.zendesk
    client, email = (named.admin_client_id, named.admin_email) if administrative else (named.client_id, named.email)
    credential = Credential(line.token, client, email, administrative)
    return connect(line.url, credential, line.budget, line.now, line.section.calls_per_minute)


def _warnings(section: Desk) -> tuple[str, ...]:
    named = section.zendesk
    administrative = section.admin_token is not None or section.admin_token_file is not None
    legacy = named.client_id is None or (administrative and named.admin_client_id is None)
    return (LEGACY_WARNING,) if legacy else ()


NEEDED = Needed("client_id", "Name of the OAuth client whose secret is HANDOFF_DESK__TOKEN", "handoff")
KIND = Kind(_desk, _customers, _access, limits, lambda _section: CALLS, _warnings, NEEDED)
