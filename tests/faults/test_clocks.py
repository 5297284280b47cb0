"""A bot whose clock is five minutes ahead, then one whose clock is five minutes behind, on the same database.

Each of them loses an answer of the desk and one of Slack, and is killed; the next takes over what it left.
"""

import signal

import pytest

from storage.engine import Database
from tests.faults.checks import check_whole, settled
from tests.faults.room import Room, failure, until

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(400)]

MINUTES_5 = 300
WRONG = {"ahead": (MINUTES_5, "slack.posted"), "behind": (-MINUTES_5, "ticket.created")}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("order", [("ahead", "behind"), ("behind", "ahead")])
def test_clocks_that_are_wrong_lose_and_double_nothing(database: Database, room: Room, order: tuple[str, str]) -> None:
    """The look-back for a message whose answer was lost begins early enough for any of these clocks."""
    sender = room.sender()
    with room.threads(2) as senders:
        for turn, name in enumerate(order):
            by_s, boundary = WRONG[name]
            room.desk.fault(error_after_commit=1)
            with room.bot(database.url, crash_at=boundary, env={"FAULTS_CLOCK_S": str(by_s)}) as bot:
                room.slack.fault(method="chat.postMessage", kind="drop_reply")
                sent = [
                    senders.submit(sender.send, failure(f"e{turn}{n}", key=f"k{turn}{n}", lane=2 * turn + n))
                    for n in range(2)
                ]
                assert bot.wait(60) == -signal.SIGKILL
        last = MINUTES_5 if order[-1] == "behind" else -MINUTES_5
        with room.bot(database.url, env={"FAULTS_CLOCK_S": str(last)}):
            until(room.ready, "a bot that is ready")
            for one in sent:
                one.result()
            settled(database, 120)
            check_whole(database, room, sender.results.values(), cases=4, one_clock=False)
