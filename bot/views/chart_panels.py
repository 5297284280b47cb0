"""The panels of the picture. Each shows the days of the period before, dimmed, and those of the period, over one axis.

A day is one step to the right; a day without a value leaves a gap. Every axis begins at nought.
"""

from collections.abc import Sequence
from datetime import date
from math import ceil, isnan, nan
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from automations.weekly_report.result import Day
from bot.views.chart_look import BEFORE, BLUE, FAINT, GREEN, HEADING, PAPER, RULE, TEXT, VERMILION, drawable, written

BARS: Final = 40
"""Days up to which created and solved are bars; more of them are lines."""
_LABELS: Final = 7
_LONG: Final = 300
"""Days from which on the dates bear their year."""
_BEFORE: Final = "period before"
_UNITS: Final = (("min", 60.0, 2 * 3_600.0), ("h", 3_600.0, 3 * 86_400.0), ("d", 86_400.0, float("inf")))
"""Each unit with its seconds, and the longest time that is shown in it."""


def backlog(axes: Axes, days: Sequence[Day], title: str) -> None:
    """Draw how many tickets were open at the end of each day; of the last one the title says it."""
    top = max((day.backlog for day in days), default=0)
    last = f": {days[-1].backlog:,} on {_day(days[-1])}" if days else ""
    _frame(axes, days, f"{title} at day's end{last}", top, whole=True)
    _two_lines(axes, days, [float(day.backlog) for day in days], BLUE)
    handle = Line2D([], [], color=BLUE, linestyle="--", linewidth=3, alpha=0.6, label=_BEFORE)
    _legend(axes, [handle] if days and not days[0].current else [])


def created_and_left(axes: Axes, days: Sequence[Day], created: str, left: str) -> None:
    """Set what came beside what went: bars, plain and hatched; over long periods lines, solid and dashed."""
    top = max((max(day.created, day.left) for day in days), default=0)
    _frame(axes, days, f"{created} and {left.lower()}", top, whole=True)
    handles: list[Patch | Line2D]
    if len(days) <= BARS:
        for place, day in enumerate(days):
            faded = 1.0 if day.current else 0.45
            axes.bar(place - 0.2, day.created, 0.38, color=BLUE, alpha=faded, label="created")
            axes.bar(
                place + 0.2, day.left, 0.38, facecolor=PAPER, edgecolor=VERMILION, hatch="///", linewidth=2,
                alpha=faded, label="left",
            )  # fmt: skip
        handles = [
            Patch(color=BLUE, label=created), Patch(facecolor=PAPER, edgecolor=VERMILION, hatch="///", label=left),
        ]  # fmt: skip
    else:
        places, width = range(len(days)), 2.2 if len(days) <= _LONG else 1.1
        axes.plot(places, [day.created for day in days], color=BLUE, linewidth=width, label="created")
        axes.plot(places, [day.left for day in days], color=VERMILION, linewidth=width, linestyle="--", label="left")
        handles = [
            Line2D([], [], color=BLUE, linewidth=3, label=created),
            Line2D([], [], color=VERMILION, linewidth=3, linestyle="--", label=left),
        ]
    _legend(axes, handles)


def times(axes: Axes, days: Sequence[Day], title: str, seconds: Sequence[float | None]) -> None:
    """Draw the median of each day that has one, in the unit that suits the longest."""
    told = [value for value in seconds if value is not None]
    unit, size = next((name, size) for name, size, most in _UNITS if max(told, default=0) <= most)
    values = [nan if value is None else value / size for value in seconds]
    _frame(axes, days, f"{title}: median of the day{f', {unit}' if told else ''}", max(told, default=0) / size)
    if told:
        _two_lines(axes, days, values, GREEN, marker="s")
    else:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "none in these days", ha="center", va="center", transform=axes.transAxes, **written(TEXT))


def date_axis(axes: Axes, days: Sequence[Day]) -> None:
    """Write dates below the lowest panel, one of them at the first day of the period."""
    if not days:
        return
    every = ceil(len(days) / _LABELS)
    first = next((place for place, day in enumerate(days) if day.current), 0)
    places = [place for place in range(len(days)) if (place - first) % every == 0]
    years = [f"\n{day.date[:4]}" if len(days) > _LONG else "" for day in days]
    axes.set_xticks(places, [f"{_day(days[place])}{years[place]}" for place in places])
    axes.tick_params(axis="x", length=8, labelbottom=True, pad=8)
    for text in axes.get_xticklabels():
        text.set(**written(TEXT))


def _day(day: Day) -> str:
    """`9 Nov`."""
    made = date.fromisoformat(day.date)
    return f"{made.day} {made:%b}"


def _two_lines(axes: Axes, days: Sequence[Day], values: Sequence[float], color: str, marker: str = "o") -> None:
    """Draw the days of the period before dashed and dim, those of the period solid, each with its own line."""
    alone = any(isnan(value) for value in values)  # between two gaps a line is nothing, and a point is needed
    marked, large = (marker, 9) if len(days) <= BARS else (".", 5) if alone else ("", 0)
    thinner = 1.0 if len(days) <= _LONG else 0.5
    for current, (dashes, width, strength) in ((False, ("--", 2.4, 0.6)), (True, ("-", 3.2, 1.0))):
        places = [place for place, day in enumerate(days) if day.current is current]
        if places:
            axes.plot(
                places, [values[place] for place in places], color=color, marker=marked, markersize=large * thinner,
                linewidth=width * thinner, linestyle=dashes, alpha=strength, label="current" if current else "before",
            )  # fmt: skip


def _frame(axes: Axes, days: Sequence[Day], title: str, top: float, *, whole: bool = False) -> None:
    """Set up an axis from nought to what is highest, with room above it; the days of the period before are shaded."""
    high = max(top, 1.0 if whole else 0.1) * 1.35
    axes.set_xlim(-0.6, max(len(days), 1) - 0.4)
    axes.set_ylim(0, high)
    ticks = [tick for tick in MaxNLocator(5, steps=[1, 2, 5, 10], integer=whole).tick_values(0, high) if tick <= high]
    axes.set_yticks(ticks, [_short(tick) for tick in ticks])
    axes.set_xticks([])
    axes.grid(visible=True, axis="y", color=RULE, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0, pad=8)
    for text in axes.get_yticklabels():
        text.set(**written(TEXT, color=FAINT))
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=FAINT, linewidth=1.5)
    before = sum(not day.current for day in days)
    if before:
        axes.axvspan(-0.6, before - 0.5, color=BEFORE, zorder=0, linewidth=0)
    axes.text(0, 1.05, drawable(title), ha="left", va="bottom", transform=axes.transAxes, **written(HEADING, bold=True))


def _legend(axes: Axes, handles: Sequence[Any]) -> None:
    """Name what is drawn, to the right of the panel's title."""
    if not handles:
        return
    made = axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.02), ncols=len(handles), frameon=False,
        borderaxespad=0, borderpad=0.2, handlelength=1.9, handletextpad=0.5, columnspacing=1.2,
    )  # fmt: skip
    for text in made.get_texts():
        text.set(**written(TEXT))


def _short(number: float) -> str:
    """`1,500`, `20k`, `1.5M`, `0.5`."""
    for size, sign in ((1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e6 if sign == 'M' else 1e3):g}{sign}"
    return f"{number:,g}"
