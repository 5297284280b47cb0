"""What people do in the desk ends or acknowledges an escalation, audited; and the message follows the ticket."""

from datetime import timedelta

import pytest

from tests.automations.escalation.world import BEN, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANNAS, BENS = "anna@team.example", "ben@team.example"


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """A keyword has escalated ticket 1."""
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    world.ticket("1", "cancel")
    world.sweep()
    world.clock.move(timedelta(minutes=1))
    return world


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "solved"}, "#1 is solved in builtin"),
        ({"status": "closed"}, "#1 is closed in builtin"),
        ({"merged_into": "7", "status": "closed"}, "#1 is merged into #7 in builtin"),
        ({"deleted_at": "now"}, "#1 is deleted in builtin"),
    ],
)
def test_what_is_over_in_the_desk_ends_it_and_reopened_it_may_escalate_anew(
    world: EscalationWorld, change: dict[str, str], why: str
) -> None:
    world.change("1", **{name: world.now if value == "now" else value for name, value in change.items()})
    assert world.sweep().ended == 1
    row = world.row()
    assert (row.state, row.ending, row.close_note, row.open_key, row.next_at) == ("closed", "solved", why, None, None)
    assert [one.outcome for one in world.audited("escalation.ended")] == ["solved"]
    world.go(timedelta(hours=1))
    assert world.calls() == []
    world.change("1", status="open", merged_into=None, deleted_at=None)
    assert world.sweep().fired == 0
    world.say("1", "customer", "please cancel")
    assert world.sweep().fired == 1
    assert [(one.id, one.state) for one in world.rows()] == [(1, "closed"), (2, "open")]


def test_a_public_reply_of_an_agent_acknowledges_it_and_a_bots_does_not(world: EscalationWorld) -> None:
    world.say("1", "bot")
    assert world.sweep().ended == 0
    world.say("1", "agent", author="b.okoro@desk.example")
    replied_at = world.now
    assert world.sweep().ended == 1
    row = world.row()
    assert (row.state, row.claimed_by, row.claimed_at, row.next_at) == ("claimed", BENS, replied_at, None)
    (audited,) = world.audited("escalation.acknowledged")
    assert audited.after is not None
    assert (audited.actor, audited.after["claimed_by"], audited.after["how"]) == (
        "handoff", BENS, "has replied in the desk",
    )  # fmt: skip
    assert world.lines()[-1] == ("Ben Okoro has replied in the desk: that acknowledges it.", None)
    world.change("1", status="solved")
    world.sweep()
    assert [(one.verdict, one.verdict_by) for one in world.firings()] == [("right", "outcome")]


def test_an_assignment_in_the_desk_acknowledges_it_for_whom_it_is_assigned_to(world: EscalationWorld) -> None:
    world.change("1", assignee=ANNAS)
    assert world.sweep().ended == 1
    assert (world.row().state, world.row().claimed_by, world.row().owner) == ("claimed", ANNAS, ANNAS)
    assert world.lines()[-1][0] == "Anna Berg has the ticket in the desk now: that acknowledges it."


def test_the_message_shows_the_tickets_priority_and_group_of_now(world: EscalationWorld) -> None:
    before = world.notification("escalation/1")
    assert before is not None
    world.change("1", priority="high", group="Billing")
    world.sweep()
    after = world.notification("escalation/1")
    assert after is not None
    assert (world.card().priority, world.card().queue, after.version) == ("high", "Billing", before.version + 1)
    world.sweep()
    again = world.notification("escalation/1")
    assert again is not None
    assert again.version == after.version


def test_what_was_given_back_stays_open_whatever_was_replied_before(world: EscalationWorld) -> None:
    world.say("1", "agent", author="b.okoro@desk.example")
    world.sweep()
    world.clock.move(timedelta(minutes=1))
    world.act("release", 1, BEN)
    world.change("1", priority="high")
    assert (world.sweep().ended, world.row().state) == (0, "open")


def test_a_claim_in_slack_stays_when_somebody_else_replies(world: EscalationWorld) -> None:
    world.act("claim", 1, BEN)
    world.clock.move(timedelta(minutes=1))
    world.say("1", "agent", author=ANNAS)
    assert world.sweep().ended == 0
    assert (world.row().claimed_by, world.row().touched_at) == (BENS, world.now)
