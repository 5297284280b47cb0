"""What the built-in desk can do, and what a person does where it cannot."""

from collections.abc import Mapping
from typing import Final

from automations.desks import Capability

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.REPLIES: "It writes to nobody: answer the customer from your own mailbox.",
    Capability.METRICS: "It measures no times itself: the weekly report computes them from the ticket's history.",
    Capability.INVITES: "Add the person under [[people]] in handoff.toml and reload the settings.",
    Capability.ROLES: "All its agents may do the same: give the role in Slack instead, under [roles].",
    Capability.SUSPENDS: "Take the person out of [[people]] in handoff.toml and reload the settings.",
    Capability.REMOVES: "Take the person out of [[people]] in handoff.toml and reload the settings.",
    Capability.MEMBERSHIPS: "Groups follow the queues of the rules in handoff.toml: change them there.",
    Capability.SESSIONS: "Personal links end by themselves after 12 hours.",
    Capability.TOKENS: "It gives no tokens, only personal links that end after 12 hours.",
    Capability.CUSTOMERS: "Customers come with failure events and with the import of ticket history.",
    Capability.CUSTOMER_LIST: "Search the tickets for the customer's name.",
    Capability.DOMAINS: "Write the domain into the ticket.",
    Capability.REFERENCES: "Write the reference into the ticket.",
    Capability.CUSTOMER_FIELDS: "Write them into the ticket.",
    Capability.CUSTOMER_SUSPENDS: "Tell the team in the channel.",
}

CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()
