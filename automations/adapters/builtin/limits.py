"""What the built-in desk can do, and what a person does where it cannot."""

from collections.abc import Mapping
from typing import Final

from automations.desks import Capability

TITLE: Final = "The built-in desk"

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.REPLIES: "It writes to nobody: answer the customer from your own mailbox.",
    Capability.METRICS: "It measures no times itself: look at the ticket's history on its page.",
    Capability.ROLES: "All its agents may do the same there: give the role in Slack, under [roles].",
    Capability.SESSIONS: "Personal links end by themselves after 12 hours, and at once for who is suspended.",
    Capability.INVITATIONS: "Its agents are active at once: ask the person whether their personal link opened.",
    Capability.REINVITES: "It invites nobody: `handoff people desk-link` makes the person a new personal link.",
    Capability.LAST_SEEN: "It keeps no sign-ins: look at what the person did on the tickets' pages.",
}

CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()
