"""A customer's row and what it stands for: the values in force as columns that messages and clocks go by, and back.

Every value survives the way there and back. A column is narrower than a value may be: a tier is kept in lower case and
at most 64 characters long, a status likewise; where that is not the value itself, the value stands among the fields.
"""

from collections.abc import Mapping
from sys import intern
from typing import Any, Final

from automations.customer_context.rules import ACTIVE, DOMAINS, NAME, STATUS, TIER

SEPARATOR: Final = ", "
"""Between the domains of a canonical value."""

LONGEST_WORD: Final = 64
LONGEST_DOMAIN: Final = 253
"""Of a name in the DNS (RFC 1035). Longer ones belong to nobody's address."""


def columns_of(kept: Mapping[str, str]) -> dict[str, Any]:
    """The columns name, status, tier, domains and fields of a customer with these values in force."""
    fields = {name: value for name, value in kept.items() if name not in (NAME, STATUS, TIER, DOMAINS)}
    status = kept.get(STATUS, "") or ACTIVE
    words = {STATUS: status[:LONGEST_WORD], TIER: kept.get(TIER, "").lower()[:LONGEST_WORD]}
    differing = {name: kept[name] for name in words if name in kept and kept[name] != words[name]}
    return {
        NAME: kept.get(NAME, ""),
        **words,
        DOMAINS: domains_of(kept.get(DOMAINS, "")),
        "fields": {**fields, **differing},
    }


def kept_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """The values in force that these columns of a row stand for."""
    kept = {
        NAME: columns[NAME],
        STATUS: intern(columns[STATUS]),
        TIER: intern(columns[TIER]),
        DOMAINS: SEPARATOR.join(columns[DOMAINS]),
    }
    if fields := columns["fields"]:
        kept |= named(fields)
    return kept


def named(values: Mapping[str, str]) -> dict[str, str]:
    """Values by name as JSON gave them; the names are few, so that each is held once for all customers."""
    return {intern(name): value for name, value in values.items()}


def domains_of(value: str) -> list[str]:
    """The domains of a canonical value."""
    return [domain for domain in value.split(SEPARATOR) if domain]


def mail_domains(value: str) -> list[str]:
    """Those by which a customer is found from an address, each once."""
    return sorted({domain for domain in domains_of(value) if len(domain) <= LONGEST_DOMAIN})
