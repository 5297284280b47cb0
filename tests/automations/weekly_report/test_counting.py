"""A whole report: what was counted, beside it the period before, our own cases and signals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from automations.weekly_report.counting import count_report
from automations.weekly_report.period import parse_period
from automations.weekly_report.request import Filters, Request
from automations.weekly_report.result import CaseQueue, Signal
from storage.engine import Database
from storage.models import Case, CaseTicket
from tests.automations.weekly_report.mirrored import Event, History, write
from tests.automations.weekly_report.terms import ZONE, report_context

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
WEEK = Request(parse_period("2026-W46", NOW, ZONE))


def at(days: float) -> datetime:
    return MONDAY + timedelta(days=days)


def case(session: Session, number: int, opened: datetime, closed: datetime | None, **more: Any) -> None:
    """A case with all that a row needs."""
    status = more.pop("status", "resolved" if closed else "open")
    values: dict[str, Any] = {
        "id": number, "case_key": f"k{number}", "open_key": None if closed else f"k{number}", "status": status,
        "version": 1, "correlation_id": "c", "source": "billing", "reason": "timeout", "summary": "", "details": "",
        "attempts": [], "checks": [], "impact": {}, "count": 1, "first_seen": opened, "last_seen": opened,
        "rule": "r", "queue": "Support", "channel": "C1", "priority": "high", "priority_why": [],
        "owner": "ann@team.example", "owner_why": "", "opened_at": opened, "closed_at": closed,
        "last_actor": "handoff", "last_act": "", "last_at": opened, "customer_tier": None, **more,
    }  # fmt: skip
    session.execute(insert(Case).values(**values))


def cases(session: Session) -> None:
    case(session, 1, at(-20), at(-10), job_name="nightly")
    case(session, 2, at(-5), at(1), job_name="nightly")
    case(session, 3, at(1), None, job_name="nightly", customer_tier="Gold")
    case(session, 4, at(2), at(3), job_name="nightly")
    case(session, 5, at(3), at(4), status="not_needed", queue="Billing", source="web", reason="refused")
    session.execute(
        insert(CaseTicket).values(
            case_id=4, key="k", system="desk", state="wanted", ticket_id=None, url="https://desk.example/c4",
            wanted_version=1, verified_version=0, seen={},
        )
    )  # fmt: skip


def test_our_own_cases_and_signals_stand_beside_the_tickets(database: Database) -> None:
    lives = [
        History("1", at(-6), tags=("printer",)),
        History("2", at(0), tags=("printer", "vip")),
        History("3", at(1), tags=("printer",), deleted_at=at(2)),
        History("4", at(2), tags=("vip",), tier="gold"),
    ]
    with database.begin() as session:
        write(session, lives, read_at=NOW)
        cases(session)
    with database.read() as session:
        whole = count_report(session, WEEK, report_context()).result
        gold = count_report(session, replace(WEEK, filters=Filters((("tier", ("gold",)),))), report_context()).result
        linked = count_report(session, WEEK, report_context(), case_link=lambda number: f"slack://{number}").result
    assert whole.own_cases == (
        CaseQueue(queue="Billing", opened=1, resolved=0, open_at_end=0),
        CaseQueue(queue="Support", opened=2, resolved=2, open_at_end=1),
    )
    assert whole.signals == (
        Signal(kind="tag", name="vip", n=2, before=0, link="https://desk.example/4"),
        Signal(kind="tag", name="printer", n=1, before=1, link="https://desk.example/2"),
        Signal(kind="failure", name="billing: timeout (nightly)", n=2, before=1, link="https://desk.example/c4"),
        Signal(kind="failure", name="web: refused", n=1, before=0, link=""),
    )
    assert [one.link for one in linked.signals if one.kind == "failure"] == ["slack://4", "slack://5"]
    assert linked.hash == whole.hash, "where a signal leads is no number"
    assert gold.own_cases == (CaseQueue(queue="Support", opened=1, resolved=0, open_at_end=1),)
    assert [(one.name, one.n) for one in gold.signals] == [("vip", 1), ("billing: timeout (nightly)", 1)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_working_hours_and_people_are_told_where_they_are_wanted(database: Database) -> None:
    """Asked on Friday at 16:30 Berlin time, answered on Monday at 9:15: three quarters of an hour of work."""
    friday = datetime(2026, 11, 6, 15, 30, tzinfo=UTC)
    answered = datetime(2026, 11, 9, 8, 15, tzinfo=UTC)
    events = Event(friday, "assignee", "ann@team.example"), Event(answered, "said", "agent")
    with database.begin() as session:
        write(session, [History("1", friday, events)], read_at=NOW)
        counted = count_report(session, WEEK, report_context(per_person=True))
        without = count_report(session, WEEK, replace(report_context(), hours=None))
    assert counted.result.first_reply.business is not None
    assert counted.result.first_reply.business.median == 45 * 60
    assert counted.result.breakdowns[-1].rows[0].name == "ann@team.example"
    assert without.result.first_reply.business is None
    assert [one.by for one in without.result.breakdowns] == ["group", "priority", "tier"]
    assert {member.judged.assignee for member in without.members["backlog_end"]} == {""}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_rows_give_the_same_report(database: Database) -> None:
    """Also from a mirror made anew, whose rows have other numbers and another order."""
    lives = [History(f"{n}", at(n / 7), (Event(at(n / 7 + 1), "status", "solved"),)) for n in range(30)]
    seen = []
    for order in (lives, lives, lives[::-1]):
        with database.begin() as session:
            write(session, order, read_at=NOW)
            counted = count_report(session, WEEK, report_context(compare_most=5))
            seen.append((counted.result, counted.result.hash, counted.members, counted.ask))
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_week_that_has_not_ended_is_told_up_to_when_it_is_known(database: Database) -> None:
    thursday = datetime(2026, 11, 12, 12, tzinfo=UTC)
    with database.begin() as session:
        write(session, [History("1", at(0)), History("2", thursday - timedelta(hours=2))], read_at=thursday)
        result = count_report(session, WEEK, report_context()).result
    assert [day.date for day in result.days if day.current] == [f"2026-11-{day:02}" for day in range(9, 13)]
    assert [(share.name, share.n) for share in result.by_age if share.n] == [("under 1 day", 1), ("3 to 7 days", 1)]
    assert result.before is None
    assert len([day for day in result.days if not day.current]) == 7
