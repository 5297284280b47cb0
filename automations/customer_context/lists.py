"""What people get to see of customers: a sync, the ledger, rejected rows, one customer, all of a sync as a table."""

from automations.customer_context.customer_sheet import sheet
from automations.customer_context.group_lines import group_line
from automations.customer_context.ledger_list import conflict_line, ledger_card, whole_fields
from automations.customer_context.rejected_list import rejected, rejected_line
from automations.customer_context.sync_list import open_groups, sync_card
from automations.customer_context.sync_table import full_list

__all__ = [
    "conflict_line",
    "full_list",
    "group_line",
    "ledger_card",
    "open_groups",
    "rejected",
    "rejected_line",
    "sheet",
    "sync_card",
    "whole_fields",
]
