"""A sync as a plan: who is new, gone and back, what differs, what is asked, and what stops it."""

from datetime import timedelta
from typing import Any

import pytest

from automations.customer_context.rules import ACTIVE, DESK, CustomerRules
from automations.customer_context.values import ChangeKind, ConflictKind, Remembered, Settled, SyncPlan
from automations.desks import Capability
from automations.errors import Refused
from tests.automations.customer_context.two_lists import (
    EVERYTHING,
    World,
    customer,
    field_of,
    rows_of,
    rules_of,
)
from tests.support import START

FIELDS = (field_of("name"), field_of("domains"), field_of("status"), field_of("tier"))
RULES = rules_of(*FIELDS)
ACME: dict[str, str | None] = {"id": "a", "name": "Acme", "domains": "acme.example", "status": "active", "tier": "pro"}
AGREED = {"name": "Acme", "domains": "acme.example", "status": "active", "tier": "pro"}


def world(*rows: dict[str, str | None], rules: CustomerRules = RULES, **said: Any) -> World:
    return World(rules, sources={"crm": rows_of(rows)}, **said)


def settled_world(rules: CustomerRules = RULES, can: frozenset[Capability] = EVERYTHING, **source: str | None) -> World:
    """Acme is in the source and in the desk, both agree, and Handoff knows it. Then the source says something else."""
    there = world(ACME, rules=rules, can=can, desk={"1": customer("1", "Acme", "a", "acme.example", tier="pro")})
    there.carry_out(there.plan())
    assert there.plan().groups == ()
    there.sources = {"crm": rows_of([{**ACME, **source}])}
    return there


def said(found: SyncPlan) -> list[tuple[str, str, str, str, str]]:
    return [
        (group.kind, one.account, one.field, one.before, one.after) for group in found.groups for one in group.changes
    ]


def asked(found: SyncPlan) -> list[tuple[str, str, str, str, str, str]]:
    return [(one.kind, one.account, one.field, one.source_value, one.desk_value, one.winner) for one in found.conflicts]


def falls(found: SyncPlan) -> dict[str, int]:
    counts = found.counts
    words = ("rejected", "conflicted", "added", "suspended", "changed", "unchanged")
    return {word: count for word in words if (count := getattr(counts, word))}


def test_who_is_new_is_added_with_all_that_was_told() -> None:
    rules = rules_of(*FIELDS, field_of("seats", "billing", type="number", direction="to_handoff"))
    there = world({**ACME, "status": "", "tier": None}, rules=rules)
    there.sources["billing"] = rows_of([{"account": "a", "seats": "5.0"}])
    found = there.plan()
    (group,) = found.groups
    (one,) = group.changes
    assert (group.kind, group.field, one.name, one.desk_id, one.before, one.after) == (
        "added",
        "",
        "Acme",
        None,
        "",
        "",
    )
    told = {"name": "Acme", "domains": "acme.example", "status": ACTIVE, "tier": "", "seats": "5"}
    assert dict(one.values) == told, "blank ones too, and those that are kept here"
    assert (falls(found), found.population, found.touched, found.brake) == ({"added": 1}, 0, 0, "")
    assert [(record.desk_id, record.base, record.kept) for record in found.records] == [(None, {}, {})], (
        "nobody said yes"
    )


def test_without_customers_in_the_desk_all_is_kept_here() -> None:
    there = world(ACME, desk=None, can=frozenset())
    there.carry_out(there.plan())
    there.sources = {"crm": rows_of([{**ACME, "tier": "ent", "name": ""}])}
    found = there.plan()
    assert said(found) == [("changed", "a", "tier", "pro", "ent")]
    assert (found.blanks_kept, found.population, found.touched) == ({"name": 1}, 1, 1)
    there.carry_out(found)
    there.sources = {"crm": rows_of([{**ACME, "id": "b"}])}
    assert said(there.plan()) == [("added", "b", "", "", ""), ("suspended", "a", "status", "active", "suspended")]


def test_a_customer_of_the_desk_alone_is_left_alone_and_counted_in_the_population() -> None:
    there = settled_world()
    assert there.desk is not None
    there.desk["2"] = customer("2", "Theirs", "ERP-1", "theirs.example", tier="odd")
    found = there.plan()
    assert (said(found), asked(found), found.records) == ([], [], [])
    assert (falls(found), found.population) == ({"unchanged": 1}, 2)


def test_names_in_other_blanks_domains_and_tiers_in_other_case_are_the_same() -> None:
    there = settled_world(name=" Acme\u00a0 ", domains="ACME.example", tier="PRO", status="Active")
    found = there.plan()
    assert (said(found), asked(found), found.records[1:]) == ([], [], [])


