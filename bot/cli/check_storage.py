"""What `handoff doctor` finds in the database: tables, stuck work, how the rules did."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.failure_tickets import feedback
from automations.failure_tickets.alert import Alert
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.rules import DEFAULT_RULE_NAME, RuleBook
from bot.cli.database import engine_differences
from bot.cli.finding import Finding, ok, problem, warning
from storage import migrate, stuck
from storage.engine import Database
from storage.models import FailureEventRow

LOOK_BACK = timedelta(days=30)
SWALLOWS = 0.8
ENOUGH = 20
"""Events from which on a share says something."""
BATCH = 1_000


def check_tables(database: Database) -> Iterator[Finding]:
    """The tables are those this program needs, the engine's too."""
    differences = [*migrate.check(database), *engine_differences(database)]
    for difference in differences:
        yield problem("database", difference, "Run `handoff db upgrade`.")
    if not differences:
        yield ok("database", f"{database.shown} is at version {migrate.head()}.")


def check_stuck(database: Database) -> Finding:
    """Work that waits for a person."""
    with database.read() as session:
        count = stuck.count_open(session)
    if count:
        return warning("stuck", f"{count} in the failure queue.", "Look with `handoff stuck list`.")
    return ok("stuck", "The failure queue is empty.")


def check_rules(database: Database, book: RuleBook, now: datetime) -> Iterator[Finding]:
    """Rules that match nothing, and one that matches nearly everything, over the last 30 days."""
    with database.read() as session:
        counted = _matched(session, book, now - LOOK_BACK)
    total = counted.total()
    if not total:
        yield ok("rules", "No failures in the last 30 days, so nothing can be said about the rules.")
        return
    idle = [rule.name for rule in book.rules if not counted[rule.name]]
    if idle:
        words = f"No effect on {total} failures of the last 30 days: {', '.join(idle)}."
        yield warning("rules", words, "Check their patterns, and whether a rule before them takes everything.")
    name, most = counted.most_common(1)[0]
    if total >= ENOUGH and most > SWALLOWS * total and (book.rules or name != DEFAULT_RULE_NAME):
        yield warning("rules", f"{name} takes {most} of {total} failures.", "A finer rule before it may be missing.")
    elif not idle:
        yield ok("rules", f"Each of {len(book.rules)} rules had an effect on {total} failures of the last 30 days.")


def check_feedback(database: Database, now: datetime) -> Iterator[Finding]:
    """Which rules opened cases that people found not needed, over the last 30 days."""
    with database.read() as session:
        told = feedback.not_needed_per_rule(session, now - LOOK_BACK)
    for rule, unwanted, cases in told:
        words = f"{rule}: {unwanted} of {cases} cases of the last 30 days were marked as not needed."
        yield warning("feedback", words, "`handoff cases list --status not_needed` shows them; a finer rule may help.")
    if not told:
        yield ok("feedback", "No case of the last 30 days was marked as not needed.")


def _matched(session: Session, book: RuleBook, since: datetime) -> Counter[str]:
    """How many failures each rule would get today."""
    counted: Counter[str] = Counter()
    bodies = select(FailureEventRow.body).where(
        FailureEventRow.received_at >= since, FailureEventRow.status == "failed"
    )
    for body in session.scalars(bodies, execution_options={"yield_per": BATCH}):
        try:
            counted[book.match(Alert.model_validate(body)).name] += 1
        except ValidationError:  # redaction may leave a text that a sender may not send
            bare = {key: body[key] for key in ("id", "source", "occurred_at", "status", "reason") if key in body}
            counted[book.match(FailureEvent.model_validate(bare | {"summary": "redacted"})).name] += 1
    return counted
