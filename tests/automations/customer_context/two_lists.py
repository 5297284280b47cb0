"""A company's sources and a desk as plain lists, and what carrying a plan out makes of them. No database, no desk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from automations.customer_context.accounts import Gathered, gather
from automations.customer_context.canonical import split
from automations.customer_context.comparing import desk_side, in_desk
from automations.customer_context.rules import (
    ACTIVE,
    DOMAINS,
    NAME,
    STATUS,
    SUSPENDED,
    TIER,
    CustomerField,
    CustomerRules,
    ValueType,
)
from automations.customer_context.sync_plan import plan
from automations.customer_context.values import Change, ChangeKind, Group, Remembered, Settled, SyncPlan
from automations.desks import Capability, Customer, SourceRow
from tests.support import START

DECISION = "Which clock a ticket goes by"
EVERYTHING = frozenset(Capability)
COLUMN = {"crm": "id", "billing": "account"}


def field_of(name: str, source: str = "crm", **said: object) -> CustomerField:
    if name == DOMAINS:
        said.setdefault("type", ValueType.DOMAINS)
    return CustomerField.model_validate({"name": name, "source": source, "decision": DECISION, **said})


def rules_of(*fields: CustomerField, **said: object) -> CustomerRules:
    return CustomerRules.model_validate({"fields": fields, **said})


RULES = rules_of(field_of(NAME), field_of(DOMAINS), field_of(STATUS), field_of(TIER))


def rows_of(rows: Iterable[Mapping[str, str | None]]) -> list[SourceRow]:
    return [SourceRow(f"row {number}", dict(row)) for number, row in enumerate(rows, start=1)]


def customer(number: str, name: str = "", reference: str | None = None, domains: str = "", **said: str) -> Customer:
    """One of the desk. Beside tier and status everything that is said is one of the desk's own fields."""
    tier, status = said.pop(TIER, ""), said.pop(STATUS, ACTIVE)
    own = tuple(sorted(said.items()))
    return Customer(number, name, reference, split(domains), tier, status, own, f"https://desk.example/{number}")


@dataclass
class World:
    """Everything that a sync looks at, and what was remembered and settled."""

    rules: CustomerRules = RULES
    can: frozenset[Capability] = EVERYTHING
    sources: dict[str, list[SourceRow]] = field(default_factory=dict)
    desk: dict[str, Customer] | None = field(default_factory=dict)
    remembered: dict[str, Remembered] = field(default_factory=dict)
    settled: dict[tuple[str, str], Settled] = field(default_factory=dict)
    now: datetime = START
    made: int = 0

    def gathered(self) -> Gathered:
        return gather(self.rules, self.sources, COLUMN)

    def plan(self, *, whole: bool = True) -> SyncPlan:
        told = self.gathered()
        return plan(
            self.rules,
            told.accounts,
            None if self.desk is None else [desk_side(one, self.rules) for one in self.desk.values()],
            self.remembered,
            self.settled,
            whole=whole,
            can=self.can,
            rejected=told.rejected,
            conflicts=told.conflicts,
            now=self.now,
        )

    def keep(self, found: SyncPlan) -> None:
        """What is remembered without anybody's yes."""
        for one in found.records:
            self.remembered[one.account] = Remembered(
                one.account, one.desk_id, dict(one.source), dict(one.base), dict(one.kept), one.gone
            )

    def carry_out(self, found: SyncPlan, groups: Iterable[Group] | None = None) -> None:
        self.keep(found)
        for group in found.groups if groups is None else groups:
            for change in group.changes:
                self._make(group.kind, change)

    def say_no(self, groups: Iterable[Group]) -> None:
        for group in groups:
            for one in group.changes:
                self.settled[one.account, one.field] = Settled(one.after, one.before)

    def _make(self, kind: ChangeKind, change: Change) -> None:
        known = self.remembered[change.account]
        if kind is ChangeKind.ADDED:
            self._add(known, dict(change.values))
            return
        if kind is ChangeKind.LINKED:
            self._write(change.desk_id, reference=change.after)
            return
        status = self.rules.field(STATUS)
        lives = self.rules.field(change.field)
        there = lives is not None and in_desk(lives, self.can) and self.desk is not None and change.desk_id is not None
        if kind is ChangeKind.SUSPENDED or (kind is ChangeKind.RESUMED and change.before == self.rules.gone):
            there = there and status is not None and self.rules.gone == SUSPENDED
        if there:
            assert lives is not None
            self._set(change.desk_id, lives, change.after)
        known.kept[change.field] = change.after
        if lives is not None:
            known.base[change.field] = change.after
        if kind is ChangeKind.RESUMED:
            known.gone = False

    def _add(self, known: Remembered, values: dict[str, str]) -> None:
        known.base.update(values)
        known.kept.update(values)
        if self.desk is None:
            return
        self.made += 1
        number = f"new{self.made:03}"
        reference = known.account if Capability.REFERENCES in self.can else None
        self.desk[number] = customer(number, "", reference)
        known.desk_id = number
        for one in self.rules.fields:
            if one.name in values and in_desk(one, self.can):
                self._set(number, one, values[one.name])

    def _set(self, number: str | None, one: CustomerField, value: str) -> None:
        if one.name == NAME:
            self._write(number, name=value)
        elif one.name == DOMAINS:
            self._write(number, domains=split(value))
        elif one.name == TIER:
            self._write(number, tier=value)
        elif one.name == STATUS:
            assert value in (ACTIVE, SUSPENDED), "a desk knows no other word"
            self._write(number, status=value)
        else:
            self._write(number, own=(one.name, value))

    def _write(self, number: str | None, own: tuple[str, str] | None = None, **said: object) -> None:
        assert self.desk is not None
        assert number is not None
        one = self.desk[number]
        if own is not None:
            said["fields"] = tuple(sorted({**dict(one.fields), own[0]: own[1]}.items()))
        self.desk[number] = replace(one, **said)  # type: ignore[arg-type]  # each is a field of a customer
