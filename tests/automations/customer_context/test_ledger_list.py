"""The living list of conflicts as people see it: oldest first, page by page, with what decides a whole field."""

from datetime import timedelta

import pytest

from automations.customer_context import ledger, lists
from automations.customer_context.card_types import LedgerCard
from automations.customer_context.ledger_list import PER_PAGE
from automations.customer_context.values import ConflictKind
from automations.errors import NotFound
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, conflict, ignoring, keeping, ledgered, taking
from tests.automations.customer_context.synced import LEA
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


def card(here: Ledgered, page: int = 1) -> LedgerCard:
    with here.database.read() as session:
        return lists.ledger_card(session, here.ctx, page=page)


def test_a_conflict_shows_both_values_and_the_rule_that_would_win(here: Ledgered) -> None:
    here.saw(
        conflict(desk="pro", url="https://desk.example/c/2", name="Acme token=hunter2hunter2"),
        conflict("A-2", field="", source="", desk="", kind=ConflictKind.TWO_ACCOUNTS, winner="", others=("A-2", "A-3")),
        conflict("A-4", desk="password=hunter2hunter2", winner="desk"),
    )
    one, two, three = card(here).lines
    assert (one.account, one.field, one.kind, one.source, one.source_value, one.desk_value, one.winner) == (
        "A-1", "tier", "differs", "crm", "enterprise", "pro", "crm, the source of truth",
    )  # fmt: skip
    assert (one.since, one.state, one.version, one.takeable, one.url) == (
        here.clock.now(), "open", 1, True, "https://desk.example/c/2",
    )  # fmt: skip
    assert (two.winner, two.takeable, two.others) == ("", False, ("A-2", "A-3"))
    assert (three.winner, three.takeable) == ("Listed", True)
    assert "hunter2" not in str(card(here))
    with here.database.read() as session:
        assert lists.conflict_line(session, one.id, here.ctx) == one
        with pytest.raises(NotFound, match="There is no CONFLICT-99"):
            lists.conflict_line(session, 99, here.ctx)


def test_the_oldest_come_first_and_pages_hold_each_once(here: Ledgered) -> None:
    old = [conflict(f"A-{number}", desk="pro") for number in range(5)]
    here.saw(*old)
    here.tomorrow()
    new = [conflict(f"A-{number}", field="name", desk="n") for number in range(8)]
    here.saw(*new, *old)
    pages = [card(here, page) for page in (1, 2, 3)]
    accounts = [(line.field, line.account) for page in pages for line in page.lines]
    assert accounts == [
        *(("tier", f"A-{number}") for number in range(5)), *(("name", f"A-{number}") for number in range(8)),
    ]  # fmt: skip
    assert (pages[0].total, pages[0].pages, len(pages[0].lines)) == (13, 3, PER_PAGE)
    assert (card(here, 7).page, card(here, 0).page) == (3, 1)
    assert [(name, number) for name, number, _ in pages[1].fields] == [("name", 8), ("tier", 5)]


def test_the_digest_of_a_field_is_of_all_that_is_open_about_it(here: Ledgered) -> None:
    here.saw(conflict(), conflict("A-2", field="", kind=ConflictKind.TWO_CUSTOMERS))
    ((field, number, first),) = card(here).fields
    assert (field, number) == ("tier", 1)
    here.saw(conflict(desk="gold"))
    ((_, _, second),) = card(here).fields
    assert second != first
    here.act(lambda session: ledger.ignore_field(session, "tier", second, LEA, here.ctx))
    assert card(here).fields == ()


def test_what_a_run_takes_stays_in_the_list_until_it_is_taken(here: Ledgered) -> None:
    here.know("A-1", desk_id="2", source={"tier": "enterprise"}, tier="pro")
    here.saw(conflict(desk="pro"))
    here.act(taking(here))
    (line,) = card(here).lines
    assert (line.state, line.takeable, line.run_id, card(here).fields) == ("taking", False, here.only().run_id, ())
    here.work()
    assert (card(here).total, card(here).lines) == (0, ())
    (done,) = card(here).settled
    assert (done.state, done.decided_by and done.decided_by.name) == ("taken", "Lea Lind")


def test_what_was_settled_lately_is_told_newest_first(here: Ledgered) -> None:
    for number in range(1, 8):
        here.saw(conflict(f"A-{number}"))
        here.act((keeping if number % 2 else ignoring)(here))
        here.clock.move(timedelta(minutes=1))
    lately = card(here).settled
    assert [line.account for line in lately] == ["A-7", "A-6", "A-5", "A-4", "A-3"]
    assert (lately[0].state, lately[0].reason, lately[1].state) == ("kept", "a pilot", "ignored")
    here.clock.move(timedelta(days=7))
    assert card(here).settled == ()
