"""Settings of retention: how long rows are kept once nobody needs them any more."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from automations.durations import Duration
from bot.settings_types import Section
from storage.retention import Terms

_DEFAULT: Final = Terms()
_Days = Annotated[Duration, Field(ge=timedelta(days=1), le=timedelta(days=36_500))]
_Weeks = Annotated[Duration, Field(ge=timedelta(days=7), le=timedelta(days=36_500))]
_Quarters = Annotated[Duration, Field(ge=timedelta(days=90), le=timedelta(days=36_500))]


class RetentionSection(Section):
    """How long what is settled is kept. What is open is never dropped, nor the audit log and the built-in desk."""

    inbox: _Days = Field(_DEFAULT.inbox, description="Payloads from Slack; a second delivery after it would count anew")
    jobs: _Days = Field(timedelta(days=14), description="Finished jobs of the engine")
    messages: _Days = Field(_DEFAULT.messages, description="Delivered messages, once what they are about is gone")
    stuck: _Weeks = Field(_DEFAULT.stuck, description="Settled work of the failure queue, with what was tried")
    cases: _Weeks = Field(_DEFAULT.cases, description="Closed cases with events, history and ticket link; their groups")
    escalations: _Weeks = Field(_DEFAULT.escalations, description="Closed escalations, and what fired for them")
    triage: _Weeks = Field(_DEFAULT.triage, description="Decisions on ended tickets, evaluations, retired classifiers")
    team: _Weeks = Field(_DEFAULT.team, description="Ended absences, covers and pauses, hand-overs, unopened Home tabs")
    runs: _Quarters = Field(_DEFAULT.runs, description="Ended runs with steps and approvals, findings, access reviews")
    customers: _Quarters = Field(_DEFAULT.customers, description="Decided changes of customers, settled conflicts")
    reports: _Quarters = Field(_DEFAULT.reports, description="Queue reports with the tickets behind them")

    def terms(self) -> Terms:
        """The same for the sweep of our own tables; `jobs` is the engine's."""
        return Terms(**{name: getattr(self, name) for name in Terms.__dataclass_fields__})