def test_who_is_matched_by_a_domain_is_linked_and_nothing_of_the_desk_is_overwritten() -> None:
    desk = {"1": customer("1", "Acme Inc", None, "acme.example, more.example", status="suspended")}
    there = world(ACME, desk=desk)
    found = there.plan()
    assert said(found) == [("linked", "a", "", "", "a"), ("changed", "a", "tier", "", "pro")]
    assert asked(found) == [
        ("differs", "a", "domains", "acme.example", "acme.example, more.example", "source"),
        ("differs", "a", "name", "Acme", "Acme Inc", "source"),
        ("differs", "a", "status", "active", "suspended", "source"),
    ]
    assert [(one.desk_id, one.url) for one in found.conflicts] == [("1", "https://desk.example/1")] * 3
    assert falls(found) == {"conflicted": 1}
    (record,) = found.records
    assert record.desk_id == "1", "where it is is known at once"
    assert record.kept["name"] == "Acme Inc", "what lives in the desk is in force"
    without = world(ACME, desk=desk, can=EVERYTHING - {Capability.REFERENCES}).plan()
    assert "linked" not in {kind for kind, *_ in said(without)}, "the link is kept here alone"


def test_another_systems_reference_is_asked_about() -> None:
    there = world(ACME, desk={"1": customer("1", "Acme", "ERP-7", "acme.example", tier="pro")})
    found = there.plan()
    assert (said(found), asked(found)) == ([], [("differs", "a", "", "a", "ERP-7", "source")])
    there.settled["a", ""] = Settled("a", "ERP-7")
    assert asked(there.plan()) == []


def test_what_only_the_source_changed_is_changed_and_what_the_desk_changed_is_asked() -> None:
    there = settled_world(tier="ent", name="Acme AG")
    assert there.desk is not None
    there.desk["1"] = customer("1", "Acme by hand", "a", "acme.example", tier="pro")
    found = there.plan()
    assert said(found) == [("changed", "a", "tier", "pro", "ent")]
    assert asked(found) == [("differs", "a", "name", "Acme AG", "Acme by hand", "source")]
    assert (found.touched, falls(found)) == (1, {"conflicted": 1})


@pytest.mark.parametrize(
    ("rule", "edited", "changes", "conflicts"),
    [
        ("keep", False, [], []),
        ("clear", False, [("cleared", "a", "tier", "pro", "")], []),
        ("clear", True, [], [("blank", "a", "tier", "", "gold", "source")]),
        ("conflict", False, [], [("blank", "a", "tier", "", "pro", "")]),
    ],
)
def test_a_blank_is_what_the_settings_say(rule: str, edited: bool, changes: list[Any], conflicts: list[Any]) -> None:
    there = settled_world(rules_of(*FIELDS[:3], field_of("tier", blank=rule)), tier=" ")
    assert there.desk is not None
    if edited:
        there.desk["1"] = customer("1", "Acme", "a", "acme.example", tier="gold")
    found = there.plan()
    assert (said(found), asked(found)) == (changes, conflicts)
    assert found.blanks_kept == ({"tier": 1} if rule == "keep" else {})


def test_a_blank_status_says_nothing() -> None:
    there = settled_world(rules_of(*FIELDS[:2], field_of("status", blank="clear")), status="")
    found = there.plan()
    assert (said(found), asked(found), found.blanks_kept) == ([], [], {"status": 1})


def test_a_new_field_of_the_settings_fills_what_is_empty_and_asks_about_the_rest() -> None:
    there = settled_world(region="eu", plan="gold")
    there.rules = rules_of(*FIELDS, field_of("region"), field_of("plan"))
    assert there.desk is not None
    there.desk["1"] = customer("1", "Acme", "a", "acme.example", tier="pro", plan="silver")
    found = there.plan()
    assert said(found) == [("changed", "a", "region", "", "eu")]
    assert asked(found) == [("differs", "a", "plan", "gold", "silver", "source")]


def test_what_was_settled_stays_away_until_a_value_changes_or_it_is_over() -> None:
    there = settled_world(tier="ent")
    there.settled["a", "tier"] = Settled("ent", "pro", START + timedelta(days=1))
    assert (said(there.plan()), falls(there.plan())) == ([], {"unchanged": 1})
    there.now = START + timedelta(days=1)
    assert said(there.plan()) == [("changed", "a", "tier", "pro", "ent")], "its end is not part of it"
    there.now = START
    there.sources = {"crm": rows_of([{**ACME, "tier": "gold"}])}
    assert said(there.plan()) == [("changed", "a", "tier", "pro", "gold")]


