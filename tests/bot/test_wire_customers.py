"""The strings of customers that cross to Slack: round trips within its limits, and no string that crashes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wire import WireError
from bot.wire_customers import (
    CHANGES_NAMES,
    CONFLICT_NAMES,
    LIST_NAMES,
    SETTLING,
    ChangesAct,
    ChangesButton,
    ConflictAct,
    ConflictButton,
    FieldButton,
    ListAct,
    ListButton,
    Pages,
    field_key,
)

numbers = st.integers(1, 10**18 - 1)
pages = st.integers(0, 99_999)
digests = st.text("0123456789abcdef", max_size=16)
buttons = st.one_of(
    st.builds(ChangesButton, st.integers(0, 10**18 - 1), st.sampled_from(ChangesAct), digests, numbers, pages),
    st.builds(ConflictButton, numbers, st.sampled_from(ConflictAct), st.integers(0, 10**9 - 1)),
    st.builds(FieldButton, st.sampled_from(SETTLING), st.text().map(field_key), digests),
    st.builds(ListButton, st.sampled_from(ListAct), st.sampled_from(Pages), numbers, pages),
)
KINDS = (ChangesButton, ConflictButton, FieldButton, ListButton)
Button = ChangesButton | ConflictButton | FieldButton | ListButton


@given(buttons)
def test_a_button_comes_back_as_it_left(made: Button) -> None:
    assert len(made.encode()) <= 75
    assert type(made).decode(made.encode()) == made


@given(buttons)
def test_no_button_is_taken_for_another_kind(made: Button) -> None:
    for kind in KINDS:
        if kind is not type(made):
            with pytest.raises(WireError, match="Nothing was changed"):
                kind.decode(made.encode())


@pytest.mark.parametrize("decode", [kind.decode for kind in KINDS], ids=lambda decode: decode.__qualname__)
@given(value=st.one_of(st.text(), st.from_regex(r"(changes|conflict|field|customers):[0-9a-z_:]{0,60}")))
def test_any_other_value_is_refused_in_words(decode: Callable[[str], Button], value: str) -> None:
    said = ""
    try:
        again = decode(value)
    except WireError as refused:
        said = str(refused)
    else:
        assert type(again).decode(again.encode()) == again
    assert not said or "Nothing was changed" in said


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ChangesButton, "changes:1:teleport::1:0"),
        (ConflictButton, "conflict:1:teleport:1"),
        (ListButton, "customers:page:teleport:1:1"),
        (ListButton, "customers:teleport:sync:1:1"),
        (FieldButton, f"field:merge:{'0' * 12}:"),
    ],
)
def test_an_act_that_is_none_of_ours_is_refused(kind: type[Button], value: str) -> None:
    with pytest.raises(WireError, match="does not do"):
        kind.decode(value)


def test_each_act_has_one_word() -> None:
    assert (set(CHANGES_NAMES), set(CONFLICT_NAMES), set(LIST_NAMES)) == (
        set(ChangesAct),
        set(ConflictAct),
        set(ListAct),
    )
