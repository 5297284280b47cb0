"""The note to the customer: by a person, once, looked for before it is sent again, verified by reading."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from automations.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from automations.escalation import note
from automations.ports import HelpDesk
from tests.automations.escalation.desk import OneDesk
from tests.automations.escalation.world import ANNA, BEN, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOST = OutcomeUnknown("the desk did not answer", system="builtin")
NO = Rejected("the ticket is closed", system="builtin", code="422")
ANNAS = "anna@team.example"


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """A keyword has escalated ticket 1."""
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    world.ticket("1", "cancel")
    world.sweep()
    return world


@pytest.fixture
def desk(world: EscalationWorld) -> OneDesk:
    return OneDesk(world.clock)


def send(world: EscalationWorld, text: str = "") -> str:
    with world.begin() as session:
        return note.send(session, 1, ANNA, text, world.ctx).text


def carry_out(world: EscalationWorld, desk: OneDesk) -> None:
    note.carry_out(world.database, cast("HelpDesk", desk), 1, world.ctx)


def replies(desk: OneDesk) -> list[tuple[str, str]]:
    return [(one.body, one.author) for one in desk.said if one.kind == "public"]


def test_who_has_it_sent_has_not_taken_the_ticket_up(world: EscalationWorld, desk: OneDesk) -> None:
    """However soon the reading of the desk shows it; what an agent writes there later does take it up."""
    send(world)
    world.say("1", "agent", author=ANNAS)
    assert world.sweep().ended == 0, "it is under way"
    carry_out(world, desk)
    assert world.row().note_at == world.now
    assert world.sweep().ended == 0
    assert world.row().state == "open"
    world.clock.move(timedelta(minutes=2))
    world.say("1", "agent", author=ANNAS)
    assert world.sweep().ended == 1
    assert (world.row().state, world.row().claimed_by) == ("claimed", ANNAS)


def test_a_person_sends_it_once_and_it_counts_when_it_was_read_back(world: EscalationWorld, desk: OneDesk) -> None:
    assert world.card().may_note
    assert send(world) == "The note is being sent to the customer of #1 under your name."
    assert (world.card().note_by, world.card().note_at, world.card().may_note) != (None, None, True)
    assert send(world) == "You are sending the note already. Nothing more was sent."
    with world.begin() as session:
        assert not note.send(session, 1, BEN, "", world.ctx).changed
    (job,) = list(world.team.jobs.of(note.JOB))
    assert job.args == {"escalation_id": 1}
    carry_out(world, desk)
    assert replies(desk) == [("<p>A specialist has taken this over and will write to you.</p>", ANNAS)]
    card = world.card()
    assert (card.note_by.name if card.note_by else "", card.note_at, card.note_error) == ("Anna Berg", world.now, "")
    carry_out(world, desk)
    assert len(replies(desk)) == 1
    assert [one.outcome for one in world.audited("escalation.note")] == ["verified"]
    assert send(world) == "You sent the note at 09:00, and it was seen in builtin."


def test_a_lost_answer_is_looked_for_before_anything_is_sent_again(world: EscalationWorld, desk: OneDesk) -> None:
    send(world, "I look into it now.")
    desk.after["reply"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        carry_out(world, desk)
    assert world.card().note_at is None
    assert world.card().note_error.startswith("nobody knows yet whether it was sent")
    carry_out(world, desk)
    assert desk.calls.count("reply") == 1
    assert (world.card().note_at, world.card().note_error) == (world.now, "")


def test_what_never_left_is_sent_again(world: EscalationWorld, desk: OneDesk) -> None:
    send(world)
    desk.before["reply"] = [LOST, Unavailable("busy", system="builtin")]
    for error in (OutcomeUnknown, Unavailable):
        with pytest.raises(error):
            carry_out(world, desk)
    carry_out(world, desk)
    assert (len(replies(desk)), world.card().note_at) == (1, world.now)


def test_a_refusal_stands_on_the_card_and_somebody_may_send_it_again(world: EscalationWorld, desk: OneDesk) -> None:
    send(world)
    desk.before["reply"] = [NO]
    with pytest.raises(Rejected):
        carry_out(world, desk)
    card = world.card()
    assert (card.note_by, card.note_error, card.may_note) == (None, "the ticket is closed", True)
    send(world)
    carry_out(world, desk)
    assert (len(replies(desk)), world.card().note_at) == (1, world.now)
    assert [one.outcome for one in world.audited("escalation.note")] == ["failed", "verified"]


def test_a_job_that_was_given_up_says_that_it_may_have_been_sent(world: EscalationWorld, desk: OneDesk) -> None:
    send(world)
    desk.after["reply"] = [LOST]
    with pytest.raises(OutcomeUnknown):
        carry_out(world, desk)
    with world.begin() as session:
        note.gave_up(session, 1, "the desk did not answer", world.ctx)
    assert world.card().note_error == (
        "the desk did not answer; it may have been sent, so look in the desk before you send it again"
    )


def test_nothing_is_sent_where_the_desk_cannot_or_it_has_ended(world: EscalationWorld) -> None:
    world.ctx = replace(world.ctx, can_reply=False)
    with pytest.raises(Refused, match="cannot send a reply"):
        send(world)
    world.ctx = replace(world.ctx, can_reply=True)
    world.act("resolve", 1, ANNA, "")
    with pytest.raises(Refused, match="Anna Berg resolved ESC-1"):
        send(world)