def test_a_rejected_group_of_new_customers_is_not_asked_again() -> None:
    there = world(ACME)
    there.say_no(there.plan().groups)
    found = there.plan()
    assert (said(found), falls(found)) == ([], {"unchanged": 1})


@pytest.mark.parametrize("direction", ["to_desk", "to_handoff"])
def test_who_is_gone_is_suspended_and_who_is_back_is_not(direction: str) -> None:
    there = settled_world(rules_of(*FIELDS[:2], field_of("status", direction=direction)))
    there.sources = {"crm": rows_of([{**ACME, "id": "b", "domains": "", "name": "Berg"}])}
    found = there.plan()
    assert ("suspended", "a", "status", "active", "suspended") in said(found)
    assert falls(found) == {"added": 1, "suspended": 1}
    assert [record.gone for record in found.records if record.account == "a"] == [True]
    there.carry_out(found)
    assert there.desk is not None
    assert there.desk["1"].status == ("suspended" if direction == "to_desk" else "active")
    there.sources["crm"] += rows_of([ACME])
    found = there.plan()
    assert said(found) == [("resumed", "a", "status", "suspended", "active")]
    there.keep(found)
    assert there.remembered["a"].gone, "until somebody says yes"
    assert said(there.plan()) == said(found)
    there.carry_out(there.plan())
    assert not there.remembered["a"].gone
    assert there.desk["1"].status == "active"
    assert (there.plan().groups, there.plan().records) == ((), [])


def test_a_word_for_gone_that_no_desk_knows_is_kept_here() -> None:
    there = settled_world(rules_of(*FIELDS, gone="churned"))
    berg = rows_of([{**ACME, "id": "b", "domains": "", "name": "Berg"}])
    there.sources = {"crm": berg}
    found = there.plan()
    assert ("suspended", "a", "status", "active", "churned") in said(found)
    there.carry_out(found)
    assert there.desk is not None
    assert (there.desk["1"].status, there.remembered["a"].kept["status"]) == ("active", "churned")
    assert (there.plan().groups, there.plan().records) == ((), [])
    there.sources = {"crm": berg + rows_of([{**ACME, "status": "suspended"}])}
    found = there.plan()
    assert said(found) == [("changed", "a", "status", "active", "suspended")], "one change, to what the source says"
    there.sources = {"crm": berg + rows_of([ACME])}
    assert said(there.plan()) == [("resumed", "a", "status", "churned", "active")]


def test_without_a_field_for_it_being_gone_is_known_here() -> None:
    there = settled_world(rules_of(field_of("name")))
    there.sources = {"crm": rows_of([{"id": "b", "name": "Berg"}])}
    there.carry_out(there.plan())
    assert there.remembered["a"].kept["status"] == "suspended"
    assert there.desk is not None
    assert there.desk["1"].status == "active", "nobody named the status"
    there.sources["crm"] += rows_of([ACME])
    assert said(there.plan()) == [("resumed", "a", "status", "suspended", "active")]


def test_a_status_whose_truth_is_the_desk_is_not_touched_by_being_gone() -> None:
    there = settled_world(rules_of(field_of("name"), field_of("status", DESK, direction="to_handoff")))
    there.sources = {"crm": rows_of([{"id": "b", "name": "Berg"}])}
    found = there.plan()
    assert said(found) == [("added", "b", "", "", "")]
    assert [record.gone for record in found.records if record.account == "a"] == [True]


def test_who_is_gone_before_anybody_said_yes_is_nobody() -> None:
    there = world(ACME)
    there.keep(there.plan())
    there.sources = {"crm": rows_of([{**ACME, "id": "b"}])}
    found = there.plan()
    assert (said(found), falls(found)) == ([("added", "b", "", "", "")], {"added": 1, "unchanged": 1})


@pytest.mark.parametrize(
    ("gone", "changes"), [("suspended", []), ("churned", [("suspended", "a", "status", "active", "churned")])]
)
def test_who_is_gone_on_both_sides_is_suspended_here_alone(gone: str, changes: list[Any]) -> None:
    there = settled_world(rules_of(*FIELDS, gone=gone))
    assert there.desk is not None
    there.desk = {"2": customer("2", "Berg", "b", "", tier="pro")}
    there.sources = {"crm": rows_of([{**ACME, "id": "b", "domains": "", "name": "Berg"}])}
    found = there.plan()
    assert said(found) == changes
    assert [(record.gone, record.desk_id) for record in found.records if record.account == "a"] == [(True, "1")]
    there.carry_out(found)
    assert (there.plan().groups, there.plan().records) == ((), [])


