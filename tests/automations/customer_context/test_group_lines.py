"""A group of changes as a line: what it does in a few words, and how far it is."""

import pytest

from automations.customer_context import groups, lists
from automations.customer_context.card_types import GroupLine
from automations.customer_context.group_lines import group_words
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, ledgered
from tests.automations.customer_context.synced import LEA
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    here = ledgered(database, clock, jobs)
    here.sync()
    return here


def shown(here: Ledgered, number: int) -> tuple[GroupLine, ...]:
    with here.database.read() as session:
        return lists.sync_card(session, number, here.ctx).groups


def test_a_group_that_was_decided_says_by_whom_and_how_far_it_is(here: Ledgered) -> None:
    here.source.change("A-1", tier="enterprise")
    here.source.change("A-2", tier="enterprise")
    number = here.sync()
    (before,) = shown(here, number)
    assert here.book is not None
    here.book.refuses = {"3": "tier is locked"}
    here.act(lambda session: groups.approve(session, before.id, before.digest, LEA, here.ctx, open_too=True))
    here.work()
    (after,) = shown(here, number)
    assert (after.state, after.verified, after.refused, after.open_too) == ("partial", 1, 1, True)
    assert (after.decided_by and after.decided_by.name, after.applied_by) == ("Lea Lind", number + 1)


def test_a_group_that_is_looked_at_alone_shows_more_of_its_customers(here: Ledgered) -> None:
    here.source.change("A-1", tier="enterprise")
    here.source.change("A-2", tier="enterprise")
    (group,) = shown(here, here.sync())
    with here.database.read() as session:
        one = lists.group_line(session, group.id, here.ctx, samples=1)
        all_of_it = lists.group_line(session, group.id, here.ctx)
    assert one.samples == (("A-1", "Customer 1", "pro", "enterprise"),)
    assert [account for account, *_ in all_of_it.samples] == ["A-1", "A-2"]


@pytest.mark.parametrize(
    ("kind", "field", "before", "after", "words"),
    [
        ("added", "", "", "", "new customers"),
        ("linked", "", "", "", "linked by account id"),
        ("suspended", "status", "active", "suspended", "gone from the source"),
        ("resumed", "status", "suspended", "active", "back in the source"),
        ("changed", "tier", "pro", "enterprise", "tier pro → enterprise"),
        ("changed", "tier", "", "enterprise", "tier (empty) → enterprise"),
        ("changed", "name", "", "", "name changed"),
        ("cleared", "tier", "pro", "", "tier emptied"),
        ("taken", "tier", "pro", "", "tier taken from the source: pro → (empty)"),
        ("taken", "tier", "", "", "tier taken from the source"),
        ("restored", "", "", "", "values taken back"),
    ],
)
def test_each_kind_of_group_says_what_it_does(kind: str, field: str, before: str, after: str, words: str) -> None:
    assert group_words(kind, field, before, after) == words
