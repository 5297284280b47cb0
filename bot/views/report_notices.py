"""What a report's owner hears when something is wrong with it: that it failed, or that the next one would."""

from collections.abc import Sequence
from datetime import datetime

from automations.weekly_report.card_types import ReportCard, report_ref
from bot.views import Message
from bot.views.blocks import (
    Part,
    actions,
    bullets,
    button,
    context,
    header,
    label,
    message,
    new_line,
    rich,
    saying,
    section,
    words,
)
from bot.views.report_words import filter_words, moment_words, span_words
from bot.views.texts import Look, esc, moment_mrkdwn, one_line
from bot.wire_report import REPORT_ACT_NAMES, ReportAct, ReportButton


def report_failed_message(card: ReportCard) -> Message:
    """Tell why a report could not be made, with Retry while that is how things stand. It calls nobody."""
    ref = report_ref(card.id)
    if card.state == "made":
        return _settled(f"{ref} could not be made at first, and was made then: {card.title}")
    if card.state == "asked":
        return _settled(f"{ref} could not be made, and is being made again: {card.title}")
    parts: list[Part] = [
        label("Report"), words(card.title, limit=150), new_line(),
        label("Period"), words(span_words(card.request.period), limit=200), new_line(),
        label("Filters"), words(filter_words(card.request.filters), limit=500), new_line(),
        label("Why"), words(card.error or "No reason was given.", limit=1_000),
    ]  # fmt: skip
    retry = button(
        REPORT_ACT_NAMES[ReportAct.RETRY], ReportAct.RETRY, ReportButton(card.id, ReportAct.RETRY).encode(),
        style="primary",
    )  # fmt: skip
    return message(
        esc(f"{ref} could not be made: {card.error or card.title}", 900),
        header(f"{ref} could not be made"),
        rich(section(*parts)),
        context("Nothing was posted. Retry reads the desk and counts again; `handoff doctor` looks at what it needs."),
        actions(retry),
    )


def preflight_message(problems: Sequence[str], due: datetime, place: str, look: Look) -> Message:
    """Tell what would keep the next report from coming. `due` is when it comes, `place` what its channel is called."""
    number = f"{len(problems):,} {'thing is' if len(problems) == 1 else 'things are'}"
    shown = [[words(one_line(problem, 400))] for problem in problems[:10]]
    more = [context(f"and {len(problems) - 10:,} more")] if len(problems) > 10 else []
    when = moment_words(due, look.zone)
    said = f"{number} in the way of the queue report of {when}"
    return message(
        esc(f"{said}: {'; '.join(one_line(problem, 200) for problem in problems[:3])}", 900),
        header(said),
        rich(bullets(shown)),
        *more,
        context(
            f"It is due {moment_mrkdwn(due, look)} in {esc(place, 80)}. Nothing was changed. "
            "`handoff doctor` looks again once this is mended."
        ),
    )


def _settled(said: str) -> Message:
    text = one_line(said, 600)
    return message(esc(text, 900), saying(text))
