"""Who is in which group: read from /Groups, with groups within groups, or asked for by filter."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import uuid4

from automations.adapters.scim.lists import Lists
from automations.adapters.scim.reading import Resource
from automations.adapters.scim.shapes import Group, Member, Unreadable, group_of

USERS: Final = "/Users"
GROUPS: Final = "/Groups"

Above = dict[str, set[str]]
"""The groups directly above each member, by id."""


class Memberships:
    """The groups of one server."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def of_everybody(self, people: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """The names of the groups of each of these people, by id.

        Raises: Rejected with the code `incomplete` if the groups show no members and cannot be asked for them either.
        """
        groups = self._all()
        names = _names(groups)
        if any(group.members for group in groups):
            users, inner = _shown(groups, people, names)
        else:
            users, inner = self._asked(names)
        return {one: _told(_upwards(users.get(one, set()), inner), names) for one in people}

    def of_one(self, person: str) -> tuple[str, ...]:
        """The names of the groups of one person, by id. Costs a call for each of them, and the names of all."""
        names = _names(self._all({"excludedAttributes": "members"}))
        if not names:
            return ()
        direct = self._holders(person, "user")
        found, ahead = set(direct or ()), list(direct or ())
        while direct is not None and ahead:
            above = self._holders(ahead.pop(), "group") or set()
            ahead += above - found
            found |= above
        return self.of_everybody({person})[person] if direct is None else _told(found, names)

    def _all(self, params: Mapping[str, str] | None = None) -> list[Group]:
        return list(self._lists.whole(GROUPS, self._group, params).values())

    def _group(self, key: str, body: Resource) -> Group:
        try:
            return group_of(body)
        except Unreadable as why:
            words = f"{self._lists.title} told of group {key} what cannot be read: {why}. Mend it there."
            raise self._lists.incomplete(words) from why

    def _holders(self, member: str, kind: str) -> set[str] | None:
        """The groups that a user or a group is directly in; None where the server cannot be asked that."""
        found = self._lists.filtered(GROUPS, self._group, "members.value", member)
        if found is None:
            return None
        shown = {key: group.members for key, group in found.items()}
        silent = {key for key, members in shown.items() if not members}
        strange = any(members and not _holds(members, member) for members in shown.values())
        if strange or (silent and not self._obeys(GROUPS, "members.value")):
            return None
        return silent | {key for key, members in shown.items() if members and _holds(members, member, kind)}

    def _asked(self, groups: Iterable[str]) -> tuple[Above, Above]:
        """The users and the groups directly in groups that do not show them: two calls for each."""
        users: Above = {}
        inner: Above = {}
        for group in groups:
            found = self._lists.filtered(USERS, _id, "groups.value", group)
            above = self._holders(group, "group")
            if found is None or above is None or (found and not self._obeys(USERS, "groups.value")):
                words = f"{self._lists.title} shows no member of any group, and cannot be asked for them by filter:"
                raise self._lists.incomplete(f"{words} who is in which group cannot be told.")
            inner[group] = above
            for one in found:
                users.setdefault(one, set()).add(group)
        return users, inner

    def _obeys(self, path: str, attribute: str) -> bool:
        """True unless the server lets somebody through a filter that fits nobody."""
        return not self._lists.filtered(path, _id, attribute, uuid4().hex)


def _id(key: str, _body: Resource) -> str:
    return key


def _shown(groups: Iterable[Group], people: Collection[str], names: Collection[str]) -> tuple[Above, Above]:
    """The users and the groups directly in each group. Members nobody knows are left out."""
    users: Above = {}
    inner: Above = {}
    for group in groups:
        for one in group.members or ():
            key = one.value or ""
            if key in people and one.kind != "group":
                users.setdefault(key, set()).add(str(group.id))
            elif key in names and one.kind != "user":
                inner.setdefault(key, set()).add(str(group.id))
    return users, inner


def _holds(members: Iterable[Member], member: str, kind: str = "") -> bool:
    return any(one.value == member and (not kind or one.kind in ("", kind)) for one in members)


def _upwards(groups: set[str], above: Above) -> set[str]:
    """These groups and all above them. Groups that contain each other are met once."""
    found, ahead = set(groups), list(groups)
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
