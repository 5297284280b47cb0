"""When a job that was put off is due: by the server's clock, which is one for all processes on a PostgreSQL database.

The engine itself counts by the clock of the process that puts the job off, and looks by that of whichever process looks
just then. With clocks that are minutes apart, every wait would be over at once, and a job that should try for an hour
would have used up its tries in seconds. On SQLite there is one process, and the engine's own way is right.
"""

from typing import Any, Final

from dbos._sys_db import SystemDatabase
from dbos._sys_db_postgres import PostgresSystemDatabase
from sqlalchemy import text
from sqlalchemy.orm import Session

_NOW_MS: Final = "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"
_PUT_OFF: Final = text(
    f"update dbos.workflow_status set delay_until_epoch_ms = {_NOW_MS} + :delay_ms"  # noqa: S608 - a constant
    " where workflow_uuid = :workflow and status = 'DELAYED'"
)
_DUE: Final = text(
    "update dbos.workflow_status set status = 'ENQUEUED'"  # noqa: S608 - a constant
    f" where status = 'DELAYED' and delay_until_epoch_ms <= {_NOW_MS}"
)


def put_off(session: Session, workflow: str, delay_s: float) -> None:
    """Count the delay of a job that was just written, in the same transaction, from the server's present time."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_PUT_OFF, {"workflow": workflow, "delay_ms": round(delay_s * 1000)})


def count_by_the_server() -> None:
    """Let the engine of this process take what is due by the server's clock. To be called before it is launched."""
    setattr(PostgresSystemDatabase, SystemDatabase.transition_delayed_workflows.__name__, _take_what_is_due)


def _take_what_is_due(self: Any) -> None:
    with self.engine.begin() as connection:
        connection.execute(_DUE)
