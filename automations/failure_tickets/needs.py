"""What failure tickets ask of a help desk beside the common things. Each works without, and says so on the way."""

from typing import Final

from automations.desks import Capability

NEEDS: Final = frozenset(
    {
        Capability.KEYS,
        Capability.PRIORITIES,
        Capability.GROUPS,
        Capability.AUTHORS,
        Capability.CHANGES,
        Capability.EVENTS,
        Capability.HISTORY,
        Capability.PARENTS,
        Capability.MERGES,
        Capability.FIELDS,
    }
)