def test_a_reading_that_is_not_whole_misses_nobody_and_remembers_the_rest() -> None:
    there = settled_world()
    there.sources = {"crm": rows_of([{"id": "b", "name": "Berg", "domains": "", "status": "", "tier": ""}])}
    assert said(there.plan(whole=False)) == [("added", "b", "", "", "")]
    assert there.desk is not None
    there.desk["1"] = customer("1", "Acme by hand", "a", "acme.example", tier="pro")
    there.sources = {}
    found = there.plan(whole=False)
    assert asked(found) == [("differs", "a", "name", "Acme", "Acme by hand", "source")], "as the source said last"
    there.sources = {"crm": rows_of([{"id": "a", "tier": "ent"}])}
    found = there.plan(whole=False)
    assert said(found) == [("changed", "a", "tier", "pro", "ent")]
    assert [record.source["name"] for record in found.records] == ["Acme"]


def test_an_account_may_be_in_one_source_and_not_in_the_other() -> None:
    rules = rules_of(field_of("name"), field_of("tier", "billing"), brake_share=100.0)
    there = World(rules, sources={"crm": rows_of([{"id": "a", "name": "Acme"}, {"id": "b", "name": "Berg"}])})
    there.sources["billing"] = rows_of([{"account": "a", "tier": "pro"}, {"account": "c", "tier": "pro"}])
    found = there.plan()
    assert [dict(one.values) for one in found.groups[0].changes] == [
        {"name": "Acme", "tier": "pro"}, {"name": "Berg"}, {"tier": "pro"}
    ]  # fmt: skip
    there.carry_out(found)
    there.sources = {"crm": rows_of([{"id": "b", "name": "Berg"}]), "billing": there.sources["billing"]}
    found = there.plan()
    assert said(found) == [], "a is still in billing, and its name is told by nobody"
    there.carry_out(found)
    assert there.remembered["a"].source == {"tier": "pro"}


def test_a_rejected_row_is_neither_gone_nor_half_taken() -> None:
    there = settled_world(tier="t" * 65, name="Not taken")
    found = there.plan()
    assert (said(found), asked(found), falls(found), found.records) == ([], [], {"rejected": 1}, [])
    there.sources["crm"] += rows_of([{**ACME, "id": ""}, {**ACME, "id": "b", "tier": "t" * 65}])
    found = there.plan()
    assert (said(found), falls(found)) == ([], {"rejected": 3}), "and nobody is added by half"


def test_an_account_told_twice_is_asked_about_and_nothing_of_it_changes() -> None:
    there = settled_world()
    there.sources["crm"] += rows_of([{**ACME, "tier": "ent", "name": "Acme"}])
    found = there.plan()
    assert said(found) == []
    assert asked(found) == [("two_rows", "a", "tier", "ent | pro", "pro", "")]
    assert (found.conflicts[0].desk_id, falls(found)) == ("1", {"conflicted": 1})
    there.settled["a", "tier"] = Settled("ent | pro", "pro")
    assert (asked(there.plan()), said(there.plan())) == ([], [])


def test_two_of_one_are_asked_about_and_nothing_of_them_changes() -> None:
    there = world(ACME, {**ACME, "id": "b", "tier": "ent"}, desk={"1": customer("1", "Acme", None, "acme.example")})
    found = there.plan()
    assert said(found) == []
    assert asked(found) == [(ConflictKind.TWO_ACCOUNTS, one, "", "a, b", "1", "") for one in "ab"]
    assert found.conflicts[0].others == ("a", "b")
    assert {record.account: (record.desk_id, record.source["tier"]) for record in found.records} == {
        "a": (None, "pro"),
        "b": (None, "ent"),
    }, "what the source said is remembered all the same"
    there = world(ACME, desk={one: customer(one, "Acme", None, "acme.example") for one in "12"})
    assert asked(there.plan()) == [(ConflictKind.TWO_CUSTOMERS, "a", "", "a", "1, 2", "")]


def test_what_comes_from_the_desk_is_taken_at_once() -> None:
    owner = field_of("owner", DESK, direction="to_handoff", values={"B": "ben", "L": "lea"})
    there = settled_world(rules_of(*FIELDS, owner))
    assert there.desk is not None
    there.desk["1"] = customer("1", "Acme", "a", "acme.example", tier="pro", owner="l")
    found = there.plan()
    assert (said(found), [record.kept["owner"] for record in found.records]) == ([], ["lea"])
    there.keep(found)
    there.desk["1"] = customer("1", "Acme", "a", "acme.example", tier="pro", owner="Nobody")
    found = there.plan()
    (row,) = found.rejected
    assert (row.source, row.row_key, row.reason) == (DESK, "a", "owner is 'Nobody', which the settings map to nothing")
    assert (found.records, falls(found)) == ([], {"rejected": 1}), "it stays as it was"


