"""What Zendesk can do through its API, and what a person does where it cannot.

No parents: a problem ticket holds incidents, but the API's reference has no way to take one out again, and, as
Zendesk's users know it, solving the problem solves them all and writes to their requesters (not checked).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from automations.desks import Capability

SYSTEM: Final = "zendesk"
TITLE: Final = "Zendesk"

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.HISTORY: "Open the ticket and choose its events: they say who changed which field.",
    Capability.PARENTS: "Make the first ticket a problem and the others its incidents, in the ticket's Type.",
    Capability.MERGES: "Open the closed ticket: its last comment names the one it was merged into.",
    Capability.FIELDS: "Look in Admin Center, under Objects and rules, Tickets, Fields, for those required to solve.",
    Capability.REINVITES: "Open the person in Admin Center, under People, Team members, to send the mail once more.",
    Capability.SEATS: "Look in Admin Center, under Account, Billing, Subscription, for how many seats are paid for.",
    Capability.TRIGGERS: "Look in Admin Center, under Objects and rules, Business rules, Triggers, for who is mailed.",
}

CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()


@dataclass(frozen=True, slots=True)
class OrganizationFields:
    """Which fields of organizations hold what, by their keys in Zendesk; None and nothing if the settings name none."""

    tier: str | None = None
    status: str | None = None
    named: tuple[str, ...] = ()

    @property
    def lacking(self) -> Mapping[Capability, str]:
        """What cannot be done as long as the settings name no field for it, and what to do by hand."""
        words = {}
        if self.tier is None and not self.named:
            words[Capability.CUSTOMER_FIELDS] = "Name desk.zendesk.tier_field, or change the organization in Zendesk."
        if self.status is None:
            words[Capability.CUSTOMER_SUSPENDS] = "Name desk.zendesk.status_field, or mark the organization in Zendesk."
        return words
