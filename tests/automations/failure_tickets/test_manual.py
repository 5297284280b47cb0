"""Cases that a person opens, and what they copy into a case."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import CaseStatus, Mode, Priority
from automations.errors import Refused
from automations.failure_tickets import closing, manual
from automations.failure_tickets.manual import Origin, Wish
from automations.failure_tickets.moves import Outcome
from automations.redact import Redactor
from storage.engine import Database
from storage.models import Case, FailureEventRow
from tests.automations.failure_tickets.world import ANNA, BEN, STRANGER, World
from tests.support import START, FakeClock, RecordingJobs

LINK = "https://team.slack.example/archives/C_HELP/p1795227240000100"
PHONE = Wish("Acme cannot log in", details="since noon", customer="Acme GmbH", origin=Origin.PHONE)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


def opened(world: World, wish: Wish, key: str = "form/1", who: object = ANNA) -> Outcome:
    with world.begin() as session:
        return manual.open_by_hand(session, wish, key, who, world.ctx)  # type: ignore[arg-type]  # some are nobody


def test_a_case_by_hand_is_a_case_like_any_other_with_the_person_as_its_author(world: World) -> None:
    outcome = opened(world, PHONE)
    assert outcome.text == ("CASE-1 is open, with Anna Berg (default owner: no rule names an owner), priority low.")
    case = world.case(1)
    assert (case.source, case.reason, case.summary, case.details) == (
        "phone", "decision_needed", "Acme cannot log in", "since noon",
    )  # fmt: skip
    assert (case.customer_id, case.count, case.status) == ("Acme GmbH", 1, CaseStatus.OPEN)
    assert [(line.verb, line.actor) for line in world.entries(1)] == [
        ("opened", "handoff"),
        ("created", "anna@team.example"),
    ]
    assert world.entries(1)[1].text == "opened this case by hand (it came by phone)"
    (audited,) = world.audited("case.created")
    assert (audited.actor, audited.outcome) == ("anna@team.example", "done")
    assert world.ticket(1).state == "wanted"


def test_nobody_is_called_for_a_case_they_opened_themselves(world: World) -> None:
    opened(world, PHONE)
    opened(world, replace(PHONE, owner="ben@team.example"), "form/2")
    assert [world.case(number).call_owner for number in (1, 2)] == [False, True]


def test_outside_of_working_hours_only_an_urgent_one_calls(world: World) -> None:
    hours = WorkingHours(frozenset(range(5)), time(9), time(17), "UTC")
    world.ctx = replace(world.ctx, hours=hours)
    opened(world, replace(PHONE, owner="ben@team.example"))
    opened(world, replace(PHONE, owner="ben@team.example", priority=Priority.URGENT), "form/2")
    assert [world.case(number).call_owner for number in (1, 2)] == [False, True]


def test_owner_and_priority_are_as_chosen_and_say_by_whom(world: World) -> None:
    opened(world, replace(PHONE, owner="Ben@team.example", priority=Priority.HIGH))
    case = world.case(1)
    assert (case.owner, case.owner_why, case.status) == ("ben@team.example", "chosen by Anna Berg", CaseStatus.OPEN)
    assert (case.priority, case.priority_why) == ("high", [["set by Anna Berg", 0]])
    assert world.entries(1)[1].text.endswith("with priority high for Ben Okoro")


def test_who_takes_it_for_themselves_has_claimed_it(world: World) -> None:
    outcome = opened(world, replace(PHONE, owner="anna@team.example"))
    case = world.case(1)
    assert (case.status, case.claimed_by, case.claimed_at) == (CaseStatus.CLAIMED, "anna@team.example", START)
    assert outcome.text == "CASE-1 is open, and it is yours."


def test_a_form_sent_twice_is_one_case(world: World) -> None:
    opened(world, PHONE)
    again = opened(world, PHONE)
    assert (again.changed, again.case.id) == (False, 1)
    assert opened(world, PHONE, "form/2").case.id == 2
    with world.database.read() as session:
        assert session.query(Case).count() == session.query(FailureEventRow).count() == 2


def test_a_message_is_linked_and_its_secrets_are_not_kept(world: World) -> None:
    world.ctx = replace(world.ctx, redactor=Redactor(["held-secret-4711"]))
    opened(world, Wish("login with held-secret-4711 fails", details="token held-secret-4711", link=LINK))
    case = world.case(1)
    assert case.diagnostics_url == LINK
    assert "held-secret-4711" not in f"{case.summary} {case.details}"


def test_escalated_at_once_it_is_before_a_lead(world: World) -> None:
    opened(world, replace(PHONE, escalate_because="their contract ends today"))
    case = world.case(1)
    assert (case.escalated_by, case.escalation_reason) == ("anna@team.example", "their contract ends today")
    posted = world.notification("case/1/escalation/1")
    assert posted is not None
    assert posted.data["mention"] == "lea@team.example"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish("  "), "what is wrong"),
        (replace(PHONE, owner="cara@team.example"), "Cara Diaz is away until"),
        (replace(PHONE, owner="nobody@team.example"), "not in Handoff's list of people"),
        (Wish("x", link="javascript:alert(1)"), "diagnostics_url"),
    ],
)
def test_what_cannot_be_is_refused_in_words(world: World, wish: Wish, why: str) -> None:
    with pytest.raises(Refused, match=why):
        opened(world, wish)
    with world.database.read() as session:
        assert session.query(Case).count() == 0


def test_somebody_without_a_place_in_the_team_opens_nothing(world: World) -> None:
    with pytest.raises(Refused, match="list of people"):
        opened(world, PHONE, who=STRANGER)
    with world.database.read() as session:
        assert session.query(FailureEventRow).count() == 0


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW])
def test_while_the_automation_may_not_act_nothing_is_opened_and_that_is_said(world: World, mode: Mode) -> None:
    world.ctx = replace(world.ctx, mode=mode)
    with pytest.raises(Refused, match="opens no cases right now"):
        opened(world, PHONE)


def test_long_texts_are_cut_to_what_a_case_holds(world: World) -> None:
    opened(world, Wish("ä" * 900, details="ö" * 5_000, customer="ü" * 300))
    case = world.case(1)
    assert len(case.summary.encode()) <= 1024
    assert len(case.details.encode()) <= 6 * 1024
    assert len(case.customer_id or "") <= 255


def test_a_note_is_a_line_of_history_and_internal_on_the_ticket(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        outcome = manual.add_note(session, case, BEN, " the customer has\na workaround ", world.ctx)
    line = world.entries(case)[-1]
    assert (line.verb, line.actor, line.to_desk) == ("noted", "ben@team.example", True)
    assert line.text == "added an internal note: the customer has\na workaround"
    assert (world.case(case).last_act, outcome.text) == ("added an internal note", "CASE-1 has the note.")
    assert world.case(case).status == CaseStatus.OPEN
    assert [row.actor for row in world.audited("case.noted")] == ["ben@team.example"]


def test_a_note_needs_words_an_open_case_and_somebody_of_the_team(world: World) -> None:
    case = world.open()
    with world.begin() as session, pytest.raises(Refused, match="nothing to copy"):
        manual.add_note(session, case, BEN, " \u200b ", world.ctx)
    with world.begin() as session, pytest.raises(Refused, match="list of people"):
        manual.add_note(session, case, STRANGER, "words", world.ctx)
    with world.begin() as session:
        closing.resolve(session, case, ANNA, "done", world.ctx)
    world.clock.move(timedelta(minutes=5))
    with world.begin() as session, pytest.raises(Refused, match="resolved CASE-1"):
        manual.add_note(session, case, BEN, "words", world.ctx)
    assert datetime(2026, 11, 21, 2, 19, tzinfo=UTC) == world.clock.now()
