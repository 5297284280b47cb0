"""Who is in which group: read from /Groups, with groups within groups, or asked for by filter."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import uuid4

from automations.adapters.scim.lists import Lists, Resource, quoted
from automations.adapters.scim.shapes import Group, Unreadable, group_of

USERS: Final = "/Users"
GROUPS: Final = "/Groups"


class Memberships:
    """The groups of one server."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def of_everybody(self, people: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """The names of the groups of each of these people, by id; nobody's groups are left out.

        Raises: Rejected with the code `incomplete` if the groups show no members and cannot be asked for them either.
        """
        groups = self._all()
        names = _names(groups)
        if any(group.members for group in groups):
            above = _above((str(group.id), _members(group, people, names)) for group in groups)
        else:
            above = _above((key, self._asked(key)) for key in names)
        return {one: _told(_upwards(one, above), names) for one in people if one in above}

    def of_one(self, person: str) -> tuple[str, ...]:
        """The names of the groups of one person, by id. Costs a call for each of them, and the names of all."""
        names = _names(self._all({"excludedAttributes": "members"}))
        found: set[str] = set()
        ahead = [person] if names else []
        while ahead:
            holders = self._holders(ahead.pop())
            if holders is None:
                return self.of_everybody({person}).get(person, ())
            ahead += holders - found
            found |= holders
        return _told(found, names)

    def _all(self, params: Mapping[str, str] | None = None) -> list[Group]:
        return [self._group(key, body) for key, body in self._lists.whole(GROUPS, params).items()]

    def _group(self, key: str, body: Resource) -> Group:
        try:
            return group_of(body)
        except Unreadable as why:
            raise self._lists.incomplete(
                f"{self._lists.title} told of group {key} what cannot be read: {why}."
            ) from why

    def _holders(self, member: str) -> set[str] | None:
        """The groups that somebody is directly in; None where the server cannot be asked that."""
        found = self._lists.filtered(GROUPS, f"members.value eq {quoted(member)}")
        if found is None:
            return None
        shown = {key: group.members for key, group in ((key, self._group(key, body)) for key, body in found.items())}
        told = {key for key, members in shown.items() if any(one.value == member for one in members or ())}
        if len(told) == len(shown):
            return told
        silent = {key for key, members in shown.items() if not members}
        return told | silent if self._obeys(GROUPS, "members.value") else None

    def _asked(self, group: str) -> set[str]:
        """The users and groups directly in a group that does not show them."""
        users = self._lists.filtered(USERS, f"groups.value eq {quoted(group)}", {"attributes": "id"})
        if users is None or (users and not self._obeys(USERS, "groups.value")):
            words = f"{self._lists.title} shows no member of any group, and does not let groups.value be filtered by:"
            raise self._lists.incomplete(f"{words} who is in which group cannot be told.")
        return set(users)

    def _obeys(self, path: str, attribute: str) -> bool:
        """True unless the server lets somebody through a filter that fits nobody."""
        return not self._lists.filtered(path, f"{attribute} eq {quoted(uuid4().hex)}", {"attributes": "id"})


def _members(group: Group, people: Collection[str], groups: Collection[str]) -> set[str]:
    """The ids of members that are known. One id for a user and a group is told apart by `type`."""
    known = set()
    for one in group.members or ():
        kind = (one.type or "").lower()
        if one.value and ((one.value in people and kind != "group") or (one.value in groups and kind != "user")):
            known.add(one.value)
    return known


def _above(groups: Iterable[tuple[str, set[str]]]) -> Mapping[str, set[str]]:
    """The groups directly above each member."""
    above: dict[str, set[str]] = {}
    for group, members in groups:
        for member in members:
            above.setdefault(member, set()).add(group)
    return above


def _upwards(member: str, above: Mapping[str, set[str]]) -> set[str]:
    """All groups above a member. Groups that contain each other are met once."""
    found: set[str] = set()
    ahead = [member]
    while ahead:
        more = above.get(ahead.pop(), set()) - found
        found |= more
        ahead += more
    return found


def _names(groups: Iterable[Group]) -> Mapping[str, str]:
    """What each group is called, by id: its display name, with the id where another has the same in any case."""
    named = {str(group.id): (group.display_name or "").strip() or str(group.id) for group in groups}
    times: dict[str, int] = {}
    for name in named.values():
        times[name.casefold()] = times.get(name.casefold(), 0) + 1
    return {key: name if times[name.casefold()] == 1 else f"{name} [{key}]" for key, name in named.items()}


def _told(groups: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted({names[key] for key in groups if key in names}))
