"""Rows of several sources become accounts; what cannot be taken, and what is told twice, is named."""

from collections.abc import Iterable, Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.customer_context.accounts import SHOWN, SHOWN_CHARACTERS, Gathered, gather
from automations.customer_context.values import ConflictKind
from automations.desks import SourceRow
from tests.automations.customer_context.two_lists import COLUMN, field_of, rows_of, rules_of

RULES = rules_of(
    field_of("name"),
    field_of("tier"),
    field_of("seats", "billing", column="licences", type="number"),
    field_of("owner", "desk", direction="to_handoff"),
)


def gathered(
    crm: Iterable[Mapping[str, str | None]] = (), billing: Iterable[Mapping[str, str | None]] = ()
) -> Gathered:
    return gather(RULES, {"crm": rows_of(crm), "billing": rows_of(billing)}, COLUMN)


def values(found: Gathered) -> dict[str, dict[str, str]]:
    return {account: one.values for account, one in found.accounts.items()}


def test_each_source_tells_its_own_fields_alone() -> None:
    found = gathered(
        [{"id": "a", "name": "Acme", "tier": None, "licences": "99"}, {"id": "b", "name": "Berg", "tier": "pro"}],
        [{"account": " a ", "licences": "5.0", "name": "not billing's"}, {"account": "c", "licences": ""}],
    )
    assert values(found) == {
        "a": {"name": "Acme", "tier": "", "seats": "5"},
        "b": {"name": "Berg", "tier": "pro"},
        "c": {"seats": ""},
    }
    assert found.read == {"billing": 2, "crm": 2}
    assert (found.rejected, found.conflicts) == ([], [])


def test_a_column_that_a_row_lacks_was_not_told() -> None:
    assert values(gathered([{"id": "a", "tier": "pro"}, {"id": "a", "name": "Acme"}])) == {
        "a": {"tier": "pro", "name": "Acme"}
    }


def test_a_row_is_taken_whole_or_not_at_all() -> None:
    found = gathered(
        [
            {"id": "a", "name": "Acme", "tier": "x" * 65},
            {"id": "", "name": "Nobody", "tier": ""},
            {"id": "a", "name": "Acme", "tier": "pro"},
        ],
        [{"account": "a", "licences": "5"}],
    )
    assert values(found) == {"a": {"seats": "5"}}, "the other source is heard; the good row of this one is not"
    assert [(one.source, one.row_key, one.reason) for one in found.rejected] == [
        ("crm", "a", "tier has 65 characters, more than 64"),
        ("crm", "row 2", "has no account id"),
    ]


def test_every_reason_is_said_and_the_row_is_kept_short() -> None:
    (one,) = gathered(billing=[{"account": "a\0", "licences": "y" * 9_999, "secret": "never kept"}]).rejected
    assert one.reason == r"has the account id 'a\x00', which holds characters that nobody sees"
    assert one.row == {"account": "a\N{REPLACEMENT CHARACTER}", "licences": "y" * SHOWN_CHARACTERS}
    (both,) = gathered([{"id": "a", "name": "n" * 256, "tier": "t" * 65}]).rejected
    assert both.reason == "name has 256 characters, more than 255; tier has 65 characters, more than 64"


def test_equal_rows_are_one_and_different_ones_are_a_conflict() -> None:
    acme: dict[str, str | None] = {"id": "a", "name": "Acme", "tier": "pro"}
    assert gathered([acme, {**acme, "name": " Acme "}, {**acme, "tier": "PRO"}]).conflicts == []
    found = gathered([acme, {**acme, "tier": ""}, {**acme, "tier": "Enterprise"}])
    assert values(found) == {"a": {"name": "Acme"}}
    (one,) = found.conflicts
    assert (one.account, one.name, one.field, one.kind, one.source) == (
        "a",
        "Acme",
        "tier",
        ConflictKind.TWO_ROWS,
        "crm",
    )
    assert one.source_value == "(blank) | Enterprise | pro"


def test_one_account_told_ever_so_often_is_one_short_conflict() -> None:
    (one,) = gathered([{"id": "a", "name": f"Name {number:05}"} for number in range(5_000)]).conflicts
    assert one.source_value.endswith(f"| and {5_000 - SHOWN} more")
    assert len(one.source_value) < 200


def test_a_source_that_breaks_off_breaks_the_reading_off() -> None:
    def cut() -> Iterable[SourceRow]:
        yield from rows_of([{"id": "a"}])
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        gather(RULES, {"crm": cut()}, COLUMN)


ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", " a", ""]),
        "account": st.sampled_from(["a", "b", "c", "x" * 256]),
        "name": st.sampled_from(["Acme", "Berg", "", "n" * 256]),
        "tier": st.sampled_from(["pro", "PRO", "Pro", "ent", ""]),
        "licences": st.sampled_from(["1", "1.0", "2", "many"]),
    }
)


@given(st.lists(ROW, max_size=8), st.randoms(use_true_random=False))
def test_the_same_rows_in_another_order_give_the_same(rows: list[dict[str, str]], chance: Random) -> None:
    placed = rows_of(rows)
    mixed = list(placed)
    chance.shuffle(mixed)
    one = gather(RULES, {"crm": placed, "billing": placed}, COLUMN)
    other = gather(RULES, {"billing": mixed, "crm": mixed}, COLUMN)
    assert one == other
    assert len({(row.source, row.row_key) for row in one.rejected}) == len(one.rejected)


def test_a_row_with_a_secret_is_rejected_without_a_value_of_it() -> None:
    held = "quiet-lantern-river"
    rows = rows_of([{"id": "A-1", "name": f"Acme {held}"}, {"id": held, "name": "x"}, {"id": "A-3", "name": "Acme"}])
    made = gather(RULES, {"crm": rows, "billing": rows_of([])}, COLUMN, lambda text: held in text)
    assert [(one.row_key == held, "looks like a secret" in one.reason) for one in made.rejected] == [(False, True)] * 2
    assert {name: account.values.get("name") for name, account in made.accounts.items()} == {"A-1": None, "A-3": "Acme"}
    assert not any(held in one.reason for one in made.rejected)
