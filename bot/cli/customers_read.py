"""What the commands about customers read: a sync with all of its groups, every open conflict."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context import lists
from automations.customer_context.card_types import ConflictLine, GroupLine, SyncCard
from automations.customer_context.context import SYNC, CustomerContext
from automations.customer_context.group_rows import group_ref
from automations.errors import NotFound
from automations.runs.rows import run_ref
from bot.cli.run_shown import plain
from storage.models import Run


def newest(session: Session) -> int:
    """The newest sync that found anything out. Raises: NotFound if there is none."""
    number = session.scalar(select(func.max(Run.id)).where(Run.kind == SYNC, Run.proposed_at.is_not(None)))
    if number is None:
        raise NotFound("There was no sync yet; `handoff customers sync --apply` makes one.")
    return number


def sync_with_groups(session: Session, run_id: int, ctx: CustomerContext) -> tuple[SyncCard, list[GroupLine]]:
    """A sync with the groups of all its pages. Raises: NotFound; Refused for a run that is no sync."""
    card = lists.sync_card(session, run_id, ctx)
    found = list(card.groups)
    for page in range(2, card.pages + 1):
        found += lists.sync_card(session, run_id, ctx, page=page).groups
    return card, found


def open_conflicts(session: Session, ctx: CustomerContext) -> list[ConflictLine]:
    """Every conflict that is not settled, oldest first."""
    card = lists.ledger_card(session, ctx)
    found = list(card.lines)
    for page in range(2, card.pages + 1):
        found += lists.ledger_card(session, ctx, page=page).lines
    return found


def plain_sync(card: SyncCard, found: list[GroupLine]) -> dict[str, Any]:
    """A sync with all of its groups as plain values."""
    listed = [{"ref": group_ref(one.id), **asdict(one)} for one in found]
    made: dict[str, Any] = plain({"ref": run_ref(card.run_id), **asdict(card), "groups": listed})
    return made
