"""One post a second in each channel, after a short burst; what comes sooner gets 429 with the seconds to wait."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.workspace.pace import BURST
from tests.bot.workspace.room import FakeSeconds, Room


@pytest.fixture(autouse=True)
def _paced(room: Room) -> None:
    room.act("faults", post_burst=BURST)


def test_a_burst_passes_and_the_next_is_refused_until_its_second_is_over(room: Room, seconds: FakeSeconds) -> None:
    for _ in range(BURST):
        room.post()
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        room.post()
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    assert len(room.messages()) == BURST
    seconds.at += 0.9
    with pytest.raises(SlackApiError, match="ratelimited"):
        room.post()
    seconds.at += 0.2
    room.post()


def test_one_post_a_second_is_never_refused(room: Room, seconds: FakeSeconds) -> None:
    for _ in range(4 * BURST):
        room.post()
        seconds.at += 1.0


def test_channels_count_for_themselves_and_edits_do_not_count(room: Room) -> None:
    ts = [room.post() for _ in range(BURST)][-1]
    for _ in range(BURST):
        room.post(channel="C_REPORTS")
        room.client.chat_update(channel="C_FAILURES", ts=ts, text="changed")
        room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="psst")


def test_what_is_refused_for_its_content_costs_nothing(room: Room) -> None:
    for _ in range(2 * BURST):
        with pytest.raises(SlackApiError, match="no_text"):
            room.client.api_call("chat.postMessage", json={"channel": "C_FAILURES", "text": " "})
    room.post()


def test_a_reset_forgets_it_and_zero_means_no_limit(room: Room) -> None:
    for _ in range(BURST):
        room.post()
    room.act("reset")
    room.post()
    room.act("faults", post_burst=0)
    for _ in range(2 * BURST):
        room.post()
