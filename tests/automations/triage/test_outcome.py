"""Whether a decision was right, by what people did afterwards; nobody having looked is no proof."""

from datetime import timedelta

import pytest

from automations.domain import Mode
from automations.triage.acts import Choice
from tests.automations.triage.stage import ANNA, SOLVED, Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

REFUND = "Please refund my invoice"


def outcome(stage: Stage, number: int) -> tuple[str, str]:
    row = stage.row(number)
    assert (row.outcome_at is not None) is bool(row.outcome)
    return row.outcome, row.outcome_queue


def test_kept_once_solved_by_somebody(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.play()
    stage.watch()
    assert outcome(stage, row.id) == ("", ""), "not over yet"
    stage.desk.wrote("1", "Done", kind="public")
    stage.desk.moved("1", status=SOLVED)
    stage.watch()
    assert outcome(stage, row.id) == ("kept", "")


def test_solved_without_anybody_looking_proves_nothing(stage: Stage) -> None:
    row = stage.decided(REFUND, group="Billing")
    assert row.state == "nothing"
    stage.desk.moved("1", status=SOLVED)
    stage.watch()
    assert outcome(stage, row.id) == ("", "")


def test_moved_as_soon_as_somebody_moves_it_and_kept_if_it_comes_back(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("apply_by", row)
    stage.play()
    stage.desk.moved("1", group="Sales")
    stage.watch()
    assert outcome(stage, row.id) == ("moved", "Sales")
    stage.desk.moved("1", group="Billing", assignee="anna@team.example")
    stage.desk.moved("1", status=SOLVED)
    stage.watch()
    assert outcome(stage, row.id) == ("kept", "")


def test_what_was_only_shown_is_judged_when_the_ticket_is_solved(stage: Stage) -> None:
    stage.into(Mode.SHADOW)
    row = stage.decided(REFUND)
    stage.clock.move(timedelta(minutes=5))
    stage.desk.moved("1", group="Sales")
    stage.watch()
    assert outcome(stage, row.id) == ("", "")
    stage.desk.moved("1", status=SOLVED)
    stage.watch()
    assert outcome(stage, row.id) == ("moved", "Sales")


def test_what_a_person_changed_stays_the_last_word(stage: Stage) -> None:
    row = stage.decided(REFUND)
    stage.act("change", row, ANNA, Choice("technical", "Support", "high"))
    stage.play()
    stage.desk.moved("1", status=SOLVED, assignee="anna@team.example")
    stage.watch()
    assert outcome(stage, row.id) == ("moved", "Support")
