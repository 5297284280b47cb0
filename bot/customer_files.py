"""The file in the thread of a sync: every change, conflict and rejected row of it, as CSV."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from automations.customer_context.full_list import CSV
from automations.customer_context.lists import full_list
from automations.redact import Redactor
from automations.runs.card import run_ref
from bot.uploading import Drawers, File


def full_lists(redactor: Callable[[], Redactor]) -> Drawers:
    """What makes it, with what the settings call secret at that moment."""

    def draw(session: Session, args: Mapping[str, Any]) -> File:
        number = int(args["run_id"])
        ref, text = run_ref(number), io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(full_list(session, number, redactor()))
        return File(
            f"{ref.lower()}-customers.csv", f"{ref}: every change, conflict, rejected row", text.getvalue().encode()
        )

    return {CSV: draw}
