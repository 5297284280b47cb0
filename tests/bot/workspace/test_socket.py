"""The real Bolt app over the real built-in Socket Mode client."""

import json
import queue
import threading
from contextlib import ExitStack
from typing import Any

import pytest
from slack_bolt import Ack, BoltResponse
from slack_sdk.errors import SlackApiError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.bot.workspace.room import Room, button, keeping, modal


def test_command_reaches_the_listener_and_its_ack_is_shown_to_the_person_alone(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()

    @app.command("/support")
    def support(ack: Ack, command: dict[str, Any]) -> None:
        seen.put(command)
        ack("two open cases")

    room.connect(app)
    answer = room.act(
        "command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="mine @ravi.nair #reports a<b"
    )
    assert answer["acked"]
    assert answer["status"] == "delivered"
    command = seen.get(timeout=2)
    assert command["text"] == "mine <@U_AGENT2|ravi.nair> <#C_REPORTS|reports> a&lt;b"
    expected = {
        "user_id": "U_AGENT1", "team_id": "T_SAMPLE", "channel_id": "C_FAILURES", "channel_name": "failures",
        "command": "/support", "api_app_id": "A_HANDOFF",
    }  # fmt: skip
    assert {key: command[key] for key in expected} == expected
    assert [(m["text"], m["channel"], m["is_ephemeral"]) for m in room.whispers()] == [
        ("two open cases", "C_FAILURES", True)
    ]
    assert room.whispers("U_AGENT2") == []
    assert room.messages() == []


def test_click_carries_a_complete_payload_and_the_message_changes(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()

    @app.action("case.claim")
    def claim(ack: Ack, body: dict[str, Any], respond: Any) -> None:
        ack()
        seen.put(body)
        respond(text="claimed", replace_original=True)

    room.connect(app)
    confirm = {
        "title": {"type": "plain_text", "text": "Claim?"}, "text": {"type": "plain_text", "text": "It becomes yours."},
        "confirm": {"type": "plain_text", "text": "Yes"}, "deny": {"type": "plain_text", "text": "No"},
    }  # fmt: skip
    ts = room.post(
        blocks=[button(value="case_1", confirm=confirm)], metadata={"event_type": "case", "event_payload": {"id": "1"}}
    )
    assert room.act("click", user="U_AGENT1", channel="C_FAILURES", ts=ts, action_id="case.claim")["acked"]
    body = seen.get(timeout=2)
    assert body["type"] == "block_actions"
    assert body["user"] == {"id": "U_AGENT1", "username": "ines.holt", "name": "ines.holt", "team_id": "T_SAMPLE"}
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": "C_FAILURES", "is_ephemeral": False}
    assert body["channel"] == {"id": "C_FAILURES", "name": "failures"}
    assert body["message"]["ts"] == ts
    assert "metadata" not in body["message"]
    [action] = body["actions"]
    assert (action["type"], action["value"], action["action_id"]) == ("button", "case_1", "case.claim")
    assert float(action["action_ts"]) > float(ts)
    room.until(lambda: room.messages()[0]["text"] == "claimed")
    assert "blocks" not in room.messages()[0]


def test_modal_opens_answers_errors_stays_open_and_closes_on_success(room: Room) -> None:
    app, submitted = room.bolt(), queue.Queue[dict[str, Any]]()

    @app.action("case.claim")
    def claim(ack: Ack, body: dict[str, Any], client: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal(private_metadata="case_1"))
        ack()

    @app.view("form")
    def form(ack: Ack, view: dict[str, Any]) -> None:
        submitted.put(view)
        note = view["state"]["values"]["note"]["text"]["value"]
        ack(response_action="errors", errors={"note": "Say more."}) if note == "ok" else ack()

    room.connect(app)
    ts = room.post(blocks=[button()])
    room.act("click", user="U_AGENT1", channel="C_FAILURES", ts=ts, action_id="case.claim")
    [view] = room.read("views", user="U_AGENT1")["views"]
    assert room.act("submit", user="U_AGENT1", view_id=view["id"], values={})["errors"]["note"].startswith("Please")
    refused = room.act("submit", user="U_AGENT1", view_id=view["id"], values={"text": "ok"})
    assert refused["body"] == {"response_action": "errors", "errors": {"note": "Say more."}}
    [kept] = room.read("views", user="U_AGENT1")["views"]
    assert kept["errors"] == {"note": "Say more."}
    done = room.act("submit", user="U_AGENT1", view_id=view["id"], values={"note": {"text": {"value": "restarted it"}}})
    assert done["acked"]
    assert room.read("views", user="U_AGENT1")["views"] == []
    first, last = submitted.get(timeout=2), submitted.get(timeout=2)
    assert first["private_metadata"] == "case_1"
    assert "errors" not in last
    assert last["state"]["values"]["note"]["text"] == {"type": "plain_text_input", "value": "restarted it"}


def test_reaction_home_and_membership_arrive_as_events(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[tuple[dict[str, Any], dict[str, Any]]]()
    for name in ("reaction_added", "reaction_removed", "app_home_opened", "app_mention", "message"):
        app.event(name)(lambda body, event: seen.put((body, event)))
    room.connect(app)
    ts = room.post()

    def next_event(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
        while True:
            body, event = seen.get(timeout=2)
            if event["type"] == kind:
                return body, event

    room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="eyes")
    body, event = next_event("reaction_added")
    assert event["item"] == {"type": "message", "channel": "C_FAILURES", "ts": ts}
    assert (event["user"], event["reaction"], event["item_user"]) == ("U_AGENT1", "eyes", "U_HANDOFF")
    assert body["authorizations"][0]["user_id"] == "U_HANDOFF"
    assert body["is_ext_shared_channel"] is True, "U_OUTSIDE is in this channel"
    assert body["event_id"].startswith("Ev")
    room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="eyes", remove=True)
    next_event("reaction_removed")
    room.act("home", user="U_LEAD1")
    assert next_event("app_home_opened")[1]["tab"] == "home"
    room.act("message", user="U_LEAD1", channel="C_FAILURES", text="@handoff status?")
    assert next_event("app_mention")[1]["text"] == "<@U_HANDOFF> status?"


def test_event_that_is_not_acknowledged_comes_again_with_the_same_id(room: Room) -> None:
    app, attempts = room.bolt(), queue.Queue[tuple[str, list[str]]]()

    @app.use
    def refuse_twice(req: Any, next: Any) -> BoltResponse | None:
        if req.body.get("event", {}).get("type") != "reaction_added":
            next()
            return None
        attempts.put((req.body["event_id"], req.headers.get("x-slack-retry-num", [])))
        return BoltResponse(status=500 if attempts.qsize() < 3 else 200)

    room.act("faults", retry_delays=[0, 0, 0])
    room.act("faults", ack_seconds=0.1)
    room.connect(app)
    room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=room.post(), name="eyes")
    room.until(lambda: attempts.qsize() == 3)
    ids, retries = zip(*(attempts.get() for _ in range(3)), strict=True)
    assert len(set(ids)) == 1
    assert list(retries) == [["0"], ["1"], ["2"]]


def test_duplicated_click_arrives_three_times_and_reordered_events_swap(room: Room) -> None:
    app, clicks, order = room.bolt(), queue.Queue[dict[str, Any]](), queue.Queue[str]()
    app.action("case.claim")(keeping(clicks))
    app.event("reaction_added")(lambda event: order.put(event["reaction"]))
    app.event("message")(lambda: None)
    room.connect(app)
    ts = room.post(blocks=[button()])
    room.act("faults", deliver="duplicate", times=1, copies=3)
    room.act("click", user="U_AGENT1", channel="C_FAILURES", ts=ts, action_id="case.claim")
    assert len({clicks.get(timeout=2)["trigger_id"] for _ in range(3)}) == 1
    room.act("faults", deliver="reorder", times=1)
    room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="one")
    room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="two")
    assert {order.get(timeout=2), order.get(timeout=2)} == {"one", "two"}


