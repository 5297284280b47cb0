"""An identity provider behind the port `IdentitySource`."""

from dataclasses import replace

from automations.access_ports import Progress
from automations.adapters.http import Connection
from automations.adapters.scim.line import SYSTEM, TITLE
from automations.adapters.scim.lists import PER_PAGE, Lists
from automations.adapters.scim.membership import USERS, Memberships
from automations.adapters.scim.reading import Resource
from automations.adapters.scim.shapes import Unreadable, person_of
from automations.adapters.whole_list import address, believable, only_one
from automations.identities import IdentityPerson


class ScimSource:
    """Everybody an identity provider knows. `at_least` is how many a believable list has."""

    def __init__(self, connection: Connection, *, at_least: int = 1, per_page: int = PER_PAGE) -> None:
        self._lists = Lists(connection, per_page)
        self._groups = Memberships(self._lists)
        self._at_least = at_least

    @property
    def system(self) -> str:
        return SYSTEM

    @property
    def title(self) -> str:
        return TITLE

    def people(self, *, progress: Progress | None = None) -> tuple[IdentityPerson, ...]:
        """Everybody with all their groups: a call for each page of both lists. `progress` counts people."""
        found = self._lists.whole(USERS, self._person, progress=progress)
        people = believable(list(found.values()), self._at_least, title=self._lists.title, system=SYSTEM)
        groups = self._groups.of_everybody({one.id for one in people})
        return tuple(replace(one, groups=groups.get(one.id, ())) for one in people)

    def person(self, email: str) -> IdentityPerson | None:
        """One person by the address that `people` tells of them, read by filter where the server can."""
        wanted = address(email)
        found = self._lists.filtered(USERS, self._person, "userName", wanted) or {}
        more = self._lists.filtered(USERS, self._person, "emails.value", wanted)
        if more is None:  # Entra ID knows no such filter
            more = {} if self._one(found, email) else self._lists.whole(USERS, self._person)
        one = self._one({**found, **more}, email)
        return replace(one, groups=self._groups.of_one(one.id)) if one else None

    def _one(self, found: dict[str, IdentityPerson], email: str) -> IdentityPerson | None:
        return only_one(list(found.values()), email, title=self._lists.title, system=SYSTEM)

    def _person(self, key: str, body: Resource) -> IdentityPerson:
        try:
            return person_of(body)
        except Unreadable as why:
            words = f"{self._lists.title} told of person {key} what cannot be read: {why}. Mend it there."
            raise self._lists.incomplete(words) from why
