"""The files in a report's thread: one picture of the whole, and every number as CSV."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.escalation.card_types import RuleFigures
from automations.weekly_report.card import report_card
from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.period import period_words
from automations.weekly_report.posting import FILES
from automations.weekly_report.request import Period
from bot.uploading import Drawers, File
from bot.views.chart import report_picture
from bot.views.report_csv import data_sheet

RulesOf = Callable[[Session, Period], Sequence[RuleFigures]]
"""How the rules of escalation did in a period: reports themselves know nothing of escalation."""

MAKERS: Final[Mapping[str, tuple[str, str, Callable[[ReportCard, Sequence[RuleFigures]], bytes]]]] = {
    FILES["picture"]: ("png", "picture", lambda card, _rules: report_picture(card)),
    FILES["data"]: ("csv", "data sheet", data_sheet),
}
"""For each kind of file the ending of its name, what people call it, and what makes it."""


def drawers(present: Callable[[Session], ReportContext], rules_of: RulesOf) -> Drawers:
    """What makes each kind of file, with the team as it is at that moment."""

    def made(
        ending: str, called: str, make: Callable[[ReportCard, Sequence[RuleFigures]], bytes]
    ) -> Callable[[Session, Mapping[str, Any]], File]:
        def draw(session: Session, args: Mapping[str, Any]) -> File:
            card = report_card(session, int(args["report_id"]), present(session))
            ref = report_ref(card.id)
            title = f"{ref}, {called}: {period_words(card.request.period)}"
            return File(f"{ref.lower()}.{ending}", title, make(card, rules_of(session, card.request.period)))

        return draw

    return {kind: made(*how) for kind, how in MAKERS.items()}
