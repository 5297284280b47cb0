"""The groups that people made in Request Tracker, and who is in them, also by way of other groups."""

from typing import Final

from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE
from automations.adapters.request_tracker.shapes import Members, Named, Page

_GROUP: Final = "group"


def made_groups(connection: Connection) -> dict[str, str]:
    """The groups that people made and did not disable, numbers by name."""

    def fetch(page: int) -> tuple[list[Named], int | None]:
        asked = [{"field": "Domain", "value": "UserDefined"}]
        params = {"fields": "Name", "per_page": PER_PAGE, "page": page}
        found = connection.read("/groups", params, json=asked).shaped(Page[Named]).items
        return found, page + 1 if len(found) == PER_PAGE else None

    return {group.name: group.id for group in pages(1, fetch, title=TITLE, system=SYSTEM)}


def groups_by_user(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The names of everybody's groups, in order, by user name; one call for each group.

    Who is in a group is also in the groups that this one is in, as the memberships of a user show it.
    """
    numbers = made_groups(connection)
    members = {one: connection.read(f"/group/{one}").shaped(Members).members for one in numbers.values()}
    inside = {one: [member.id for member in found if member.type == _GROUP] for one, found in members.items()}
    found: dict[str, set[str]] = {}
    for name, number in numbers.items():
        for group in _within(number, inside):
            for member in members[group]:
                if member.type != _GROUP:
                    found.setdefault(member.id, set()).add(name)
    return {user: tuple(sorted(names)) for user, names in found.items()}


def _within(group: str, inside: dict[str, list[str]]) -> set[str]:
    """A group and all groups in it, of those that are known."""
    seen, left = set[str](), [group]
    while left:
        one = left.pop()
        if one in inside and one not in seen:
            seen.add(one)
            left += inside[one]
    return seen
