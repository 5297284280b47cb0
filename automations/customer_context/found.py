"""What a sync looks at and what it finds, one customer after another. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from automations.customer_context.canonical import LONGEST_DOMAIN, LONGEST_WORD, joined, same, split
from automations.customer_context.rules import ACTIVE, DOMAINS, NAME, STATUS, TIER, CustomerField, CustomerRules
from automations.customer_context.values import (
    Change,
    ChangeKind,
    Conflict,
    ConflictKind,
    DeskSide,
    Record,
    RejectedRow,
    Remembered,
    Settled,
)

WHOLE: Final = ""
"""The field of what is about the customer itself: that it is there, and which one of the desk it is."""
WINS_SOURCE: Final = "source"
"""The winner of a conflict that the rule decides for the source of truth."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sync goes by. The fields are sorted by where they live; the status stands apart, since it is a life.

    `keeps`: the desk keeps customers at all; `references`: our account ids with them.
    """

    rules: CustomerRules
    settled: Mapping[tuple[str, str], Settled]
    now: datetime
    keeps: bool
    references: bool
    in_desk: tuple[CustomerField, ...]
    here: tuple[CustomerField, ...]
    from_desk: tuple[CustomerField, ...]
    status: CustomerField | None
    status_in_desk: bool

    def stays_away(self, account: str, name: str, source_value: str, desk_value: str) -> bool:
        """Whether people settled just this before, and it is not over."""
        one = self.settled.get((account, name))
        return (
            one is not None
            and (one.until is None or one.until > self.now)
            and same(name, one.source_value, source_value)
            and same(name, one.desk_value, desk_value)
        )


@dataclass(slots=True)
class Sides:
    """One customer from all sides.

    `source` is what the sources say now; `base` and `kept` begin as Handoff knows them. `link` is the desk's id to
    remember of it, also one that the desk does not show today. `absent`: a whole listing lacks it; `unread`: a row of
    it was rejected.
    """

    account: str
    source: dict[str, str]
    desk: DeskSide | None
    known: Remembered | None
    link: str | None
    base: dict[str, str]
    kept: dict[str, str]
    absent: bool
    unread: bool
    resuming: bool = False

    @property
    def name(self) -> str:
        """What to call it."""
        desk = self.desk.values.get(NAME) if self.desk is not None else ""
        return self.source.get(NAME) or desk or self.kept.get(NAME) or self.account

    @property
    def returned(self) -> bool:
        """Whether it was gone and is there again."""
        return not self.absent and self.known is not None and self.known.gone

    @property
    def established(self) -> bool:
        """Whether somebody said yes to it before, or the desk has it."""
        return self.desk is not None or (self.known is not None and bool(self.known.base or self.known.desk_id))

    def agree(self, name: str, value: str) -> None:
        """Source and desk agree on a value."""
        if self.base.get(name) != value:
            if self.known is not None and self.base is self.known.base:
                self.base = dict(self.base)
            self.base[name] = value

    def keep(self, name: str, value: str) -> None:
        """A value is in force, without anybody's yes. What rows have no room for is cut."""
        if name in (TIER, STATUS):
            value = value[:LONGEST_WORD]
        elif name == DOMAINS and len(value) > LONGEST_DOMAIN:
            value = joined(one for one in split(value) if len(one) <= LONGEST_DOMAIN)
        if not same(name, self.kept.get(name) or (ACTIVE if name == STATUS else ""), value):
            if self.known is not None and self.kept is self.known.kept:
                self.kept = dict(self.kept)
            self.kept[name] = value

    def record(self, *, frozen: bool) -> Record | None:
        """What Handoff should know from now on, None if it is nothing else. `frozen`: only what the source said."""
        known, base, kept, link = self.known, self.base, self.kept, self.link
        if known is None:
            return Record(self.account, None if frozen else link, self.source, base, kept, self.absent)
        gone = self.absent or (known.gone and self.resuming)
        if frozen:
            base, kept, link, gone = known.base, known.kept, known.desk_id, self.absent or known.gone
        same_values = base is known.base and kept is known.kept and self.source == known.source
        if same_values and link == known.desk_id and gone == known.gone:
            return None
        return Record(self.account, link, self.source, base, kept, gone)


@dataclass(slots=True)
class Found:
    """Everything that a sync found so far. `blanks` counts values that a blank of the source left as they are."""

    terms: Terms
    changes: list[tuple[ChangeKind, Change]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    blanks: Counter[str] = field(default_factory=Counter)

    def change(
        self,
        sides: Sides,
        kind: ChangeKind,
        name: str,
        before: str,
        after: str,
        values: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Plan a change, unless people said no to just this one."""
        if self.terms.stays_away(sides.account, name, after, before):
            return
        desk_id = sides.desk.id if sides.desk is not None else None
        self.changes.append((kind, Change(sides.account, sides.name, desk_id, name, before, after, values)))
        sides.resuming = sides.resuming or kind is ChangeKind.RESUMED

    def conflict(
        self,
        sides: Sides,
        kind: ConflictKind,
        name: str,
        values: tuple[str, str],
        *,
        source: str = "",
        winner: str = "",
    ) -> None:
        """Ask people about two values, the source's and the desk's, unless they settled just these."""
        told, in_force = values
        if self.terms.stays_away(sides.account, name, told, in_force):
            return
        desk = sides.desk
        place = (desk.id, desk.url) if desk is not None else (None, "")
        self.conflicts.append(
            Conflict(sides.account, sides.name, name, kind, source, told, in_force, winner, place[0], place[1])
        )
