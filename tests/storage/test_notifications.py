import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storage import notifications
from storage.engine import Database
from storage.models import Notification
from tests.support import START

CARD = "case/1"
LATER = START + timedelta(minutes=5)


def put(session: Session, key: str = CARD, *, parent: str | None = None, channel: str = "C1", **data: int) -> bool:
    return notifications.put(
        session, key=key, kind="case.card", channel=channel, data=data, at=START, parent_key=parent
    )


def line(session: Session, seq: int) -> bool:
    return put(session, f"{CARD}/entry/{seq}", parent=CARD)


def post(session: Session, key: str = CARD, ts: str = "1.0") -> list[str]:
    """Deliver the newest version, as the delivery job does."""
    version = notifications.take(session, key, START).version
    return notifications.delivered(session, key, version, "C1", ts, f"https://slack.example/{ts}", LATER)


def now(session: Session, key: str = CARD) -> Notification:
    found = notifications.get(session, key)
    assert found is not None
    return found


def test_one_job_delivers_the_newest_state(database: Database) -> None:
    with database.begin() as session:
        assert put(session, count=1)
        assert not put(session, count=2)
    with database.begin() as session:
        assert not put(session, count=3)
        assert notifications.version(session, CARD) == 3
        assert post(session) == []
        row = now(session)
        assert (row.data, row.state, row.delivered_version, row.job_pending) == ({"count": 3}, "delivered", 3, False)
        assert (row.posted_channel, row.ts, row.permalink) == ("C1", "1.0", "https://slack.example/1.0")
        assert (row.delivered_at, row.attempt_at) == (LATER, None)
        assert put(session, count=4), "delivered, so the next state needs a job again"
        assert now(session).state == "pending"


def test_a_state_that_came_in_during_the_call_gets_its_own_job(database: Database) -> None:
    with database.begin() as session:
        assert put(session)
        taken = notifications.take(session, CARD, START)
        assert (taken.state, taken.attempt_at) == ("sending", START)
        assert not put(session)
        assert notifications.delivered(session, CARD, taken.version, "C1", "1.0", None, LATER) == [CARD]
        assert (now(session).state, now(session).job_pending) == ("pending", True)
        assert not put(session), "the job that was just named will bring this one too"


def test_a_late_report_changes_nothing(database: Database) -> None:
    """A process that was frozen in its call wakes up after another one delivered a newer version."""
    with database.begin() as session:
        put(session)
        put(session)
        assert notifications.delivered(session, CARD, 2, "C1", "1.0", None, LATER) == []
        assert notifications.delivered(session, CARD, 1, "C1", "9.9", None, LATER) == []
        assert (now(session).ts, now(session).delivered_version, now(session).state) == ("1.0", 2, "delivered")


def test_a_repeated_report_asks_for_the_same_again(database: Database) -> None:
    with database.begin() as session:
        put(session)
        put(session)
        assert notifications.delivered(session, CARD, 1, "C1", "1.0", "https://slack.example/1", LATER) == [CARD]
        assert notifications.delivered(session, CARD, 1, "C1", "1.0", None, LATER) == [CARD]
        assert now(session).permalink == "https://slack.example/1", "a report without a link does not lose it"


def test_the_thread_waits_for_its_message_and_follows_in_order(database: Database) -> None:
    with database.begin() as session:
        put(session)
        assert [line(session, seq) for seq in range(1, 12)] == [False] * 11
        assert not line(session, 3), "again, still without a place"
        assert post(session) == [f"{CARD}/entry/{seq}" for seq in range(1, 12)]
        assert now(session, f"{CARD}/entry/3").version == 2
        assert not line(session, 3), "its job is on its way"
        assert line(session, 12), "the message has its place now"
        assert put(session)
        assert post(session) == [], "each of the thread was named once"


def test_a_thread_has_one_level_and_a_message(database: Database) -> None:
    with database.begin() as session:
        put(session)
        line(session, 1)
        for nowhere in ("case/404", f"{CARD}/entry/1"):
            with pytest.raises(LookupError, match="thread"):
                put(session, "x", parent=nowhere)
        with pytest.raises(LookupError):
            notifications.version(session, "x")


def test_after_a_crash_the_delivery_looks_first(database: Database) -> None:
    with database.begin() as session:
        put(session)
        notifications.take(session, CARD, START)
    with database.begin() as session:
        again = notifications.take(session, CARD, LATER)
        assert (again.state, again.attempt_at) == ("unknown", START), "look for anything since the first call"
        notifications.not_sent(session, CARD, "429")
        again = notifications.take(session, CARD, LATER)
        assert (again.state, again.attempt_at, again.error) == ("unknown", START, "429"), "the first call is still open"


def test_a_call_by_a_clock_that_was_ahead_counts_from_now_on(database: Database) -> None:
    """Else nobody would look for its message until that time has come."""
    with database.begin() as session:
        put(session)
        notifications.take(session, CARD, LATER)
        again = notifications.take(session, CARD, START)
        assert (again.state, again.attempt_at) == ("unknown", START)
        assert notifications.take(session, CARD, LATER).attempt_at == START


def test_a_call_that_did_nothing_leaves_nothing_to_look_for(database: Database) -> None:
    with database.begin() as session:
        put(session)
        notifications.take(session, CARD, START)
        notifications.not_sent(session, CARD, "429")
        assert (now(session).state, now(session).job_pending) == ("pending", True)
        assert not put(session), "its job is still trying"
        again = notifications.take(session, CARD, LATER)
        assert (again.state, again.attempt_at) == ("sending", LATER)


