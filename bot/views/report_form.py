"""The form that asks for a report: which period, which tickets, for whom. And what can be typed in its place."""

from datetime import date
from typing import Final, Literal

from automations.weekly_report.request import FILTER_KEYS
from bot.views import Block, Message, Modal
from bot.views.blocks import bullets, context, input_block, message, modal, rich, saying, section, text_input, words
from bot.views.inputs import one_of
from bot.views.texts import Look, esc, one_line
from bot.wire_report import FIELD_FILTERS, FIELD_FROM, FIELD_PLACE, FIELD_SPAN, FIELD_TO_DAY, ReportForm

DAYS: Final = "days"
"""The choice of a period by its first and last day."""
SPANS: Final = (
    ("Last week", "last-week"),
    ("This week so far", "this-week"),
    ("Last month", "last-month"),
    ("This month so far", "this-month"),
    ("From the first day to the last, below", DAYS),
)
"""Periods that the form offers, by text and value."""
IN_CHANNEL: Final = "channel"
ONLY_ME: Final = "me"
"""Where the report goes: the values of the choice."""

_USAGE: Final = (
    ("", "opens a form"),
    ("last-week", "counts last week; likewise this-week, last-month, this-month, yesterday"),
    ("2026-W45", "counts that week; likewise 2026-10 for a month, 2026-11-02 for a day"),
    ("2026-11-02..2026-11-08 priority=high tier=enterprise", "counts these days, both included, and these tickets"),
    ('last-week group="First line",Billing', "counts tickets of either group; group=* those of all"),
    ("last-week channel", "for leads: posts it in the channel of reports; here where you are, me for you alone"),
)


def report_form(
    place: str,
    *,
    may_post: bool,
    span: str = "last-week",
    days: tuple[date, date] | None = None,
    filters: str = "",
    chosen: Literal["channel", "me"] = "me",
    about: str = "",
) -> Modal:
    """Make the form.

    `place` is what the reports' channel is called, `may_post` whether the reader may send one there. `days` are the
    first and the last day to begin with, `filters` as they are typed; `about` is opaque and comes back with the form.
    """
    first, last = days or (None, None)
    offered = [("Only me", ONLY_ME)] + [(f"Everybody in {one_line(place, 50)}", IN_CHANNEL)] * may_post
    ways = ", ".join(FILTER_KEYS)
    return modal(
        "Queue report",
        "Count",
        one_of(FIELD_SPAN, "Period", SPANS, chosen=span),
        _day(FIELD_FROM, "First day", first),
        _day(FIELD_TO_DAY, "Last day, included", last),
        _filters(filters, f"Such as priority=high tier=enterprise. Known: {ways}. All tickets if empty."),
        one_of(FIELD_PLACE, "For", offered, chosen=chosen if may_post else ONLY_ME),
        context("It only counts: nothing is changed in the desk."),
        callback_id=ReportForm.ASK,
        private_metadata=about,
    )


def report_usage(look: Look, *, problem: str = "") -> Message:
    """Show what can be typed; `problem` says first what was not understood."""
    name = f"/{look.prefix}-report"
    lines = [[words(f"{name} {more}".strip(), bold=True), words(f"  {text}")] for more, text in _USAGE]
    return message(
        esc(problem, 300) or f"What {name} knows",
        *([saying(problem)] if problem else []),
        rich(bullets(lines), section(words("Filters with the same word add up; different words narrow it down."))),
        context("An agent gets it alone; a lead posts it unless told otherwise. Nothing is changed in the desk."),
    )


def _day(field: str, label: str, begun: date | None) -> Block:
    element: Block = {"type": "datepicker", "action_id": field}
    if begun is not None:
        element["initial_date"] = begun.isoformat()
    return input_block(field, label, element, optional=True)


def _filters(typed: str, hint: str) -> Block:
    made = text_input(FIELD_FILTERS, "Which tickets", hint=hint, optional=True, lines=False)
    return made | {"element": made["element"] | {"initial_value": one_line(typed, 900)}} if typed.strip() else made
