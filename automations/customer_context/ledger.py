"""The conflict ledger: what source and desk disagree on, and what people decide about it."""

from automations.customer_context.conflict_rows import record
from automations.customer_context.ledger_message import follow
from automations.customer_context.settling import Pair, rested, settle, settle_all

__all__ = ["Pair", "follow", "record", "rested", "settle", "settle_all"]
