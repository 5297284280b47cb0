"""The one picture of a report: open tickets, created against solved, first reply and resolution, over the same days."""

from automations.weekly_report.card_types import ReportCard


def report_picture(card: ReportCard) -> bytes:
    """Draw the picture as PNG, 1,600 by 2,000 pixels; equal cards give equal bytes.

    Raises: ValueError for a report that is not made.
    """
    from bot.views.chart_figure import drawn  # the drawing library takes a second to import: only whoever draws pays it

    return drawn(card)