def test_refresh_makes_the_client_reconnect_and_nothing_is_lost(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[str]()
    app.event("reaction_added")(lambda event: seen.put(event["reaction"]))
    app.event("message")(lambda: None)
    handler = room.connect(app)
    before = handler.client.session_id()
    assert room.act("faults", disconnect="refresh_requested") == {"ok": True, "told": 1}
    room.until(lambda: handler.client.session_id() != before and room.server.runtime.sockets.count == 1)
    room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=room.post(), name="eyes")
    assert seen.get(timeout=5) == "eyes"


def test_without_a_connection_an_act_fails_visibly(room: Room) -> None:
    answer = room.act("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="help")
    assert (answer["acked"], answer["status"], answer["reason"]) == (False, "dispatch_failed", "no_connection")
    assert "dispatch_failed" in room.read("status")["notices"][0]["text"]


def test_slow_app_is_a_dispatch_failure(room: Room) -> None:
    app, release = room.bolt(), threading.Event()

    @app.command("/support")
    def support(ack: Ack) -> None:
        release.wait(5)
        ack()

    room.connect(app)
    room.act("faults", ack_seconds=0.1)
    answer = room.act("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="help")
    release.set()
    assert (answer["status"], answer["reason"]) == ("dispatch_failed", "timeout")


def test_ticket_works_once_and_says_hello(room: Room) -> None:
    url = room.web("xapp-demo-handoff").apps_connections_open(app_token="xapp-demo-handoff")["url"]
    with connect(url) as first:
        hello = json.loads(first.recv(timeout=2))
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"] == {"app_id": "A_HANDOFF"}
        with pytest.raises(InvalidStatus):
            connect(url)


def test_eleventh_connection_is_refused(room: Room) -> None:
    client = room.web("xapp-demo-handoff")
    with ExitStack() as links:
        for _ in range(10):
            links.enter_context(connect(client.apps_connections_open(app_token="xapp-demo-handoff")["url"]))
        room.until(lambda: room.server.runtime.sockets.count == 10)
        with pytest.raises(SlackApiError, match="too_many_websockets"):
            client.apps_connections_open(app_token="xapp-demo-handoff")