def test_an_unclear_call_is_remembered(database: Database) -> None:
    with database.begin() as session:
        put(session)
        notifications.take(session, CARD, START)
        notifications.unknown(session, CARD, "no answer")
        assert (now(session).state, now(session).error) == ("unknown", "no answer")
        assert not put(session)
        assert now(session).state == "unknown"
        assert notifications.take(session, CARD, LATER).attempt_at == START
        assert post(session) == []
        assert (now(session).state, now(session).error, now(session).attempt_at) == ("delivered", None, None)


@pytest.mark.parametrize("unclear", [False, True])
def test_what_is_stuck_is_tried_again_by_a_newer_state(database: Database, unclear: bool) -> None:
    with database.begin() as session:
        put(session)
        notifications.take(session, CARD, START)
        if unclear:
            notifications.unknown(session, CARD, "no answer")
        notifications.stuck(session, CARD, "channel_not_found")
        assert (now(session).state, now(session).job_pending) == ("stuck", False)
        assert notifications.owed(session) == [], "stuck items wait for a person"
        assert put(session, channel="C2")
        assert (now(session).state, now(session).channel) == ("pending", "C2")
        assert notifications.take(session, CARD, LATER).state == ("unknown" if unclear else "sending")


def test_a_posted_message_stays_in_its_channel(database: Database) -> None:
    with database.begin() as session:
        put(session)
        post(session)
        put(session, channel="C2")
        assert now(session).channel == "C1"


def test_a_message_leads_back_to_its_notification(database: Database) -> None:
    with database.begin() as session:
        put(session)
        post(session, ts="17.4")
        found = notifications.find_by_message(session, "C1", "17.4")
        assert found is not None
        assert found.key == CARD
        assert notifications.find_by_message(session, "C2", "17.4") is None


@pytest.mark.parametrize("verb", [notifications.not_sent, notifications.unknown, notifications.stuck])
def test_what_does_not_exist_is_said_so(database: Database, verb: object) -> None:
    with database.begin() as session:
        assert callable(verb)
        with pytest.raises(LookupError):
            verb(session, "case/404", "x")
        with pytest.raises(LookupError):
            notifications.take(session, "case/404", START)
        assert notifications.get(session, "case/404") is None
        assert notifications.delivered(session, "case/404", 1, "C1", "1.0", None, LATER) == []


def test_what_is_owed_is_claimed_once(database: Database) -> None:
    with database.begin() as session:
        put(session)
        line(session, 1)
        post(session)
        put(session, "case/2")
        put(session, "case/2/entry/1", parent="case/2")
        session.query(Notification).update({"job_pending": False})
        assert notifications.owed(session) == ["case/2", f"{CARD}/entry/1"]
        assert notifications.owed(session) == []


def test_two_writers_ask_for_one_job(database: Database) -> None:
    """However many threads change a message at once, exactly one of them enqueues its delivery."""
    start = threading.Barrier(4)
    answers: list[bool] = []

    def run(number: int) -> None:
        start.wait(10)
        for _ in range(5):
            with database.begin() as session:
                answers.append(put(session, writer=number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [False] * 19 + [True]
    with database.read() as session:
        assert notifications.version(session, CARD) == 20


def test_a_thread_line_never_falls_between_storing_and_posting(database: Database) -> None:
    """While the message gets its place, lines come in: each is named for delivery exactly once."""
    with database.begin() as session:
        put(session)
    start = threading.Barrier(2)
    named: list[str] = []

    def write() -> None:
        start.wait(10)
        for seq in range(1, 21):
            with database.begin() as session:
                if line(session, seq):
                    named.append(f"{CARD}/entry/{seq}")

    writer = threading.Thread(target=write)
    writer.start()
    start.wait(10)
    with database.begin() as session:
        named += post(session)
    writer.join(30)
    assert sorted(named) == sorted(f"{CARD}/entry/{seq}" for seq in range(1, 21))


ACTS = st.lists(
    st.sampled_from(["put", "line", "take", "delivered", "not_sent", "unknown", "stuck", "retry"]), max_size=25
)


@given(acts=ACTS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_waits_without_a_job(database: Database, acts: Sequence[str]) -> None:
    """Whatever happens in whatever order: a message not yet delivered has a job, is stuck, or waits for its parent."""
    with database.begin() as session:
        job, lines = put(session), 0
        version = 1
        for act in acts:
            match act:
                case "put":
                    job |= put(session)
                case "line":
                    lines += 1
                    line(session, lines)
                case _ if not job:
                    continue
                case "take" | "retry":
                    version = notifications.take(session, CARD, START).version
                case "delivered":
                    job = CARD in notifications.delivered(session, CARD, version, "C1", "1.0", None, LATER)
                case "not_sent":
                    notifications.not_sent(session, CARD, "429")
                case "unknown":
                    notifications.unknown(session, CARD, "no answer")
                case "stuck":
                    notifications.stuck(session, CARD, "gone")
                    job = False
            row = now(session)
            assert row.job_pending == job
            assert job or row.state in ("stuck", "delivered")
            assert row.state != "delivered" or row.version == row.delivered_version
            assert (row.ts is None) or row.delivered_version > 0
        session.rollback()
