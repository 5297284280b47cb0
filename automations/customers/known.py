"""Who a customer is: by account, by the desk's id, by a mail domain. Reads rows alone, so that anybody may ask."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from automations.customers.domains import claimants, domain_of, portions
from storage.models import CustomerConflict, CustomerSource, KnownCustomer

_UNSETTLED: Final = ("open", "taking")
_COLUMNS: Final = (
    KnownCustomer.account,
    KnownCustomer.name,
    KnownCustomer.tier,
    KnownCustomer.status,
    KnownCustomer.desk_id,
    KnownCustomer.gone_since,
    KnownCustomer.tier_before,
    KnownCustomer.tier_since,
    KnownCustomer.base,
)
_TIER: Final = "tier"
"""The field's name."""


class Clarity(StrEnum):
    """Whether it is clear whose ticket it is.

    `off`: there is nothing to say, since no customers are kept at all, or the ticket tells neither one that is known
    nor an address. `none`: the requester's domain belongs to no customer. `two`: it belongs to several, or several are
    linked to the desk's one.
    """

    ONE = "one"
    NONE = "none"
    TWO = "two"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer as Handoff knows them now. `as_of` is how old the oldest of its sources' data is, `source` which.

    `open_conflicts` are the fields that source and desk disagree on, empty text for the question which customer it is.
    `tier_before` is what `tier` was until `tier_since`, if that was ever another one. `knows_tier` is False where the
    tier is none of the fields that are kept, or nobody has approved one yet: then the desk's word counts, or the
    failure's.
    """

    account: str
    name: str
    tier: str
    status: str
    desk_id: str | None
    as_of: datetime | None
    gone_since: datetime | None = None
    open_conflicts: tuple[str, ...] = ()
    source: str = ""
    tier_before: str = ""
    tier_since: datetime | None = None
    knows_tier: bool = True

    def tier_of(self, created_at: datetime, before: str | None = None) -> str:
        """The tier that a ticket made then goes by; `before` is the one it went by so far, None for a new one.

        A ticket older than the customer's tier keeps what it had, unless somebody decided otherwise for it.
        """
        if self.tier_since is None or created_at >= self.tier_since:
            return self.tier
        return self.tier_before if before is None else before


@dataclass(frozen=True, slots=True)
class Asked:
    """What a ticket or case tells of whose it is. `requester` may be an address, a name or nothing.

    `desk_id` may be an account too, where the desk knows no customer of that account. An account that is linked has an
    id of its own in the desk, so an id that looks like it is somebody else's.
    """

    account: str = ""
    desk_id: str = ""
    requester: str = ""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose ticket it is. `standing` is set exactly where it is clear; `several` are the accounts in question."""

    clarity: Clarity
    standing: Standing | None = None
    several: tuple[str, ...] = ()
    domain: str = ""


NOTHING_TO_SAY: Final = Whose(Clarity.OFF)


def by_account(session: Session, account: str) -> Standing | None:
    """The customer of this account id."""
    return by_accounts(session, (account,)).get(account)


def by_accounts(session: Session, accounts: Iterable[str]) -> dict[str, Standing]:
    """The customers of these account ids, those that are known."""
    rows = _Rows(session)
    rows.read(set(accounts))
    return _standings(session, rows.by_account)


def whose(session: Session, *, account: str = "", desk_id: str = "", requester: str = "") -> Whose:
    """Whose ticket it is: by account, else by the desk's id of the customer, else by the requester's mail domain."""
    return whose_each(session, {"": Asked(account, desk_id, requester)})[""]


def whose_each(session: Session, asked: Mapping[str, Asked]) -> dict[str, Whose]:
    """The same for many tickets, by the names given, in a few queries for all of them."""
    if not asked or not kept(session):
        return dict.fromkeys(asked, NOTHING_TO_SAY)
    rows = _Rows(session)
    rows.read({name for one in asked.values() for name in (one.account, one.desk_id) if name})
    named = {key: rows.named(one) for key, one in asked.items()}
    domains = {key: domain_of(asked[key].requester) for key, accounts in named.items() if not accounts}
    claimed = claimants(session, {domain for domain in domains.values() if domain})
    for key, domain in domains.items():
        named[key] = claimed.get(domain, ())
    rows.read({accounts[0] for accounts in named.values() if len(accounts) == 1} - rows.by_account.keys())
    found = {accounts[0] for accounts in named.values() if len(accounts) == 1}
    standings = _standings(session, {account: rows.by_account[account] for account in found})
    return {key: _whose(accounts, domains.get(key, ""), standings) for key, accounts in named.items()}


