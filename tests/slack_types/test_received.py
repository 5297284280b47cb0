"""Everything the local workspace sends is what Slack's own types say that Slack sends: answers, events, payloads.

Event types name what must be there; answer types name nothing that must, so of those it is shown that no key is made
up and each has its type.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from bot.workspace.api.endpoint import METHODS
from bot.workspace.delivery import Envelope, Reply
from tests.bot.workspace.room import Room, button, modal
from tests.slack_types.known import unknown, unused
from tests.slack_types.node import HERE, Judged, judge

Json = dict[str, Any]
NO_TYPE = {"api.test"}
"""Methods whose answer is what was asked."""
CHANGES = {"message_message_changed", "message_message_deleted"}
NAMES = {"slash_commands": "Command"}
PAYLOADS = {
    "block_actions": "Clicked",
    "message_action": "Shortcut",
    "view_submission": "Submitted",
    "view_closed": "Closed",
}


def event_types() -> set[str]:
    """The events of which types.ts has the type."""
    words = (HERE / "types.ts").read_text("utf-8").split()
    return {word.removeprefix("Event_") for word in words if word.startswith("Event_")}


def kind_of(event: Json) -> str:
    """The name of an event's type: messages have one per subtype."""
    return "_".join(str(event[key]) for key in ("type", "subtype") if key in event)


class Taking:
    """An app that takes everything and keeps it."""

    def __init__(self) -> None:
        self.seen: list[Envelope] = []

    async def deliver(self, envelope: Envelope, sent: Any) -> Reply:
        self.seen.append(envelope)
        sent()
        return Reply(True, None, "")


