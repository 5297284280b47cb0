"""What is remembered of pairs that people left as they are: rejected changes, and what was taken back."""

from typing import Any

import pytest

from automations.customer_context import keeping, ledger
from automations.customer_context.ledger import Pair
from automations.customer_context.values import Settled
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, conflict, ledgered, soon, taking
from tests.automations.customer_context.synced import LEA, written
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


def settle(here: Ledgered, *pairs: Pair, state: str = "kept", **how: Any) -> None:
    told = {"reason": "agreed with them", **how}
    here.act(lambda session: ledger.settle_all(session, pairs, LEA, here.ctx, state=state, **told))


def pair(account: str = "A-1", source: str = "enterprise", desk: str = "pro", field: str = "tier") -> Pair:
    return Pair(account, f"Customer {account}", field, source, desk)


def remembered(here: Ledgered) -> dict[tuple[str, str], Settled]:
    with here.database.read() as session:
        return keeping.settled(session, here.clock.now())


def test_a_pair_nobody_spoke_of_before_is_remembered(here: Ledgered) -> None:
    here.know("A-1", desk_id="2")
    settle(here, pair())
    one = here.only("kept")
    assert (one.kind, one.source, one.desk_id, one.winner, one.decided_by, one.reason, one.until) == (
        "differs", "crm", "2", "source", LEA.email, "agreed with them", None,
    )  # fmt: skip
    assert remembered(here) == {("A-1", "tier"): Settled("enterprise", "pro")}
    (entry,) = here.audited("conflicts.kept")
    assert (entry.actor, entry.target, entry.outcome) == (LEA.email, "customer/A-1", "kept")
    assert entry.after == {
        "reason": "agreed with them", "until": None, "pairs": 1, "first": [["A-1", "tier", "enterprise", "pro"]],
    }  # fmt: skip
    assert here.message() is None, "nothing of it ever waited for anybody"


def test_a_blank_is_remembered_as_one_and_a_whole_customer_too(here: Ledgered) -> None:
    settle(here, pair(source=""), pair(field="", source="", desk=""), state="ignored")
    assert [(row.field, row.kind) for row in here.conflicts("ignored")] == [("tier", "blank"), ("", "differs")]


def test_what_was_open_about_just_these_values_is_settled_by_it(here: Ledgered) -> None:
    here.saw(conflict(desk="pro"))
    first = here.only()
    settle(here, pair(), until=soon(here, days=3))
    one = here.only("kept")
    assert (one.id, one.since, one.version, one.until) == (first.id, first.since, 2, soon(here, days=3))
    message = here.message()
    assert message is not None
    assert message.data == {"conflicts": 0}


def test_what_was_settled_for_other_values_is_gone(here: Ledgered) -> None:
    settle(here, pair(desk="gold"))
    settle(here, pair(source=""), state="ignored")
    settle(here, pair())
    assert [(row.desk_value, row.state) for row in here.conflicts()] == [
        ("gold", "gone"), ("pro", "gone"), ("pro", "kept"),
    ]  # fmt: skip
    assert remembered(here) == {("A-1", "tier"): Settled("enterprise", "pro")}


def test_the_same_again_is_no_second_row(here: Ledgered) -> None:
    settle(here, pair())
    settle(here, pair(), state="ignored", reason="of no matter")
    assert (here.only("ignored").reason, here.only("ignored").version) == ("of no matter", 2)


def test_one_pair_is_settled_as_many_are(here: Ledgered) -> None:
    how: dict[str, Any] = {"state": "ignored", "reason": ""}
    here.act(lambda session: ledger.settle(session, "A-1", "One", "tier", "enterprise", "pro", LEA, here.ctx, **how))
    assert here.only("ignored").name == "One"


def test_nothing_to_settle_writes_nothing(here: Ledgered) -> None:
    before = here.snapshot()
    settle(here)
    assert here.snapshot() == before


def test_only_what_people_settle_can_be_settled(here: Ledgered) -> None:
    with pytest.raises(ValueError, match="'taken' is no state"):
        settle(here, pair(), state="taken")


def test_names_and_reasons_are_redacted(here: Ledgered) -> None:
    settle(here, Pair("A-1", "password=hunter2hunter2", "tier", "enterprise", "pro"), reason="token=hunter2hunter2")
    told = here.only().name + here.only().reason + str(here.audited("conflicts.kept")[0].after)
    assert "hunter2" not in told


def test_thousands_are_settled_in_a_few_statements(here: Ledgered) -> None:
    here.saw(*[conflict(f"A-{number}", desk="pro") for number in range(500)])
    with written(here.database) as rows:
        settle(here, *[pair(f"A-{number}") for number in range(2_000)])
    assert len(here.conflicts("kept")) == 2_000
    assert rows["customer_conflict"] <= 2_000
    assert rows["audit_entry"] == 1


def test_a_run_that_came_to_rest_twice_settles_once(here: Ledgered) -> None:
    here.know("A-1", desk_id="2", source={"tier": "enterprise"}, tier="pro")
    here.saw(conflict(desk="pro"))
    here.act(taking(here))
    here.work()
    version, run = here.only("taken").version, here.only().run_id or 0
    with here.database.begin() as session:
        ledger.rested(session, session.get_one(type(here.run(run)), run), here.ctx)
    assert here.only("taken").version == version
    assert len(here.audited("conflicts.settled")) == 1
