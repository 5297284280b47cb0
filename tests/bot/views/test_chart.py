"""The picture is looked at: nothing cut, nothing on top of something else, every series the card's own days."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import combinations
from math import isnan
from pathlib import Path

import numpy
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from automations.weekly_report.card_types import Comparison
from bot.cli.view_examples.reports import CARD, FAILED
from bot.views.chart import report_picture
from bot.views.chart_figure import figure
from bot.views.chart_look import BLUE, DPI, FAINT, GREEN, HEIGHT, INK, PAPER, TEXT, VERMILION, WIDTH, drawable
from tests.bot.views.report_examples import PICTURES

README_PICTURE = Path(__file__).parents[2] / "golden" / "report.png"
PHONE = 400
"""Pixels of width at which the picture has to be readable."""


@cache
def picture(name: str) -> Figure:
    """One of the pictures, laid out once for all tests, which only look at it."""
    return figure(PICTURES[name]())


def texts_of(made: Figure) -> list[Text]:
    """Every text that is drawn."""
    made.draw_without_rendering()
    return [one for one in made.findobj(Text) if one.get_visible() and one.get_text().strip()]


def plotted(axes: Axes, name: str) -> list[tuple[float, float]]:
    """The points of one line, those without a value left out."""
    lines = [line for line in axes.get_lines() if line.get_label() == name]
    return [
        (float(x), round(float(y), 9))
        for line in lines
        for x, y in numpy.asarray(line.get_xydata()).tolist()
        if not isnan(y)
    ]


def bars(axes: Axes, name: str) -> list[Rectangle]:
    groups = [one for one in axes.containers if isinstance(one, BarContainer) and one.get_label() == name]
    return [patch for group in groups for patch in group.patches]


def test_the_picture_in_the_readme_is_what_is_drawn(pytestconfig: pytest.Config) -> None:
    """Taken anew by `pytest tests/bot/views/test_chart.py --picture`; look at it before it is committed."""
    drawn = report_picture(CARD)
    if pytestconfig.getoption("--picture"):
        README_PICTURE.write_bytes(drawn)
    kept, now = imread(README_PICTURE), imread(BytesIO(drawn))
    assert kept.shape == now.shape == (HEIGHT, WIDTH, 4)
    assert float(numpy.abs(kept - now).mean()) < 0.001, "another library may set a letter otherwise, and no more"


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_is_cut_or_lies_on_another(name: str) -> None:
    made = picture(name)
    shown = texts_of(made)
    boxes = [(one.get_text(), one.get_window_extent()) for one in shown]
    assert len(boxes) > 7
    for said, box in boxes:
        assert 0 <= box.x0 < box.x1 <= WIDTH, said
        assert 0 <= box.y0 < box.y1 <= HEIGHT, said
    on_another = [
        (one, other)
        for (one, first), (other, second) in combinations(boxes, 2)
        if min(first.x1, second.x1) > max(first.x0, second.x0) and min(first.y1, second.y1) > max(first.y0, second.y0)
    ]
    assert on_another == []


@pytest.mark.parametrize("name", PICTURES)
def test_every_text_is_large_enough_for_a_phone_and_literal(name: str) -> None:
    for one in texts_of(picture(name)):
        assert float(one.get_fontsize()) >= TEXT
        assert one.get_parse_math() is False
        assert "DejaVuSans" in str(one.get_fontproperties().get_file())
    assert TEXT * DPI / 72 * PHONE / WIDTH > 9, "pixels on a phone"


@pytest.mark.parametrize("name", ["week", "day", "month", "year", "not_compared", "empty", "huge", "closed"])
def test_the_series_are_the_cards_own(name: str) -> None:
    card = PICTURES[name]()
    assert card.result is not None
    days = card.result.days
    backlog, flow, first_reply, resolution = picture(name).axes
    for label, current in (("before", False), ("current", True)):
        wanted = [(place, day.backlog) for place, day in enumerate(days) if day.current is current]
        assert plotted(backlog, label) == wanted
    for label, numbers in (("created", [day.created for day in days]), ("left", [day.left for day in days])):
        drawn = [bar.get_height() for bar in bars(flow, label)] or [y for _, y in plotted(flow, label)]
        assert drawn == numbers
    for axes, seconds in (
        (first_reply, [day.first_reply_median for day in days]),
        (resolution, [day.resolution_median for day in days]),
    ):
        titled = next(one.get_text() for one in axes.texts)
        unit = {"min": 60.0, "h": 3_600.0, "d": 86_400.0}.get(titled.rpartition(", ")[2], 1.0)
        wanted_times = [(float(n), round(s / unit, 9)) for n, s in enumerate(seconds) if s is not None]
        assert sorted(plotted(axes, "before") + plotted(axes, "current")) == wanted_times
        assert axes.get_ylim()[0] == 0


def test_what_is_drawn_stays_within_its_axes() -> None:
    for name in PICTURES:
        for axes in picture(name).axes:
            drawn = [y for line in ("before", "current", "created", "left") for _, y in plotted(axes, line)]
            drawn += [bar.get_height() for side in ("created", "left") for bar in bars(axes, side)]
            assert 0 <= min(drawn, default=0) <= max(drawn, default=0) <= axes.get_ylim()[1]


def test_the_title_the_period_its_zone_and_the_data_time_are_on_it() -> None:
    read = "\n".join(one.get_text() for one in texts_of(picture("partial")))
    for said in (
        "Weekly queue report, week 45, 2–8 Nov 2026", "2 Nov 2026 00:00 CET to 9 Nov 2026 00:00 CET", "Europe/Oslo",
        "Data as of 9 Nov 2026 09:00 CET · REPORT-7 · Zendesk", "Partial history since 20 Oct 2026 09:00 CEST",
        "Open at day's end: 37 on 8 Nov", "Created and solved", "period before", "2 Nov", "8 Nov",
    ):  # fmt: skip
        assert said in read


def test_the_period_before_is_drawn_only_where_it_compares() -> None:
    alone = replace(CARD, before=Comparison(None, "Its filters were others."))
    assert plotted(figure(CARD).axes[0], "before")
    assert plotted(figure(alone).axes[0], "before") == []
    assert not any("period before" in one.get_text() for one in texts_of(figure(alone)))


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    read = [one.get_text() for one in texts_of(picture("hostile"))]
    assert any(r"$\frac{1}{0}$ <!channel>" in said for said in read)
    assert drawable("a漢b") == "a□b"


def test_no_series_is_told_from_another_by_colour_alone() -> None:
    flow = picture("week").axes[1]
    assert bars(flow, "created")[0].get_hatch() != bars(flow, "left")[0].get_hatch()
    for name in ("week", "month"):
        backlog = picture(name).axes[0]
        styles = {line.get_label(): line.get_linestyle() for line in backlog.get_lines()}
        assert styles["before"] != styles["current"]
    lines = {line.get_label(): line.get_linestyle() for line in picture("month").axes[1].get_lines()}
    assert lines["created"] != lines["left"]


@pytest.mark.parametrize(("color", "least"), [(INK, 7), (FAINT, 4.5), (BLUE, 3), (VERMILION, 3), (GREEN, 3)])
def test_it_stands_out_from_its_own_paper(color: str, least: float) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11: contrast of text and of graphics. The paper is opaque, so no theme shows through."""

    def light(code: str) -> float:
        parts = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert (light(PAPER) + 0.05) / (light(color) + 0.05) >= least


def test_the_png_is_opaque_of_one_size_and_says_nothing_of_the_machine() -> None:
    drawn = report_picture(CARD)
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", drawn[16:26])
    assert (width, height, depth, kind) == (WIDTH, HEIGHT, 8, 6)
    assert b"matplotlib" not in drawn.lower()
    chunks, place = [], 8
    while place < len(drawn):
        (length,) = struct.unpack(">I", drawn[place : place + 4])
        chunks.append((drawn[place + 4 : place + 8], drawn[place + 8 : place + 8 + length]))
        place += length + 12
    assert {name for name, _ in chunks} <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
    assert zlib.decompress(b"".join(part for name, part in chunks if name == b"IDAT"))


def test_equal_cards_give_equal_bytes_from_many_threads_at_once() -> None:
    with ThreadPoolExecutor(2) as pool:
        drawn = list(pool.map(report_picture, [PICTURES["day"]()] * 4))
    assert len(set(drawn)) == 1


def test_a_report_that_is_not_made_has_no_picture() -> None:
    with pytest.raises(ValueError, match="REPORT-7 is not made"):
        report_picture(FAILED)