class Story:
    """One of each: every method, every act of a person and of an administrator."""

    def __init__(self, room: Room, taking: Taking) -> None:
        self.room, self.taking, self.answers = room, taking, list[tuple[str, Json]]()

    def ask(self, method: str, **arguments: Any) -> Json:
        token = "xapp-demo-handoff" if METHODS[method].by == "app" else "xoxb-demo-handoff"
        answer = self.room.web(token).api_call(method, json=arguments).data
        assert isinstance(answer, dict)
        self.answers.append((method, answer))
        return answer

    def act(self, act: str, /, **body: Any) -> Json:
        answer = self.room.act(act, **body)
        assert answer["ok"], (act, body, answer)
        return answer

    def trigger(self) -> str:
        """The newest trigger_id the app was sent."""
        return str(next(one.payload["trigger_id"] for one in self.taking.seen[::-1] if "trigger_id" in one.payload))

    def play(self) -> None:
        self.of_the_app()
        self.of_messages()
        self.of_modals()
        self.of_files()
        self.of_administrators()

    def of_the_app(self) -> None:
        self.ask("auth.test")
        self.ask("api.test")
        self.ask("bots.info")
        self.ask("team.info")
        self.ask("apps.connections.open")
        self.ask("users.list")
        self.ask("users.info", user="U_AGENT1")
        self.ask("users.lookupByEmail", email="ines.holt@example.com")
        self.ask("usergroups.list", include_users=True)
        self.ask("usergroups.users.list", usergroup="S_AGENTS")
        self.ask("usergroups.users.update", usergroup="S_LEADS", users="U_LEAD1,U_AGENT1")
        self.ask("conversations.list")
        self.ask("conversations.info", channel="C_FAILURES")
        self.ask("conversations.members", channel="C_FAILURES")
        self.ask("conversations.open", users="U_AGENT1", return_im=True)

    def of_messages(self) -> None:
        metadata = {"event_type": "case", "event_payload": {"key": "case/1"}}
        ts = self.ask("chat.postMessage", channel="C_FAILURES", text="case", blocks=[button()], metadata=metadata)["ts"]
        self.ask("chat.postMessage", channel="C_FAILURES", text="reply", thread_ts=ts, reply_broadcast=True)
        self.ask("chat.update", channel="C_FAILURES", ts=ts, text="changed", blocks=[button()])
        self.ask("chat.postEphemeral", channel="C_FAILURES", user="U_AGENT1", text="psst")
        self.ask("chat.getPermalink", channel="C_FAILURES", message_ts=ts)
        self.ask("reactions.add", channel="C_FAILURES", timestamp=ts, name="eyes")
        self.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="eyes")
        self.ask("reactions.get", channel="C_FAILURES", timestamp=ts)
        self.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="eyes", remove=True)
        self.ask("reactions.remove", channel="C_FAILURES", timestamp=ts, name="eyes")
        self.act("message", user="U_AGENT1", channel="C_FAILURES", text="@handoff status?")
        said = self.act("message", user="U_AGENT1", channel="C_FAILURES", text="in the thread", thread_ts=ts)["ts"]
        self.act("edit", user="U_AGENT1", channel="C_FAILURES", ts=said, text="otherwise")
        self.act("delete", user="U_AGENT1", channel="C_FAILURES", ts=said)
        self.ask("conversations.history", channel="C_FAILURES", include_all_metadata=True)
        self.ask("conversations.replies", channel="C_FAILURES", ts=ts, include_all_metadata=True)
        self.act("click", user="U_AGENT1", channel="C_FAILURES", ts=ts, action_id="case.claim")
        shortcut = {"channel": "C_FAILURES", "ts": ts, "callback_id": "message.create_case"}
        self.act("shortcut", user="U_AGENT1", **shortcut)
        self.ask("chat.delete", channel="C_FAILURES", ts=ts)
        self.act("membership", user="U_LEAD1", channel="C_REPORTS", leave=True)
        self.act("membership", user="U_LEAD1", channel="C_REPORTS")

    def of_modals(self) -> None:
        self.act("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="new")
        first = self.ask("views.open", trigger_id=self.trigger(), view=modal(button("more")))["view"]
        self.ask("views.update", view_id=first["id"], view=modal(button("more"), notify_on_close=True))
        self.act("click", user="U_AGENT1", view_id=first["id"], action_id="more")
        second = self.ask("views.push", trigger_id=self.trigger(), view=modal())["view"]
        self.act("submit", user="U_AGENT1", view_id=second["id"], values={"text": "done"})
        self.act("close", user="U_AGENT1", view_id=first["id"])
        self.ask("views.publish", user_id="U_AGENT1", view={"type": "home", "blocks": [button("home.open")]})
        self.act("home", user="U_AGENT1")
        home = self.room.read("views", user="U_AGENT1")["home"]["id"]
        self.act("click", user="U_AGENT1", view_id=home, action_id="home.open")

    def of_files(self) -> None:
        named = self.ask("files.getUploadURLExternal", filename="chart.png", length=3, alt_txt="a chart")
        assert httpx.post(named["upload_url"], content=b"png", trust_env=False).status_code == 200
        self.ask("files.completeUploadExternal", files=[{"id": named["file_id"]}], channel_id="C_FAILURES")
        self.ask("files.info", file=named["file_id"])

    def of_administrators(self) -> None:
        self.act("faults", kick="C_REPORTS")
        self.ask("conversations.join", channel="C_REPORTS")
        for order in ("archive", "unarchive", "delete"):
            self.act("faults", **{order: "C_TRIAGE"})
        self.act("faults", make_private="C_ACCESS")
        self.act("faults", archive="C_ACCESS")
        self.act("faults", kick="C_ACCESS")
        self.act("faults", make_private="C_CUSTOMERS")
        self.act("faults", delete="C_CUSTOMERS")
        self.act("faults", deactivate="U_AGENT3")
        self.act("faults", disable_group="S_ADMINS")
        self.act("faults", uninstall=True)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """The story, played."""
    kinds = ("message.channels", *(kind for kind in sorted(event_types()) if not kind.startswith("message")))
    scopes = (*sample_app().scopes, "usergroups:write")
    with WorkspaceServer(sample_seed(), sample_app(events=kinds, scopes=scopes)) as server:
        taking = Taking()
        server.runtime.delivery.transport = taking
        room = Room(server)
        made = Story(room, taking)
        made.play()
        room.until(lambda: not server.runtime.delivery.busy)
        yield made
        room.http.close()


def judged(story: Story) -> Iterator[Judged]:
    for method, answer in story.answers:
        if method not in NO_TYPE:
            yield Judged(f"Answer_{method.replace('.', '_')}", method, answer)
    for envelope in story.taking.seen:
        payload = dict(envelope.payload)
        if envelope.kind == "events_api":
            event = payload.pop("event")
            yield Judged("Envelope", "envelope", payload)
            if "view" in event:  # typed as the view that an app sends, and is the stored one
                event = dict(event)
                yield Judged("Answer_views_publish", "views.publish", {"ok": True, "view": event.pop("view")})
            kind = kind_of(event)
            if kind in CHANGES:  # they hold whole messages, which their own events show; the generator loops over them
                event = {key: value for key, value in event.items() if key not in {"message", "previous_message"}}
            yield Judged(f"Event_{kind}", f"event {kind}", event)
        else:
            name = NAMES.get(envelope.kind) or PAYLOADS[payload["type"]]
            yield Judged(name, f"payload {name}", payload)


def test_the_story_has_one_of_each(story: Story) -> None:
    """A new method, event or payload without its check shows here."""
    assert {method for method, _ in story.answers} == set(METHODS)
    events = [kind_of(one.payload["event"]) for one in story.taking.seen if one.kind == "events_api"]
    assert set(events) == event_types()
    others = [one.payload.get("type") for one in story.taking.seen if one.kind == "interactive"]
    assert set(others) == set(PAYLOADS)


def test_everything_the_workspace_sends_is_what_slack_sends(story: Story, judge_folder: Path) -> None:
    found = judge(judge_folder, list(judged(story)))
    assert unknown(found) == []
    assert unused(found) == []
