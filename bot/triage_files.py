"""The file in the thread of an evaluation: its picture."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.triage.asking import PICTURE
from automations.triage.evaluations import evaluation, evaluation_ref
from bot.uploading import Drawers, File
from bot.views.triage_picture import evaluation_picture


def _draw(session: Session, args: Mapping[str, Any]) -> File:
    number = int(args["evaluation_id"])
    card, ref = evaluation(session, number), evaluation_ref(number)
    return File(f"{ref.lower()}.png", f"{ref}, picture: {card.source}", evaluation_picture(card))


PICTURES: Final[Drawers] = {PICTURE: _draw}
"""What makes it."""
