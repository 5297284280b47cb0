"""Rows that nobody can work with: a round passes one over, goes on with the others, and says so at its end.

Each row is worked on in a transaction of its own, so what is passed over has changed nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from automations.errors import HandoffError

log = structlog.get_logger(__name__)

BAD_ROW: Final = (
    HandoffError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    DataError,
    IntegrityError,
)
"""What a row raises that does not say what it should. Not among it: a database that is away, which ends any round."""

SHOWN: Final = 5
"""Rows that an error names."""


class RowsPassedOver(HandoffError):
    """A round could not work with some of its rows; it has done everything else."""


@dataclass(slots=True)
class Apart:
    """The rows that one round has passed over, each as `CASE-4: ValueError: …`. The words are not redacted."""

    rows: list[str] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    @contextmanager
    def row(self, name: str) -> Iterator[None]:
        """Work on one row; if that cannot be done it is kept here, and the round goes on."""
        try:
            yield
        except BAD_ROW as exc:
            log.debug("row.passed_over", row=name, exc_info=exc)
            self.rows.append(f"{name}: {in_words(exc)}")
            self._names.add(name)

    def holds(self, name: str) -> bool:
        """Whether this row was passed over."""
        return name in self._names

    def complain(self) -> None:
        """Say what was passed over. Raises: RowsPassedOver, unless it was nothing."""
        if not self.rows:
            return
        several = f"{len(self.rows)} rows" if len(self.rows) > 1 else "One row"
        more = f" and {len(self.rows) - SHOWN} more" if len(self.rows) > SHOWN else ""
        named = "; ".join(self.rows[:SHOWN])
        raise RowsPassedOver(f"{several} could not be worked with and had to be passed over: {named}{more}.")


def in_words(error: Exception) -> str:
    """Name an error: our own by its message, another with its kind."""
    return str(error) if isinstance(error, HandoffError) else f"{type(error).__name__}: {error}"
