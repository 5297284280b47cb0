"""Who a customer is: by account, by the desk's id, by a mail domain. Reads rows alone, so that anybody may ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session


class Clarity(StrEnum):
    """Whether it is clear whose ticket it is.

    `off`: no customers are kept at all, so there is nothing to say. `none`: the requester's domain belongs to no
    customer. `two`: it belongs to several.
    """

    ONE = "one"
    NONE = "none"
    TWO = "two"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer as Handoff knows them now. `as_of` is how old the oldest of its sources' data is.

    `open_conflicts` are the fields that source and desk disagree on.
    """

    account: str
    name: str
    tier: str
    status: str
    desk_id: str | None
    as_of: datetime | None
    gone_since: datetime | None = None
    open_conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose ticket it is. `standing` is set exactly where it is clear; `several` are the accounts in question."""

    clarity: Clarity
    standing: Standing | None = None
    several: tuple[str, ...] = ()
    domain: str = ""


def by_account(session: Session, account: str) -> Standing | None:
    """The customer of this account id."""
    raise NotImplementedError


def whose(session: Session, *, account: str = "", desk_id: str = "", requester: str = "") -> Whose:
    """Whose ticket it is: by account, else by the desk's id of the customer, else by the requester's mail domain."""
    raise NotImplementedError


def tier_of_tickets(session: Session, tickets: Iterable[tuple[str, str, datetime]]) -> dict[str, str]:
    """For tickets as (id, the desk's id of the customer, created at): the tier each of them goes by."""
    raise NotImplementedError
