"""A person inside Handoff, as access asks and acts: blocks, duty, cases, and the settings that name them.

`automations.access.inside.Inside`, made of the functions of the automations that own each thing, so that the lines in
threads and the audit rows are the same as when a person does it.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from automations.access import blocks
from automations.domain import HANDOFF, IdempotencyKey, Role, case_ref
from automations.duty import turn
from automations.errors import Refused
from automations.failure_tickets import covers, life, owners
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.runs.context import RunContext
from bot.live import Terms
from bot.permissions import role_granted
from bot.settings_names import naming
from storage.engine import Database
from storage.models import Case

_KEY: Final = re.compile(r"run/([1-9][0-9]*)/.+")


@dataclass(frozen=True, slots=True)
class InsideHandoff:
    """`terms` are those in force, `runs` the context of runs; `members` gives the Slack users of a user group."""

    database: Database
    terms: Callable[[], Terms]
    runs: Callable[[], RunContext]
    members: Callable[[str], Collection[str]]

    def role(self, email: str) -> Role | None:
        """What the settings let them do, by their Slack user. Raises: AdapterError."""
        person = self._present().roster.by_email(email)
        if person is None or person.slack is None:
            return None
        return role_granted(person.slack, self.terms().roles, self.members)

    def blocked(self, email: str) -> bool:
        """Whether a block is in force."""
        with self.database.read() as session:
            return email.lower() in blocks.blocked(session)

    def block(self, email: str, also: Collection[str], *, key: IdempotencyKey) -> None:
        """Set a block in the run's name."""
        with self.database.begin() as session:
            blocks.block(session, email, also, _run(key), self.runs())

    def unblock(self, email: str, also: Collection[str], *, key: IdempotencyKey) -> None:
        """Lift the block in the run's name."""
        with self.database.begin() as session:
            blocks.lift(session, email, also, _run(key), self.runs())

    def duties(self, email: str) -> tuple[str, ...]:
        """Rotations in which it is their turn now, or which they cover now or later."""
        ctx, who = self._present(), email.lower()
        now = ctx.clock.now()
        return tuple(
            rotation.name
            for rotation in ctx.book.rotations
            if turn(rotation, ctx.roster, now).email == who or any(one.email == who for one in rotation.covers)
        )

    def end_duties(self, email: str, *, key: IdempotencyKey) -> None:
        """End their covers; whose turn it is passes over who is blocked."""
        with self.database.begin() as session:
            covers.end_all_of(session, email, HANDOFF, present(session, self.terms().context))

    def cases(self, email: str) -> int:
        """How many open cases they own."""
        return len(self._cases(email))

    def hand_over(self, email: str, to: str, *, key: IdempotencyKey) -> None:
        """Reassign each open case, one transaction each, so that a repeat goes on with what is left."""
        for case_id in self._cases(email):
            with self.database.begin() as session:
                ctx = present(session, self.terms().context)
                if to:
                    life.reassign(session, case_id, HANDOFF, to, ctx)
                else:
                    owners.move(session, {"case_id": case_id}, ctx)
        if left := self._cases(email):
            raise Refused(
                f"Nobody else has {case_ref(left[0])} by its rule. Reassign it by hand, or change "
                "failure_tickets.default_owner, then try again."
            )

    def named_in(self, email: str) -> tuple[str, ...]:
        """Keys of the settings in force."""
        person = self._present().roster.by_email(email)
        names = {email} | ({person.slack or "", person.desk or ""} if person else set())
        return naming(self.terms().settings, names)

    def _present(self) -> Context:
        with self.database.read() as session:
            return present(session, self.terms().context)

    def _cases(self, email: str) -> list[int]:
        theirs = func.lower(Case.owner) == email.lower(), Case.open_key.is_not(None)
        with self.database.read() as session:
            return list(session.scalars(select(Case.id).where(*theirs).order_by(Case.id)))


def _run(key: IdempotencyKey) -> int:
    """The number of the run that a step's key names."""
    match = _KEY.fullmatch(key)
    assert match is not None, f"{key!r} is no key of a run's step"
    return int(match.group(1))
