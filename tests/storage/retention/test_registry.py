"""The registry names every table, once, and what it says is what the sweep does."""

from itertools import count

import pytest

from storage.models import Base, Case
from storage.retention import Terms
from storage.retention.registry import KEPT, MESSAGES, RULES, told, untold
from storage.retention.rules import Rule, pointing_at


def test_every_table_of_the_models_is_named() -> None:
    """A new table fails here until somebody says how long its rows are kept, or why they are."""
    assert untold() == []
    assert sorted(told()) == sorted(Base.metadata.tables)


def test_a_table_that_is_not_named_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(KEPT, "rate_budget")
    monkeypatch.setitem(KEPT, "no_such_table", "because")
    assert untold() == ["no_such_table", "rate_budget"]


def test_no_table_is_both_kept_and_swept() -> None:
    swept = {rule.table.name for rule in RULES} | {part.table.name for rule in RULES for part in rule.parts}
    assert swept & set(KEPT) == set()
    assert set(MESSAGES) & (swept | set(KEPT)) == set()


def test_neither_the_desk_nor_the_audit_log_is_swept() -> None:
    ours = {name for name in Base.metadata.tables if name.startswith(("desk_", "audit_", "mirror_"))}
    assert ours <= set(KEPT)


def test_every_term_is_used_and_known() -> None:
    assert {rule.term for rule in RULES} | {"messages"} == set(Terms.__dataclass_fields__)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.table.name)
def test_nothing_points_at_the_parts_of_a_rule(rule: Rule) -> None:
    """They are dropped by what they belong to alone, so nobody else may need them."""
    inside = {rule.table.name, *(part.table.name for part in rule.parts)}
    for part in rule.parts:
        assert {key.parent.table.name for key in pointing_at(part.table)} <= inside
        assert part.column.property.columns[0].foreign_keys, f"{part.column} does not point at {rule.table.name}"


def test_what_points_at_others_is_swept_before_them() -> None:
    """A row goes in the sweep in which the last that needs it went, and not a sweep later."""
    place: dict[str, int] = {}
    for number, rule in zip(count(), RULES, strict=False):
        place.setdefault(rule.table.name, number)
    for rule in RULES:
        for key in pointing_at(rule.table):
            other = key.parent.table.name
            if other in place and other != rule.table.name:
                assert place[other] < place[rule.table.name] or other in {one.table.name for one in rule.parts}


def test_a_case_that_is_linked_to_an_older_one_lets_go_of_it() -> None:
    rule = next(rule for rule in RULES if rule.model is Case)
    assert [(cut.class_, cut.key) for cut in rule.cuts] == [(Case, "previous_id")]
