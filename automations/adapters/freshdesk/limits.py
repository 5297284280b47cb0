"""What Freshdesk can do through its API, and what a person does where it cannot."""

from collections.abc import Mapping
from typing import Final

from automations.desks import Capability

SYSTEM: Final = "freshdesk"
TITLE: Final = "Freshdesk"

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.HISTORY: "Open the ticket and choose Activities to see who changed a field.",
    Capability.PARENTS: "Link the tickets in Freshdesk, where a child can also be taken out again.",
    Capability.MERGES: "Look at the private note that Freshdesk writes into the merged ticket.",
    Capability.TRIGGERS: (
        "Look under Admin, Workflows, at Automations and Email Notifications, and leave out what is tagged handoff."
    ),
    Capability.REINVITES: "Open the agent under Admin, Team, Agents: the activation mail is sent again there.",
    Capability.SEATS: "Look under Admin, Account, Plans & Billing, for how many agents are paid for.",
    Capability.SUSPENDS: "Open the agent under Admin, Team, Agents and choose Deactivate.",
    Capability.SESSIONS: "Deactivate the agent under Admin, Team, Agents, or end their sessions where they sign in.",
    Capability.TOKENS: "Let the agent reset their API key under Profile settings; nobody else can.",
}

CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()
