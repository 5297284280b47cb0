"""Lists of the failure queue: pages, counts, and causes that hit many."""

from datetime import timedelta

from sqlalchemy.orm import Session

from storage import stuck, stuck_lists
from storage.engine import Database
from storage.models import StuckItem
from tests.support import START


def put(session: Session, number: int, reason: str = "the desk answered 503", owner: str = "anna@team.example") -> int:
    return stuck.add(
        session, job="ticket.sync", key=f"ticket/{number}/1", args={"case_id": number}, target=f"CASE-{number}",
        owner=owner, reason=reason, attempts=20, at=START + timedelta(minutes=number),
    ).id  # fmt: skip


def test_what_hits_many_is_one_and_the_rest_are_listed_beside_it(database: Database) -> None:
    with database.begin() as session:
        many = [put(session, number, f"the desk answered 503 (tried {number} times)") for number in range(1, 6)]
        few = [put(session, number, "the desk answered 422") for number in (6, 7)]
        (cause,) = stuck_lists.causes(session)
        assert (cause.items, cause.first, cause.upto) == (5, many[0], many[-1])
        assert cause.since == START + timedelta(minutes=1)
        rest = stuck_lists.page(session, limit=10, but=[cause.cause])
        assert [item.id for item in rest] == few
        assert [item.id for item in stuck_lists.page(session, limit=2, offset=1, cause=cause.cause)] == many[1:3]
        assert [item.id for item in stuck_lists.page(session, limit=9, cause=cause.cause, upto=many[2])] == many[:3]
        assert (stuck_lists.count(session), stuck_lists.count(session, cause=cause.cause)) == (7, 5)
        for number in many[:3]:
            stuck.discard(session, number, by="lea@team.example", note="gone", at=START)
        assert stuck_lists.causes(session) == [], "two are not many"


def test_nobody_is_shown_or_counted_what_they_may_not_see(database: Database) -> None:
    with database.begin() as session:
        numbers = [put(session, number, owner=f"{'ab'[number % 2]}@team.example") for number in range(6)]
        seen = StuckItem.owner == "a@team.example"
        assert [item.id for item in stuck_lists.page(session, limit=9, seen=seen)] == numbers[::2]
        assert stuck_lists.count(session, seen=seen) == 3
        assert [cause.items for cause in stuck_lists.causes(session, seen=seen)] == [3]
        assert len(stuck_lists.page(session, limit=9, owner="b@team.example")) == 3
