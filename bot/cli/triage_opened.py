"""What commands of triage are given: the context with the team as it is now."""

from dataclasses import replace

from automations.failure_tickets.present import present
from automations.triage.context import TriageContext
from bot.cli.options import Opened
from bot.desk import limits_of
from bot.triage_parts import make_triage_context


def triage_of(here: Opened) -> TriageContext:
    """What every act of triage is given, with the team as it is now. Raises: ConfigError."""
    context = make_triage_context(here.settings, here.context, desk_title=limits_of()[here.settings.desk.kind].TITLE)
    with here.database.read() as session:
        return replace(context, roster=present(session, here.context).roster)
