"""What buttons about stuck work carry comes back as it left, and anything else is refused in words."""

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex, integers, sampled_from, text

from bot.wire import WireError
from bot.wire_stuck import OF_MANY, STUCK_NAMES, CauseButton, StuckAct, StuckButton

NUMBERS = integers(1, 10**18 - 1)


@given(NUMBERS, sampled_from(sorted(set(StuckAct) - OF_MANY)))
def test_a_button_for_one_comes_back_as_it_left(number: int, act: StuckAct) -> None:
    button = StuckButton(number, act)
    assert StuckButton.decode(button.encode()) == button
    with pytest.raises(WireError, match="Nothing was changed"):
        CauseButton.decode(button.encode())


@given(from_regex(r"[0-9a-f]{16}", fullmatch=True), NUMBERS, sampled_from(sorted(OF_MANY)))
def test_a_button_for_many_comes_back_as_it_left(cause: str, upto: int, act: StuckAct) -> None:
    button = CauseButton(cause, upto, act)
    assert CauseButton.decode(button.encode()) == button
    assert len(button.encode()) <= 75
    with pytest.raises(WireError, match="Nothing was changed"):
        StuckButton.decode(button.encode())


@given(text())
def test_any_other_value_is_refused_in_words(value: str) -> None:
    for kind in (StuckButton, CauseButton):
        with pytest.raises(WireError, match="Nothing was changed"):
            kind.decode(value)


def test_every_act_has_its_one_word() -> None:
    assert set(STUCK_NAMES) == set(StuckAct)
    assert len(set(STUCK_NAMES.values())) == len(STUCK_NAMES)
