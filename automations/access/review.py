"""What an access review is made of: everybody who had access when a reconciliation looked, kept as it was told then.

Findings move on and desks change; these lines do not, so the same run gives the same review for ever.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.access.card_types import FindingKind
from automations.desks import AgentAccess
from automations.identities import IdentityPerson
from automations.redact import Redactor
from storage.models import Finding, ReviewPage, Run
from storage.upsert import insert_into

PER_PAGE: Final = 1_000


class ReviewLine(NamedTuple):
    """One desk user, or somebody who is none and about whom there is a finding.

    `upstream` is active, left, none (nobody upstream is this one) or unclear (several could be). `state` and `role` are
    the desk's words; `absent` where it has no such user. `groups` is None where lists do not tell. `findings` are
    (id, kind, words).
    """

    email: str
    name: str
    upstream: str
    state: str
    role: str
    groups: list[str] | None
    findings: list[list[Any]]


def told(
    people: Iterable[IdentityPerson],
    everybody: Sequence[AgentAccess],
    links: Mapping[str, str],
    redactor: Redactor,
) -> list[ReviewLine]:
    """Every desk user in the order of their addresses, without findings. Long work for many; no row is touched."""
    where = _upstream(people, links)
    ordered = sorted(everybody, key=lambda one: (_address(one), one.agent.id))
    return [_line(one, where.get(_address(one), "none"), redactor) for one in ordered]


def keep(session: Session, run: Run, lines: Iterable[ReviewLine]) -> None:
    """Keep what was told in this run, with the findings that are stored as last seen by it."""
    pages = _with_findings(session, run, lines)
    number = 0
    while page := [list(line) for line in islice(pages, PER_PAGE)]:
        number += 1
        session.execute(insert_into(session, ReviewPage).values(run_id=run.id, number=number, lines=page))


def kept(session: Session, run_id: int) -> Iterator[ReviewLine]:
    """The lines of a run, in order; none for a run that kept none."""
    pages = select(ReviewPage.lines).where(ReviewPage.run_id == run_id).order_by(ReviewPage.number)
    for lines in session.scalars(pages, execution_options={"yield_per": 1}):
        yield from (ReviewLine(*line) for line in lines)


def _with_findings(session: Session, run: Run, lines: Iterable[ReviewLine]) -> Iterator[ReviewLine]:
    """The lines with the findings about each, then those about whom something was found and who are no desk user."""
    seen = select(Finding.id, Finding.kind, Finding.words, Finding.subject, Finding.name)
    found: dict[str, list[list[Any]]] = defaultdict(list)
    names: dict[str, str] = {}
    for row in session.execute(seen.where(Finding.run_id == run.id).order_by(Finding.id)):
        found[row.subject].append([row.id, row.kind, row.words])
        names[row.subject] = row.name
    for line in lines:
        yield line._replace(findings=found.pop(line.email, []))
    for subject in sorted(found):
        missing = any(kind == FindingKind.MISSING for _, kind, _ in found[subject])
        where = "active" if missing else "unclear"
        yield ReviewLine(subject, names[subject], where, "absent", "", None, found[subject])


def _upstream(people: Iterable[IdentityPerson], links: Mapping[str, str]) -> dict[str, str]:
    """What upstream says of each address in the desk."""
    where: dict[str, str] = {}
    for person in people:
        if own := person.email.lower():
            address = links.get(own, own)
            where[address] = "unclear" if address in where else "active" if person.active else "left"
    return where


def _line(access: AgentAccess, where: str, redactor: Redactor) -> ReviewLine:
    agent, text = access.agent, redactor.text
    groups = None if access.groups is None else [text(name) for name in sorted(access.groups)]
    return ReviewLine(text(_address(access)), text(agent.name), where, agent.state, text(agent.role), groups, [])


def _address(access: AgentAccess) -> str:
    return access.agent.email.strip().lower() or access.agent.id
