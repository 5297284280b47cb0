"""A customer's row and what it stands for: the values in force as columns that messages and clocks go by, and back.

A tier is kept in lower case, which is the same tier (`canonical.same`), and like a status in at most 64 characters.
"""

from collections.abc import Mapping
from sys import intern
from typing import Any

from automations.customer_context.canonical import LONGEST, LONGEST_WORD, joined, split
from automations.customer_context.rules import ACTIVE, DOMAINS, NAME, STANDARD, STATUS, TIER


def columns_of(kept: Mapping[str, str]) -> dict[str, Any]:
    """The columns name, status, tier, domains and fields of a customer with these values in force."""
    return {
        NAME: kept.get(NAME, ""),
        STATUS: kept.get(STATUS, ACTIVE)[:LONGEST_WORD],
        TIER: kept.get(TIER, "").lower()[:LONGEST_WORD],
        DOMAINS: list(split(kept.get(DOMAINS, ""))),
        "fields": {name: value for name, value in kept.items() if name not in STANDARD},
    }


def kept_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """The values in force that these columns of a row stand for."""
    return {
        NAME: columns[NAME],
        STATUS: intern(columns[STATUS]),
        TIER: intern(columns[TIER]),
        DOMAINS: joined(columns[DOMAINS]),
        **columns["fields"],
    }


def mail_domains(value: str) -> list[str]:
    """The domains of a canonical value by which a customer is found from an address, each once."""
    return sorted({domain for domain in split(value) if len(domain) <= LONGEST})
