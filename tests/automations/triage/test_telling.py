"""One message a day, a line for each ticket, and one mention a day at most."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import Mode
from automations.triage.card import day_card, decision_card, recent
from automations.triage.decisions import day_of
from automations.triage.telling import PATIENCE, keep
from storage import notifications
from tests.automations.triage.stage import ANNA, Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

REFUND = "Please refund my invoice"
HOURS = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")


def shown(stage: Stage, key: str) -> None:
    """Slack shows this message."""
    with stage.database.begin() as session:
        notifications.take(session, key, stage.clock.now())
        version = notifications.version(session, key)
        link = f"https://team.example/{key}"
        notifications.delivered(session, key, version, "C_TRIAGE", f"1.{version}", link, stage.clock.now())


def kept(stage: Stage) -> bool:
    with stage.database.begin() as session:
        return keep(session, stage.ctx)


def test_a_day_counts_what_was_decided_and_finds_what_waits(stage: Stage) -> None:
    first = stage.decided(REFUND)
    second = stage.decided("hm", name="2", group="Inbox")
    stage.decided("password", name="3")
    stage.act("apply_by", first)
    stage.play()
    with stage.database.read() as session:
        card = day_card(session, day_of(stage.clock.now(), stage.ctx), stage.ctx)
        assert [one.id for one in recent(session, stage.ctx, 9, waiting=True)] == [second.id]
    assert (card.total, card.by_rule, card.by_model, card.undecided) == (3, 2, 0, 1)
    assert (card.waiting, card.applied, card.failed, card.first_waiting) == (1, 1, 0, None)
    assert card.queues == (("Support", 2), ("Billing", 1))


def test_the_link_to_what_waits_comes_once_slack_shows_it(stage: Stage) -> None:
    row = stage.decided(REFUND)
    shown(stage, "triage/day/2026-11-21")
    shown(stage, f"triage/{row.id}")
    assert kept(stage), "the message of the day did not know the link yet"
    day = stage.notification("triage/day/2026-11-21")
    assert day is not None
    assert (day.data["first"], day.state) == (f"https://team.example/triage/{row.id}", "pending")
    assert not kept(stage), "without news nothing is written"


def test_the_owner_is_called_once_a_day_and_only_in_working_hours(stage: Stage) -> None:
    stage.ctx = replace(stage.ctx, hours=HOURS)
    row = stage.decided(REFUND)
    stage.clock.move(timedelta(hours=30))
    assert not kept(stage), "a Sunday"
    stage.clock.at = stage.clock.at.replace(hour=8) + timedelta(days=1)
    assert not kept(stage), "an hour of Monday's work"
    stage.clock.move(PATIENCE)
    assert kept(stage)
    call = stage.notification("triage/day/2026-11-23/waits")
    assert call is not None
    assert (call.kind, call.parent_key, call.data["decision_id"]) == ("triage.waits", "triage/day/2026-11-23", row.id)
    assert call.data["mention"] == stage.ctx.owner
    stage.clock.move(timedelta(hours=1))
    assert not kept(stage), "once"
    stage.act("leave", row)
    stage.clock.move(timedelta(days=1))
    kept(stage)
    assert stage.notification("triage/day/2026-11-24/waits") is None, "nothing waits"


def test_in_shadow_nobody_waits(stage: Stage) -> None:
    stage.decided(REFUND)
    stage.into(Mode.SHADOW)
    stage.decided(REFUND, name="2")
    stage.clock.move(timedelta(days=2))
    assert not kept(stage), "not even for what was proposed before: it cannot be applied now"


def test_a_card_tells_what_was_done_and_by_whom(stage: Stage) -> None:
    row = stage.decided("Refund! It is down", group="Support", priority=None)
    with stage.database.read() as session:
        waiting = decision_card(session, row.id, stage.ctx)
    assert waiting.changes == (("queue", "Support", "Billing"), ("priority", "", "high"))
    assert (waiting.ref, waiting.title, waiting.changed_by) == (f"TRIAGE-{row.id}", "Export stops", None)
    stage.act("apply_by", row)
    stage.play()
    stage.act("undo", row, ANNA)
    with stage.database.read() as session:
        going_back = decision_card(session, row.id, stage.ctx)
    assert going_back.changes == (("queue", "Billing", "Support"),), "the priority stays: it had none before"
    assert going_back.undo_by is not None
    assert going_back.undo_by.name == "Anna Berg"
