"""The tickets behind a number."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from automations.errors import NotFound
from automations.weekly_report.period import parse_period
from automations.weekly_report.reading_back import PER_PAGE, tickets_behind
from automations.weekly_report.request import Request
from storage.engine import Database
from storage.models import MirrorTicket
from tests.automations.customers.kept import conflict, customer, source
from tests.automations.weekly_report.made import make
from tests.automations.weekly_report.mirrored import Event, History, write
from tests.automations.weekly_report.terms import ZONE, report_context

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
LIVES = [
    History(f"{n:02}", MONDAY - timedelta(hours=n), (Event(MONDAY + timedelta(hours=n), "said", "agent"),))
    for n in range(1, 46)
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_number_opens_its_tickets(database: Database) -> None:
    with database.begin() as session:
        write(session, LIVES, read_at=NOW)
        report = make(session, Request(parse_period("2026-W46", NOW, ZONE)), report_context())
        opened = tickets_behind(session, report.id, "backlog_end", 1)
        assert (opened.count, opened.page, opened.pages, len(opened.lines)) == (45, 1, 3, PER_PAGE)
        assert (opened.lines[0].title, opened.lines[0].url) == ("#45 Ticket 45", "https://desk.example/45")
        assert (opened.lines[0].status, opened.lines[0].group, opened.lines[0].value) == ("open", "Support", None)
        last = tickets_behind(session, report.id, "first_reply", 99)
        assert (last.page, [line.value for line in last.lines]) == (3, [7200.0 * n for n in (5, 4, 3, 2, 1)])
        assert tickets_behind(session, report.id, "solved", 1).lines == ()

        write(session, [replace(one, events=(Event(NOW, "status", "solved"),)) for one in LIVES[:44]])
        again = tickets_behind(session, report.id, "backlog_end", 1)
        assert [line.status for line in again.lines] == ["open"] * PER_PAGE, "as they were counted"
        assert (again.lines[0].title, again.lines[0].url) == ("#45", "")
        assert again.lines[1].title == "#44 Ticket 44"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_there_is_said(database: Database) -> None:
    with database.begin() as session:
        write(session, [], read_at=NOW)
        report = make(session, Request(parse_period("2026-W46", NOW, ZONE), open_until="closed"), report_context())
        with pytest.raises(NotFound, match=f"REPORT-{report.id} has no number “solved”"):
            tickets_behind(session, report.id, "solved", 1)
        with pytest.raises(NotFound, match="no REPORT-99 that was made"):
            tickets_behind(session, 99, "created", 1)


def test_whose_they_are_is_said_as_it_is_kept_now_and_changes_no_number(database: Database) -> None:
    with database.begin() as session:
        write(session, LIVES[:4], read_at=NOW)
        request = Request(parse_period("2026-W46", NOW, ZONE))
        report = make(session, request, report_context())
        before = tickets_behind(session, report.id, "backlog_end", 1)
        assert [one.customer for one in before.lines] == [""] * 4
        assert (before.customers_by, before.customers_as_of) == ("", None)

        for row in (*customer("a1", "acme.example", "two.example"), *customer("a2", "two.example")):
            session.add(row)
            session.flush()
        session.add_all([source("crm", MONDAY), conflict("a1", "tier")])
        for number, requester in (("01", "x@acme.example"), ("02", "x@two.example"), ("03", "x@mail.example")):
            mine = update(MirrorTicket).where(MirrorTicket.ticket_id == number)
            session.execute(mine.values(requester=requester, customer_id=""))
        shown = tickets_behind(session, report.id, "backlog_end", 1)
        assert {one.title[:3]: one.customer for one in shown.lines} == {
            "#01": "Customer a1: enterprise, active; open conflict on its tier",
            "#02": "two.example belongs to 2 customers: a1, a2",
            "#03": "mail.example belongs to no customer",
            "#04": "",
        }
        assert (shown.customers_by, shown.customers_as_of) == ("crm", MONDAY)
        assert make(session, request, report_context()).hash == report.hash
