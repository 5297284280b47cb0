"""What has to be known of one Freshdesk account: its own fields and statuses."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Which tickets a new agent sees: all, those of their groups, or those assigned to them."""

    GLOBAL = "global"
    GROUP = "group"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Options:
    """Names of custom fields as `/ticket_fields` and `/company_fields` list them, and the agents' labels of statuses.

    `key_field` and `customer_field` are text fields of tickets; without the first no ticket can be made, without the
    second the customer stands in the note alone. `reference_field` and `status_field` are fields of companies, as
    `tier_field` is unless it is `account_tier`. `attach_company`: a ticket also bears the customer's company, which
    needs the plan's feature for several companies and shows the ticket to that company's contacts in the portal.
    """

    key_field: str = "cf_handoff_key"
    customer_field: str = "cf_handoff_customer"
    attach_company: bool = False
    pending_statuses: tuple[str, ...] = ("Waiting on Customer",)
    on_hold_statuses: tuple[str, ...] = ("Waiting on Third Party",)
    reference_field: str = "cf_handoff_reference"
    tier_field: str = "account_tier"
    status_field: str = "cf_handoff_status"
    agent_scope: Scope = Scope.GLOBAL
