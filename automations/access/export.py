"""The access review as CSV: who had access when a reconciliation looked, what was found, who decided what, and proof.

One row for each finding about somebody, one for everybody else. A decision belongs to the review of the newest
reconciliation before it, so a review is complete once the next reconciliation has begun, and the same from then on;
until then the same decisions give the same bytes.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.access.finding_rows import finding_ref
from automations.access.review import ReviewLine, kept
from automations.errors import NotFound, Refused
from automations.runs.journal import RECONCILE
from automations.runs.rows import found, run_ref
from automations.spreadsheet import cell
from storage.chain import stamp
from storage.models import AuditEntry, Run

COLUMNS: Final = (
    *("run", "queried_at", "source", "source_people", "source_active", "desk", "desk_people"),
    *("email", "name", "upstream", "desk_state", "desk_role", "desk_groups"),
    *("finding_ref", "finding", "what"),
    *("decision", "decided_by", "decided_at", "reason", "until", "owner", "mended_by", "audit_hash"),
)
_DECISIONS: Final = ("finding.confirmed", "finding.kept", "finding.passed")
_AT_ONCE: Final = 500

T = TypeVar("T")


def access_review(session: Session, run_id: int) -> Iterator[str]:
    """The review of one reconciliation, line by line (RFC 4180: CRLF, quotes doubled), the first with the names.

    Call it in `Database.read()`. Raises: NotFound; Refused for a run that is no reconciliation, or found nobody.
    """
    run = found(session, run_id)
    if run.kind != RECONCILE:
        raise Refused(f"{run_ref(run_id)} is no reconciliation, so it has no access review. `handoff runs list` tells.")
    since, before = _proposed(session, run), _next(session, run)
    if since is None:
        raise Refused(f"{run_ref(run_id)} has read nothing yet or could not, so it has no access review.")
    return _lines(session, run, since, before)


def newest(session: Session) -> int:
    """The newest reconciliation that has a review. Raises: NotFound if there is none."""
    read = select(func.max(Run.id)).where(Run.kind == RECONCILE, Run.proposed_at.is_not(None))
    number = session.scalar(read)
    if number is None:
        raise NotFound("There was no reconciliation yet; `handoff access reconcile` makes one.")
    return number


def row(cells: Iterable[str]) -> str:
    """One line of CSV with its end."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([cell(one) for one in cells])
    return text.getvalue()


def _lines(session: Session, run: Run, since: int, before: int | None) -> Iterator[str]:
    yield row(COLUMNS)
    plan, at = run.plan, stamp(run.proposed_at) if run.proposed_at else ""
    told = (str(plan[name]) for name in ("source", "people", "population", "desk", "agents"))
    first = (run_ref(run.id), at, *told)
    for lines in _batches(kept(session, run.id)):
        decisions = _decisions(session, lines, since, before)
        for line in lines:
            for cells in _about(line, decisions):
                yield row((*first, *cells))


def _about(line: ReviewLine, decisions: Mapping[str, AuditEntry]) -> Iterator[tuple[str, ...]]:
    groups = "not told" if line.groups is None else "; ".join(line.groups)
    person = (line.email, line.name, line.upstream, line.state, line.role, groups)
    if not line.findings:
        yield (*person, *[""] * 11)
    for number, kind, words in line.findings:
        ref = finding_ref(number)
        yield (*person, ref, kind, words, *_decided(decisions.get(ref)))


def _decided(entry: AuditEntry | None) -> tuple[str, ...]:
    if entry is None:
        return ("open", *[""] * 7)
    said: Mapping[str, Any] = entry.after or {}
    by_name = (str(said.get(name, "")) for name in ("reason", "until", "owner", "mended_by"))
    return (entry.outcome, entry.actor, stamp(entry.at), *by_name, entry.hash)


def _decisions(session: Session, lines: Iterable[ReviewLine], since: int, before: int | None) -> dict[str, AuditEntry]:
    """The last decision about each finding between two places of the audit log."""
    refs = [finding_ref(number) for line in lines for number, _, _ in line.findings]
    decided: dict[str, AuditEntry] = {}
    for some in _batches(refs):
        entries = select(AuditEntry).where(
            AuditEntry.target.in_(some), AuditEntry.action.in_(_DECISIONS), AuditEntry.seq > since
        )
        if before is not None:
            entries = entries.where(AuditEntry.seq < before)
        decided |= {entry.target: entry for entry in session.scalars(entries.order_by(AuditEntry.seq))}
    return decided


def _proposed(session: Session, run: Run) -> int | None:
    """The place in the audit log at which the run was shown."""
    shown = AuditEntry.target == run_ref(run.id), AuditEntry.action == "plan.proposed"
    return session.scalar(select(func.min(AuditEntry.seq)).where(*shown))


def _next(session: Session, run: Run) -> int | None:
    """The place at which the next reconciliation was shown, None if there was none yet."""
    later = select(Run).where(Run.kind == RECONCILE, Run.id > run.id, Run.proposed_at.is_not(None))
    following = session.scalars(later.order_by(Run.id).limit(1)).one_or_none()
    return None if following is None else _proposed(session, following)


def _batches(several: Iterable[T]) -> Iterator[Sequence[T]]:
    rest = iter(several)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
