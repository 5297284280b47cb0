"""The picture as a whole: what it is of on top, four panels over the same days, where the data are from below.

Only the library's objects are used, never its `pyplot`, which keeps state for the whole process.
"""

from bisect import bisect_left
from io import BytesIO
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from automations.weekly_report.card_types import ReportCard, report_ref
from bot.views.chart_look import (
    DPI,
    DRAWING,
    FAINT,
    HEADING,
    HEIGHT,
    INK,
    PAPER,
    RULE,
    TEXT,
    TITLE,
    WIDTH,
    drawable,
    written,
)
from bot.views.chart_panels import backlog, created_and_left, date_axis, times
from bot.views.report_words import (
    filter_words,
    history_words,
    left_name,
    moment_words,
    number_title,
)
from bot.views.texts import clip, one_line

_LEFT: Final = 0.115
_RIGHT: Final = 0.95
_EDGE: Final = 0.035
_PANELS: Final = (0.713, 0.52, 0.327, 0.134)
_HIGH: Final = 0.1415
"""Parts of the picture: left and right edge of the panels, edge of the texts, lower edges of panels, their height."""
_SHORT: Final = 44
"""Characters of a title that fits in the largest letters."""


def drawn(card: ReportCard) -> bytes:
    """Draw it as PNG. The file says nothing of when and by which version it was made, so equal cards give equal bytes.

    Raises: ValueError for a report that is not made.
    """
    with DRAWING:
        canvas = FigureCanvasAgg(figure(card))
        picture = BytesIO()
        canvas.print_png(picture, metadata={"Software": None})  # type: ignore[no-untyped-call]  # its stubs lack it
        return picture.getvalue()


def figure(card: ReportCard) -> Figure:
    """Lay it out. Raises: ValueError for a report that is not made."""
    if card.result is None:
        raise ValueError(f"{report_ref(card.id)} is not made, so there is nothing to draw")
    made = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER, edgecolor=RULE, linewidth=2)
    FigureCanvasAgg(made)
    compared = card.before.result is not None  # else the days before would be set beside what they do not compare with
    days = [day for day in card.result.days if day.current or compared]
    first, second, third, fourth = (made.add_axes((_LEFT, low, _RIGHT - _LEFT, _HIGH)) for low in _PANELS)
    backlog(first, days, number_title(card, "backlog_end"))
    created_and_left(second, days, number_title(card, "created"), number_title(card, left_name(card)))
    times(third, days, number_title(card, "first_reply"), [day.first_reply_median for day in days])
    times(fourth, days, number_title(card, "resolution"), [day.resolution_median for day in days])
    date_axis(fourth, days)
    _around(made, card)
    return made


def _around(made: Figure, card: ReportCard) -> None:
    period = card.request.period
    begin, end = (moment_words(at, period.zone) for at in (period.from_at, period.to_at))
    filters = f" · {filter_words(card.request.filters)}" if card.request.filters else ""
    known = "" if card.data_at is None else f"Data as of {moment_words(card.data_at, period.zone)} · "
    title = one_line(card.title, 150)
    _line(made, 0.985, title, TITLE if len(title) <= _SHORT else HEADING, bold=True)
    _line(made, 0.950, f"{begin} to {end}", TEXT)
    _line(made, 0.925, f"{period.zone}{filters}", TEXT, color=FAINT)
    _line(made, 0.056, f"{known}{report_ref(card.id)} · {one_line(card.desk, 60)}", TEXT, color=FAINT)
    _line(made, 0.031, history_words(card), TEXT, color=FAINT)


def _line(made: Figure, top: float, said: str, size: float, *, bold: bool = False, color: str = INK) -> None:
    """Set a line of which `top` is the upper edge; what is too long for the picture is cut."""
    whole = drawable(clip(said, 200))
    text = made.text(_EDGE, top, whole, va="top", **written(size, bold=bold, color=color))

    def too_wide(kept: int) -> bool:
        text.set_text(clip(whole, kept))
        return bool(text.get_window_extent().width > WIDTH * (1 - 2 * _EDGE))

    if too_wide(len(whole)):
        text.set_text(clip(whole, bisect_left(range(len(whole)), True, lo=1, key=too_wide) - 1))
