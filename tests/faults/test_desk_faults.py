"""A desk that commits and then fails, is away, or forgets: looked up, waited for, and never called verified."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from storage.models import AuditEntry, CaseTicket
from tests.faults.checks import check_whole
from tests.faults.conftest import emptied, settings_in
from tests.faults.live import Live, living
from tests.faults.room import Desk, Json, Room, Slack, failure, new_port, until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def shared(slack_url: str, desk_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("desk-faults")
    room = Room(Slack(slack_url), Desk(desk_url), settings_in(folder), folder, new_port())
    with emptied(room), living(room, f"sqlite:///{folder / 'handoff.db'}") as made:
        yield made


@pytest.fixture
def live(shared: Live) -> Iterator[Live]:
    shared.room.desk.fault()
    yield shared
    shared.room.desk.fault()


def tickets_of(live: Live, case: str) -> list[Json]:
    key = live.case(case)["ticket"]["key"]
    return [ticket for ticket in live.room.desk.tickets() if ticket["key"] == key]


def test_creates_that_fail_after_the_commit_are_looked_up(live: Live) -> None:
    """Twenty cases at once, and half of the answers to their creates are a 500 after the ticket was made."""
    live.room.desk.fault(error_after_commit=10, latency_s=0.05)
    before = len(live.room.desk.journal()["calls"])
    found = live.sender.send([failure(f"c{n}", key=f"c{n}", lane=n) for n in range(20)])
    assert Counter(result["status"] for result in found) == {"opened": 20}
    live.settled()
    with live.database.read() as session:
        keys = Counter(session.get_one(CaseTicket, int(r["case_id"].removeprefix("CASE-"))).key for r in found)
        outcomes = Counter(session.scalars(select(AuditEntry.outcome).where(AuditEntry.action == "ticket.create")))
    assert outcomes == {"done": 10, "unknown": 10, "found": 10}
    there = Counter(ticket["key"] for ticket in live.room.desk.tickets())
    assert {key: there[key] for key in keys} == dict.fromkeys(keys, 1)
    posts = [path for method, path in live.room.desk.journal()["calls"][before:] if method == "POST"]
    assert posts.count("/tickets") == 20, "a create was repeated"


def test_changes_that_fail_after_the_commit_are_not_written_twice(live: Live) -> None:
    case = live.open(1)
    live.settled()
    live.room.desk.fault(error_after_commit=3)
    assert live.claim(case, "U_AGENT2")["acked"]
    live.settled()
    (ticket,) = tickets_of(live, case)
    assert ticket["assignee"] == "ravi.nair@example.com"
    notes = [key for number, key, _ in live.room.desk.journal()["notes"] if number == ticket["id"]]
    assert len(notes) == len(set(notes)) == 1


def test_a_desk_that_is_away_is_waited_for_and_the_message_says_so(live: Live) -> None:
    live.room.desk.fault(unavailable=10_000)
    case = live.open(2)
    channel, _ = live.message(case)
    until(lambda: live.case(case)["ticket"]["missing"] == "the desk is away", "the reason in the case")
    until(lambda: "not opened yet" in words(live, case), "a message that says that the ticket is not there")
    assert "🟢" not in words(live, case)
    assert live.case(case)["ticket"]["verified"] is False
    live.room.desk.fault()
    live.settled()
    assert "🟢" in words(live, case)
    assert live.message(case)[0] == channel
    assert len(tickets_of(live, case)) == 1
    assert live.stuck() == []


def words(live: Live, case: str) -> str:
    """All that the case's message shows."""
    return str(live.message(case)[1]["blocks"])


def test_all_of_it_is_whole(live: Live) -> None:
    live.settled()
    results = live.sender.results
    check_whole(live.database, live.room, results.values(), cases=len({r["case_id"] for r in results.values()}))
    assert "Traceback" not in live.room.log.read_text("utf-8")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_desk_that_forgets_is_never_called_verified(room: Room, database_url: str) -> None:
    """Said in words in case and message, put before a person after two tries, and gone on with once it is mended."""
    with living(room, database_url, FAULTS_MAX_ATTEMPTS="2") as live:
        for lane, lost in enumerate(("assignee", "priority", "group")):
            forgets(live, lane, lost)
        check_whole(live.database, room, live.sender.results.values(), cases=3)


def forgets(live: Live, lane: int, lost: str) -> None:
    """The desk loses one field of one ticket, and is mended."""
    live.room.desk.fault(**{f"drop_{lost}": 1})
    case = live.open(lane)
    (item,) = until(live.stuck, "an item in the failure queue")
    assert (item.target, item.owner, item.attempts) == (case, live.case(case)["owner"], 2)
    ticket = live.case(case)["ticket"]
    assert (ticket["verified"], ticket["verified_at"], ticket["seen"][lost]) == (False, None, None)
    assert ticket["missing"] in item.reason
    until(lambda: ticket["missing"] in words(live, case), "the message that says what is missing")
    assert "🟢" not in words(live, case)
    live.room.desk.fault()
    live.retry(item)
    live.settled()
    assert live.case(case)["ticket"]["verified"]
    assert "🟢" in words(live, case)
