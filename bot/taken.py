"""What the HTTP port says in the log of the failures it took: the request, and each case of it.

The case's name is what all later lines about it bear (`bot.engine.trace`).
"""

from collections.abc import Sequence
from typing import Final

import structlog

from automations.failure_tickets.intake import Receipt

log = structlog.get_logger(__name__)

MOST: Final = 20
"""Cases of one request that are named one by one; a burst of 500 must not become 500 lines."""


def told(receipts: Sequence[Receipt], sources: Sequence[str]) -> None:
    """Log what became of one request's events, after their commit."""
    cases: dict[str, Receipt] = {}
    for receipt in receipts:
        if receipt.case_id is not None:
            cases.setdefault(receipt.case_id, receipt)
    log.info("failures.taken", events=len(receipts), cases=len(cases), sources=list(sources)[:MOST])
    for case, first in list(cases.items())[:MOST]:
        log.info("failure.in_case", about=case, event_id=first.event_id, status=first.status)
