"""An unclear create without keys: nothing is made by itself, a person is asked and settles it, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import update

from automations.domain import Actor, IdempotencyKey, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Refused, Rejected, Unavailable
from automations.failure_tickets import closing, unclear
from automations.failure_tickets.wanted import load
from storage import stuck
from storage.models import CaseTicket, StuckItem
from tests.automations.failure_tickets.keyless import Keyless
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, STRANGER, World


@pytest.fixture
def keyless(world: World) -> Keyless:
    return Keyless(world)


def lost(keyless: Keyless, kind: str = "timeout_after") -> int:
    """A case whose create got no answer."""
    keyless.room.fault("POST /tickets", kind)
    case = keyless.world.open()
    with pytest.raises(OutcomeUnknown):
        keyless.advance(case)
    return case


def asks(keyless: Keyless, case: int) -> Rejected:
    """The engine tries again, which brings it to a person."""
    with pytest.raises(Rejected) as asked:
        keyless.advance(case)
    return asked.value


def sure(keyless: Keyless) -> None:
    keyless.world.clock.move(unclear.UNDER_WAY)


def found(keyless: Keyless, case: int, number: str, actor: Actor = ANNA) -> str:
    with keyless.world.begin() as session:
        return unclear.found(session, case, actor, number, keyless.ctx).text


def absent(keyless: Keyless, case: int, actor: Actor = ANNA, note: str = "") -> str:
    with keyless.world.begin() as session:
        return unclear.absent(session, case, actor, note, keyless.ctx).text


def queued(keyless: Keyless, case: int, reason: str = "unclear") -> int:
    with keyless.world.begin() as session:
        item = stuck.add(
            session, job="ticket.sync", key=f"ticket/{case}/1", args={"case_id": case}, target=f"CASE-{case}",
            owner="anna@team.example", reason=reason, attempts=1, at=keyless.world.clock.now(),
        )  # fmt: skip
        return item.id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["timeout_after", "reset_after", "cut", "html_after", "timeout", "reset"])
def test_it_is_never_made_again_by_itself(keyless: Keyless, kind: str) -> None:
    case = lost(keyless, kind)
    there = len(keyless.made)
    for _ in range(5):
        keyless.world.clock.move(timedelta(hours=1))
        assert asks(keyless, case).code == "unclear"
    assert (len(keyless.made), len(keyless.room.asked("POST /tickets"))) == (there, there)
    assert keyless.world.ticket(case).state == "unknown"
    assert len(keyless.world.audited("ticket.ask")) == 1, "the same words are written down once"


def test_the_card_says_what_to_look_for_where_and_since_when(keyless: Keyless) -> None:
    keyless.room.fake.indexed = lambda _name: False
    case = lost(keyless)
    assert not keyless.line(case).asked
    asked = str(asks(keyless, case))
    line = keyless.line(case)
    assert (line.state, line.asked, line.current, line.missing) == ("unknown", True, False, asked)
    assert "MuninX did not say whether it made the ticket" in asked
    assert "“[CASE-1] Invoice sync failed after 5 attempts”, made since 03:14" in asked
    keyless.room.fake.indexed = lambda _name: True
    assert f"its search shows #{keyless.made[0]}" in str(asks(keyless, case))
    keyless.room.fault("POST /search", reply=(500, None))
    assert "search" not in str(asks(keyless, case)), "a hint that cannot be had is left out"


@pytest.mark.parametrize("arrived", [True, False])
def test_a_process_that_died_in_between_is_asked_about_too(keyless: Keyless, arrived: bool) -> None:
    """Killed at `ticket.creating` the desk was not called, at `ticket.created` it was: both look the same from here."""
    case = keyless.world.open()
    with keyless.world.begin() as session:
        session.execute(update(CaseTicket).values(state="creating"))
    if arrived:
        with keyless.world.database.read() as session:
            draft = load(session, case, keyless.ctx, can=keyless.desk.capabilities).draft
        keyless.desk.create(draft, key=IdempotencyKey("no key is kept"))
    assert asks(keyless, case).code == "unclear"
    assert keyless.world.ticket(case).state == "unknown"
    sure(keyless)
    if arrived:
        found(keyless, case, "#1")
    else:
        absent(keyless, case)
    keyless.advance(case)
    assert len(keyless.made) == 1
    assert keyless.line(case).current


@pytest.mark.parametrize("named", ["1", "#1", " tkt_000001 "])
def test_it_is_there_by_number_or_id(keyless: Keyless, named: str) -> None:
    case = lost(keyless)
    asks(keyless, case)
    number = queued(keyless, case)
    assert "read now" in found(keyless, case, named)
    assert keyless.line(case).named == named.strip().removeprefix("#")
    assert keyless.advance(case) == ["take_up", "update", "read_back"]
    line = keyless.line(case)
    assert (line.id, line.current, line.found_by, line.asked) == (keyless.made[0], True, "Anna Berg", False)
    assert len(keyless.made) == 1
    (row,) = keyless.world.audited("case.ticket_found")
    assert (row.actor, row.after) == (
        "anna@team.example",
        {"ticket": "ticket_found", "named": named.strip().strip("#")},
    )
    created = keyless.world.audited("ticket.create")
    assert [(one.outcome, (one.after or {}).get("found_by")) for one in created] == [
        ("unknown", None),
        ("found", "anna@team.example"),
    ]
    with keyless.world.database.read() as session:
        item = session.get_one(StuckItem, number)
        assert (item.state, item.settled_by) == ("done", "anna@team.example")
    (settled,) = keyless.world.audited("stuck.settle")
    assert settled.actor == "anna@team.example"


def test_it_is_not_there_so_one_is_made_once(keyless: Keyless) -> None:
    case = lost(keyless, "timeout")
    asks(keyless, case)
    sure(keyless)
    absent(keyless, case, BEN, "looked in all tickets since 3, password=hunter2hunter2Xy9")
    assert keyless.advance(case) == ["create", "read_back"]
    assert len(keyless.made) == 1
    (row,) = keyless.world.audited("case.ticket_absent")
    assert row.actor == "ben@team.example"
    assert "looked in all tickets" in str(row.after)
    assert "hunter2" not in str(row.after)
    assert "did not find it" in keyless.world.entries(case)[-1].text
    assert keyless.line(case).found_by is None


def test_a_second_create_that_is_unclear_is_asked_about_again(keyless: Keyless) -> None:
    case = lost(keyless, "timeout")
    asks(keyless, case)
    sure(keyless)
    absent(keyless, case)
    keyless.room.fault("POST /tickets", "timeout_after")
    with pytest.raises(OutcomeUnknown):
        keyless.advance(case)
    asks(keyless, case)
    with pytest.raises(Refused, match="may still be under way: please look again after 03:16"):
        absent(keyless, case)
    assert len(keyless.made) == 1


def test_a_number_that_is_another_ticket_or_none_is_not_taken(keyless: Keyless) -> None:
    other, _ = keyless.open(dedup_key="another", summary="Something else")
    case = lost(keyless)
    asks(keyless, case)
    for named, why in (("77", "no ticket '77'"), ("1", "“[CASE-1] Something else”, does not begin with [CASE-2]")):
        found(keyless, case, named)
        refused = str(asks(keyless, case))
        assert why in refused
        assert "Look there for" in refused
        assert keyless.line(case).asked, "the question stands again"
    found(keyless, case, "2", BEN)
    keyless.advance(case)
    assert (keyless.line(case).id, keyless.line(case).found_by) == (keyless.made[1], "Ben Okoro")
    assert keyless.line(other).id == keyless.made[0]


def test_a_desk_that_is_away_does_not_lose_what_somebody_said(keyless: Keyless) -> None:
    case = lost(keyless)
    asks(keyless, case)
    found(keyless, case, keyless.made[0])
    keyless.room.fault("GET /tickets", "refused")
    with pytest.raises(Unavailable):
        keyless.advance(case)
    assert keyless.line(case).named == keyless.made[0]
    keyless.advance(case)
    assert keyless.line(case).current


@pytest.mark.parametrize(
    ("first", "second"),
    [(found, found), (found, absent), (absent, found), (absent, absent)],
    ids=["found twice", "found, absent", "absent, found", "absent twice"],
)
def test_the_second_click_is_told_who_was_first(
    keyless: Keyless, first: Callable[..., str], second: Callable[..., str]
) -> None:
    case = lost(keyless)
    asks(keyless, case)
    sure(keyless)

    def say(act: Callable[..., str], actor: Actor) -> None:
        act(keyless, case, *(("1",) if act is found else ()), actor=actor)

    say(first, ANNA)
    lines = len(keyless.world.entries(case))
    with pytest.raises(Refused, match="Nothing was changed") as refused:
        say(second, LEA)
    assert ("Anna Berg found" in str(refused.value)) == (first is found)
    assert len(keyless.world.entries(case)) == lines


def test_two_at_the_same_moment_are_one_decision(keyless: Keyless) -> None:
    case = lost(keyless)
    asks(keyless, case)
    sure(keyless)
    gate = Barrier(2)

    def click(act: Callable[[], str]) -> str:
        gate.wait(10)
        try:
            return act()
        except Refused:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        said = [
            pool.submit(click, lambda: found(keyless, case, "1", BEN)),
            pool.submit(click, lambda: absent(keyless, case, LEA)),
        ]
        results = [one.result(30) for one in said]
    assert results.count("refused") == 1
    assert len(keyless.world.audited("case.ticket_found")) + len(keyless.world.audited("case.ticket_absent")) == 1
    keyless.advance(case)
    assert len(keyless.made) == (1 if results[1] == "refused" else 2)


def test_it_is_refused_where_nobody_is_asked(keyless: Keyless) -> None:
    case, _ = keyless.open()
    with pytest.raises(Refused, match="Nobody has to look for the ticket of CASE-1"):
        found(keyless, case, "1")
    with pytest.raises(Refused, match="Nobody has to look for the ticket of CASE-1"):
        absent(keyless, case)
    with pytest.raises(Refused, match="is not in Handoff's list of people"):
        found(keyless, case, "1", STRANGER)
    with pytest.raises(Refused, match="Please give the number"):
        found(keyless, case, "no number at all")


def test_a_case_closed_meanwhile_is_settled_too(keyless: Keyless) -> None:
    case = lost(keyless)
    asks(keyless, case)
    with keyless.world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", keyless.ctx)
    assert keyless.advance(case) == [], "the closing may still be taken back"
    keyless.world.let_go(case)
    assert asks(keyless, case).code == "unclear"
    found(keyless, case, "1")
    keyless.advance(case)
    assert keyless.desk.get(keyless.made[0]).status is TicketStatus.SOLVED
    assert keyless.line(case).current


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_hundred_unclear_creates_make_no_double(keyless: Keyless) -> None:
    kinds = ("timeout_after", "timeout", "reset_after", "reset", "cut", "html_after")
    for number in range(200):
        keyless.room.fault("POST /tickets$", kinds[number % len(kinds)])
        case = keyless.world.open(dedup_key=f"key-{number}")
        for _ in range(2):
            with pytest.raises(AdapterError):
                keyless.advance(case)
    titles = [ticket.fields["title"].split()[0] for ticket in keyless.room.fake.tickets.values()]
    assert len(titles) == len(set(titles)) == len(keyless.room.asked("POST /tickets"))
