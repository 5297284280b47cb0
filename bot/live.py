"""What a reload of the settings replaces while the bot runs, all of it at once.

Everybody asks `Live.terms` (or `Live.context`) anew for each request, click, job and round, and keeps the answer for
no longer than that: so one piece of work sees the terms from before a reload or from after it, never some of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from automations.access.context import AccessContext
from automations.customer_context.context import CustomerContext
from automations.domain import Role
from automations.escalation.context import EscalationContext
from automations.failure_tickets.context import Context
from automations.triage.context import TriageContext
from automations.weekly_report.context import ReportContext
from bot.settings import Settings
from bot.slack_words import belongs_in
from bot.views.texts import Look


@dataclass(frozen=True, slots=True)
class Terms:
    """What one reading of the settings came to.

    `access` is what every act of access is given, None where the settings say nothing of it, as `customers` is;
    `report`, `triage` and `escalation` the same for those. `roles` maps each role to Slack user ids and user group ids.
    `secrets` are the values that were read with them, by `section.key`, so that a change is noticed; they are never
    shown.
    """

    settings: Settings
    context: Context
    report: ReportContext
    triage: TriageContext
    escalation: EscalationContext
    look: Look
    roles: Mapping[Role, tuple[str, ...]]
    secrets: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    access: AccessContext | None = None
    customers: CustomerContext | None = None

    @property
    def fallback_channel(self) -> str:
        """Where messages go when their own channel does not take them any more."""
        return self.settings.slack.fallback_channel or self.context.book.escalation_channel

    def belongs(self, channel: str) -> str:
        """Say above a message in the fallback channel where it belongs: to a colleague in private, or in a channel."""
        if channel.startswith(("U", "W")):
            person = self.context.roster.by_slack(channel)
            whom = person.name if person else channel
            return f"This is for {whom}, to whom Slack takes no private messages from Handoff."
        names = [name for name, id in self.settings.channels.items() if id == channel]
        return belongs_in(f"{names[0]} ({channel})" if names else channel)


class Live:
    """The terms in force. Reading and replacing are one step each."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    @property
    def terms(self) -> Terms:
        """All of it, as it is now."""
        return self._terms

    def context(self) -> Context:
        """What every act is given, as it is now."""
        return self._terms.context

    def replace(self, terms: Terms) -> None:
        """Let new terms hold from now on."""
        self._terms = terms
