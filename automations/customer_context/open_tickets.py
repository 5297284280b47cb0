"""Open tickets of customers, for those who ask what a change would do to them, or who want them to follow it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.customers.domains import domain_of, portions, with_parents
from automations.customers.known import Clarity, Whose, whose_each
from automations.customers.telling import asked_of
from automations.mirror import retiering
from storage.models import CustomerDomain, MirrorTicket


@dataclass(frozen=True, slots=True)
class Sought:
    """A customer whose tickets are looked for; `domains` are those that they would have, where they are new."""

    account: str
    desk_id: str | None
    domains: tuple[str, ...] = ()


def open_of(session: Session, sought: Iterable[Sought], *, system: str | None = None) -> list[tuple[MirrorTicket, str]]:
    """The open tickets of these customers, each with the account, in a few queries for all of them."""
    wanted = {one.account: one for one in sought}
    names = {name for one in wanted.values() for name in (one.account, one.desk_id) if name}
    domains = {*_domains(session, wanted), *(name for one in wanted.values() for name in one.domains)}
    tickets = retiering.open_of(session, names)
    if domains:
        tickets += retiering.open_of_nobody(session, domains)
    mine = [one for one in tickets if system is None or one.system == system]
    asked = {str(one.id): asked_of(one.customer_id, one.requester, one.opened_by) for one in mine}
    whose, theirs = whose_each(session, asked), _Named(wanted.values())
    told = ((one, theirs.account(one, whose[str(one.id)])) for one in mine)
    return [(one, account) for one, account in told if account in wanted]


def retier(session: Session, account: str, desk_id: str | None, tier: str, now: datetime) -> int:
    """Let the open tickets of a customer go by this tier, so that clocks and triage follow. Says how many changed."""
    tickets = [ticket for ticket, _ in open_of(session, (Sought(account, desk_id),))]
    return retiering.retier(session, tickets, tier, now)


class _Named:
    """By what tickets name customers who are not known yet."""

    def __init__(self, sought: Iterable[Sought]) -> None:
        self._by_name: dict[str, str] = {}
        self._by_domain: dict[str, str] = {}
        for one in sought:
            if one.desk_id is None:
                self._by_name.setdefault(one.account, one.account)
            self._by_domain.update(dict.fromkeys(one.domains, one.account))
        for one in sought:
            if one.desk_id:
                self._by_name[one.desk_id] = one.account

    def account(self, ticket: MirrorTicket, whose: Whose) -> str:
        """Whose it is or would be; empty if that is not clear."""
        if whose.standing is not None:
            return whose.standing.account
        if whose.clarity is Clarity.TWO:
            return ""
        if ticket.customer_id:
            return self._by_name.get(ticket.customer_id, "")
        above = with_parents(domain_of(ticket.requester or ""))
        return next((self._by_domain[one] for one in above if one in self._by_domain), "")


def _domains(session: Session, accounts: Mapping[str, Sought]) -> Iterator[str]:
    for some in portions(accounts):
        yield from session.scalars(select(CustomerDomain.domain).where(CustomerDomain.account.in_(some)))
