"""Blocks of 2026. Their pages are short, so where those are silent the stricter reading holds.

Sources: docs.slack.dev/reference/block-kit/blocks, the pages of data-visualization-block, data-table-block and
context-actions-block, and the models of slack_sdk 3.47.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from bot.workspace.shapes.elements import Confirmable, Interactive
from bot.workspace.shapes.text import Block, Plain, Plain75, Shape, Url

MOST_PARTS = 6
"""Segments of a pie, series of any other chart."""

ChartLabel = Annotated[str, StringConstraints(min_length=1, max_length=20)]
AxisTitle = Annotated[str, StringConstraints(min_length=1, max_length=50)]


class Segment(Shape):
    """A slice of a pie: there is none of nothing."""

    label: ChartLabel
    value: Annotated[int | float, Field(gt=0)]


class Pie(Shape):
    """One to six slices."""

    type: Literal["pie"]
    segments: Annotated[list[Segment], Field(min_length=1, max_length=MOST_PARTS)]


class Point(Shape):
    """A value above one category."""

    label: ChartLabel
    value: int | float


class Series(Shape):
    """The points of one name."""

    name: ChartLabel
    data: Annotated[list[Point], Field(min_length=1)]


class AxisConfig(Shape):
    """The categories along the bottom, and what the axes are called."""

    categories: Annotated[list[ChartLabel], Field(min_length=1)]
    x_label: AxisTitle | None = None
    y_label: AxisTitle | None = None


class Plotted(Shape):
    """One to six series over the same categories."""

    type: Literal["line", "bar", "area"]
    series: Annotated[list[Series], Field(min_length=1, max_length=MOST_PARTS)]
    axis_config: AxisConfig

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [one.name for one in self.series]
        if len(names) != len(set(names)):
            raise ValueError("series must have different names")
        if any([point.label for point in one.data] != self.axis_config.categories for one in self.series):
            raise ValueError("each series must have a point for each category")
        return self


class DataVisualization(Block):
    """A native chart."""

    type: Literal["data_visualization"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    chart: Annotated[Pie | Plotted, Field(discriminator="type")]


class _Open(Block):
    """A block without a complete public schema: what is documented, other keys let through."""

    model_config = ConfigDict(extra="allow", strict=True)


class DataTable(_Open):
    """2 to 101 rows of the same length under a caption; the header has no rich text."""

    type: Literal["data_table"]
    caption: Annotated[str, Field(min_length=1)]
    rows: Annotated[list[list[dict[str, Any]]], Field(min_length=2, max_length=101)]
    page_size: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        if len({len(row) for row in self.rows}) > 1:
            raise ValueError("rows must have the same length")
        if any(cell.get("type") == "rich_text" for cell in self.rows[0]):
            raise ValueError("the header must not hold rich_text")
        return self


class FeedbackButton(Shape):
    """One of the two thumbs."""

    text: Plain75
    value: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    accessibility_label: Annotated[str, StringConstraints(max_length=75)] | None = None


class FeedbackButtons(Interactive):
    """Thumb up and thumb down."""

    type: Literal["feedback_buttons"]
    positive_button: FeedbackButton
    negative_button: FeedbackButton


class IconButton(Confirmable):
    """A button with an icon."""

    type: Literal["icon_button"]
    icon: Annotated[str, Field(min_length=1)]
    text: Plain75
    accessibility_label: Annotated[str, StringConstraints(max_length=75)] | None = None
    value: Annotated[str, Field(max_length=2000)] | None = None
    visible_to_user_ids: Annotated[list[str], Field(max_length=10)] | None = None


class ContextActions(Block):
    """At most five feedback or icon buttons."""

    type: Literal["context_actions"]
    elements: Annotated[
        list[Annotated[FeedbackButtons | IconButton, Field(discriminator="type")]], Field(min_length=1, max_length=5)
    ]


class Video(_Open):
    """An embedded video."""

    type: Literal["video"]
    alt_text: Annotated[str, Field(min_length=1)]
    video_url: Url
    thumbnail_url: Url
    title: Plain
