"""Sources against desk: what would change, in groups that people decide about, and what only they can settle. Pure.

What a change says, by the kind of its group:

* `added`: field, before and after are empty; `values` are all fields that were told, blank ones too, those `to_handoff`
  as well. Once verified, each of them is what was agreed on (`base`), also in a desk without customers, and is in force
  here where it does not live in the desk. That `base` is how the next sync knows that somebody said yes.
* `linked`: field is empty, before the reference that the desk shows (empty), after the account id. A conflict `differs`
  with an empty field is one between the account id and another reference in the desk.
* `changed`, `cleared`: one value of one field, in the desk or here as `comparing.in_desk` says.
* `suspended`, `resumed`: the field status. In the desk if the status lives there and `rules.gone` is suspended, else
  here alone. Whoever makes `resumed` true also takes `gone_since` away.

Each of them is settled by the pair (`after`, `before`) as source and desk value, under its account and field.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from automations.customer_context.comparing import terms_of
from automations.customer_context.found import WHOLE, Found, Sides, Terms
from automations.customer_context.grouping import groups
from automations.customer_context.judging import look
from automations.customer_context.matching import Doubt, match
from automations.customer_context.rules import CustomerRules
from automations.customer_context.told import Told
from automations.customer_context.values import (
    Account,
    ChangeKind,
    Conflict,
    ConflictKind,
    Counts,
    DeskSide,
    Record,
    RejectedRow,
    Remembered,
    Settled,
    SyncPlan,
)
from automations.desks import Capability

_FALLS: Final = ("rejected", "conflicted", "added", "suspended", "changed", "unchanged")


def plan(
    rules: CustomerRules,
    accounts: Mapping[str, Account],
    desk: Iterable[DeskSide] | None,
    remembered: Mapping[str, Remembered],
    settled: Mapping[tuple[str, str], Settled],
    *,
    whole: bool,
    can: frozenset[Capability],
    rejected: Iterable[RejectedRow],
    conflicts: Iterable[Conflict],
    now: datetime,
) -> SyncPlan:
    """Plan a sync. Equal inputs in any order give an equal plan.

    `whole`: this listing had every account; otherwise accounts that are not told are as `remembered` says, and
    `rejected` and `conflicts` hold the standing ones of accounts that were not told beside those of `gather`. `desk` is
    None for a desk that keeps no customers. Raises: Refused for a whole listing without any account, or in which a
    source that told of customers before tells of none.
    """
    rows, clashes = list(rejected), list(conflicts)
    told = Told(rules, accounts, remembered, rows, whole=whole)
    shrunken = told.shrunken(one.account for one in clashes)
    customers = _by_id(desk or ())
    matched = match({account: told.claim(account) for account in told.names}, customers)
    found = Found(terms_of(rules, can if desk is not None else frozenset(), settled, now), rejected=rows)
    unclear: dict[str, list[Conflict]] = {}
    for conflict in (*clashes, *(_doubtful(*who, doubt) for who, doubt in matched.doubts.items())):
        unclear.setdefault(conflict.account, []).append(conflict)
    tally = _Tally(found)
    for account in told.names:
        sides = told.sides(account, matched.pairs.get(account), customers)
        if account in unclear:
            found.conflicts.extend(_standing(unclear[account], sides, found.terms))
        else:
            look(sides, found)
        tally.count(sides, frozen=account in unclear)
    population = len(customers) + tally.elsewhere
    return SyncPlan(
        groups=groups(found.changes, rules),
        conflicts=tuple(sorted(found.conflicts, key=lambda one: (one.account, one.field, one.kind))),
        rejected=tuple(sorted(found.rejected, key=lambda one: (one.source, one.row_key, one.reason))),
        records=tally.records,
        counts=tally.counts(),
        population=population,
        touched=tally.touched,
        brake="; ".join(words for words in (_too_many(rules, tally.touched, population), shrunken) if words),
        blanks_kept=dict(sorted(found.blanks.items())),
    )


class _Tally:
    """How customers fall, and what is to be known of each from now on, while they are looked at one by one.

    `touched` were known before and would change; `elsewhere` were known here, and the desk does not show them.
    """

    def __init__(self, found: Found) -> None:
        self.records: list[Record] = []
        self.touched = 0
        self.elsewhere = 0
        self._found = found
        self._keys = {(row.source, row.row_key) for row in found.rejected}
        self._rejected = {key for _, key in self._keys}
        self._named: set[str] = set()
        self._falls: Counter[str] = Counter()
        self._before = (0, 0, len(found.rejected))

    def count(self, sides: Sides, *, frozen: bool) -> None:
        """Count one customer, after it was looked at."""
        changes, conflicts, rejected = self._before
        found = self._found
        self._before = (len(found.changes), len(found.conflicts), len(found.rejected))
        kinds = {kind for kind, _ in found.changes[changes:]} if len(found.changes) > changes else ()
        if sides.account in self._rejected or len(found.rejected) > rejected:
            fall = "rejected"
            self._named.add(sides.account)
        elif len(found.conflicts) > conflicts:
            fall = "conflicted"
        elif ChangeKind.ADDED in kinds or ChangeKind.SUSPENDED in kinds:
            fall = "added" if ChangeKind.ADDED in kinds else "suspended"
        else:
            fall = "changed" if kinds else "unchanged"
        self._falls[fall] += 1
        if sides.established:
            self.touched += bool(kinds)
            self.elsewhere += sides.desk is None and not frozen
        if (record := sides.record(frozen=frozen)) is not None:
            self.records.append(record)

    def counts(self) -> Counts:
        """All customers; a rejected row that names none of them is one more."""
        self._falls["rejected"] += sum(key not in self._named for _, key in self._keys)
        return Counts(**{fall: self._falls[fall] for fall in _FALLS})


def _by_id(desk: Iterable[DeskSide]) -> dict[str, DeskSide]:
    """The desk's customers. One that the pages of a list tell twice, since it moved between them, is one."""
    found: dict[str, DeskSide] = {}
    for one in desk:
        there = found.setdefault(one.id, one)
        if there is not one and (one.reference, sorted(one.values.items())) < (
            there.reference,
            sorted(there.values.items()),
        ):
            found[one.id] = one
    return found


def _doubtful(account: str, kind: ConflictKind, doubt: Doubt) -> Conflict:
    accounts, customers = sorted(doubt.accounts), sorted(doubt.customers)
    first = doubt.customers[customers[0]]
    others = accounts if kind is ConflictKind.TWO_ACCOUNTS else customers
    return Conflict(
        account=account,
        name=account,
        field=WHOLE,
        kind=kind,
        source="",
        source_value=", ".join(accounts),
        desk_value=", ".join(customers),
        winner="",
        desk_id=first.id,
        url=first.url,
        others=tuple(others),
    )


def _standing(conflicts: Iterable[Conflict], sides: Sides, terms: Terms) -> Iterable[Conflict]:
    """Conflicts about who somebody is or what was told, with what the desk shows, unless people settled just these."""
    desk = sides.desk
    for one in conflicts:
        conflict = replace(one, name=sides.name)
        if one.kind is ConflictKind.TWO_ROWS and desk is not None:
            conflict = replace(conflict, desk_id=desk.id, url=desk.url, desk_value=desk.values.get(one.field, ""))
        if not terms.stays_away(one.account, one.field, conflict.source_value, conflict.desk_value):
            yield conflict


def _too_many(rules: CustomerRules, touched: int, population: int) -> str:
    return f"{touched} of {population} customers at once" if touched > rules.brake.limit(population) else ""
