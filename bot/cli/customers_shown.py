"""Customers on the terminal: syncs with their groups, the ledger, rejected rows, one customer."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from automations.customer_context.card_types import ConflictLine, CustomerSheet, GroupLine, RejectedLine, SyncCard
from automations.customer_context.context import Effects
from automations.customer_context.group_rows import group_ref
from automations.durations import in_words
from automations.runs.rows import run_ref
from bot.cli.output import facts, say, table
from bot.cli.times import in_zone
from bot.views.customers_words import CONFLICTS, conflict_title, customers, effects_words, group_stands, value_words

COUNTED: Final = ("added", "changed", "suspended", "unchanged", "conflicted", "rejected")
"""How the customers of a sync fall, in the order in which it is told."""

GroupCells = tuple[int | None, str, int, str, str, Effects, str]
"""A group's number and state (None and empty on paper), words, size, examples, effects and decision."""


def source_words(rows: int, as_of: datetime, now: datetime, *, whole: bool = True) -> str:
    """How a source was read, and how old its data is."""
    age = now - as_of
    old = f", {in_words(age)} old" if age >= timedelta(minutes=1) else ""
    return f"{rows:,} {'row' if rows == 1 else 'rows'}{'' if whole else ' changed since the last look'}{old}"


def example(account: str, name: str, before: str, after: str) -> str:
    """One customer of a group, with what changes for them: `Acme (a-1): pro → enterprise`."""
    whom = f"{name} ({account})" if name and name != account else account
    return f"{whom}: {value_words(before, 60)} → {value_words(after, 60)}" if before or after else whom


def show_counts(counts: Mapping[str, int]) -> None:
    """Print how many customers fell where, in one line."""
    said = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
    say(f"Customers: {said or 'none'}.")


def show_blanks(blanks: Mapping[str, int]) -> None:
    """Print how many values stayed as they are since the source's were blank."""
    if said := ", ".join(f"{number:,} {name}" for name, number in sorted(blanks.items())):
        say(f"Blank in the source, so kept as they are: {said}.")


def show_groups(groups: Iterable[GroupCells]) -> None:
    """Print groups as a table, without the columns that none of them has anything in."""
    say("")
    columns = ("Group", "What", "Customers", "State", "For example", "Open tickets", "Decides")
    rows = [
        (group_ref(number) if number else "", words, f"{size:,}", state, examples, effects_words(effects), decision)
        for number, words, size, state, examples, effects, decision in groups
    ]
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    table([columns[place] for place in used], [[row[place] for place in used] for row in rows], fixed=("Group",))


def show_sync(card: SyncCard, groups: Iterable[GroupLine], now: datetime, zone: str) -> None:
    """Print a sync with all of its groups."""
    say(f"{run_ref(card.run_id)}  {card.words or f'sync of {card.desk}, {card.state}'}")
    facts(
        [
            *((title, source_words(rows, as_of, now)) for title, rows, as_of in card.sources),
            ("Asked for", f"{in_zone(card.requested_at, zone)} by {card.requested_by.name}"),
            ("Stopped", card.brake),
            ("Confirmed", f"{len(card.approvals)} of {card.needed}" if card.brake else None),
            (
                "Conflicts",
                f"{card.open_conflicts:,} open: `handoff customers conflicts`" if card.open_conflicts else None,
            ),
            ("Rejected", f"{card.open_rejected:,} open: `handoff customers rejected`" if card.open_rejected else ""),
        ]
    )
    show_counts(dict(card.counts))
    if lines := [_group_cells(one) for one in groups]:
        show_groups(lines)
    show_blanks(card.blanks_kept)


def show_group(line: GroupLine, zone: str) -> None:
    """Print one group, as somebody sees it before they decide."""
    say(f"{group_ref(line.id)}  {line.words}: {customers(line.size)}")
    decided = f"by {line.decided_by.name} {in_zone(line.decided_at, zone)}" if line.decided_by else None
    facts(
        [
            ("State", group_stands(line)),
            ("Decides", line.decision),
            ("Open tickets", effects_words(line.effects)),
            ("Decided", decided),
            ("Reason", line.reason),
            ("Digest", line.digest),
        ]
    )
    for ticket, _, words in line.effects.samples:
        say(f"  ticket {ticket}: {words}")
    for sample in line.samples:
        say(f"  {example(*sample)}")
    if line.size > len(line.samples):
        say(f"  … and {line.size - len(line.samples):,} more")


def show_conflicts(lines: Iterable[ConflictLine], zone: str) -> None:
    """Print conflicts as a table."""
    table(
        ("#", "Customer, field", "What", "Source", "Desk", "Rule", "Since"),
        [
            (one.id, conflict_title(one), CONFLICTS.get(one.kind, one.kind), value_words(one.source_value),
             value_words(one.desk_value), one.winner or "people", in_zone(one.since, zone))
            for one in lines
        ],
        fixed=("#",),
    )  # fmt: skip


def show_rejected(lines: Iterable[RejectedLine], zone: str) -> None:
    """Print rejected rows as a table."""
    table(
        ("#", "Source", "Row", "Why", "Since", "Tried"),
        [(one.id, one.source, one.row_key, one.reason, in_zone(one.first_seen, zone), one.tries) for one in lines],
        fixed=("#",),
    )


def show_sheet(sheet: CustomerSheet, zone: str) -> None:
    """Print one customer."""
    say(f"{sheet.account}  {sheet.name}")
    facts(
        [
            ("Status", sheet.status),
            ("Tier", sheet.tier),
            ("Domains", ", ".join(sheet.domains)),
            ("In the desk", sheet.desk_id),
            ("Address", sheet.url),
            ("As of", in_zone(sheet.as_of, zone)),
            ("Gone since", in_zone(sheet.gone_since, zone)),
        ]
    )
    say("")
    table(("Field", "In force", "Source of truth", "It says", "Decides"), sheet.fields)
    if sheet.conflicts:
        say("\nConflicts")
        show_conflicts(sheet.conflicts, zone)
    if sheet.history:
        say("\nHistory")
        table(("When", "Field", "Before", "After", "How"), [(in_zone(at, zone), *rest) for at, *rest in sheet.history])


def _group_cells(line: GroupLine) -> GroupCells:
    examples = "; ".join(example(*one) for one in line.samples)
    return line.id, line.words, line.size, line.state, examples, line.effects, line.decision
