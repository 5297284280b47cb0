"""A sync as a run: read, compared, stopped or not, kept in one transaction, and nothing written twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.customer_context import group_rows, in_force
from automations.customer_context.context import Effects
from automations.customer_context.syncing import ask_nightly
from automations.domain import Mode
from automations.errors import Rejected, Unavailable
from automations.plan import RunState
from automations.runs import approve
from storage import audit
from storage.models import CustomerDomain, Notification
from tests.automations.customer_context.listed import PER_PAGE
from tests.automations.customer_context.synced import LEO, NAME, STATUS, TIER, Synced, written

KEPT = ("customer", "customer_domain", "customer_group", "customer_change", "customer_conflict", "customer_rejected")


def test_what_source_and_desk_agree_on_is_known_from_the_first_sync(here: Synced) -> None:
    number = here.sync()
    assert (here.state(number), here.groups(), here.conflicts()) == (RunState.DONE, [], [])
    assert here.counts(number) == {"unchanged": 10}
    one = here.customers()["A-3"]
    assert (one.name, one.tier, one.status, one.domains) == ("Customer 3", "pro", "active", ["c3.example"])
    assert one.desk_id is not None
    assert one.source_values == one.base == {"name": "Customer 3", "domains": "c3.example", "tier": "pro"}
    assert (one.gone_since, one.tier_since, one.tier_before) == (None, None, "")
    domains = {(row.domain, row.account) for row in here.rows(CustomerDomain)}
    assert ("c3.example", "A-3") in domains
    with here.database.read() as session:
        shown = session.get(Notification, f"run/{number}")
        assert shown is not None
        assert (shown.kind, shown.channel) == ("customers.sync", "C_CUSTOMERS")


def test_a_second_sync_plans_nothing_and_writes_nothing(here: Synced) -> None:
    here.sync()
    before = here.customers()
    here.tomorrow()
    with written(here.database) as rows:
        number = here.sync()
    assert here.counts(number) == {"unchanged": 10}
    assert not set(rows) & set(KEPT)
    assert rows["customer_source"] >= 1
    assert [row.changed_at for row in here.customers().values()] == [row.changed_at for row in before.values()]
    assert here.place().read_at == here.clock.now()


def test_changes_are_grouped_by_their_transition_and_nothing_is_in_force_before_a_yes(here: Synced) -> None:
    here.sync()
    for account in ("A-1", "A-2"):
        here.source.change(account, tier="enterprise")
    number = here.sync()
    (group,) = here.groups("open")
    assert (group.run_id, group.kind, group.field) == (number, "changed", "tier")
    assert (group.before, group.after, group.size) == ("pro", "enterprise", 2)
    changes = [(row.number, row.account, row.before, row.after, row.state) for row in here.changes(group)]
    assert changes == [(1, "A-1", "pro", "enterprise", "planned"), (2, "A-2", "pro", "enterprise", "planned")]
    one = here.customers()["A-1"]
    assert (one.tier, one.base["tier"], one.source_values["tier"]) == ("pro", "pro", "enterprise")
    assert here.counts(number) == {"changed": 2, "unchanged": 8}
    assert here.book is not None
    assert here.book.writes == []
    (recorded,) = [row for row in here.audited("customers.recorded") if row.target == f"RUN-{number}"]
    assert recorded.after is not None
    assert recorded.after["groups"]["new"] == 1


def test_a_newer_sync_shows_the_same_group_and_writes_no_change_again(here: Synced) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise")
    here.sync()
    (before,) = here.groups()
    with written(here.database) as rows:
        number = here.sync()
    (group,) = here.groups()
    assert (group.id, group.digest, group.state, group.run_id) == (before.id, before.digest, "open", number)
    assert {name: rows.get(name, 0) for name in KEPT} == dict.fromkeys(KEPT, 0) | {"customer_group": 1}


def test_a_newer_sync_supersedes_what_is_not_so_any_more(here: Synced) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise")
    here.sync()
    here.source.change("A-2", tier="enterprise")
    number = here.sync()
    assert [(group.state, group.size) for group in here.groups()] == [("superseded", 1), ("open", 2)]
    for account in ("A-1", "A-2"):
        here.source.change(account, tier="pro")
    last = here.sync()
    assert [group.state for group in here.groups()] == ["superseded", "superseded"]
    assert here.counts(last) == {"unchanged": 10}
    assert last > number


def _hold(here: Synced) -> None:
    (group,) = here.groups("open")
    with here.database.begin() as session:
        audit.hold(session)
        row = group_rows.found(session, group.id)
        assert group_rows.move(session, row, {"open"}, "held", decided_by="lea@team.example", reason="after the audit")


def test_what_is_held_stays_held_under_the_same_key(here: Synced) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise")
    here.sync()
    _hold(here)
    here.sync()
    (group,) = here.groups()
    assert (group.state, group.size) == ("held", 1)
    here.source.change("A-2", tier="enterprise")
    number = here.sync()
    assert [(one.state, one.size) for one in here.groups()] == [("superseded", 1), ("held", 2)]
    again = here.groups("held")[0]
    assert (again.run_id, again.key, again.decided_by) == (number, group.key, "lea@team.example")
    assert again.reason == "after the audit"
    for account in ("A-1", "A-2"):
        here.source.change(account, tier="pro")
    here.sync()
    assert here.groups("held", "open") == []


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_stopped_sync_gives_up_nothing_that_is_held_before_people_go_by_it(here: Synced, goes_on: bool) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise")
    here.sync()
    _hold(here)
    lost = {key: here.source.listed.pop(key) for key in ("A-1", "A-2", "A-3", "A-4", "A-5")}
    stopped = here.sync()
    assert here.state(stopped) is RunState.PROPOSED
    assert here.groups()[0].state == "held"
    if goes_on:
        here.let_go(stopped)
        assert [group.state for group in here.groups()] == ["superseded", "open"]
        return
    here.act(lambda session: approve.cancel(session, stopped, LEO, here.ctx))
    here.work()
    here.source.listed |= lost
    here.sync()
    (group,) = here.groups("open", "held")
    assert (group.state, group.field, group.reason) == ("held", "tier", "after the audit")


def test_what_a_group_would_do_to_open_tickets_is_kept_and_brought_up_to_date(here: Synced) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise")
    here.effects = lambda _session, _group: Effects(tickets=3, samples=(("7", "https://desk.example/7", "urgent"),))
    here.sync()
    assert here.groups()[0].effects["tickets"] == 3
    here.effects = lambda _session, _group: Effects(tickets=4)
    here.sync()
    (group,) = here.groups()
    assert (group.effects["tickets"], group.effects["samples"]) == (4, [])


def test_more_than_the_brake_allows_stops_until_two_people_let_it_go_on(here: Synced) -> None:
    here.sync()
    first = here.place()
    for number in range(4):
        here.source.change(f"A-{number}", tier="enterprise")
    here.tomorrow()
    stopped = here.sync()
    run = here.run(stopped)
    assert (run.state, run.needed) == ("proposed", 2)
    assert run.plan["brake"] != ""
    assert here.place().whole_at == first.whole_at, "people do not go by it yet"
    here.let_go(stopped)
    assert here.state(stopped) is RunState.DONE
    assert here.place().whole_at == here.run(stopped).proposed_at
    assert [group.state for group in here.groups()] == ["open"]


def test_nobody_decides_about_the_groups_of_a_sync_that_was_not_let_go_on(here: Synced) -> None:
    here.source.by_cursor = True
    here.sync()
    for number in range(4):
        here.source.change(f"A-{number}", tier="enterprise")
    stopped = here.sync()
    assert here.state(stopped) is RunState.PROPOSED
    here.act(lambda session: approve.cancel(session, stopped, LEO, here.ctx))
    here.work()
    assert here.groups("open") == []
    here.sync()
    assert here.source.calls[-1] is None, "nobody goes by that listing, so the next one is whole"


def test_a_listing_that_shrank_stops_even_where_few_customers_would_change(here: Synced) -> None:
    tiers = replace(here.source, name="billing", title="billing (listed)", listed={}, calls=[])
    here.others = (tiers,)
    here.rules = here.rules.model_copy(update={"fields": (NAME, TIER.model_copy(update={"source": "billing"}))})
    for number in range(10):
        tiers.put(f"A-{number}", tier="pro")
    here.sync()
    for number in range(5):
        del tiers.listed[f"A-{number}"]
    stopped = here.sync()
    assert here.state(stopped) is RunState.PROPOSED
    assert here.run(stopped).plan["brake"] == "billing lacks 5 of the 10 customers that it had"
    again = here.act(lambda session: approve.cancel(session, stopped, LEO, here.ctx))
    assert again
    here.work()
    assert here.state(here.sync()) is RunState.PROPOSED, "a listing that nobody let go on is not what is compared with"


@pytest.mark.parametrize("side", ["source", "desk"])
def test_an_empty_list_never_means_that_everybody_left(here: Synced, side: str) -> None:
    here.sync()
    assert here.book is not None
    if side == "source":
        here.source.listed.clear()
    else:
        here.book.kept.clear()
    before = here.customers()
    number = here.sync()
    assert here.state(number) is RunState.REFUSED
    assert "Nothing was compared, and nothing was changed." in here.run(number).words
    assert {row.account: row.gone_since for row in here.customers().values()} == dict.fromkeys(before)


def test_a_listing_that_is_refused_in_the_middle_changes_nothing(here: Synced) -> None:
    here.sync()
    place, before = here.place(), here.customers()
    here.source.change("A-1", tier="enterprise")
    here.source.cut_after = 5
    here.source.why_not = Rejected("crm tells 5 of 10 rows", system="crm", code="incomplete")
    with written(here.database) as rows:
        number = here.sync()
    assert here.state(number) is RunState.REFUSED
    assert here.run(number).words.startswith("crm tells 5 of 10 rows. Nothing was compared")
    here.source.why_not = Unavailable("crm does not answer", system="crm")
    with written(here.database) as more, pytest.raises(Unavailable):
        here.sync()
    assert not (set(rows) | set(more)) & {*KEPT, "customer_source"}
    assert (here.place().cursor, here.place().read_at) == (place.cursor, place.read_at)
    assert here.customers()["A-1"].source_values == before["A-1"].source_values
    here.source.why_not = None
    here.work()
    with here.database.read() as session:
        assert session.get(Notification, f"run/{number}") is not None, "people are shown that it came to nothing"


def test_a_desk_that_is_away_leaves_the_run_to_be_tried_again(here: Synced) -> None:
    assert here.book is not None
    here.book.away = Unavailable("away", system="listed")
    with pytest.raises(Unavailable):
        here.sync()
    assert (here.state(1), here.customers()) == (RunState.ASKED, {})
    here.book.away = None
    here.runner.plan(1)
    assert here.state(1) is RunState.DONE


def test_what_was_found_is_gone_with_the_process_and_found_again(here: Synced) -> None:
    number = here.ask()
    here.runner.kind_of(here.run(number))
    here.restarted()
    here.work()
    assert (here.state(number), len(here.customers())) == (RunState.DONE, 10)


def test_a_change_that_is_carried_out_meanwhile_is_not_written_over(here: Synced) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise", name="Customer One")
    listed = here.book.customers  # type: ignore[union-attr]  # it is there

    def meanwhile():  # type: ignore[no-untyped-def]  # as it is
        with here.database.begin() as session:
            audit.hold(session)
            row = in_force.known(session, "A-1")
            assert row is not None
            in_force.put(session, row, "tier", "enterprise", here.clock.now())
        return listed()

    here.book.customers = meanwhile  # type: ignore[union-attr, method-assign]  # this once
    here.sync()
    one = here.customers()["A-1"]
    assert (one.tier, one.base["tier"]) == ("enterprise", "enterprise")
    assert one.source_values["name"] == "Customer One", "what the source said is kept all the same"


def test_it_makes_the_requests_that_the_pages_need_and_tells_how_far_it_is(here: Synced) -> None:
    assert here.book is not None
    for number in range(10, 250):
        here.source.put(f"A-{number}", name=f"Customer {number}", domains="", tier="pro")
        here.book.put(f"Customer {number}", reference=f"A-{number}", tier="pro")
    heard: list[tuple[str, int, int | None]] = []
    here.told = lambda what, read, total: heard.append((what, read, total))
    here.sync()
    assert here.book.requests == 250 // PER_PAGE + 1
    assert heard == [
        ("crm (listed)", 100, None),
        ("crm (listed)", 200, None),
        ("crm (listed)", 250, 250),
        ("Listed", 100, None),
        ("Listed", 200, None),
        ("Listed", 250, 250),
    ]


def test_a_desk_that_keeps_no_customers_leaves_them_to_our_own_rows(here: Synced) -> None:
    here.book = None
    number = here.sync()
    (group,) = here.groups()
    assert (group.kind, group.size) == ("added", 10)
    assert here.counts(number) == {"added": 10}
    assert dict(here.changes(group)[0].values) == {"name": "Customer 0", "domains": "c0.example", "tier": "pro"}


def test_who_is_gone_upstream_is_never_deleted(here: Synced) -> None:
    here.rules = here.rules.model_copy(update={"fields": (NAME, TIER, STATUS)})
    here.sync()
    del here.source.listed["A-4"]
    number = here.sync()
    assert here.counts(number) == {"suspended": 1, "unchanged": 9}
    (group,) = here.groups()
    assert (group.kind, group.field, group.after) == ("suspended", "status", "suspended")
    gone = here.customers()["A-4"]
    assert (gone.gone_since, gone.status) == (here.clock.now(), "active")
    here.tomorrow()
    here.sync()
    assert here.customers()["A-4"].gone_since == gone.gone_since, "it says since when"
    here.source.put("A-4", name="Customer 4", tier="pro", status="active")
    here.sync()
    assert (here.customers()["A-4"].gone_since, here.groups("open")) == (None, [])


def test_one_is_open_at_a_time_and_the_timetable_asks_without_a_fuss(here: Synced) -> None:
    with here.database.begin() as session:
        first = ask_nightly(session, here.ctx)
    with here.database.begin() as session:
        assert ask_nightly(session, here.ctx) is None
    here.work()
    assert first is not None
    assert here.state(first.id) is RunState.DONE
    here.mode = Mode.OFF
    with here.database.begin() as session:
        assert ask_nightly(session, here.ctx) is None


def test_shadow_shows_what_was_found(here: Synced) -> None:
    here.mode = Mode.SHADOW
    here.sync()
    here.source.change("A-1", tier="enterprise")
    here.clock.move(timedelta(hours=1))
    here.sync()
    assert [group.size for group in here.groups("open")] == [1]


def test_a_tier_that_the_desk_is_the_truth_of_is_in_force_at_once_for_new_tickets(here: Synced) -> None:
    own = TIER.model_copy(update={"source": "desk", "direction": "to_handoff"})
    here.rules = here.rules.model_copy(update={"fields": (NAME, own)})
    here.sync()
    assert here.book is not None
    here.book.change(here.book.by_reference("A-1").id, tier="Enterprise")
    here.tomorrow()
    number = here.sync()
    one = here.customers()["A-1"]
    assert (one.tier, one.tier_before, one.tier_since) == ("enterprise", "pro", here.clock.now())
    assert here.groups() == []
    with written(here.database) as rows:
        assert here.sync() > number
    assert "customer" not in rows


def test_a_field_without_its_source_is_refused_in_words(here: Synced) -> None:
    here.rules = here.rules.model_copy(update={"fields": (NAME.model_copy(update={"source": "erp"}),)})
    number = here.sync()
    assert here.run(number).words == "There is no source erp any more. Nothing was read, and nothing was changed."
    here.rules = here.rules.model_copy(update={"fields": ()})
    assert "nothing to read" in here.run(here.sync()).words
