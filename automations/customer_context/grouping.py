"""Changes in the groups that people decide about. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from automations.customer_context.rules import CustomerRules
from automations.customer_context.values import Change, ChangeKind, Group
from automations.plan import digest_of

MOST_TRANSITIONS: Final = 50
"""Of one field. One that has more is no field of few values, whatever the settings say, and is one group."""

_ORDER: Final = {kind: number for number, kind in enumerate(ChangeKind)}


def groups(changes: Iterable[tuple[ChangeKind, Change]], rules: CustomerRules) -> tuple[Group, ...]:
    """All changes, by kind, field and, for fields of few values, by transition. In any order the result is the same."""
    kinds: dict[tuple[ChangeKind, str], list[Change]] = defaultdict(list)
    for kind, change in changes:
        kinds[kind, change.field].append(change)
    place = {field.name: number for number, field in enumerate(rules.fields)}
    found = []
    for kind, name in sorted(kinds, key=lambda one: (_ORDER[one[0]], place.get(one[1], -1), one[1])):
        ordered = sorted(kinds.pop((kind, name)), key=lambda one: one.account)
        for (before, after), together in sorted(_transitions(kind, name, ordered, rules).items()):
            found.append(_group(kind, name, before, after, together))
    return tuple(found)


def _transitions(
    kind: ChangeKind, name: str, changes: list[Change], rules: CustomerRules
) -> dict[tuple[str, str], list[Change]]:
    field = rules.field(name)
    by_value = kind in (ChangeKind.SUSPENDED, ChangeKind.RESUMED) or (field is not None and field.grouped_by_value)
    if not by_value:
        return {("", ""): changes}
    apart: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        apart[change.before, change.after].append(change)
    return apart if len(apart) <= MOST_TRANSITIONS else {("", ""): changes}


def _group(kind: ChangeKind, name: str, before: str, after: str, changes: list[Change]) -> Group:
    told = [[one.account, one.desk_id, one.before, one.after, one.values] for one in changes]
    return Group(kind, name, before, after, tuple(changes), digest_of(kind, name, before, after, told))
