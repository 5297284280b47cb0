"""Columns as the migrations write them, several of one type in a line."""

from typing import Any

import sqlalchemy as sa

from storage.models.base import UtcDateTime

Columns = list[sa.Column[Any]]

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def number() -> sa.Column[Any]:
    """The primary key the database counts up by itself."""
    return sa.Column("id", NUMBER, primary_key=True, autoincrement=True, nullable=False)


def columns(kind: Any, names: str) -> Columns:
    """Columns of one type; a name that ends in `?` may be null."""
    return [sa.Column(name.rstrip("?"), kind, nullable=name.endswith("?")) for name in names.split()]


def keys(names: str) -> Columns:
    return columns(sa.String(255), names)


def words(names: str) -> Columns:
    return columns(sa.String(64), names)


def texts(names: str) -> Columns:
    return columns(sa.Text(), names)


def times(names: str) -> Columns:
    return columns(UtcDateTime(), names)


def ints(names: str) -> Columns:
    return columns(sa.Integer(), names)


def documents(names: str) -> Columns:
    return columns(sa.JSON(), names)


def one_of(name: str, *allowed: str) -> sa.CheckConstraint:
    """A column that knows its values."""
    listed = ", ".join(f"'{word}'" for word in allowed)
    return sa.CheckConstraint(f"{name} in ({listed})", name=name)


def reference(name: str, column: str, *, null: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, NUMBER, sa.ForeignKey(column), nullable=null, primary_key=primary_key)
