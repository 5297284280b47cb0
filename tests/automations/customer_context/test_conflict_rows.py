"""What a sync came upon is in the ledger as often as it is so, and what people settled stays settled while it is so."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from automations.customer_context import ledger
from automations.customer_context.batches import batches
from automations.customer_context.context import APPLY
from automations.customer_context.values import ConflictKind
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, conflict, ledgered, soon
from tests.automations.customer_context.synced import LEA, written
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


def settled(here: Ledgered, state: str, *, days: int = 0, **pair: str) -> None:
    """Somebody settles the only conflict there is, or this pair."""
    one = {"source_value": "enterprise", "desk_value": "basic", **pair}
    until = soon(here, days=days) if days else None
    here.act(
        lambda session: ledger.settle(
            session,
            "A-1",
            "Customer A-1",
            "tier",
            actor=LEA,
            ctx=here.ctx,
            state=state,
            reason="agreed",
            until=until,
            **one,
        )
    )


def test_what_is_seen_again_is_the_same_conflict(here: Ledgered) -> None:
    here.saw(conflict())
    first = here.only("open")
    assert (first.since, first.last_seen, first.version) == (here.clock.now(), here.clock.now(), 1)
    here.tomorrow()
    here.saw(conflict())
    again = here.only("open")
    assert (again.id, again.since, again.last_seen, again.version) == (first.id, first.since, here.clock.now(), 1)
    assert len(here.audited("conflicts.recorded")) == 1, "nothing new is not written down"


def test_an_open_one_with_other_values_is_the_same_one_that_says_so(here: Ledgered) -> None:
    here.saw(conflict())
    first = here.only("open")
    here.tomorrow()
    here.saw(conflict(desk="gold"))
    again = here.only("open")
    assert (again.id, again.since, again.desk_value, again.version) == (first.id, first.since, "gold", 2)


def test_what_is_not_so_any_more_is_gone(here: Ledgered) -> None:
    here.saw(conflict(), conflict("A-2"))
    here.saw(conflict("A-2"))
    assert [(row.account, row.state) for row in here.conflicts()] == [("A-1", "gone"), ("A-2", "open")]
    here.saw(conflict(), conflict("A-2"))
    assert [(row.account, row.state) for row in here.conflicts()] == [
        ("A-1", "gone"), ("A-2", "open"), ("A-1", "open"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "looked",
    [{"unread": ("A-1",)}, {"kind": APPLY}, {"brake": "9 of 10 at once"}],
    ids=["rejected", "apply", "stopped"],
)
def test_whoever_did_not_look_closes_nothing(here: Ledgered, looked: dict[str, Any]) -> None:
    here.saw(conflict())
    here.saw(conflict("A-2"), **looked)
    assert {row.account for row in here.conflicts("open")} == {"A-1", "A-2"}


@pytest.mark.parametrize("state", ["kept", "ignored"])
def test_what_is_settled_stays_so_while_nothing_changes(here: Ledgered, state: str) -> None:
    here.know("A-1", source={"tier": "enterprise"}, tier="basic")
    here.saw(conflict())
    settled(here, state)
    one = here.only(state)
    here.saw()
    assert here.only(state).id == one.id, "a plan leaves out what is settled"
    here.saw(conflict())
    assert (here.only(state).id, here.only(state).version) == (one.id, one.version), "whoever shows it all the same"


@pytest.mark.parametrize("state", ["kept", "ignored"])
def test_it_opens_anew_when_a_value_changes(here: Ledgered, state: str) -> None:
    here.saw(conflict())
    settled(here, state)
    old = here.only(state)
    here.tomorrow()
    here.saw(conflict(source="trial"))
    assert [(row.state, row.source_value) for row in here.conflicts()] == [("gone", "enterprise"), ("open", "trial")]
    new = here.only("open")
    assert (new.since, new.decided_by, new.reason) == (here.clock.now(), None, "")
    assert new.id != old.id


@pytest.mark.parametrize(
    ("source", "tier", "state"),
    [("basic", "basic", "gone"), ("enterprise", "enterprise", "gone"), ("enterprise", "BASIC", "kept")],
)
def test_what_came_to_agree_is_not_remembered_as_settled(here: Ledgered, source: str, tier: str, state: str) -> None:
    here.saw(conflict(desk="Basic"))
    settled(here, "kept", desk_value="Basic")
    here.know("A-1", source={"tier": source}, tier=tier.lower())
    here.saw()
    assert here.only().state == state
    here.saw(conflict(desk="Basic"))
    assert [row.state for row in here.conflicts()] == (["gone", "open"] if state == "gone" else ["kept"])


def test_it_opens_again_when_its_time_is_over(here: Ledgered) -> None:
    here.know("A-1", source={"tier": "enterprise"}, tier="basic")
    here.saw(conflict())
    since = here.only("open").since
    settled(here, "kept", days=7)
    here.clock.move(timedelta(days=7) - timedelta(seconds=1))
    here.saw(conflict())
    assert here.only().state == "kept"
    here.clock.move(timedelta(seconds=1))
    here.saw(conflict())
    one = here.only("open")
    assert (one.since, one.until, one.decided_by, one.reason) == (since, None, None, "")


def test_what_is_over_and_not_so_any_more_is_gone(here: Ledgered) -> None:
    here.know("A-1", source={"tier": "enterprise"}, tier="basic")
    here.saw(conflict())
    settled(here, "kept", days=7)
    here.clock.move(timedelta(days=8))
    here.saw()
    assert here.only().state == "gone"


def test_another_kind_of_conflict_takes_the_place_of_a_settled_one(here: Ledgered) -> None:
    here.saw(conflict())
    settled(here, "ignored")
    here.saw(conflict(source=""), kind=APPLY)
    assert [(row.kind, row.state) for row in here.conflicts()] == [("differs", "gone"), ("blank", "open")]


def test_a_conflict_between_customers_is_others_when_others_are_concerned(here: Ledgered) -> None:
    twins = {"field": "", "source": "", "desk": "", "kind": ConflictKind.TWO_ACCOUNTS}
    here.saw(conflict(others=("A-1", "A-2"), **twins))
    here.act(lambda session: ledger.ignore(session, here.only().id, 1, LEA, here.ctx))
    here.saw(conflict(others=("A-1", "A-2"), **twins))
    here.saw()
    assert here.only().state == "ignored", "nobody can tell that it is over"
    here.saw(conflict(others=("A-1", "A-3"), **twins))
    assert [row.state for row in here.conflicts()] == ["gone", "open"]


def test_what_was_told_twice_and_settled_is_gone_once_it_is_told_once(here: Ledgered) -> None:
    here.saw(conflict(kind=ConflictKind.TWO_ROWS))
    here.act(lambda session: ledger.ignore(session, here.only().id, 1, LEA, here.ctx))
    here.saw()
    here.saw(twice={("A-1", "tier")})
    assert here.only().state == "ignored"
    here.saw(twice={("A-1", "name")})
    assert here.only().state == "gone"


def test_a_row_whose_run_came_to_nothing_unheard_is_open_again(here: Ledgered) -> None:
    here.saw(conflict())
    here.act(lambda session: ledger.take_source(session, here.only().id, 1, LEA, here.ctx))
    here.saw(conflict())
    assert here.only().state == "taking"
    with here.database.begin() as session:
        session.get_one(type(here.run(1)), here.only().run_id).open_key = None
    here.saw(conflict())
    assert (here.only().state, here.only().decided_by) == ("open", None)


def test_the_name_is_redacted_and_the_values_are_what_a_run_goes_by(here: Ledgered) -> None:
    here.saw(conflict(name="password=hunter2hunter2", source="password=hunter2hunter2"))
    one = here.only()
    assert "hunter2" not in one.name
    assert one.source_value == "password=hunter2hunter2"


def test_the_list_is_posted_with_the_first_conflict_and_says_when_none_is_left(here: Ledgered) -> None:
    here.saw()
    assert here.message() is None
    here.saw(conflict())
    first = here.message()
    assert first is not None
    assert (first.channel, first.kind, first.data, first.version) == (
        "C_CUSTOMERS", "customers.ledger", {"conflicts": 1}, 1,
    )  # fmt: skip
    here.saw(conflict())
    here.saw()
    last = here.message()
    assert last is not None
    assert (last.data, last.version) == ({"conflicts": 0}, 2), "what is as it was makes no new version"


def test_many_are_kept_without_a_look_at_each(here: Ledgered) -> None:
    many = [conflict(f"A-{number:05}") for number in range(5_000)]
    statements: list[str] = []
    event.listen(here.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    here.saw(*many)
    assert len(here.conflicts("open")) == 5_000
    assert len(statements) < 60
    statements.clear()
    with written(here.database) as rows:
        here.saw(*many)
    assert len(statements) < 60
    assert set(rows) == {"run", "audit_head", "customer_conflict"}, "when each was seen last, and nothing else"
    statements.clear()
    here.saw(*[conflict(f"A-{number:05}", desk="gold") for number in range(5_000)])
    assert {(row.version, row.desk_value) for row in here.conflicts("open")} == {(2, "gold")}
    assert len(statements) < 60
    here.saw()
    assert here.conflicts("open") == []


def _settle(pair: tuple[str, str, str, str, str], how: dict[str, Any], here: Ledgered, session: Session) -> None:
    ledger.settle(session, *pair, LEA, here.ctx, **how)


KINDS = st.sampled_from(["seen", "other", "unseen", "kept", "ignored", "days"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.integers(1, 3), KINDS), max_size=12))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_happens_what_differs_stands_in_the_ledger(here: Ledgered, acts: list[tuple[int, str]]) -> None:
    """At most one row stands for each, an open one exactly where something differs that nobody settled."""
    values = dict.fromkeys(("A-1", "A-2", "A-3"), ("enterprise", "basic"))
    here.saw()
    number = 0
    for who, act in acts:
        account, number = f"A-{who}", number + 1
        if act == "other":
            values[account] = f"tier {number}", "basic"
        elif act == "unseen":
            values[account] = "basic", "basic"
        elif act == "seen":
            values[account] = "enterprise", "basic"
        elif act == "days":
            here.clock.move(timedelta(days=3))
        for row in here.conflicts("open"):
            if row.account == account and act in ("kept", "ignored"):
                until = soon(here, days=5) if act == "kept" else None
                pair = row.account, "", "tier", row.source_value, row.desk_value
                how: dict[str, Any] = {"state": act, "reason": "so", "until": until}
                here.act(partial(_settle, pair, how, here))
        for one, (source, desk) in values.items():
            here.know(one, source={"tier": source}, tier=desk)
        here.saw(*[conflict(one, source=source, desk=desk) for one, (source, desk) in values.items() if source != desk])
        standing = here.conflicts("open", "kept", "ignored")
        differing = {one for one, (source, desk) in values.items() if source != desk}
        assert sorted(row.account for row in standing) == sorted(differing)
        assert all((row.source_value, row.desk_value) == values[row.account] for row in standing)
    here.saw()


def test_batches_keep_the_order_and_lose_nothing() -> None:
    several = list(range(1_201))
    cut = list(batches(several))
    assert [len(some) for some in cut] == [500, 500, 201]
    assert [one for some in cut for one in some] == several
