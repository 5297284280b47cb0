"""What Intercom can do, and what a person does where it cannot."""

from collections.abc import Mapping
from typing import Final

from automations.desks import Capability

SYSTEM: Final = "intercom"
TITLE: Final = "Intercom"

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.ON_HOLD: "Its ticket states have no such category: let the ticket wait on the customer, or snooze it.",
    Capability.TAGS: "A ticket does not show its tags: set an attribute of the ticket type instead.",
    Capability.DELETIONS: "A deleted ticket is noticed when it is read the next time.",
    Capability.HISTORY: "Open the ticket in Intercom: its conversation shows who changed what.",
    Capability.PARENTS: "Link the tickets in Intercom, with a tracker ticket.",
    Capability.MERGES: "Write the other ticket's number into an internal note.",
    Capability.FIELDS: "Intercom asks for required attributes itself when somebody resolves a ticket on the screen.",
    Capability.METRICS: "Open Reports in Intercom: it gives times for conversations, not for tickets.",
    Capability.TRIGGERS: "Look through the workflows in Intercom's settings for those that write to contacts.",
    Capability.INVITES: "Invite the teammate in Intercom under Settings, Teammates, or by your directory (SCIM).",
    Capability.ROLES: "Change the teammate's role in Intercom under Settings, Teammates, or by SCIM.",
    Capability.SUSPENDS: "Intercom suspends nobody and away mode is no lock-out: remove the teammate under Settings.",
    Capability.REMOVES: "Remove the teammate in Intercom under Settings, Teammates, or by SCIM.",
    Capability.MEMBERSHIPS: "Change the team's members in Intercom under Settings, Teams.",
    Capability.SESSIONS: "Remove the teammate in Intercom, or end the session at your identity provider.",
    Capability.TOKENS: "Look at the apps of the teammate in Intercom's Developer Hub and revoke their tokens there.",
    Capability.INVITATIONS: "Look in Intercom under Settings, Teammates, for invitations that are still open.",
    Capability.REINVITES: "Send the invitation again in Intercom under Settings, Teammates.",
    Capability.LAST_SEEN: "Look in Intercom under Settings, Teammates, for when the teammate was last there.",
    Capability.SEATS: "Look in Intercom under Settings, Billing, for the seats that are paid for.",
    Capability.DOMAINS: "Intercom keeps no domains of a company: write them into an attribute of your own.",
}
"""What no workspace can."""

PRIORITY_BY_HAND: Final = (
    "Tickets have no priority of their own: add a list attribute to the ticket type and name it in "
    "desk.intercom.priority_attribute."
)
STATUS_BY_HAND: Final = (
    "Companies have no status of their own: add a text attribute for it and name it in desk.intercom.status_attribute."
)


def lacking(*, priorities: bool, suspensions: bool) -> Mapping[Capability, str]:
    """What a workspace cannot do, by whether the attribute for priorities and that for a company's status are named."""
    more = {}
    if not priorities:
        more[Capability.PRIORITIES] = PRIORITY_BY_HAND
    if not suspensions:
        more[Capability.CUSTOMER_SUSPENDS] = STATUS_BY_HAND
    return {**BY_HAND, **more}


CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()
"""What a workspace can with both attributes."""
