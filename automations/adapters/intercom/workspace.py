"""What a workspace is made of: its admins, teams, ticket type and states. Read when asked for and kept for a minute."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from automations.adapters.http import Connection
from automations.adapters.intercom.line import Setup, refused
from automations.adapters.intercom.shapes import (
    AdminShape,
    AdminsShape,
    AttributeShape,
    MeShape,
    StateShape,
    StatesShape,
    TeamShape,
    TeamsShape,
    TypeShape,
    TypesShape,
)
from automations.domain import Priority

KEPT_FOR: Final = timedelta(minutes=1)

PRIORITIES: Final = {
    "low": Priority.LOW,
    "normal": Priority.NORMAL,
    "medium": Priority.NORMAL,
    "high": Priority.HIGH,
    "urgent": Priority.URGENT,
}
"""Labels of a list, in lower case, that mean one of our priorities."""

T = TypeVar("T")
Named = TypeVar("Named", AdminShape, TeamShape)


class Kept(Generic[T]):
    """An answer that is good for a minute."""

    def __init__(self, read: Callable[[], T], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._kept: tuple[datetime, T] | None = None

    def get(self, *, anew: bool = False) -> T:
        """The answer; asked for again if it is older, or `anew`."""
        now = self._now()
        if anew or self._kept is None or not timedelta(0) <= now - self._kept[0] < KEPT_FOR:
            self._kept = now, self._read()
        return self._kept[1]


class Workspace:
    """Whom and what a workspace has. Raises: Rejected, naming what it does not have; Unavailable."""

    def __init__(self, line: Connection, setup: Setup, now: Callable[[], datetime]) -> None:
        self._setup = setup
        self._now = now
        self._sought: dict[str, datetime] = {}
        self._me = Kept(lambda: line.read("/me").shaped(MeShape), now)
        self._admins = Kept(lambda: line.read("/admins").shaped(AdminsShape).admins, now)
        self._teams = Kept(lambda: line.read("/teams").shaped(TeamsShape).teams, now)
        self._types = Kept(lambda: line.read("/ticket_types").shaped(TypesShape).data, now)
        self._states = Kept(lambda: line.read("/ticket_states").shaped(StatesShape).data, now)

    def me(self) -> MeShape:
        """The admin that the token acts as."""
        return self._me.get()

    def admins(self) -> Sequence[AdminShape]:
        """All teammates."""
        return self._admins.get()

    def teams(self) -> Sequence[TeamShape]:
        """All teams."""
        return self._teams.get()

    def admin(self, email: str) -> AdminShape | None:
        """The teammate of this address. The list is read again before it is said that there is none."""
        for anew in (False, True):
            for one in self._admins.get(anew=anew):
                if (one.email or "").lower() == email.lower():
                    return one
        return None

    def known_admin(self, email: str) -> AdminShape:
        """The teammate of this address. Raises: Rejected with the code `no_agent`."""
        if (found := self.admin(email)) is None:
            raise refused(f"Intercom has no teammate with the address {email[:100]}", "no_agent")
        return found

    def known_team(self, name: str) -> TeamShape:
        """The team of this name. Raises: Rejected with the code `no_group`."""
        for anew in (False, True):
            for one in self._teams.get(anew=anew):
                if one.name == name:
                    return one
        raise refused(f"Intercom has no team called {name[:100]!r}", "no_group")

    def address(self, admin: int) -> str | None:
        """An admin's e-mail address; None for nobody, and for somebody who is no teammate any more."""
        found = self._by_id(self._admins, admin)
        return (found.email or "").lower() or None if found else None

    def team_name(self, team: int) -> str | None:
        """A team's name; None for none, and for one that is no more."""
        found = self._by_id(self._teams, team)
        return found.name if found else None

    def _by_id(self, kept: Kept[tuple[Named, ...]], number: int) -> Named | None:
        """The one of this id, 0 for none. Who is not listed is looked for again once a minute: they may be new."""
        if not number:
            return None
        now, wanted = self._now(), str(number)
        sought = self._sought.get(wanted)
        for anew in (False, True) if sought is None or now - sought >= KEPT_FOR else (False,):
            for one in kept.get(anew=anew):
                if one.id == wanted:
                    return one
            if anew:
                self._sought[wanted] = now
        return None

    def ticket_type(self) -> TypeShape:
        """The ticket type of the settings. Raises: Rejected with the code `no_ticket_type`."""
        wanted, types = self._setup.ticket_type, [one for one in self._types.get() if not one.archived]
        for one in types:
            if wanted in (one.id, one.name):
                return one
        known = ", ".join(sorted(one.name for one in types)) or "none"
        raise refused(f"Intercom has no ticket type {wanted!r}; its types are: {known}", "no_ticket_type")

    def key_attribute(self) -> AttributeShape:
        """The attribute that holds our key. Raises: Rejected with the code `no_attribute`."""
        return self._attribute(self._setup.key_attribute)

    def priority_attribute(self) -> AttributeShape | None:
        """The list that holds the priority, None if the settings name none. Raises: Rejected, `no_attribute`."""
        return self._attribute(self._setup.priority_attribute) if self._setup.priority_attribute else None

    def _attribute(self, wanted: str) -> AttributeShape:
        of = self.ticket_type()
        held = of.ticket_type_attributes
        known = [one for one in (*held.data, *held.ticket_type_attributes) if not one.archived] if held else []
        for one in known:
            if wanted in (one.id, one.name):
                return one
        named = ", ".join(sorted(one.name for one in known)) or "none"
        raise refused(f"the ticket type {of.name!r} has no attribute {wanted!r}; it has: {named}", "no_attribute")

    def item(self, priority: Priority) -> str:
        """The id of the list item that means this priority. Raises: Rejected with the code `no_priority`."""
        attribute = self.priority_attribute()
        assert attribute is not None, "asked for only where priorities are kept"
        items = options(attribute)
        for identifier, label in items:
            if PRIORITIES.get(label.lower()) is priority:
                return identifier
        labels = ", ".join(label for _, label in items) or "none"
        words = f"the list {attribute.name!r} has no item for the priority {priority}; its items are: {labels}"
        raise refused(words, "no_priority")

    def state(self, ticket_type: str, *categories: str) -> StateShape:
        """The first state of this type in the first of these categories that has one. Raises: Rejected, `no_state`."""
        mine = [one for one in self._states.get() if not one.archived and _is_of(one, ticket_type)]
        for category in categories:
            for one in mine:
                if one.category == category:
                    return one
        raise refused(f"the ticket type has no state of the category {categories[0]}", "no_state")


def options(attribute: AttributeShape) -> list[tuple[str, str]]:
    """The items of a list as (id, label)."""
    listed: Any = (attribute.input_options or {}).get("list_options")
    items = listed if isinstance(listed, list) else []
    return [(str(one.get("id")), str(one.get("label"))) for one in items if isinstance(one, dict)]


def _is_of(state: StateShape, ticket_type: str) -> bool:
    return state.ticket_types is None or any(one.id == ticket_type for one in state.ticket_types.data)
