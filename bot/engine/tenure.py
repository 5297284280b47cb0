"""Whose a job is: the token under which the engine gave it to this process, checked in every transaction of the job.

The engine writes a fresh token (`owner_xid`) each time it hands a job out, and takes results only under the present
one. It cannot do that for our own rows: a process that was frozen in mid-job would write steps, messages and audit
rows on top of what the next one did. So each transaction of a job begins by reading that token, with a lock that holds
a hand-over back until the commit. On SQLite there is one process, and nobody to hand over to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from dbos._context import get_local_dbos_context  # the token has no public name; test_tenure would miss it
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.fence import fenced

log = structlog.get_logger(__name__)

# FOR SHARE: a transaction inside another one of the same job must not wait for it.
_OWNER: Final = text("select owner_xid from dbos.workflow_status where workflow_uuid = :workflow for share")


class Lost(BaseException):
    """The job was given to another process. Not an Exception: nobody may take it for a failure of the job."""


@contextmanager
def held(database: Database, workflow: str) -> Iterator[None]:
    """Refuse what this thread writes from the moment at which the engine has given job `workflow` to somebody else.

    Raises: Lost out of `Database.begin`, and with it out of the job.
    """
    context = get_local_dbos_context()
    token = context.owner_xid if context is not None else None
    if database.dialect == "sqlite" or token is None:
        yield
        return

    def check(session: Session) -> None:
        if session.scalar(_OWNER, {"workflow": workflow}) != token:
            log.warning("job.lost", job=workflow, words="another process has taken it over; nothing was written")
            raise Lost(workflow)

    with fenced(check):
        yield


_FAILED: Final = text(
    "select 1 from dbos.workflow_status where workflow_uuid = :workflow"
    " and status in ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') for share"
)


@contextmanager
def still_failed(database: Database, workflow: str) -> Iterator[None]:
    """As `held`, for whoever brings a failed run into the failure queue: refuse it once another process has done so.

    Late, the item could be back after a person had settled it. Raises: Lost.
    """
    if database.dialect == "sqlite":
        yield
        return

    def check(session: Session) -> None:
        if session.scalar(_FAILED, {"workflow": workflow}) is None:
            raise Lost(workflow)

    with fenced(check):
        yield
