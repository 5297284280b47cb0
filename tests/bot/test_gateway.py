"""The gateway against the local workspace: what it sends, what it finds again, what it makes of trouble."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from automations.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from bot.gateway import SlackGateway
from bot.slack_errors import AppDisabled, MessageGone, TargetGone
from bot.views import Message
from tests.bot.slack_room import CHANNEL, gateway_in, posted, slack_room
from tests.bot.workspace.room import Room

HELLO: Message = {
    "text": "hello",
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "hello"}}],
}


@pytest.fixture
def room() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def gateway(room: Room) -> SlackGateway:
    return gateway_in(room)


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=5)


def test_a_post_carries_key_and_version_and_no_previews(room: Room, gateway: SlackGateway) -> None:
    sent = gateway.post(CHANNEL, HELLO, key="case/1", version=3)
    (message,) = room.messages()
    assert (message["ts"], message["text"]) == (sent.ts, "hello")
    assert message["metadata"] == {
        "event_type": "handoff_notification",
        "event_payload": {"key": "case/1", "version": 3},
    }
    (call,) = room.read("calls", method="chat.postMessage")["calls"]
    assert (call["arguments"]["unfurl_links"], call["arguments"]["unfurl_media"]) == (False, False)
    assert gateway.permalink(CHANNEL, sent.ts) == message["permalink"]


def test_an_update_replaces_text_blocks_and_version(room: Room, gateway: SlackGateway) -> None:
    sent = gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    gateway.update(CHANNEL, sent.ts, {**HELLO, "text": "changed"}, key="case/1", version=2)
    assert posted(room) == ["changed"]
    found = gateway.look_back(CHANNEL, "case/1", since=recently())
    assert found is not None
    assert (found.ts, found.version) == (sent.ts, 2)


def test_looking_back_finds_a_private_message(room: Room, gateway: SlackGateway) -> None:
    sent = gateway.post("U_AGENT1", HELLO, key="away/anna", version=1)
    gateway.post("U_AGENT2", HELLO, key="away/ben", version=1)
    found = gateway.look_back("U_AGENT1", "away/anna", since=recently())
    assert found is not None
    assert (found.channel, found.ts) == (sent.channel, sent.ts)
    assert gateway.look_back("U_AGENT1", "away/ben", since=recently()) is None


def test_looking_back_finds_our_key_only(room: Room, gateway: SlackGateway) -> None:
    parent = gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    line = gateway.post(CHANNEL, HELLO, key="case/1/entry/1", version=1, thread_ts=parent.ts)
    assert gateway.look_back(CHANNEL, "case/2", since=recently()) is None
    assert gateway.look_back(CHANNEL, "case/1/entry/1", since=recently()) is None, "a thread is another place"
    found = gateway.look_back(CHANNEL, "case/1/entry/1", since=recently(), thread_ts=parent.ts)
    assert found is not None
    assert found.ts == line.ts
    assert gateway.look_back(CHANNEL, "case/1", since=datetime.now(UTC) + timedelta(minutes=11)) is None
    fast_clock = datetime.now(UTC) + timedelta(minutes=5)
    assert gateway.look_back(CHANNEL, "case/1", since=fast_clock) is not None, "our clock may be ahead of Slack's"


def test_looking_back_reads_every_page(room: Room, gateway: SlackGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.gateway.PAGE", 2)
    first = gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    for number in range(2, 6):
        gateway.post(CHANNEL, HELLO, key=f"case/{number}", version=1)
    found = gateway.look_back(CHANNEL, "case/1", since=recently())
    assert found is not None
    assert found.ts == first.ts
    assert len(room.read("calls", method="conversations.history")["calls"]) >= 3


@pytest.mark.parametrize("kind", ["drop_reply", "http_500", "http_503"])
def test_a_post_without_an_answer_is_unclear_and_sent_once(room: Room, gateway: SlackGateway, kind: str) -> None:
    room.act("faults", method="chat.postMessage", kind=kind)
    with pytest.raises(OutcomeUnknown):
        gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    assert len(room.read("calls", method="chat.postMessage")["calls"]) == 1
    found = gateway.look_back(CHANNEL, "case/1", since=recently())
    assert (found is not None) == (kind == "drop_reply")


def test_a_slow_answer_is_unclear_too(room: Room) -> None:
    hasty = gateway_in(room, timeout_s=1)
    room.act("faults", method="chat.postMessage", kind="latency", seconds=3)
    with pytest.raises(OutcomeUnknown, match="TimeoutError"):
        hasty.post(CHANNEL, HELLO, key="case/1", version=1)


def test_nobody_listening_is_plainly_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = SlackGateway("xoxb-x", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/api/")
        with pytest.raises(Unavailable, match="ConnectionRefusedError"):
            nobody.post(CHANNEL, HELLO, key="case/1", version=1)


def test_a_429_is_a_wait(room: Room, gateway: SlackGateway) -> None:
    room.act("faults", method="chat.postMessage", kind="rate_limited", retry_after=7)
    with pytest.raises(Unavailable) as caught:
        gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    assert caught.value.retry_after_s == 7.0
    assert posted(room) == []


def test_an_archived_channel_and_a_missing_message_are_told_apart(room: Room, gateway: SlackGateway) -> None:
    with pytest.raises(MessageGone):
        gateway.update(CHANNEL, "1.000001", HELLO, key="case/1", version=1)
    room.act("faults", archive=CHANNEL)
    with pytest.raises(TargetGone) as caught:
        gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    assert caught.value.code == "is_archived"


def test_a_revoked_token_is_remembered_until_it_works_again(room: Room, gateway: SlackGateway) -> None:
    assert gateway.disabled is None
    room.act("faults", revoke_token=True)
    with pytest.raises(AppDisabled):
        gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    assert gateway.disabled is not None
    assert "token_revoked" in gateway.disabled
    room.act("faults", revoke_token=False)
    gateway.post(CHANNEL, HELLO, key="case/1", version=1)
    assert gateway.disabled is None


def test_bad_blocks_are_our_fault_and_final(gateway: SlackGateway) -> None:
    with pytest.raises(Rejected) as caught:
        gateway.post(CHANNEL, {"text": "x", "blocks": [{"type": "nonsense"}]}, key="case/1", version=1)
    assert caught.value.code == "invalid_blocks"


def test_people_and_groups_are_asked_once_a_minute(room: Room) -> None:
    seconds = [0.0]
    gateway = SlackGateway("xoxb-demo-handoff", base_url=room.server.base_url, monotonic=lambda: seconds[0])
    for _ in range(3):
        user = gateway.user("U_AGENT1")
        assert gateway.usergroup_members("S_LEADS") == {"U_LEAD1", "U_LEAD2"}
    assert (user.email, user.team_id, user.deleted) == ("ines.holt@example.com", "T_SAMPLE", False)
    assert len(room.read("calls", method="users.info")["calls"]) == 1
    room.act("faults", deactivate="U_AGENT1")
    seconds[0] = 61.0
    assert gateway.user("U_AGENT1").deleted
    assert gateway.user("U_GUEST").is_restricted
    assert gateway.user("U_OUTSIDE").is_stranger
    with pytest.raises(TargetGone):
        gateway.user("U_NOBODY")


def test_we_know_who_we_are_and_what_we_may(gateway: SlackGateway) -> None:
    identity = gateway.auth_test()
    assert (identity.team_id, identity.user_id) == ("T_SAMPLE", "U_HANDOFF")
    assert identity.bot_id
    assert "chat:write" in identity.scopes


def test_private_answers_go_to_one_person_and_only_to_slack(room: Room, gateway: SlackGateway) -> None:
    gateway.ephemeral(CHANNEL, "U_AGENT1", HELLO)
    assert [whisper["text"] for whisper in room.whispers()] == ["hello"]
    with pytest.raises(Refused, match="not Slack's"):
        gateway.respond("http://169.254.169.254/latest/meta-data", HELLO)
    with pytest.raises(Rejected):
        gateway.respond(f"{room.server.url}/actions/T_SAMPLE/none", HELLO)


def test_a_home_tab_is_published(room: Room, gateway: SlackGateway) -> None:
    gateway.publish_home("U_AGENT1", {"type": "home", "blocks": HELLO["blocks"]})
    assert room.read("views", user="U_AGENT1")["home"]["blocks"]


def test_a_used_trigger_opens_nothing(gateway: SlackGateway) -> None:
    title = {"type": "plain_text", "text": "x"}
    with pytest.raises(Rejected) as caught:
        gateway.open_view("1.2.3", {"type": "modal", "title": title, "blocks": HELLO["blocks"]})
    assert "trigger" in caught.value.code
