"""Where a sync begins: from a cursor, or whole, and with what was rejected before."""

from datetime import timedelta

import pytest

from automations.customer_context.rules import CustomerField
from automations.errors import Unavailable
from tests.automations.customer_context.synced import DECISION, NAME, TIER, Synced

MAPPED = TIER.model_copy(update={"values": {"pro": "pro", "ENT": "enterprise"}})


@pytest.fixture
def changing(here: Synced) -> Synced:
    """The same company with a source that tells only what changed since a cursor; synced once."""
    here.source.by_cursor = True
    here.rules = here.rules.model_copy(update={"fields": (NAME, MAPPED)})
    here.sync()
    return here


def test_the_first_look_is_whole_and_the_next_begins_where_it_ended(changing: Synced) -> None:
    assert (changing.source.calls, changing.place().cursor) == ([None], "10")
    changing.source.change("A-1", tier="ENT")
    number = changing.sync()
    assert (changing.source.calls[-1], changing.place().cursor) == ("10", "11")
    assert changing.run(number).plan["sources"][0] == {
        "name": "crm",
        "title": "crm (listed)",
        "whole": False,
        "rows": 2,
        "as_of": changing.clock.now().isoformat(),
    }
    assert changing.counts(number) == {"changed": 1, "unchanged": 9}
    assert changing.place().rows == 10, "of the last whole listing"


def test_nobody_is_gone_who_was_only_not_told_again(changing: Synced) -> None:
    del changing.source.listed["A-4"]
    changing.sync()
    assert changing.customers()["A-4"].gone_since is None
    changing.sync(whole=True)
    assert changing.source.calls[-1] is None
    assert changing.customers()["A-4"].gone_since is not None


def test_a_whole_listing_comes_when_the_last_is_too_old(changing: Synced) -> None:
    changing.clock.move(timedelta(days=6))
    changing.sync()
    assert changing.source.calls[-1] == "10"
    changing.clock.move(timedelta(days=1))
    changing.sync()
    assert changing.source.calls[-1] is None
    assert changing.place().whole_at == changing.clock.now()
    changing.sync()
    assert changing.source.calls[-1] == "10"


def test_a_field_that_is_new_or_read_another_way_needs_a_whole_listing(changing: Synced) -> None:
    region = CustomerField(name="region", source="crm", decision=DECISION)
    for fields in ((NAME, MAPPED, region), (NAME, TIER), (NAME, TIER.model_copy(update={"column": "plan"}))):
        changing.rules = changing.rules.model_copy(update={"fields": fields})
        changing.sync()
        assert changing.source.calls[-1] is None
        changing.sync()
        assert changing.source.calls[-1] is not None
    changing.rules = changing.rules.model_copy(
        update={"fields": (NAME, TIER.model_copy(update={"column": "plan", "decision": "Which clock runs"}))}
    )
    changing.sync()
    assert changing.source.calls[-1] is not None, "why a field is synchronized changes nothing of what is read"


def test_a_cursor_is_kept_only_with_what_was_read(changing: Synced) -> None:
    assert changing.book is not None
    changing.source.change("A-1", tier="ENT")
    changing.book.away = Unavailable("away", system="listed")
    with pytest.raises(Unavailable):
        changing.sync()
    assert changing.place().cursor == "10"
    changing.book.away = None
    changing.runner.plan(2)
    assert (changing.place().cursor, changing.customers()["A-1"].source_values["tier"]) == ("11", "enterprise")


def test_what_is_not_told_again_is_still_planned(changing: Synced) -> None:
    changing.source.change("A-1", tier="ENT")
    changing.sync()
    (group,) = changing.groups("open")
    changing.source.change("A-2", name="Customer Two")
    changing.source.change("A-2", name="Customer Two")
    number = changing.sync()
    assert {one.id: one.run_id for one in changing.groups("open")}[group.id] == number
    assert changing.counts(number)["changed"] == 2


def test_a_rejected_row_is_tried_again_from_what_was_kept_until_it_is_told_anew(changing: Synced) -> None:
    changing.source.change("A-1", tier="GOLD")
    changing.source.change("A-2", name="Customer Two")
    changing.sync()
    (row,) = changing.rejected("open")
    assert (row.source, row.row_key) == ("crm", "A-1")
    changing.source.change("A-2", name="Customer 2")
    number = changing.sync()
    assert changing.source.calls[-1] is not None
    (row,) = changing.rejected("open")
    assert row.tries >= 2
    assert changing.counts(number)["rejected"] == 1
    changing.source.change("A-1", tier="ENT")
    changing.sync()
    assert [one.state for one in changing.rejected()] == ["fixed"]
    assert [(one.field, one.after) for one in changing.groups("open")] == [("tier", "enterprise")]


def test_a_rejected_row_that_was_not_kept_as_it_stood_needs_a_whole_listing(changing: Synced) -> None:
    changing.source.change("A-1", tier="GOLD", name="Bearer token=xoxb-1234567890-abcdefghij")
    changing.sync()
    (row,) = changing.rejected("open")
    assert "xoxb" not in str(row.row)
    changing.sync()
    assert changing.source.calls[-1] is None


def test_an_account_that_is_told_twice_needs_a_whole_listing(changing: Synced) -> None:
    changing.source.put("twice", id="A-1", name="Customer 1", tier="ENT")
    changing.sync(whole=True)
    (conflict,) = changing.conflicts("open")
    assert (conflict.kind, conflict.account) == ("two_rows", "A-1")
    changing.source.change("A-2", name="Customer Two")
    changing.sync()
    assert changing.source.calls[-1] is None
    assert [one.state for one in changing.conflicts()] == ["open"]
    del changing.source.listed["twice"]
    changing.sync()
    assert [one.state for one in changing.conflicts()] == ["gone"]
    changing.sync()
    assert changing.source.calls[-1] is not None


def test_the_account_may_stand_in_another_column(here: Synced) -> None:
    here.columns = {"crm": "number"}
    for key, (_, columns) in list(here.source.listed.items()):
        here.source.put(key, **{**columns, "number": key, "id": "x"})
    here.sync()
    assert sorted(here.customers()) == [f"A-{number}" for number in range(10)]
