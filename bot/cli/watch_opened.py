"""What commands about triage and escalation work with: the settings' own words, and the team as it is now."""

from dataclasses import replace

from automations.escalation.context import EscalationContext
from automations.failure_tickets.present import present
from automations.triage.context import TriageContext
from bot.cli.options import Opened
from bot.desk import limits_of
from bot.escalation_parts import make_escalation_context
from bot.triage_parts import make_triage_context


def triage_of(here: Opened) -> TriageContext:
    """What every act of triage is given. Raises: ConfigError for settings that name what is not there."""
    made = make_triage_context(here.settings, here.context, desk_title=_title(here))
    with here.database.read() as session:
        return replace(made, roster=present(session, here.context).roster)


def escalation_of(here: Opened) -> EscalationContext:
    """What every act of escalation is given, with whoever stands in now. Raises: ConfigError as above."""
    with here.database.read() as session:
        team = present(session, here.context)
    return make_escalation_context(here.settings, team, desk_title=_title(here))


def _title(here: Opened) -> str:
    return limits_of()[here.settings.desk.kind].TITLE
