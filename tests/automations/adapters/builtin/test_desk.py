"""What the built-in desk does beyond the port: history, lists, pages, its words of refusal, its database failing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from automations.adapters.builtin.access import BuiltinAccess
from automations.adapters.builtin.desk import BuiltinDesk
from automations.domain import CustomerRef, IdempotencyKey, Priority, TicketChange, TicketStatus
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from storage.engine import Database
from storage.models import DeskCustomer, DeskMessage, DeskTicket, DeskUser
from tests.automations.adapters.contract import DRAFT, KEY
from tests.automations.adapters.test_conformance import seeded
from tests.support import START, FakeClock

CHANGED = (
    "status open → solved; priority high → low; assignee anna@team.example → ben@team.example; group Support → Billing"
)


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> BuiltinDesk:
    return seeded(database, clock)


def test_a_page_shows_everything_said_and_changed_in_order(desk: BuiltinDesk, clock: FakeClock) -> None:
    ticket = desk.create(DRAFT, key=KEY).id
    clock.move(timedelta(minutes=1))
    desk.note(ticket, "Ben claimed this case", author="BEN@team.example", key=IdempotencyKey("n1"))
    desk.note(ticket, "Ben claimed this case", author="BEN@team.example", key=IdempotencyKey("n1"))
    change = TicketChange(TicketStatus.SOLVED, Priority.LOW, "ben@team.example", "Billing")
    desk.update(ticket, change, key=IdempotencyKey("v1"))
    desk.update(ticket, change, key=IdempotencyKey("v1"))
    page = desk.ticket_page(ticket)
    assert [(said.kind, said.author, said.body) for said in page.messages] == [
        ("internal", "handoff", DRAFT.body),
        ("internal", "Ben Okoro", "Ben claimed this case"),
        (
            "change",
            "handoff",
            CHANGED,
        ),
    ]
    assert (page.solved_at, page.row.updated_at, page.key) == (clock.now(), clock.now(), KEY)
    assert (page.customer, page.requester, page.tags) == (DRAFT.customer, None, ("handoff",))
    desk.update(ticket, TicketChange(status=TicketStatus.OPEN), key=IdempotencyKey("v2"))
    assert desk.ticket_page(ticket).solved_at is None


def test_the_customer_is_a_reference_and_never_the_requester(desk: BuiltinDesk, database: Database) -> None:
    with database.begin() as session:
        known = {"name": "Acme Group", "external_ref": "acct_42", "domains": [], "tier": "business", "status": "active"}
        session.add(DeskCustomer(**known, fields={}))
    page = desk.ticket_page(desk.create(DRAFT, key=KEY).id)
    assert page.customer == CustomerRef("acct_42", "Acme Group", "business")
    assert page.requester is None


def test_lists_are_filtered_searched_and_paged(desk: BuiltinDesk, clock: FakeClock) -> None:
    for number in range(5):
        clock.move(timedelta(minutes=1))
        assignee = "anna@team.example" if number % 2 else None
        draft = replace(DRAFT, subject=f"100% broken_{number}", assignee=assignee)
        desk.create(draft, key=IdempotencyKey(f"k{number}"))
    desk.update("2", TicketChange(status=TicketStatus.SOLVED, group="Billing"), key=IdempotencyKey("v1"))

    def ids(**filters: object) -> tuple[list[int], int]:
        rows, total = desk.list_tickets(**filters)  # type: ignore[arg-type]  # the filters under test
        return [row.id for row in rows], total

    assert ids() == ([5, 2, 4, 3, 1], 5)
    assert ids(per_page=2, page=2) == ([4, 3], 5)
    assert ids(per_page=2, page=9) == ([], 5)
    assert ids(status=TicketStatus.SOLVED) == ([2], 1)
    assert ids(group="Billing") == ([2], 1)
    assert ids(assignee="ANNA@team.example") == ([2, 4], 2)
    assert ids(words="BROKEN_3 100%") == ([4], 1)
    assert ids(words="100_") == ([], 0)


def test_a_suspended_agent_gets_no_ticket(desk: BuiltinDesk, database: Database) -> None:
    with database.begin() as session:
        session.execute(update(DeskUser).where(DeskUser.email == "anna@team.example").values(state="suspended"))
    with pytest.raises(Rejected, match="Anna Berg is suspended in the built-in desk"):
        desk.create(DRAFT, key=KEY)


def test_refusals_name_what_is_known(desk: BuiltinDesk) -> None:
    with pytest.raises(Rejected, match="no group 'Sales'; known: Billing, Support"):
        desk.create(replace(DRAFT, group="Sales"), key=KEY)
    with pytest.raises(Rejected, match="no group"):
        desk.ensure_agent("Cara Diaz", "cara@team.example", groups=("Sales",))
    assert "cara@team.example" not in [agent.email for agent in desk.agents()]


def test_seeding_twice_is_as_once(desk: BuiltinDesk) -> None:
    before = list(desk.agents()), list(desk.groups())
    desk.ensure_group("Support")
    desk.ensure_agent("Another Name", "ANNA@team.example", groups=("Support", "Billing"))
    assert (list(desk.agents()), list(desk.groups())) == before


def test_eight_threads_with_one_key_make_one_ticket(desk: BuiltinDesk, database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: desk.create(DRAFT, key=KEY).id, range(16)))
    assert len(set(made)) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(DeskTicket)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("broken", "writing", "expected"),
    [(False, True, Unavailable), (True, True, OutcomeUnknown), (True, False, Unavailable)],
)
def test_a_failing_database_is_told_as_the_port_says(
    desk: BuiltinDesk,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    broken: bool,
    writing: bool,
    expected: type[Exception],
) -> None:
    @contextmanager
    def failing() -> Iterator[Session]:
        raise OperationalError("select 1", {}, OSError("gone"), connection_invalidated=broken)
        yield

    monkeypatch.setattr(database, "begin", failing)
    monkeypatch.setattr(database, "read", failing)
    call = partial(desk.create, DRAFT, key=KEY) if writing else partial(desk.get, "1")
    with pytest.raises(expected) as told:
        call()
    assert "select" not in str(told.value)


def test_reading_from_the_oldest_ticket_shows_each_whole_and_then_what_changed_meanwhile(
    desk: BuiltinDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.adapters.builtin.feed.PAGE", 2)
    made = [desk.create(DRAFT, key=IdempotencyKey(f"k{number}")).id for number in range(5)]
    with database.begin() as session:
        session.execute(delete(DeskMessage).where(DeskMessage.ticket_id == int(made[4])))  # as one that was imported
        session.execute(update(DeskTicket).where(DeskTicket.id == int(made[1])).values(deleted_at=START))
    page = desk.changed("")
    assert (page.tickets, [one.id for one in page.shown], page.more) == ((made[0], made[1]), [made[0]], True)
    assert page.shown[0] == desk.get(made[0])
    desk.note(made[0], "meanwhile", author=None, key=IdempotencyKey("n1"))
    pages = [page]
    while pages[-1].more:
        pages.append(desk.changed(pages[-1].cursor))
    assert [one.tickets for one in pages] == [(made[0], made[1]), (made[2], made[3]), (made[4],), (made[0],)]
    assert [one.id for one in pages[2].shown] == [made[4]]
    assert desk.changed(pages[-1].cursor).tickets == ()


@pytest.mark.parametrize("cursor", ["all/x/1", "all/1", "all/1/2/3x", "-1", "x"])
def test_a_place_that_is_none_is_refused(desk: BuiltinDesk, cursor: str) -> None:
    with pytest.raises(Rejected, match="no place"):
        desk.changed(cursor)


def test_a_removed_persons_tickets_stay_theirs_until_somebody_takes_them(desk: BuiltinDesk, database: Database) -> None:
    kept, deleted = desk.create(DRAFT, key=KEY).id, desk.create(DRAFT, key=IdempotencyKey("other")).id
    desk.work.delete(deleted, by="ben@team.example")
    BuiltinAccess(database).remove("anna@team.example")
    assert [one.id for one in desk.assigned("anna@team.example")] == [kept]
    desk.update(kept, TicketChange(assignee="ben@team.example"), key=IdempotencyKey("v1"))
    assert list(desk.assigned("anna@team.example")) == []


def test_nobody_is_invited_again(desk: BuiltinDesk, database: Database) -> None:
    access = BuiltinAccess(database)
    for email, code in (("anna@team.example", "cannot"), ("nobody@team.example", "no_agent")):
        with pytest.raises(Rejected) as refused:
            access.invite_again(email, key=KEY)
        assert refused.value.code == code
