"""Looking at what changed: each change once, in turn, a bounded number at a time, and none while triage is off."""

from datetime import timedelta

import pytest

from automations.domain import Mode
from automations.mirror.reading import read_on
from automations.ticket_texts.reading import read_changed
from automations.triage.looking import look
from tests.automations.triage.stage import SOLVED, Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def read(stage: Stage) -> None:
    """Read the desk on, and the words of what changed."""
    stage.clock.move(timedelta(seconds=1))
    read_on(stage.database, stage.desk.desk, None, clock=stage.clock, redactor=stage.ctx.redactor)
    read_changed(stage.database, stage.desk.desk, stage.clock, stage.ctx.redactor, most=50)


def looked(stage: Stage, most: int = 200) -> int:
    return look(stage.database, stage.ctx, None, most=most)


def test_what_was_read_is_decided_on_a_few_at_a_time_and_never_twice(stage: Stage) -> None:
    for number in range(5):
        stage.desk.opened(str(number), "please refund my invoice")
    read(stage)
    assert [looked(stage, most=2) for _ in range(4)] == [2, 2, 1, 0]
    stage.clock.move(timedelta(minutes=1))
    stage.desk.wrote("3", "my password does not work either")
    read(stage)
    assert [looked(stage, most=2) for _ in range(2)] == [1, 0]


def test_what_people_do_with_a_ticket_is_followed_without_new_words(stage: Stage) -> None:
    stage.desk.opened("1", "please refund my invoice")
    read(stage)
    assert looked(stage) == 1
    stage.clock.move(timedelta(minutes=5))
    stage.desk.moved("1", group="Sales")
    read(stage)
    assert looked(stage) == 0
    decision = stage.row(1)
    assert (decision.state, "by hand" in decision.error) == ("superseded", True)


def test_a_solved_ticket_says_what_became_of_the_decision(stage: Stage) -> None:
    stage.desk.opened("1", "please refund my invoice", group="Billing")
    read(stage)
    assert looked(stage) == 1
    stage.desk.wrote("1", "It is refunded.", "public")
    stage.desk.moved("1", status=SOLVED)
    read(stage)
    assert looked(stage) == 0
    assert stage.row(1).outcome == "kept"


def test_nothing_is_looked_at_while_it_is_off(stage: Stage) -> None:
    stage.into(Mode.OFF)
    stage.desk.opened("1", "please refund my invoice")
    read(stage)
    assert looked(stage) == 0
    stage.into(Mode.ASK)
    assert looked(stage) == 1
