"""Taking a request's failures piece by piece, and what the log says of it: the request, and each case of it.

The case's name is what all later lines about it bear (`bot.engine.trace`).
"""

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from automations.failure_tickets.accepted import Screened
from automations.failure_tickets.intake import Receipt
from bot.metrics import Metrics
from bot.problems import RETRY_S, Problem

log = structlog.get_logger(__name__)

MOST: Final = 20
"""Cases of one request that are named one by one; a burst of 500 must not become 500 lines."""


def take(
    pieces: Sequence[Sequence[Screened]],
    store: Callable[[Sequence[Screened]], list[Receipt]],
    metrics: Metrics,
    sources: Sequence[str],
) -> list[Receipt]:
    """Store each piece, all or none of it; count and log what was stored. `store` is `Batches.store`.

    Raises: what `store` raises where nothing was stored yet; Problem where some of it was, which says how much.
    """
    receipts: list[Receipt] = []
    try:
        for piece in pieces:
            receipts += store(piece)
    except SQLAlchemyError as exc:
        if not receipts:
            raise
        _told(receipts, metrics, sources)
        taken = f"The first {len(receipts)} of {sum(map(len, pieces))} were taken, the others were not."
        raise Problem(503, "Not now", f"{taken} Send the same body again.", retry_after_s=RETRY_S) from exc
    _told(receipts, metrics, sources)
    return receipts


def _told(receipts: Sequence[Receipt], metrics: Metrics, sources: Sequence[str]) -> None:
    """Count and log what became of one request's events, after their commit."""
    for receipt in receipts:
        metrics.events.labels(status=receipt.status).inc()
    cases: dict[str, Receipt] = {}
    for receipt in receipts:
        if receipt.case_id is not None:
            cases.setdefault(receipt.case_id, receipt)
    log.info("failures.taken", events=len(receipts), cases=len(cases), sources=list(sources)[:MOST])
    for case, first in list(cases.items())[:MOST]:
        log.info("failure.in_case", about=case, event_id=first.event_id, status=first.status)