def test_what_the_desk_cannot_keep_is_kept_here() -> None:
    there = settled_world(can=EVERYTHING - {Capability.DOMAINS}, domains="new.example")
    found = there.plan()
    assert said(found) == [("changed", "a", "domains", "acme.example", "new.example")]
    there.carry_out(found)
    assert there.desk is not None
    assert there.desk["1"].domains == ("acme.example",), "nothing was written where it cannot be"
    assert there.plan().groups == ()


def test_a_desk_that_shows_nobody_stops_the_sync() -> None:
    rows = [{**ACME, "id": f"a{number}", "domains": ""} for number in range(20)]
    there = world(*rows)
    there.carry_out(there.plan())
    desk, there.desk = there.desk, {}
    found = there.plan()
    assert falls(found) == {"added": 20}
    assert found.brake == "20 of 20 customers at once", "who was known is not simply new"
    there.keep(found)
    there.desk = desk
    assert there.plan().groups == (), "and is found again"


def test_too_many_at_once_stop_the_sync() -> None:
    rows = [{**ACME, "id": f"a{number}", "domains": ""} for number in range(20)]
    there = world(*rows)
    there.carry_out(there.plan())
    there.sources = {"crm": rows_of([{**one, "tier": "ent"} for one in rows[:4]] + rows[4:])}
    assert (there.plan().touched, there.plan().brake) == (4, "")
    there.sources = {"crm": rows_of([{**one, "tier": "ent"} for one in rows[:5]] + rows[5:])}
    assert there.plan().brake == "5 of 20 customers at once"
    there.sources = {"crm": rows_of(rows[5:])}
    both = "5 of 20 customers at once; crm lacks 5 of the 20 customers that it had"
    assert there.plan().brake == both
    assert there.plan(whole=False).brake == ""


def test_one_source_that_shrank_stops_the_sync_though_nobody_is_gone() -> None:
    rules = rules_of(field_of("name"), field_of("tier", "billing"))
    everybody = [f"a{number}" for number in range(20)]
    there = World(rules, sources={"crm": rows_of([{"id": one, "name": one} for one in everybody])})
    there.sources["billing"] = rows_of([{"account": one, "tier": "pro"} for one in everybody])
    there.carry_out(there.plan())
    there.sources["billing"] = there.sources["billing"][:10]
    found = there.plan()
    assert (found.touched, found.brake) == (0, "billing lacks 10 of the 20 customers that it had")
    there.sources["billing"] = []
    with pytest.raises(Refused, match="billing lists no customer any more and had 20"):
        there.plan()


def test_an_empty_listing_is_refused() -> None:
    with pytest.raises(Refused, match="nothing was changed"):
        world().plan()
    assert world().plan(whole=False).groups == ()


def test_who_was_gone_is_not_missed_again() -> None:
    rows = [{**ACME, "id": f"a{number}", "domains": ""} for number in range(20)]
    there = world(*rows)
    there.carry_out(there.plan())
    there.sources = {"crm": rows_of(rows[5:])}
    there.carry_out(there.plan())
    assert (there.plan().groups, there.plan().brake, falls(there.plan())) == ((), "", {"unchanged": 20})


def test_one_customer_told_by_two_pages_of_the_desk_is_one() -> None:
    there = settled_world()
    assert there.desk is not None
    there.desk["again"] = there.desk["1"]
    assert (there.plan().groups, there.plan().population) == ((), 1)


def test_a_huge_value_of_the_desk_is_cut_where_rows_have_no_room() -> None:
    there = settled_world()
    assert there.desk is not None
    there.desk["1"] = customer("1", "n" * 5_000, "a", f"acme.example, {'d' * 300}.example", tier="t" * 500)
    found = there.plan()
    (record,) = found.records
    assert (len(record.kept["name"]), record.kept["domains"], len(record.kept["tier"])) == (5_000, "acme.example", 64)
    assert {one.field: len(one.desk_value) for one in found.conflicts} == {"domains": 322, "name": 5_000, "tier": 500}
    there.keep(found)
    assert there.plan().records == []


def test_a_field_that_the_settings_dropped_is_forgotten_and_nothing_else() -> None:
    there = settled_world()
    there.remembered["a"] = Remembered("a", "1", AGREED, {**AGREED, "old": "x"}, {**AGREED, "old": "x"})
    assert (there.plan().groups, there.plan().records) == ((), [])
    assert ChangeKind.CLEARED not in {kind for kind, *_ in said(there.plan())}
