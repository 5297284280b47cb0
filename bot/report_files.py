"""The files in a report's thread: one picture of the whole, and every number as CSV."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.weekly_report.card import report_card
from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.period import period_words
from automations.weekly_report.posting import FILES
from bot.uploading import Drawers, File
from bot.views.chart import report_picture
from bot.views.report_csv import data_sheet

MAKERS: Final[Mapping[str, tuple[str, str, Callable[[ReportCard], bytes]]]] = {
    FILES["picture"]: ("png", "picture", report_picture),
    FILES["data"]: ("csv", "data sheet", data_sheet),
}
"""For each kind of file the ending of its name, what people call it, and what makes it."""


def drawers(present: Callable[[Session], ReportContext]) -> Drawers:
    """What makes each kind of file, with the team as it is at that moment."""

    def made(
        ending: str, called: str, make: Callable[[ReportCard], bytes]
    ) -> Callable[[Session, Mapping[str, Any]], File]:
        def draw(session: Session, args: Mapping[str, Any]) -> File:
            card = report_card(session, int(args["report_id"]), present(session))
            ref = report_ref(card.id)
            title = f"{ref}, {called}: {period_words(card.request.period)}"
            return File(f"{ref.lower()}.{ending}", title, make(card))

        return draw

    return {kind: made(*how) for kind, how in MAKERS.items()}
