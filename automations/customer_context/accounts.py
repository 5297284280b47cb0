"""Rows of all sources together: one account each, with what could not be taken and what was told twice. Pure.

A row is taken whole or not at all: one value that cannot be read makes it a rejected row, and nothing of what this
source says of that account is used. The account is in the listing all the same, so it is not gone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from automations.customer_context.canonical import BadValue, account_id, canonical, folded, kept_text, same
from automations.customer_context.rules import NAME, CustomerField, CustomerRules
from automations.customer_context.values import Account, Conflict, ConflictKind, RejectedRow
from automations.desks import SourceRow

SHOWN: Final = 10
"""How many values of a field, or ids, are named where there are many."""
SHOWN_CHARACTERS: Final = 300
"""Characters of each value that a rejected row keeps."""
LONGEST_KEY: Final = 255
"""Characters of a rejected row's key."""

Columns = tuple[tuple[CustomerField, str], ...]
Clashes = dict[tuple[str, str], set[str]]


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
    rules: CustomerRules,
    rows: Mapping[str, Iterable[SourceRow]],
    account_column: Mapping[str, str],
    hides: Callable[[str], bool] = lambda _text: False,
) -> Gathered:
    """Read the rows of every source, by its name, once. `account_column` names the column of the account id.

    `hides` tells whether a text holds a secret: such a row is rejected, since no value of it may be kept or passed on.
    Equal rows are one. The same rows in another order give the same. A column that a row lacks was not told.
    """
    accounts: dict[str, Account] = {}
    rejected: list[RejectedRow] = []
    conflicts: list[Conflict] = []
    read: dict[str, int] = {}
    for source in sorted(rows):
        columns = tuple((field, field.column or field.name) for field in rules.fields if field.source == source)
        reading = _Reading(source, account_column[source], columns, accounts, hides)
        for row in rows[source]:
            reading.take(row)
        read[source] = reading.read
        conflicts.extend(reading.settle())
        rejected.extend(reading.rejected.values())
    conflicts = [_named(one, accounts[one.account]) for one in conflicts]
    return Gathered(
        accounts,
        sorted(rejected, key=lambda one: (one.source, one.row_key)),
        sorted(conflicts, key=lambda one: (one.account, one.field)),
        read,
    )


class _Reading:
    """One source while it is read."""

    def __init__(
        self,
        source: str,
        column: str,
        columns: Columns,
        accounts: dict[str, Account],
        hides: Callable[[str], bool],
    ) -> None:
        self._hides = hides
        self.read = 0
        self.rejected: dict[str, RejectedRow] = {}
        self._source, self._column, self._columns, self._accounts = source, column, columns, accounts
        self._clashes: Clashes = {}
        self._unread: set[str] = set()

    def take(self, row: SourceRow) -> None:
        """Read one row into its account, or reject it."""
        self.read += 1
        try:
            account = account_id(row.columns.get(self._column))
            self._harmless(account)
        except BadValue as exc:
            self._reject(row, row.place, f"{exc}")
            return
        values: dict[str, str] = {}
        reasons = []
        for field, column in self._columns:
            if column in row.columns:
                try:
                    self._harmless(row.columns[column] or "")
                    values[field.name] = canonical(field, row.columns[column])
                except BadValue as exc:
                    reasons.append(f"{field.name} {exc}")
        known = self._accounts.get(account)
        if reasons:
            self._reject(row, account, "; ".join(reasons))
            self._unread.add(account)
            if known is None:
                self._accounts[account] = Account(account, {})
        elif known is None:
            self._accounts[account] = Account(account, values)
        else:
            self._join(known, values)

    def _harmless(self, text: str) -> None:
        if self._hides(text):
            raise BadValue("holds what looks like a secret, which is neither kept nor passed on")

    def settle(self) -> list[Conflict]:
        """Take away what nobody can tell, once all rows are read. Returns what was told twice."""
        for account in self._unread:
            for field, _ in self._columns:
                self._accounts[account].values.pop(field.name, None)
        return [
            self._conflict(account, name, told)
            for (account, name), told in self._clashes.items()
            if account not in self._unread
        ]

    def _join(self, known: Account, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            there = known.values.get(name)
            if there is None:
                known.values[name] = value
            elif not same(name, there, value):
                self._clashes.setdefault((known.account, name), set()).add(value)
            elif value < there:
                known.values[name] = value

    def _conflict(self, account: str, name: str, told: set[str]) -> Conflict:
        told = {*told, self._accounts[account].values.pop(name)}
        distinct = sorted({folded(name, value): value for value in sorted(told, reverse=True)}.values())
        more = f" | and {len(distinct) - SHOWN} more" if len(distinct) > SHOWN else ""
        words = " | ".join(value or "(blank)" for value in distinct[:SHOWN]) + more
        return Conflict(account, account, name, ConflictKind.TWO_ROWS, self._source, words, "", "")

    def _reject(self, row: SourceRow, key: str, reason: str) -> None:
        """Keep one rejected row for each key: the first by what it says, in whatever order they came."""
        used = [self._column, *(column for _, column in self._columns)]
        said = {column: kept_text((row.columns.get(column) or "")[:SHOWN_CHARACTERS]) for column in used}
        found = RejectedRow(self._source, kept_text(key)[:LONGEST_KEY], reason, said)
        there = self.rejected.get(found.row_key)
        if there is None or (reason, *said.values()) < (there.reason, *there.row.values()):
            self.rejected[found.row_key] = found


def _named(conflict: Conflict, account: Account) -> Conflict:
    return replace(conflict, name=account.values.get(NAME) or account.account)
