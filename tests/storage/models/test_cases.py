from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from storage.engine import Database
from storage.models import Base, Case, CaseTicket, FailureEventRow
from tests.support import START

CASE: dict[str, Any] = {
    "case_key": "k",
    "open_key": "k",
    "status": "open",
    "version": 1,
    "correlation_id": "c",
    "source": "s",
    "reason": "retries_exhausted",
    "summary": "",
    "details": "",
    "attempts": [],
    "checks": [],
    "impact": {},
    "count": 1,
    "first_seen": START,
    "last_seen": START,
    "rule": "r",
    "queue": "q",
    "channel": "C1",
    "priority": "high",
    "priority_why": [],
    "owner": "anna@example.com",
    "owner_why": "",
    "opened_at": START,
    "last_actor": "handoff",
    "last_act": "opened",
    "last_at": START,
}
EVENT: dict[str, Any] = {
    "source": "s",
    "event_id": "evt_1",
    "case_key": "k",
    "status": "failed",
    "reason": "warning",
    "outcome": "recorded",
    "occurred_at": START,
    "received_at": START,
    "body": {},
}
TICKET: dict[str, Any] = {
    "case_id": 1,
    "key": "handoff-1",
    "system": "builtin",
    "state": "created",
    "ticket_id": "1",
    "wanted_version": 1,
    "verified_version": 0,
    "seen": {},
}
CLOSED = {"open_key": None, "status": "resolved"}


@pytest.mark.parametrize(
    ("table", "first", "second"),
    [
        pytest.param(Case, CASE, CASE, id="one open case per key"),
        pytest.param(Case, CASE, {**CASE, "open_key": None}, id="an open case has its key"),
        pytest.param(Case, CASE, {**CASE, "open_key": "other"}, id="the open key is the case's"),
        pytest.param(Case, CASE, {**CASE, **CLOSED, "open_key": "k2", "case_key": "k2"}, id="a closed case has none"),
        pytest.param(Case, CASE, {**CASE, **CLOSED, "status": "lost"}, id="a case has a known status"),
        pytest.param(Case, CASE, {**CASE, **CLOSED, "claimed_by": "anna"}, id="only a claimed case is claimed"),
        pytest.param(Case, CASE, {**CASE, **CLOSED, "count": 0}, id="a case counts"),
        pytest.param(Case, CASE, {**CASE, **CLOSED, "previous_id": 404}, id="the case before exists"),
        pytest.param(CaseTicket, TICKET, {**TICKET, "key": "handoff-2", "ticket_id": "2"}, id="one ticket per case"),
        pytest.param(CaseTicket, TICKET, {**TICKET, "case_id": 2}, id="one case per ticket key"),
        pytest.param(CaseTicket, TICKET, {**TICKET, "case_id": 2, "key": "handoff-2"}, id="one case per ticket"),
        pytest.param(
            CaseTicket, TICKET, {**TICKET, "case_id": 2, "key": "x", "ticket_id": None}, id="what is made has an id"
        ),
        pytest.param(FailureEventRow, EVENT, EVENT, id="one row per event id"),
        pytest.param(FailureEventRow, EVENT, {**EVENT, "event_id": "2", "outcome": "lost"}, id="a known outcome"),
        pytest.param(FailureEventRow, EVENT, {**EVENT, "event_id": "2", "case_id": 404}, id="an event's case exists"),
    ],
)
def test_the_database_keeps_the_promise(
    database: Database, table: type[Base], first: dict[str, Any], second: dict[str, Any]
) -> None:
    with database.begin() as session:
        if table is CaseTicket:
            session.execute(insert(Case).values(CASE))
            session.execute(insert(Case).values({**CASE, **CLOSED}))
        session.execute(insert(table).values(first))
    with pytest.raises(IntegrityError), database.begin() as session:
        session.execute(insert(table).values(second))


def test_a_key_may_open_again_after_closing_and_an_event_id_in_another_source(database: Database) -> None:
    with database.begin() as session:
        for closed in (CLOSED, CLOSED, {}):
            session.execute(insert(Case).values({**CASE, **closed}))
        for source in ("s", "t"):
            session.execute(insert(FailureEventRow).values({**EVENT, "source": source}))
