"""A sync as people see it: its groups page by page, what was counted, and the digest of all that is open."""

import pytest

from automations.customer_context import groups, lists
from automations.customer_context.card_types import GroupLine, SyncCard
from automations.customer_context.context import Effects
from automations.customer_context.sync_list import PER_PAGE
from automations.domain import Mode
from automations.errors import NotFound, Refused
from automations.plan import RunState
from automations.runs.ask import ask
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, ledgered
from tests.automations.customer_context.synced import LEA, LEO, RULES
from tests.support import FakeClock, RecordingJobs

EFFECTS = Effects(3, 2, 1, 0, (("4711", "https://desk.example/t/4711", "priority normal → high"),))


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    """Ten customers whom a sync knows already; then some change."""
    here = ledgered(database, clock, jobs)
    here.rules = RULES.model_copy(update={"brake_least": 30})
    here.sync()
    return here


def card(here: Ledgered, number: int, page: int = 1) -> SyncCard:
    with here.database.read() as session:
        return lists.sync_card(session, number, here.ctx, page=page)


def line(here: Ledgered, group: int) -> GroupLine:
    with here.database.read() as session:
        return lists.group_line(session, group, here.ctx)


def test_a_sync_shows_what_was_counted_and_each_group(here: Ledgered) -> None:
    here.effects = lambda _session, group: EFFECTS if group.field == "tier" else Effects()
    here.source.change("A-1", tier="enterprise")
    here.source.change("A-2", tier="enterprise", name="Acme Two")
    here.source.change("A-3", name="Acme password=hunter2hunter2")
    here.source.put("A-77", name="New One", domains="new.example", tier="trial")
    number = here.sync()
    seen = card(here, number)
    assert (seen.run_id, seen.state, seen.mode, seen.requested_by.name, seen.desk) == (
        number, "done", "ask", "Lea Lind", "Listed",
    )  # fmt: skip
    assert seen.sources == (("crm (listed)", 11, here.source.at),)
    assert seen.counts == (
        ("added", 1), ("changed", 2), ("suspended", 0), ("unchanged", 7), ("conflicted", 0), ("rejected", 1),
    )  # fmt: skip
    assert [(one.kind, one.words, one.size) for one in seen.groups] == [
        ("added", "new customers", 1), ("changed", "name changed", 1), ("changed", "tier pro → enterprise", 2),
    ]  # fmt: skip
    added, name, tier = seen.groups
    assert added.samples == (("A-77", "New One", "", "domains = new.example; name = New One; tier = trial"),)
    assert "hunter2" not in str(seen)
    assert name.samples[0][0] == "A-2"
    assert tier.samples[0] == ("A-1", "Customer 1", "pro", "enterprise")
    assert (tier.decision, tier.effects, tier.state, tier.verified) == (
        "Which queue a ticket goes to", EFFECTS, "open", 0,
    )  # fmt: skip
    assert (seen.page, seen.pages, seen.total, seen.open_conflicts, seen.open_rejected) == (1, 1, 3, 0, 1)
    assert line(here, tier.id) == tier


def test_pages_hold_every_group_once_and_the_digest_is_of_all(here: Ledgered) -> None:
    for number in range(10):
        here.source.change(f"A-{number}", tier=f"tier {number}")
    number = here.sync()
    pages = [card(here, number, page) for page in (1, 2)]
    assert [len(one.groups) for one in pages] == [PER_PAGE, 10 - PER_PAGE]
    shown = [one.words for page in pages for one in page.groups]
    assert shown == [f"tier pro → tier {number}" for number in range(10)]
    assert pages[0].digest == pages[1].digest
    assert (card(here, number, 9).page, card(here, number, 0).page, card(here, number, -3).page) == (2, 1, 1)
    with here.database.read() as session:
        waiting = lists.open_groups(session, number, here.ctx)
    assert [one.words for one in waiting] == shown
    one = pages[0].groups[0]
    here.act(lambda session: groups.hold(session, one.id, one.digest, LEA, "later", here.ctx))
    assert card(here, number).digest != pages[0].digest
    assert card(here, number).groups[0].reason == "later"
    with here.database.read() as session:
        assert len(lists.open_groups(session, number, here.ctx)) == 9
    done = here.act(lambda session: groups.approve_all(session, number, card(here, number).digest, LEA, here.ctx))
    assert "9 groups" in done


def test_a_stopped_sync_carries_its_own_digest_and_who_confirmed(here: Ledgered) -> None:
    here.rules = RULES
    for number in range(4):
        here.source.change(f"A-{number}", tier="enterprise")
    number = here.sync()
    seen = card(here, number)
    assert (seen.state, seen.needed, seen.digest) == ("proposed", 2, here.run(number).digest)
    assert seen.brake
    assert seen.expires_at is not None
    here.let_go(number)
    after = card(here, number)
    assert (after.state, [one.by.name for one in after.approvals]) == ("done", ["Lea Lind", "Leo Falk"])
    assert after.expires_at is None
    assert after.digest != seen.digest


def test_an_older_sync_says_which_is_newer(here: Ledgered) -> None:
    first = here.sync()
    assert card(here, first).words == ""
    here.source.change("A-1", tier="enterprise")
    second = here.sync()
    assert card(here, first).words == f"RUN-{second} is newer and shows what is still so."


def test_a_sync_that_has_read_nothing_yet_shows_that(here: Ledgered) -> None:
    number = here.ask(actor=LEO)
    seen = card(here, number)
    assert (seen.state, seen.counts, seen.groups, seen.sources) == (RunState.ASKED, (), (), ())


def test_blanks_that_were_kept_are_counted(here: Ledgered) -> None:
    here.source.change("A-1", tier="")
    here.mode = Mode.SHADOW
    seen = card(here, here.sync())
    assert (seen.blanks_kept, seen.mode) == ({"tier": 1}, "shadow")


def test_what_is_no_sync_has_no_card(here: Ledgered) -> None:
    with here.database.begin() as session:
        number = ask(session, "other", "", {}, LEA, here.ctx).id
    with pytest.raises(Refused, match=f"RUN-{number} is no sync of customers"):
        card(here, number)
    with pytest.raises(NotFound):
        card(here, 99)
    with pytest.raises(NotFound):
        line(here, 99)
