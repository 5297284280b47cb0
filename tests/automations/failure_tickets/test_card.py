"""What people get to see: cards, lines, lists, the summary, the case in full."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from automations.domain import CaseStatus, CustomerRef, Priority
from automations.errors import NotFound
from automations.failure_tickets import closing, life, tickets
from automations.failure_tickets.card import (
    case_card,
    case_detail,
    entry_line,
    my_cases,
    open_cases,
    open_cases_page,
    status,
)
from automations.failure_tickets.card_types import CaseCard, TicketLine
from automations.words import PersonRef, in_brief, person
from storage import stuck
from storage.models import Case, Notification
from tests.automations.failure_tickets.shaky import ShakyDesk, run
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World


def card(world: World, case: int) -> CaseCard:
    with world.database.read() as session:
        return case_card(session, case, world.ctx)


def posted(world: World, case: int) -> str:
    link = f"https://slack.example/archives/C1/p{case}"
    with world.begin() as session:
        session.execute(update(Notification).where(Notification.key == f"case/{case}").values(permalink=link, ts="1.2"))
    return link


def test_a_new_case_shows_what_the_failure_told(world: World) -> None:
    shown = card(world, world.open())
    assert (shown.status, shown.priority) == (CaseStatus.OPEN, Priority.URGENT)
    assert shown.priority_why == (("blocked", 3), ("paid workflow", 3), ("tier enterprise", 2))
    assert shown.customer == CustomerRef("acct_42", "Acme GmbH", "enterprise")
    assert [line.outcome for line in shown.attempts] == ["HTTP 502 from ledger"]
    assert shown.attempts[0].at == world.clock.now() - timedelta(minutes=4)
    assert shown.owner == PersonRef("anna@team.example", "Anna Berg", "U_AGENT1")
    assert shown.last_actor == PersonRef("handoff", "Handoff", None)
    assert (shown.ticket, shown.permalink) == (TicketLine("builtin", "wanted"), None)


def test_a_closed_case_shows_who_and_its_successor_links_back(world: World) -> None:
    first = world.open()
    link = posted(world, first)
    with world.begin() as session:
        life.claim(session, first, BEN, world.ctx)
        closing.resolve(session, first, LEA, "restarted it", world.ctx)
    shown = card(world, first)
    assert shown.closed_by == PersonRef("lea@team.example", "Lea Lind", "U_LEAD1")
    assert (shown.claimed_by, shown.close_note, shown.permalink) == (None, "restarted it", link)
    later = card(world, world.open())
    assert (later.previous_id, later.previous_permalink) == (first, link)


def test_a_line_is_a_whole_sentence(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        life.reassign(session, case, LEA, "ben@team.example", world.ctx)
    with world.database.read() as session:
        line = entry_line(session, case, 2, world.ctx, mention="ben@team.example")
        with pytest.raises(NotFound, match="no line 9"):
            entry_line(session, case, 9, world.ctx)
    assert line.text == "Lea Lind reassigned this case from Anna Berg to Ben Okoro"
    assert line.mention == PersonRef("ben@team.example", "Ben Okoro", "U_AGENT2")


def test_lists_are_most_urgent_first_then_oldest(world: World) -> None:
    none: dict[str, object] = {"impact": {}, "customer": None, "dedup_key": None}
    low = world.open(source="low", **none)
    world.clock.move(timedelta(minutes=1))
    urgent = world.open(source="urgent", dedup_key="u")
    world.clock.move(timedelta(minutes=1))
    later = world.open(source="later", dedup_key="l")
    closed = world.open(source="closed", **none)
    with world.begin() as session:
        life.claim(session, urgent, BEN, world.ctx)
        closing.not_needed(session, closed, ANNA, "", world.ctx)
    link = posted(world, later)
    with world.database.read() as session:
        rows = open_cases(session, world.ctx)
        assert [row.id for row in rows] == [urgent, later, low]
        assert [row.id for row in open_cases(session, world.ctx, limit=1, offset=1)] == [later]
        assert [row.id for row in my_cases(session, "ANNA@team.example", world.ctx)] == [later, low]
        assert [row.id for row in my_cases(session, "ben@team.example", world.ctx)] == [urgent]
        page = open_cases_page(session, limit=2)
        assert [row["id"] for row in page] == ["CASE-3", "CASE-2"]
        assert [row["id"] for row in open_cases_page(session, before=2)] == ["CASE-1"]
        assert [row["id"] for row in open_cases_page(session, status="not_needed")] == ["CASE-4"]
    assert (rows[0].status, rows[0].owner.name, rows[1].permalink) == (CaseStatus.CLAIMED, "Ben Okoro", link)
    json.dumps(page)


def test_the_summary_counts_what_is_open_unverified_stuck_and_waiting(world: World, desk: ShakyDesk) -> None:
    with world.database.read() as session:
        empty = status(session, world.ctx)
    assert (empty.open, empty.claimed, empty.unverified, empty.oldest_unclaimed, empty.by_priority) == (
        0,
        0,
        0,
        None,
        (),
    )
    first, second, third = (world.open(dedup_key=name) for name in "abc")
    run(world, desk, first)
    with world.begin() as session:
        life.claim(session, first, BEN, world.ctx)
        life.escalate(session, second, BEN, "now", world.ctx)
        closing.resolve(session, third, BEN, "done", world.ctx)
        stuck.add(
            session, job="ticket.sync", key="k", args={}, target="CASE-1", owner="anna@team.example", reason="r",
            attempts=3, at=world.clock.now(),
        )  # fmt: skip
    world.let_go(third)
    run(world, desk, third)
    with world.database.read() as session:
        now = status(session, world.ctx)
    assert (now.open, now.claimed, now.escalated, now.unverified, now.stuck) == (1, 1, 1, 2, 1)
    assert now.waiting_for_slack == 3 + 3 + 1, "three messages, three lines, one escalation"
    assert now.oldest_unclaimed is not None
    assert now.oldest_unclaimed.id == second
    assert now.by_priority == ((Priority.URGENT, 2),)


def test_the_case_in_full_is_plain_json(world: World, desk: ShakyDesk) -> None:
    case = world.open(id="evt_first")
    run(world, desk, case)
    for number in range(3):
        world.fail(id=f"evt_more_{number}")
    link = posted(world, case)
    with world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", world.ctx)
    newer = world.open()
    with world.database.read() as session:
        shown = case_detail(session, case, world.ctx, limit=2)
        later = case_detail(session, newer, world.ctx)
        with pytest.raises(NotFound, match="CASE-77"):
            case_detail(session, 77, world.ctx)
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["id"], shown["next"], later["previous"]) == ("CASE-1", "CASE-2", "CASE-1")
    assert [one["event_id"] for one in shown["occurrences"]] == ["evt_more_2", "evt_more_1"]
    assert (shown["occurrences_total"], shown["count"]) == (4, 4)
    assert (shown["ticket"]["state"], shown["ticket"]["verified"]) == ("verified", False)
    assert shown["ticket"]["seen"]["assignee"] == "anna@team.example"
    assert shown["slack"]["permalink"] == link
    assert [line["verb"] for line in shown["history"]] == ["opened", "resolved", "came_back"]
    assert [row["action"] for row in shown["audit"]] == ["case.came_back", "case.resolved"]
    assert shown["url"] == "https://bot.example/cases/1"


def test_a_case_without_a_message_yet_has_no_slack_part_of_its_own(world: World) -> None:
    case = world.open()
    with world.database.read() as session:
        shown = case_detail(session, case, world.ctx)
    assert (shown["slack"]["ts"], shown["slack"]["up_to_date"]) == (None, False)


def test_cards_of_what_does_not_exist_are_not_found(world: World) -> None:
    with world.database.read() as session, pytest.raises(NotFound, match="CASE-5"):
        case_card(session, 5, world.ctx)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("BEN@team.example", PersonRef("BEN@team.example", "Ben Okoro", "U_AGENT2")),
        ("U_AGENT2", PersonRef("U_AGENT2", "Ben Okoro", "U_AGENT2")),
        ("U0123", PersonRef("U0123", "U0123", "U0123")),
        ("os:root", PersonRef("os:root", "os:root", None)),
        ("gone@team.example", PersonRef("gone@team.example", "gone@team.example", None)),
    ],
)
def test_people_are_joined_to_their_slack_user(world: World, identity: str, expected: PersonRef) -> None:
    assert person(identity, world.ctx) == expected


@pytest.mark.parametrize(("text", "limit", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…")])
def test_a_cut_text_shows_that_it_was_cut(text: str, limit: int, cut: str) -> None:
    assert in_brief(text, limit) == cut


def test_a_ticket_counts_as_current_only_while_nothing_newer_is_wanted(world: World, desk: ShakyDesk) -> None:
    case = world.open()
    run(world, desk, case)
    assert card(world, case).ticket.current
    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
    assert not card(world, case).ticket.current
    assert tickets.advance(world.database, desk, case, world.ctx) == "note"
    assert card(world, case).ticket.state == "created"
    with world.database.read() as session:
        assert session.get_one(Case, case).status == "claimed"
