"""A sync on paper: what it would find now, read here and shown. Nothing is stored or changed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from automations.customer_context.context import Effects
from automations.customer_context.group_lines import group_words
from automations.customer_context.syncing import Found, Syncing
from automations.customer_context.values import Group, SyncPlan
from bot.cli.customers_shown import COUNTED, example, show_blanks, show_counts, show_groups, source_words
from bot.cli.options import Opened
from bot.cli.output import facts, progress, say, table
from bot.cli.run_opened import customers_of
from bot.cli.run_shown import plain
from bot.cli.watch_opened import escalation_of, triage_of
from bot.customer_effects import OpenTicketEffects
from bot.customers_parts import OF_CUSTOMERS
from bot.customers_side import open_customer_doors
from bot.desk import open_customers
from bot.views.customers_words import customers

SAMPLES = 3
"""Customers of a group, and conflicts and rejected rows, that are shown of many."""


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What was found, between which sides. `effects` are those of the groups, in their order."""

    found: Found
    desk: str
    effects: tuple[Effects, ...]

    @property
    def plan(self) -> SyncPlan:
        """What would be done, and what only people can settle."""
        return self.found.plan


def sync_on_paper(here: Opened, *, whole: bool) -> OnPaper:
    """Read sources and desk and compare them. Raises: Refused, in words; AdapterError; ConfigError."""
    settings, clock = here.settings, here.context.clock
    book = open_customers(settings, here.database, clock)
    doors = open_customer_doors(settings, clock, book)
    ctx = replace(customers_of(here), desk_can=book.capabilities & OF_CUSTOMERS, desk_title=book.title)
    with progress("Reading") as bar:

        def told(what: str, read: int, total: int | None) -> None:
            bar.told(f"{what}, {read:,} read")
            bar.at(read, total or read)

        found = Syncing(here.database, doors, progress=told).find(ctx, whole=whole)
    return OnPaper(found, ctx.desk_title, _effects(here, found.plan))


def show_paper(paper: OnPaper, here: Opened) -> None:
    """Print what differs and what would be done."""
    plan, now = paper.plan, here.context.clock.now()
    count = paper.found.customers
    facts(
        [
            *((one.title, source_words(one.rows, one.as_of, now, whole=one.whole)) for one in paper.found.read.sources),
            (paper.desk, "keeps no customers" if count is None else customers(count)),
            ("Stopped", plan.brake and f"{plan.brake}: two people have to let it go on"),
        ]
    )
    show_counts(_counts(plan))
    text = here.context.redactor.text
    if plan.groups:
        show_groups(
            (None, group_words(one.kind, one.field, text(one.before), text(one.after)), len(one.changes), "",
             text(_examples(one)), effects, _decision(one, here))
            for one, effects in zip(plan.groups, paper.effects, strict=True)
        )  # fmt: skip
    _show_some(
        "conflicts",
        ("Conflict", "Field", "Source", "Desk"),
        [
            (f"{one.name} ({one.account})", one.field, text(one.source_value), text(one.desk_value))
            for one in plan.conflicts
        ],
    )
    _show_some(
        "rejected rows",
        ("Rejected", "Row", "Why"),
        [(one.source, text(one.row_key), text(one.reason)) for one in plan.rejected],
    )
    show_blanks(plan.blanks_kept)


def plain_paper(paper: OnPaper, here: Opened) -> dict[str, Any]:
    """All of it as plain JSON values, each group with every customer."""
    plan = paper.plan
    groups = [
        {
            "words": group_words(one.kind, one.field, one.before, one.after),
            "decision": _decision(one, here),
            "effects": asdict(effects),
            **asdict(one),
            "changes": [{**asdict(change), "values": dict(change.values)} for change in one.changes],
        }
        for one, effects in zip(plan.groups, paper.effects, strict=True)
    ]
    made: dict[str, Any] = plain(
        {
            "sources": [asdict(one) for one in paper.found.read.sources],
            "desk": paper.desk,
            "desk_customers": paper.found.customers,
            "brake": plan.brake,
            "counts": _counts(plan),
            "blanks_kept": plan.blanks_kept,
            "groups": groups,
            "conflicts": [asdict(one) for one in plan.conflicts],
            "rejected": [{**asdict(one), "row": dict(one.row)} for one in plan.rejected],
        }
    )
    redacted: dict[str, Any] = here.context.redactor.tree(made)
    return redacted


def _effects(here: Opened, plan: SyncPlan) -> tuple[Effects, ...]:
    """What each group would do to open tickets, by the rules as they are now."""
    ahead = OpenTicketEffects(lambda: triage_of(here), lambda: escalation_of(here))
    with here.database.read() as session:
        return tuple(ahead(session, group) for group in plan.groups)


def _counts(plan: SyncPlan) -> Mapping[str, int]:
    return {word: getattr(plan.counts, word) for word in COUNTED}


def _examples(group: Group) -> str:
    shown = (example(one.account, one.name, one.before, one.after) for one in group.changes[:SAMPLES])
    return "; ".join(shown)


def _decision(group: Group, here: Opened) -> str:
    section = here.settings.customers
    field = section.field(group.field) if section is not None else None
    return field.decision if field is not None else ""


def _show_some(what: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        say("")
        table(columns, rows[:SAMPLES])
        if len(rows) > SAMPLES:
            say(f"… and {len(rows) - SAMPLES:,} {what} more; --json has them all.")
