"""What a rule of retention is: which rows of a table may go, with which children, and what must not point at them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, ForeignKey, Table, and_, exists, func, select

from storage.models import Base

Settled = Callable[[datetime], ColumnElement[bool]]
"""Given the moment before which a thing must have been settled: the condition on its row."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong to a row of the rule's table and go before it: those whose `column` is its primary key."""

    column: Any

    @property
    def table(self) -> Table:
        """Where they are."""
        return cast("Table", self.column.class_.__table__)


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `model` go once they are `settled` for as long as `term` says. `after`: what it is counted from.

    `parts` go with them. `cuts` are columns of rows that stay and point at them: these let go. Nothing else may point
    at a row that goes, which `condition` sees to for every foreign key there is.
    """

    model: type[Base]
    term: str
    after: str
    settled: Settled
    parts: tuple[Part, ...] = ()
    cuts: tuple[Any, ...] = ()
    named: str = ""

    @property
    def table(self) -> Table:
        """Where the rows are."""
        return cast("Table", self.model.__table__)

    def condition(self, before: datetime) -> ColumnElement[bool]:
        """Which rows may go now: settled, needed by no other row, and not the newest, whose number must not return."""
        return and_(self.settled(before), *self._not_pointed_at(), *self._not_the_newest())

    def _not_pointed_at(self) -> Iterator[ColumnElement[bool]]:
        ours = {part.table.name for part in self.parts}
        cut = {(one.class_.__tablename__, one.key) for one in self.cuts}
        for key in pointing_at(self.table):
            column = key.parent
            if column.table.name in ours or (column.table.name, column.name) in cut:
                continue
            # an alias, since a table may point at itself
            other = column.table.alias()
            yield ~exists().where(other.c[column.name] == key.column)

    def _not_the_newest(self) -> Iterator[ColumnElement[bool]]:
        primary = list(self.table.primary_key.columns)
        if [one.name for one in primary] == ["id"]:
            other = self.table.alias()
            yield primary[0] < select(func.max(other.c.id)).scalar_subquery()


def pointing_at(table: Table) -> list[ForeignKey]:
    """Every foreign key of our tables whose target is this one."""
    return [
        key
        for other in Base.metadata.sorted_tables
        for key in sorted(other.foreign_keys, key=lambda one: str(one.parent))
        if key.column.table is table
    ]


def primary_of(table: Table) -> list[Column[Any]]:
    """The columns of a table's primary key."""
    return list(table.primary_key.columns)
