"""People as the company's identity source tells of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdentityPerson:
    """One person upstream.

    `id` is the source's own and stays the same when a name or an address changes; `email` is in lower case, empty where
    the source has none. `groups` are display names in order, each once. `attributes` are single values by the source's
    own name for them (`title`, `department`, `userType`, …), in the order of names.
    """

    id: str
    email: str
    name: str
    active: bool
    groups: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
