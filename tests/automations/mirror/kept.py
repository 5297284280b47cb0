"""What the mirror keeps, as tests compare it: by the desk's ids, without the numbers of rows."""

from typing import Any

from sqlalchemy import select

from storage.engine import Database
from storage.models import MirrorMessage, MirrorSpan, MirrorTag, MirrorTicket


def kept(database: Database) -> dict[str, dict[str, Any]]:
    """Every ticket with its row, its stretches, its messages and its tags."""
    found: dict[str, dict[str, Any]] = {}
    with database.read() as session:
        for row in session.scalars(select(MirrorTicket).order_by(MirrorTicket.id)).all():
            columns = {column.name: getattr(row, column.name) for column in MirrorTicket.__table__.columns}
            spans = session.scalars(select(MirrorSpan).where(MirrorSpan.ticket == row.id).order_by(MirrorSpan.n))
            said = session.scalars(
                select(MirrorMessage).where(MirrorMessage.ticket == row.id).order_by(MirrorMessage.n)
            )
            tags = session.scalars(select(MirrorTag.tag).where(MirrorTag.ticket == row.id).order_by(MirrorTag.tag))
            found[row.ticket_id] = columns | {
                "spans": [(one.status, one.from_at, one.until_at, one.merged) for one in spans],
                "said": [(one.side, one.at, one.asked_at, one.first, one.waited_s) for one in said],
                "tags_by_row": list(tags),
            }
    return found
