"""A desk that does not tell its changes: tickets of open cases are read one by one, and the message says how old."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from automations.domain import CaseStatus, Priority, TicketChange, TicketStatus
from automations.errors import Unavailable
from automations.failure_tickets import closing, desk_feed
from automations.failure_tickets.card import case_card
from automations.failure_tickets.detail import case_detail
from bot.views.case import case_message
from bot.views.texts import Look
from storage.models import Case, CaseTicket, Notification
from tests.automations.failure_tickets.keyless import Keyless
from tests.automations.failure_tickets.world import ANNA, World
from tests.desks.muninx import AGENT_TOKEN, BOT

LEA = "lea@team.example"
BEN = "b.okoro@desk.example"


@pytest.fixture
def keyless(world: World) -> Keyless:
    return Keyless(world)


def look(keyless: Keyless) -> int:
    return desk_feed.read(keyless.world.database, keyless.desk, keyless.ctx)


def lines(keyless: Keyless, case: int) -> list[str]:
    return [f"{entry.actor}: {entry.text}" for entry in keyless.world.entries(case)]


def test_what_a_colleague_does_is_followed(keyless: Keyless) -> None:
    case, ticket = keyless.open()
    assert look(keyless) == 0
    keyless.people.change(ticket, TicketChange(priority=Priority.LOW, assignee=BEN), by=LEA)
    keyless.people.note(ticket, "the ledger is back", by=LEA)
    assert look(keyless) == 1
    now = keyless.world.case(case)
    assert (now.priority, now.owner) == ("low", "ben@team.example")
    assert "lea@team.example: wrote in the desk: “the ledger is back”" in lines(keyless, case)
    keyless.advance(case)
    written = len(lines(keyless, case))
    assert (look(keyless), len(lines(keyless, case))) == (0, written), "what was followed is followed once"
    keyless.people.change(ticket, TicketChange(status=TicketStatus.SOLVED), by=LEA)
    assert look(keyless) == 1
    assert keyless.world.case(case).status == CaseStatus.RESOLVED


def test_a_customers_answer_calls_the_owner_and_its_words_stay_there(keyless: Keyless) -> None:
    case, ticket = keyless.open()
    with keyless.world.begin() as session:
        session.execute(update(Notification).values(job_pending=False, ts="1.2", state="delivered"))
    keyless.people.customer_replies(ticket, "it fails again")
    assert look(keyless) == 1
    said = lines(keyless, case)[-1]
    assert said.endswith(f"(customer): replied in ticket #{ticket}")
    assert "it fails again" not in "".join(lines(keyless, case))
    notified = keyless.world.notification(f"case/{case}/entry/{len(lines(keyless, case))}")
    assert notified is not None
    assert notified.data["mention"] == "anna@team.example"
    keyless.advance(case)
    assert look(keyless) == 0


def test_our_own_notes_are_not_taken_for_anybodys(keyless: Keyless) -> None:
    case, ticket = keyless.open()
    with keyless.world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", keyless.ctx)
    keyless.world.let_go(case)
    keyless.advance(case)
    before = lines(keyless, case)
    assert len(keyless.room.fake.tickets[ticket].messages) == 1
    assert look(keyless) == 0
    assert lines(keyless, case) == before


def test_a_ticket_that_is_gone_is_said_so(keyless: Keyless) -> None:
    case, ticket = keyless.open()
    keyless.people.delete(ticket, by=BEN)
    assert look(keyless) == 1
    assert keyless.line(case).gone
    asked = len(keyless.room.asked("GET /tickets/.*"))
    assert look(keyless) == 0
    assert len(keyless.room.asked("GET /tickets/.*")) == asked, "what is gone is not read again"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_look_reads_a_few_and_all_in_turn(keyless: Keyless, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_feed, "EACH_LOOK", 4)
    made = [keyless.open(dedup_key=f"key-{number}") for number in range(10)]
    seen: list[set[str]] = []
    for _ in range(5):
        keyless.world.clock.move(timedelta(seconds=15))
        before = len(keyless.room.fake.exchanges)
        look(keyless)
        asked = [one.request.url.path for one in keyless.room.fake.exchanges[before:]]
        seen.append({path.removeprefix("/tickets/") for path in asked if path.startswith("/tickets/")})
    assert [len(one) for one in seen] == [4] * 5
    assert seen[0] | seen[1] | seen[2] == {ticket for _, ticket in made}
    assert seen[0] == {ticket for _, ticket in made[:4]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_ticket_that_cannot_be_read_holds_up_no_other(keyless: Keyless, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_feed, "EACH_LOOK", 1)
    first, second = keyless.open(), keyless.open(dedup_key="another")
    keyless.world.clock.move(timedelta(minutes=1))
    keyless.room.fault(f"GET /tickets/{first[1]}", times=9, reply=(403, {"message": "not for you"}))
    look(keyless)
    assert [row.outcome for row in keyless.world.audited("ticket.follow")] == ["rejected"]
    look(keyless)
    assert keyless.world.ticket(second[0]).read_at == keyless.world.clock.now()
    assert keyless.world.ticket(first[0]).read_at != keyless.world.clock.now(), "it was looked at and not read"
    keyless.room.line.faults.clear()
    keyless.room.fault("GET /tickets", "refused")
    with pytest.raises(Unavailable):
        look(keyless)


def test_a_closed_case_that_was_seen_to_be_right_is_left_alone(keyless: Keyless) -> None:
    case, _ = keyless.open()
    with keyless.world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", keyless.ctx)
    keyless.world.let_go(case)
    asked = len(keyless.room.asked("GET /tickets/.*"))
    look(keyless)
    assert len(keyless.room.asked("GET /tickets/.*")) == asked + 1, "the closing is not verified yet"
    keyless.advance(case)
    asked = len(keyless.room.asked("GET /tickets/.*"))
    look(keyless)
    assert len(keyless.room.asked("GET /tickets/.*")) == asked


def test_the_message_says_how_old_the_reading_is(keyless: Keyless) -> None:
    case, _ = keyless.open()
    keyless.world.clock.move(timedelta(minutes=20))
    version = keyless.world.case(case).version
    look(keyless)
    line = keyless.line(case)
    assert line.read_at == keyless.world.clock.now()
    assert keyless.world.case(case).version == version, "Slack is not asked for an edit at each look"
    keyless.world.clock.move(timedelta(hours=1))
    look(keyless)
    assert keyless.world.case(case).version == version + 1, "and yet the message follows now and then"
    with keyless.world.database.read() as session:
        card = case_card(session, case, keyless.ctx)
        shown = str(case_message(card, Look("Europe/Oslo"), first_post=False))
        detail = case_detail(session, case, keyless.ctx)["ticket"]
    assert "' · read '" in shown
    assert f"'timestamp': {int(keyless.world.clock.now().timestamp())}" in shown
    assert detail["read_at"] == keyless.world.clock.now().isoformat()


def test_a_field_the_desk_lacks_is_wanted_nowhere(keyless: Keyless) -> None:
    case, ticket = keyless.open()
    with keyless.world.begin() as session:
        session.execute(update(Case).values(queue="Billing", version=Case.version + 1))
        session.execute(update(CaseTicket).values(wanted_version=CaseTicket.wanted_version + 1))
    assert keyless.advance(case) == ["update", "read_back"]
    assert keyless.line(case).current
    assert keyless.room.asked("PATCH .*") == []
    described = keyless.room.fake.tickets[ticket].fields["description"]
    assert "\nQueue: Support" in described, "the queue stands in the text where there are no groups"
    with keyless.world.database.read() as session:
        shown = case_detail(session, case, keyless.ctx)["ticket"]
    assert (shown["missing"], shown["seen"]["group"]) == (None, None)


def test_a_ticket_that_is_refused_at_each_look_is_written_down_once_a_day(keyless: Keyless) -> None:
    case, ticket = keyless.open()
    keyless.room.fake.tokens[AGENT_TOKEN] = LEA
    keyless.desk = keyless.room.desk(AGENT_TOKEN)
    keyless.room.fake.tickets[ticket].fields |= {"assignee": BEN, "creator": BOT}
    for _ in range(3):
        assert look(keyless) == 0
        keyless.world.clock.move(timedelta(minutes=1))
    assert [row.outcome for row in keyless.world.audited("ticket.follow")] == ["rejected"]
    keyless.world.clock.move(timedelta(days=1))
    look(keyless)
    assert len(keyless.world.audited("ticket.follow")) == 2
    assert keyless.world.case(case).status == CaseStatus.OPEN
