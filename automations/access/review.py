"""What an access review is made of: everybody who had access when a reconciliation looked, kept as it was told then.

Findings move on and desks change; these lines do not, so the same run gives the same review for ever.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.desks import AgentAccess
from automations.identities import IdentityPerson
from automations.redact import Redactor
from storage.models import Finding, ReviewPage, Run
from storage.upsert import insert_into

PER_PAGE: Final = 1_000


class ReviewLine(NamedTuple):
    """One desk user, or somebody who is none and about whom there is a finding.

    `upstream` is active, left, none (nobody upstream is this one) or unclear (several are). `state` and `role` are the
    desk's words, `absent` where it has no such user. `groups` is None where lists do not tell. `findings` are
    (id, kind, words).
    """

    email: str
    name: str
    upstream: str
    state: str
    role: str
    groups: list[str] | None
    findings: list[list[Any]]


def keep(
    session: Session,
    run: Run,
    people: Iterable[IdentityPerson],
    everybody: Sequence[AgentAccess],
    links: Mapping[str, str],
    redactor: Redactor,
) -> None:
    """Keep what was told in this run, with the findings that are stored as last seen by it."""
    seen = select(Finding.id, Finding.kind, Finding.words, Finding.subject, Finding.name)
    found: dict[str, list[list[Any]]] = defaultdict(list)
    names: dict[str, str] = {}
    for row in session.execute(seen.where(Finding.run_id == run.id).order_by(Finding.id)):
        found[row.subject].append([row.id, row.kind, row.words])
        names[row.subject] = row.name
    lines = _lines(people, everybody, links, found, names)
    number = 0
    while page := [redactor.tree(list(line)) for line in islice(lines, PER_PAGE)]:
        number += 1
        session.execute(insert_into(session, ReviewPage).values(run_id=run.id, number=number, lines=page))


def kept(session: Session, run_id: int) -> Iterator[ReviewLine]:
    """The lines of a run, in order; none for a run that kept none."""
    pages = select(ReviewPage.lines).where(ReviewPage.run_id == run_id).order_by(ReviewPage.number)
    for lines in session.scalars(pages, execution_options={"yield_per": 1}):
        yield from (ReviewLine(*line) for line in lines)


def _lines(
    people: Iterable[IdentityPerson],
    everybody: Sequence[AgentAccess],
    links: Mapping[str, str],
    found: Mapping[str, list[list[Any]]],
    names: Mapping[str, str],
) -> Iterator[ReviewLine]:
    """Desk users in the order of their addresses, then everybody else about whom something was found."""
    upstream: dict[str, str] = {}
    for person in people:
        own = person.email.lower()
        if own:
            address = links.get(own, own)
            upstream[address] = "unclear" if address in upstream else "active" if person.active else "left"
    told: set[str] = set()
    for access in sorted(everybody, key=lambda one: (one.agent.email.strip().lower(), one.agent.id)):
        agent = access.agent
        address = agent.email.strip().lower() or agent.id
        about = found.get(address, []) if address not in told else []
        told.add(address)
        groups = None if access.groups is None else sorted(access.groups)
        where = upstream.get(address, "none")
        yield ReviewLine(address, agent.name, where, agent.state, agent.role, groups, about)
    for subject in sorted(found.keys() - told):
        yield ReviewLine(subject, names[subject], upstream.get(subject, "none"), "absent", "", None, found[subject])
