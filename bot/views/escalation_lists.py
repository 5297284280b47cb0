"""Escalations as lines: private lists, the Home tab, and how each rule has done so far."""

from collections.abc import Sequence

from automations.escalation.card_types import ClockLine, EscalationRow, RuleFigures
from automations.escalation.reasons import REASON_NAMES
from bot.views import Block, Message
from bot.views.blocks import Part, bullets, context, link, message, rich, section, words
from bot.views.escalation_acts import row_acts
from bot.views.escalation_clocks import clock_list
from bot.views.escalation_words import escalation_ref, reason_line, row_state
from bot.views.lists import PAGE
from bot.views.report_words import length
from bot.views.texts import Look, esc, moment, one_line, times

RULES_SHOWN = 12


def escalation_list(title: str, rows: Sequence[EscalationRow], *, page: int, more: str, look: Look) -> Message:
    """Show one page of escalations; `rows` hold one more than the page if there is a next one.

    `more` is the word that shows the next page.
    """
    shown = rows[:PAGE]
    if not shown:
        none = "none." if page == 1 else f"no page {page}."
        return message(esc(f"{title}: {none}"), rich(section(words(f"{title}: ", bold=True), words(none))))
    named = title if page == 1 else f"{title}, page {page}"
    foot = [context(f"`/{look.prefix} {more} {page + 1}` shows more")] if len(rows) > PAGE else []
    lines = bullets([escalation_line(row, look) for row in shown])
    return message(esc(named), rich(section(words(named, bold=True)), lines), *foot)


def open_lines(rows: Sequence[EscalationRow], total: int, look: Look) -> list[Block]:
    """Name the open escalations within the status (elements of `rich`), nothing for none."""
    if not rows:
        return []
    more = [[words(f"and {total - len(rows):,} more")]] if total > len(rows) else []
    unclaimed = sum(row.claimed_by is None for row in rows)
    sign = "🚨 " if unclaimed else ""
    return [
        section(words(f"{sign}{total:,} open {'escalation' if total == 1 else 'escalations'}", bold=True)),
        bullets([*(escalation_line(row, look) for row in rows), *more]),
    ]


def escalation_status(
    rows: Sequence[EscalationRow],
    total: int,
    clocks: Sequence[ClockLine],
    figures: Sequence[RuleFigures],
    look: Look,
) -> list[Block]:
    """Say how escalations stand, for the status (elements of `rich`): `rows` are the first of `total` open ones."""
    soon = clock_list("SLA clocks about to run out", clocks, look)
    return [*open_lines(rows, total, look), *soon, *figures_lines(figures)]


def with_escalations(answer: Message, rows: Sequence[EscalationRow], look: Look) -> Message:
    """Put somebody's escalations before a private answer that lists something else."""
    if not rows:
        return answer
    lines = [section(words("Your escalations", bold=True)), bullets([escalation_line(row, look) for row in rows])]
    return message(answer["text"], rich(*lines), *answer["blocks"])


def escalation_line(row: EscalationRow, look: Look) -> list[Part]:
    """Put an escalation in one line: which, why, how it stands, what comes next."""
    shown = one_line(f"{row.ref} {row.title}", 100)
    where = row.permalink or row.url
    then: list[Part] = [words(", next step "), moment(row.next_at, look)] if row.next_at is not None else []
    return [
        link(where, shown) if where else words(shown),
        words(f" · {reason_line(row.reason, row.said)}", limit=160),
        words(f" · {row_state(row)}", bold=row.claimed_by is None, limit=120),
        words(f" · {escalation_ref(row.id)}, opened "),
        moment(row.opened_at, look),
        *then,
    ]


def escalation_rows(rows: Sequence[EscalationRow], look: Look) -> list[Block]:
    """List escalations each with its buttons, for the Home tab."""
    return [block for row in rows for block in (rich(section(*escalation_line(row, look))), *row_acts(row))]


def figures_lines(figures: Sequence[RuleFigures]) -> list[Block]:
    """Say how each rule did (elements of `rich`): fired, right, not needed, too late, missed, time to acknowledge."""
    if not figures:
        return []
    lines: list[list[Part]] = [_figures(one) for one in figures[:RULES_SHOWN]]
    if len(figures) > RULES_SHOWN:
        lines.append([words(f"and {len(figures) - RULES_SHOWN} more")])
    return [section(words("Escalation rules, by what people said and what became of it", bold=True)), bullets(lines)]


def _figures(one: RuleFigures) -> list[Part]:
    right = f" ({one.precision:.0%} of those judged)" if one.precision is not None else ""
    counts = f"{one.right} right{right}, {one.not_needed} not needed, {one.too_late} too late, {one.unknown} not judged"
    missed = f", {one.missed} missed" if one.missed else ""
    ack = f"; acknowledged in {length(one.median_ack_s)}, median" if one.median_ack_s is not None else ""
    rule = [] if one.rule in (one.reason, REASON_NAMES[one.reason]) else [words(f" · rule {one.rule}", limit=100)]
    said = words(f"fired {times(one.fired)}, {counts}{missed}{ack}", limit=300)
    return [words(f"{REASON_NAMES[one.reason]}: ", bold=True), said, *rule]
