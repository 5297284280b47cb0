"""kill -9 at every boundary, then a restart: nothing acknowledged is lost, nothing is done twice, nothing is left.

Passage n dies at the n-th passage of the boundary, so that more rounds kill in other company. By default each boundary
is played on SQLite, and all of them in a row on one PostgreSQL database; with more rounds each on both.
"""

import os
import signal
from concurrent.futures import Future

import pytest
from sqlalchemy import func, select

from storage.boundaries import BOUNDARIES
from storage.engine import Database
from storage.models import AuditEntry, Case
from tests.faults import team
from tests.faults.checks import check_whole, settled
from tests.faults.room import Json, Room, Sender, failure, until

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(180)]

ROUNDS = int(os.environ.get("HANDOFF_FAULT_ROUNDS", "1"))
DAY = [
    "group.opened", "ticket.updating", "ticket.updated", "mirror.followed", "feed.followed", "undo.taken", "hold.lapsed"
]  # fmt: skip
CUSTOMERS = tuple(boundary for boundary in BOUNDARIES if boundary.startswith("customer."))
RUNS = tuple(boundary for boundary in BOUNDARIES if boundary.startswith(("run.", "step.")))
FILES = tuple(boundary for boundary in BOUNDARIES if boundary.startswith("upload."))
PATH = [
    "ingest.before_commit", "ingest.committed", "case.opened", "job.enqueued", "ticket.creating", "ticket.created",
    "ticket.stored", "ticket.read_back", "ticket.verified", "slack.sending", "slack.posted", "slack.updated",
    "slack.stored", "job.finished",
]  # fmt: skip
CLICKS = [boundary for boundary in BOUNDARIES if boundary.startswith("click.")]
CASES = 5
EITHER = ["sqlite"] if ROUNDS == 1 else ["sqlite", "postgresql"]
PEOPLE = {
    "U_AGENT1": "ines.holt@example.com",
    "U_AGENT2": "ravi.nair@example.com",
    "U_AGENT3": "june.adler@example.com",
    "U_LEAD1": "mara.lind@example.com",
    "U_LEAD2": "tomas.berg@example.com",
}


def again(room: Room, sender: Sender) -> list[Json]:
    """Once all cases are in Slack: one more failure of each, and enough of the first to be a milestone."""
    until(lambda: len(room.slack.everywhere()) >= CASES, "all cases in Slack", 90)
    events = [failure(f"again-{n}", key=f"k{n}", lane=n) for n in range(CASES)]
    return sender.send([*events, *(failure(f"more-{n}", key="k0") for n in range(8))])


@pytest.mark.parametrize("passage", range(1, ROUNDS + 1))
@pytest.mark.parametrize("boundary", PATH)
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_on_the_way_from_event_to_message(database: Database, room: Room, boundary: str, passage: int) -> None:
    sender = room.sender()
    with room.threads(3) as senders:
        with room.bot(database.url, crash_at=f"{boundary}:{passage}") as bot:
            sent = [senders.submit(sender.send, failure(f"e{n}", key=f"k{n}", lane=n)) for n in range(CASES)]
            sent.append(senders.submit(again, room, sender))
            assert bot.wait(60) == -signal.SIGKILL
        with room.bot(database.url):
            for one in sent:
                one.result()
            settled(database)
    check_whole(database, room, sender.results.values(), cases=CASES)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_kills_at_all_boundaries_in_a_row(database: Database, room: Room) -> None:
    """Each bot finds what the one before left, and dies at the next boundary while fresh failures come in."""
    sender, sent = room.sender(), list[Future[list[Json]]]()
    with room.threads(2) as senders:
        for number, boundary in enumerate(PATH):
            with room.bot(database.url, crash_at=boundary) as bot:
                for half in (0, 1):
                    lane = 2 * number + half
                    sent.append(senders.submit(sender.send, failure(f"e{lane}", key=f"k{lane}", lane=lane)))
                assert bot.wait(60) == -signal.SIGKILL, boundary
        with room.bot(database.url):
            for one in sent:
                one.result()
            settled(database)
    check_whole(database, room, sender.results.values(), cases=2 * len(PATH))


@pytest.mark.parametrize("passage", range(1, ROUNDS + 1))
@pytest.mark.parametrize("how", ["button", "reaction"])
@pytest.mark.parametrize("boundary", CLICKS)
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_at_a_click(database: Database, room: Room, boundary: str, how: str, passage: int) -> None:
    """A person whose click was not answered clicks again; a reaction Slack delivers again by itself. One claim each."""
    sender, clickers = room.sender(), list(PEOPLE)[:passage]
    room.slack.fault(retry_delays=[0.5] * 60)

    def claim(lane: int) -> bool:
        ((channel, message),) = [row for row in room.slack.everywhere() if row[0] == team.channel(lane)]
        if how == "button":
            answer = room.slack.click(clickers[lane], channel, message["ts"])
            return bool(answer.get("acked", answer.get("error") == "no_such_action"))  # the message shows it by now
        room.slack.act("react", user=clickers[lane], channel=channel, ts=message["ts"], name="eyes")
        return True

    with room.bot(database.url, crash_at=f"{boundary}:{passage}") as bot:
        for lane in range(passage):
            sender.send(failure(f"e{lane}", key=f"k{lane}", lane=lane))
        settled(database)
        acked = [claim(lane) for lane in range(passage)]
        assert bot.wait(60) == -signal.SIGKILL
        assert how == "reaction" or acked[-1] is False
    with room.bot(database.url):
        if how == "button":
            until(room.ready, "a bot that is connected")
            assert claim(passage - 1)
        until(lambda: set(claimers(database)) == {PEOPLE[clicker] for clicker in clickers}, "all claims")
        settled(database)
        until(lambda: not any("never acknowledged" in str(n) for n in room.slack.read("status")["notices"]), "acks")
    with database.read() as session:
        times = session.scalar(select(func.count()).where(AuditEntry.action == "case.claimed"))
    assert times == passage
    check_whole(database, room, sender.results.values(), cases=passage)


def claimers(database: Database) -> list[str | None]:
    with database.read() as session:
        return list(session.scalars(select(Case.claimed_by)))
