"""The file in the thread of a sync: every change, conflict and rejected row of it, as CSV."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.customer_context import lists
from automations.customer_context.full_list import CSV
from automations.runs.card import run_ref
from bot.uploading import Drawers, File


def _draw(session: Session, args: Mapping[str, Any]) -> File:
    number = int(args["run_id"])
    ref = run_ref(number)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lists.full_list(session, number))
    return File(
        f"{ref.lower()}-customers.csv", f"{ref}: every change, conflict and rejected row", text.getvalue().encode()
    )


FULL_LISTS: Final[Drawers] = {CSV: _draw}
"""What makes it."""
