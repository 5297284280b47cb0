"""Rows of all sources together: one account each, with what could not be taken and what was told twice. Pure.

A row is taken whole or not at all: one value that cannot be read makes it a rejected row, and nothing of what this
source says of that account is used. The account is in the listing all the same, so it is not gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from automations.customer_context.rules import CustomerRules
from automations.customer_context.values import Account, Conflict, RejectedRow
from automations.desks import SourceRow


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all sources told. `read` counts the rows of each source, by its name.

    `accounts` holds everybody who was told of, those with a rejected row too. `conflicts` are all `two_rows`, one for
    each field that one account has two values of; such a value is not among those of the account.
    """

    accounts: dict[str, Account]
    rejected: list[RejectedRow]
    conflicts: list[Conflict]
    read: dict[str, int]


def gather(
    rules: CustomerRules, rows: Mapping[str, Iterable[SourceRow]], account_column: Mapping[str, str]
) -> Gathered:
    """Read the rows of every source, by its name, once. `account_column` names the column of the account id.

    Equal rows are one. The same rows in another order give the same. A column that a row lacks was not told.
    """
    raise NotImplementedError
