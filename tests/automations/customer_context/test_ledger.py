"""Keep desk and Ignore, one by one and for a whole field: what was settled, by whom, and until when."""

import pytest

from automations.customer_context.values import ConflictKind
from automations.domain import Mode
from storage.engine import Database
from tests.automations.customer_context.ledgered import (
    Ledgered,
    all_ignored,
    all_kept,
    conflict,
    ignoring,
    keeping,
    ledgered,
    soon,
)
from tests.automations.customer_context.synced import LEA
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


def test_the_desk_keeps_its_value_until_a_day(here: Ledgered) -> None:
    here.saw(conflict())
    said = here.act(keeping(here))
    assert said == (
        "Customer A-1, tier: Listed keeps its value until 21 Dec 03:14. "
        "The first sync after that shows it again, or one that finds another value."
    )
    one = here.only("kept")
    assert (one.decided_by, one.decided_at, one.reason, one.version) == (LEA.email, here.clock.now(), "a pilot", 2)
    assert one.until == soon(here, days=30)
    (entry,) = here.audited("conflict.kept")
    assert (entry.actor, entry.target, entry.outcome) == (LEA.email, f"CONFLICT-{one.id}", "kept")
    assert entry.after == {
        "about": [["A-1", "Customer A-1", "tier", "differs", "enterprise", "basic"]],
        "reason": "a pilot",
        "until": soon(here, days=30).isoformat(),
    }
    message = here.message()
    assert message is not None
    assert (message.data, message.version) == ({"conflicts": 0}, 2)


def test_it_is_ignored_until_a_value_changes(here: Ledgered) -> None:
    here.saw(conflict())
    assert here.act(ignoring(here)) == "Customer A-1, tier: ignored. It comes back once a value changes."
    assert (here.only("ignored").reason, here.only("ignored").until) == ("of no matter", None)
    (entry,) = here.audited("conflict.ignored")
    assert entry.after is not None
    assert entry.after["reason"] == "of no matter"


def test_whose_customer_it_is_can_be_ignored_and_is_merged_by_hand(here: Ledgered) -> None:
    here.saw(conflict(field="", source="", desk="", kind=ConflictKind.TWO_CUSTOMERS, others=("7", "8")))
    assert here.act(ignoring(here)) == "Customer A-1: ignored. It comes back once a value changes."


@pytest.mark.parametrize(
    ("reason", "days", "why"),
    [
        (" \u200b", 30, "Keeping the desk's value needs a reason. Nothing was changed."),
        ("so", 0, "It is kept until a time to come, at most 365 d from now. Nothing was changed."),
        ("so", 365.1, "It is kept until a time to come, at most 365 d from now. Nothing was changed."),
    ],
)
def test_keeping_needs_a_reason_and_an_end_that_is_near_enough(
    here: Ledgered, reason: str, days: float, why: str
) -> None:
    here.saw(conflict())
    assert here.refused(keeping(here, days=days, reason=reason)) == why
    assert here.only().state == "open"


def test_a_secret_in_a_reason_is_redacted(here: Ledgered) -> None:
    here.saw(conflict())
    here.act(keeping(here, reason="password=hunter2hunter2"))
    assert "hunter2" not in here.only().reason + str(here.audited("conflict.kept")[0].after)


def test_a_whole_field_is_kept_or_ignored_at_once(here: Ledgered) -> None:
    here.saw(conflict(), conflict("A-2", source=""), conflict("A-3", field="domains"))
    said = here.act(all_kept(here))
    assert said == (
        "Listed keeps tier of 2 customers until 21 Dec 03:14. "
        "The first sync after that shows it again, or one that finds another value."
    )
    assert {row.field for row in here.conflicts("kept")} == {"tier"}
    (entry,) = here.audited("conflict.kept")
    assert entry.after is not None
    assert (entry.target, entry.after["conflicts"], entry.after["first"]) == (
        "conflicts/tier", 2, ["CONFLICT-1", "CONFLICT-2"],
    )  # fmt: skip
    assert here.act(all_ignored(here, field="domains")) == (
        "domains of 1 customer: ignored. Each comes back once a value of it changes."
    )
    assert here.only("ignored").field == "domains"


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_what_changes_nothing_outside_is_settled_in_any_mode(here: Ledgered, mode: Mode) -> None:
    here.saw(conflict())
    here.mode = mode
    here.act(keeping(here))
    assert here.only().state == "kept"


def test_the_whole_way_with_a_sync_each_day(here: Ledgered) -> None:
    """What is kept for a week is away for a week, then here again with the same beginning, and gone once both agree."""
    assert here.book is not None
    here.sync()
    here.book.change("2", tier="gold")
    here.source.change("A-1", tier="enterprise")
    here.tomorrow()
    here.sync()
    first = here.only("open")
    assert (first.account, first.source_value, first.desk_value, first.winner) == (
        "A-1",
        "enterprise",
        "gold",
        "source",
    )
    here.act(keeping(here, days=7))
    for _ in range(6):
        here.tomorrow()
        here.sync()
        assert here.only().state == "kept"
    here.tomorrow()
    here.sync()
    again = here.only("open")
    assert (again.id, again.since, again.version) == (first.id, first.since, 3)
    here.act(ignoring(here, version=3))
    here.sync()
    assert here.only().state == "ignored"
    here.book.change("2", tier="silver")
    here.sync()
    assert [(row.state, row.desk_value) for row in here.conflicts()] == [("gone", "gold"), ("open", "silver")]
    here.book.change("2", tier="enterprise")
    here.sync()
    assert [row.state for row in here.conflicts()] == ["gone", "gone"]
    assert here.groups() == []
