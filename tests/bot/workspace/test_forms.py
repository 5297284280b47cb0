"""Modals: trigger life, the stack, updates, what an answer to a submit may do."""

import queue
from typing import Any

import pytest
from slack_bolt import Ack
from slack_sdk.errors import SlackApiError

from bot.workspace import modals
from tests.bot.workspace.room import FakeSeconds, Room, modal


def trigger(room: Room, user: str = "U_AGENT1") -> str:
    """A trigger_id as a click would bring it."""
    return modals.new_trigger(room.workspace, user)


def views(room: Room) -> list[dict[str, Any]]:
    """The open modals of U_AGENT1."""
    return list(room.read("views", user="U_AGENT1")["views"])


def test_trigger_works_once_for_three_seconds(room: Room, seconds: FakeSeconds) -> None:
    once = trigger(room)
    room.client.views_open(trigger_id=once, view=modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        room.client.views_open(trigger_id=once, view=modal())
    late, just = trigger(room), trigger(room)
    seconds.at += 3
    room.client.views_open(trigger_id=just, view=modal())
    seconds.at += 0.1
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        room.client.views_open(trigger_id=late, view=modal())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        room.client.views_open(trigger_id="made.up", view=modal())


def test_broken_view_does_not_use_up_the_trigger(room: Room) -> None:
    id = trigger(room)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        room.client.views_open(trigger_id=id, view=modal(title={"type": "plain_text", "text": "x" * 30}))
    room.client.views_open(trigger_id=id, view=modal())


def test_stack_is_three_high_and_per_person(room: Room) -> None:
    first = room.client.views_open(trigger_id=trigger(room), view=modal())["view"]
    second = room.client.views_push(trigger_id=trigger(room), view=modal())["view"]
    room.client.views_push(trigger_id=trigger(room), view=modal())
    assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        room.client.views_push(trigger_id=trigger(room), view=modal())
    room.client.views_open(trigger_id=trigger(room, "U_LEAD1"), view=modal())
    assert len(views(room)) == 3
    assert len(room.read("views", user="U_LEAD1")["views"]) == 1
    assert room.act("close", user="U_AGENT1", view_id=first["id"])["error"] == "view_not_on_top"


def test_update_keeps_what_was_typed_and_hash_protects(room: Room) -> None:
    view = room.client.views_open(trigger_id=trigger(room), view=modal(external_id="case_1"))["view"]
    room.act("click", user="U_AGENT1", view_id=view["id"], block_id="note", action_id="text", value="typed")
    fresh = room.client.views_update(external_id="case_1", hash=view["hash"], view=modal(external_id="case_1"))["view"]
    assert fresh["state"]["values"]["note"]["text"]["value"] == "typed"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        room.client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    with pytest.raises(SlackApiError, match="not_found"):
        room.client.views_update(view_id="V_NONE", view=modal())


def test_home_is_published_per_person_with_a_hash(room: Room) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    view = room.client.views_publish(user_id="U_LEAD1", view=home)["view"]
    assert room.read("views", user="U_LEAD1")["home"]["id"] == view["id"]
    assert room.read("views", user="U_LEAD2")["home"] is None
    room.client.views_publish(user_id="U_LEAD1", view=home, hash=view["hash"])
    with pytest.raises(SlackApiError, match="hash_conflict"):
        room.client.views_publish(user_id="U_LEAD1", view=home, hash=view["hash"])
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        room.client.views_publish(user_id="U_LEAD1", view=modal())


ANSWERS = [
    ({}, []),
    ({"response_action": "clear"}, []),
    ({"response_action": "update", "view": modal(callback_id="after")}, ["form", "after"]),
    ({"response_action": "push", "view": modal(callback_id="above")}, ["form", "form", "above"]),
]


@pytest.mark.parametrize(("answer", "left"), ANSWERS, ids=["close", "clear", "update", "push"])
def test_answer_to_a_submit(room: Room, answer: dict[str, Any], left: list[str]) -> None:
    app = room.bolt()
    app.view("form")(lambda ack: ack(answer))
    room.connect(app)
    room.client.views_open(trigger_id=trigger(room), view=modal())
    top = room.client.views_push(trigger_id=trigger(room), view=modal())["view"]
    assert room.act("submit", user="U_AGENT1", view_id=top["id"], values={"text": "x"})["acked"]
    assert [view["callback_id"] for view in views(room)] == (left or ([] if answer else ["form"]))


def test_answer_that_slack_refuses_keeps_the_modal_and_is_seen(room: Room) -> None:
    app = room.bolt()
    app.view("form")(lambda ack: ack(response_action="errors", errors={"elsewhere": "no"}))
    room.connect(app)
    view = room.client.views_open(trigger_id=trigger(room), view=modal())["view"]
    assert room.act("submit", user="U_AGENT1", view_id=view["id"], values={"text": "x"})["error"] == "invalid_errors"
    assert len(views(room)) == 1
    assert "Slack refuses" in room.read("status")["notices"][0]["text"]


def test_submit_that_is_not_answered_keeps_the_modal(room: Room) -> None:
    view = room.client.views_open(trigger_id=trigger(room), view=modal())["view"]
    answer = room.act("submit", user="U_AGENT1", view_id=view["id"], values={"text": "kept"})
    assert answer["status"] == "dispatch_failed"
    assert views(room)[0]["state"]["values"]["note"]["text"]["value"] == "kept"
    assert room.act("submit", user="U_LEAD1", view_id=view["id"], values={})["error"] == "view_not_found"
    assert room.act("submit", user="U_AGENT1", view_id=view["id"], values={"nope": "x"})["error"] == "no_such_input"


def test_close_tells_the_app_when_it_asked(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()

    @app.view_closed("form")
    def closed(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        seen.put(body)

    room.connect(app)
    room.client.views_open(trigger_id=trigger(room), view=modal(notify_on_close=True))
    top = room.client.views_push(trigger_id=trigger(room), view=modal(notify_on_close=True, clear_on_close=True))[
        "view"
    ]
    room.act("close", user="U_AGENT1", view_id=top["id"])
    assert [seen.get(timeout=2)["is_cleared"] for _ in range(2)] == [True, True]
    assert views(room) == []
