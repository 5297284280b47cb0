"""What Request Tracker can do through its REST API, and what a person does where it cannot."""

from collections.abc import Mapping
from typing import Final

from automations.desks import Capability

TITLE: Final = "Request Tracker"
SYSTEM: Final = "request_tracker"

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.ON_HOLD: (
        "The default lifecycle has one status for all tickets that wait: give yours a second one and name it in "
        "desk.request_tracker.on_hold."
    ),
    Capability.AUTHORS: "Its API writes in the name of the token's user: the person's name stands before the note.",
    Capability.FIELDS: "Its API does not tell which fields a queue asks for: fill them in on the ticket's page.",
    Capability.METRICS: "It measures no times itself: look at the ticket's history on its page.",
    Capability.TRIGGERS: "Its API does not list scrips: look under Admin, Global, Scrips and at each queue's own.",
    Capability.ROLES: "Rights come with groups there: put the person into the group that has them.",
    Capability.SESSIONS: "Its API ends no sessions: disable the user, which refuses every further request of theirs.",
    Capability.TOKENS: "Its API lists no tokens: an administrator sees and revokes them on the user's page.",
    Capability.INVITATIONS: "Its users are active at once: ask the person whether they could sign in.",
    Capability.REINVITES: "It mails no invitations: tell the person how to sign in, or set them a password there.",
    Capability.LAST_SEEN: "Its API does not tell who signed in when: look at what the person did on tickets.",
    Capability.CUSTOMERS: "It has no customers of its own: they are kept where the failures come from.",
    Capability.CUSTOMER_LIST: "Search the tickets for the field that holds the customer.",
    Capability.DOMAINS: "It has no customers of its own: write the domain into the ticket.",
    Capability.REFERENCES: "It has no customers of its own: it stands in the ticket's field for the customer.",
    Capability.CUSTOMER_FIELDS: "It has no customers of its own: write them into the ticket.",
    Capability.CUSTOMER_SUSPENDS: "It has no customers of its own: tell the team in the channel.",
}
"""As it comes; a lifecycle may tell tickets on hold from those that wait for the customer."""

CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()


def limits(*, on_hold: bool) -> tuple[frozenset[Capability], Mapping[Capability, str]]:
    """The capabilities, and what is done by hand. `on_hold`: the settings name a status for it."""
    if not on_hold:
        return CAPABILITIES, BY_HAND
    left: dict[Capability, str] = {one: words for one, words in BY_HAND.items() if one is not Capability.ON_HOLD}
    return CAPABILITIES | {Capability.ON_HOLD}, left
