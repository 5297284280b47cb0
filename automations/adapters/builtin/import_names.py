"""Groups and people that an import names: those the desk does not know are made, people as suspended."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import DeskGroup, DeskUser
from storage.upsert import insert_into


class Names:
    """Groups and people met so far, by name and address, and those of them that were made."""

    def __init__(self) -> None:
        self.new_groups: list[str] = []
        self.new_people: list[str] = []
        self._groups: dict[str, int] = {}
        self._people: dict[str, int] = {}

    def group(self, session: Session, name: str | None) -> int | None:
        """The group's number; it is made if the desk does not have it."""
        if not name:
            return None
        if name not in self._groups:
            made = insert_into(session, DeskGroup).values(name=name).on_conflict_do_nothing().returning(DeskGroup.id)
            if session.scalar(made) is not None:
                self.new_groups.append(name)
            self._groups[name] = session.scalars(select(DeskGroup.id).where(DeskGroup.name == name)).one()
        return self._groups[name]

    def person(self, session: Session, email: str | None) -> int | None:
        """The person's number; somebody unknown is made, suspended, so that nobody gets new work by an import."""
        if not email:
            return None
        if email not in self._people:
            row = {"name": email, "email": email, "role": "agent", "state": "suspended"}
            made = insert_into(session, DeskUser).values(row).on_conflict_do_nothing().returning(DeskUser.id)
            if session.scalar(made) is not None:
                self.new_people.append(email)
            self._people[email] = session.scalars(select(DeskUser.id).where(DeskUser.email == email)).one()
        return self._people[email]