def tier_of_tickets(session: Session, tickets: Iterable[tuple[str, str, datetime]]) -> dict[str, str]:
    """For tickets as (id, the desk's id of the customer, created at): the tier each of them goes by.

    A ticket of nobody who is known is left out.
    """
    listed = list(tickets)
    found = whose_each(session, {name: Asked(desk_id=customer) for name, customer, _ in listed})
    clear = ((name, found[name].standing, at) for name, _, at in listed)
    return {name: standing.tier_of(at) for name, standing, at in clear if standing is not None}


def kept(session: Session) -> bool:
    """Whether any customers are kept here at all."""
    return session.scalar(select(KnownCustomer.account).limit(1)) is not None


@dataclass(slots=True)
class _Rows:
    """Rows of customers that were asked for, and which of them are linked to each of the desk's."""

    session: Session
    by_account: dict[str, Any] = field(default_factory=dict)
    by_desk_id: dict[str, list[str]] = field(default_factory=dict)

    def read(self, names: set[str]) -> None:
        """Read the customers with these accounts or ids of the desk."""
        for some in portions(names):
            mine = or_(KnownCustomer.account.in_(some), KnownCustomer.desk_id.in_(some))
            for row in self.session.execute(select(*_COLUMNS).where(mine).order_by(KnownCustomer.account)):
                if row.desk_id is not None and row.account not in self.by_account:
                    self.by_desk_id.setdefault(row.desk_id, []).append(row.account)
                self.by_account[row.account] = row

    def named(self, asked: Asked) -> tuple[str, ...]:
        """The accounts that a ticket's customer has, by its account or its id; none if nobody is known by either."""
        if asked.account in self.by_account:
            return (asked.account,)
        if linked := self.by_desk_id.get(asked.desk_id):
            return tuple(linked)
        unlinked = asked.desk_id in self.by_account and self.by_account[asked.desk_id].desk_id is None
        return (asked.desk_id,) if unlinked else ()


def _whose(accounts: tuple[str, ...], domain: str, standings: Mapping[str, Standing]) -> Whose:
    if len(accounts) == 1:
        return Whose(Clarity.ONE, standings[accounts[0]], domain=domain)
    if accounts:
        return Whose(Clarity.TWO, several=accounts, domain=domain)
    return Whose(Clarity.NONE, domain=domain) if domain else NOTHING_TO_SAY


def _standings(session: Session, rows: Mapping[str, Any]) -> dict[str, Standing]:
    if not rows:
        return {}
    oldest = select(CustomerSource.name, CustomerSource.as_of).order_by(CustomerSource.as_of, CustomerSource.name)
    source = session.execute(oldest.limit(1)).one_or_none()
    conflicts = dict(_conflicts(session, rows))
    return {
        account: Standing(
            account=account,
            name=row.name,
            tier=row.tier,
            status=row.status,
            desk_id=row.desk_id,
            as_of=source.as_of if source is not None else None,
            gone_since=row.gone_since,
            open_conflicts=tuple(conflicts.get(account, ())),
            source=source.name if source is not None else "",
            tier_before=row.tier_before,
            tier_since=row.tier_since,
            knows_tier=bool(row.tier) or _TIER in row.base,
        )
        for account, row in rows.items()
    }


def _conflicts(session: Session, accounts: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The fields of each customer on which nobody has decided yet."""
    found: dict[str, list[str]] = {}
    columns = CustomerConflict.account, CustomerConflict.field
    for some in portions(accounts):
        mine = CustomerConflict.account.in_(some), CustomerConflict.state.in_(_UNSETTLED)
        for account, name in session.execute(select(*columns).where(*mine).distinct().order_by(*columns)):
            found.setdefault(account, []).append(name)
    yield from found.items()
