"""A row that nobody can work with is passed over and named; a database that is away ends the round."""

import pytest
from sqlalchemy.exc import OperationalError

from automations.apart import Apart, RowsPassedOver
from automations.errors import Refused


def test_the_others_go_on_and_the_bad_ones_are_named() -> None:
    apart, done = Apart(), []
    for number in range(1, 9):
        with apart.row(f"CASE-{number}"):
            if number > 1:
                raise (Refused("nobody may") if number == 2 else KeyError("owner"))
            done.append(number)
    assert done == [1]
    assert apart.holds("CASE-2")
    assert not apart.holds("CASE-1")
    with pytest.raises(RowsPassedOver, match="7 rows could not be worked with") as told:
        apart.complain()
    assert "CASE-2: nobody may; CASE-3: KeyError: 'owner'" in str(told.value)
    assert str(told.value).endswith("and 2 more.")


def test_nothing_passed_over_is_nothing_to_say() -> None:
    Apart().complain()


def test_a_database_that_is_away_ends_the_round() -> None:
    apart, away = Apart(), OperationalError("select", None, Exception("gone"))
    with pytest.raises(OperationalError), apart.row("CASE-1"):
        raise away
    assert apart.rows == []
