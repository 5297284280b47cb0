"""What takes a ticket out of the backlog: as the settings say, else as the history says that was imported.

A log whose cases are done only when they are closed says so in its mapping (`open_until`), and that holds for reports
of this desk until [report] says otherwise.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.weekly_report.context import ReportContext
from automations.weekly_report.request import OpenUntil
from storage.models import DeskFact

USUAL: Final[OpenUntil] = "solved"


def open_until(session: Session, ctx: ReportContext) -> OpenUntil:
    """What ends a ticket where nobody says anything else."""
    if ctx.open_until is not None:
        return ctx.open_until
    imported = (DeskFact.system == ctx.desk_system) & (DeskFact.name == "open_until")
    said = session.scalar(select(DeskFact.value).where(imported))
    return "closed" if said is not None and said["status"] == "closed" else USUAL
