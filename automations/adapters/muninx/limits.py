"""What MuninX can do by its documented API, and what a person does where it cannot."""

from collections.abc import Mapping
from typing import Final, NoReturn

from automations.desks import ABILITY, Capability
from automations.domain import DeskAgent
from automations.errors import Rejected

SYSTEM: Final = "muninx"
TITLE: Final = "MuninX"
ADMIN: Final = "admin"

BY_HAND: Final[Mapping[Capability, str]] = {
    Capability.KEYS: "Look in MuninX for the case's number in the ticket's title, and tell Handoff what you found.",
    Capability.GROUPS: "It has no groups: the queue stands in the ticket's text, so assign the ticket to a person.",
    Capability.TAGS: "Its API sets no tags: the ticket's text says what they would say.",
    Capability.AUTHORS: "Notes come from the account of the token: the person's name stands in the text.",
    Capability.CHANGES: "Tickets of open cases are read one by one, seen a little later; reopen closed cases by hand.",
    Capability.DELETIONS: "The ticket of an open case is found missing when it is read; otherwise look in MuninX.",
    Capability.HISTORY: "Open the ticket in MuninX to see who changed it.",
    Capability.PARENTS: "It has no parent tickets: the members of a group are listed in its message in Slack.",
    Capability.MERGES: "Close the one ticket as solved with a note that names the other.",
    Capability.FIELDS: "Its API lists no required fields: fill them in in MuninX before the ticket is solved.",
    Capability.METRICS: "It tells only averages over many tickets: see Reports in MuninX for them.",
    Capability.TRIGGERS: "Look through the workspace's notification settings for mails to customers.",
    Capability.MEMBERSHIPS: "It has no groups to be a member of: give the person the role they need.",
    Capability.SESSIONS: "Suspend the person in MuninX: they cannot sign in any more.",
    Capability.TOKENS: "Ask the person to delete their tokens in their MuninX profile; an admin cannot list them.",
    Capability.LAST_SEEN: "Its API tells no sign-ins: ask the person, or look at what they did on tickets.",
    Capability.SEATS: "Its API tells no seats: look at the plan in MuninX, under Billing.",
    Capability.CUSTOMER_LIST: "Open Customer organizations in MuninX to see all of them.",
    Capability.REFERENCES: "It finds nobody by an external reference: name the customer by a mail domain.",
    Capability.CUSTOMER_FIELDS: "It has no tier and no fields of your own: write them into the organization's notes.",
}

CAPABILITIES: Final = frozenset(Capability) - BY_HAND.keys()


def cannot(one: Capability) -> NoReturn:
    """Raises: Rejected with the code `cannot`, in words."""
    raise Rejected(f"{TITLE} cannot {ABILITY[one]}. {BY_HAND[one]}", system=SYSTEM, code="cannot")


def locked(ticket: str) -> NoReturn:
    """Raises: Rejected with the code `closed`, in words."""
    words = f"ticket {ticket} was closed by {TITLE}'s timer, which locks it for good; a new one is needed"
    raise Rejected(words, system=SYSTEM, code="closed")


def partial_view(me: DeskAgent) -> str | None:
    """Say what the account of the token does not see, None for an admin's.

    MuninX narrows lists, searches and tickets by role and gives no error (its authentication guide), and its reference
    lets only admins assign tickets and write organizations.
    """
    if me.role == ADMIN:
        return None
    return (
        f"The token of {me.email} has the role {me.role}: MuninX shows it only a part of the tickets and says nothing "
        "of the rest, and may refuse to assign tickets. Use a token that an admin made."
    )
