"""Who is away: by a person's own word or a lead's, with an end; newer words replace older ones; the settings stand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from automations.domain import Actor
from automations.duty import Rotation
from automations.errors import Refused
from automations.failure_tickets import absences
from automations.failure_tickets.present import present
from automations.failure_tickets.team_types import AwayLine
from automations.people import Person
from automations.words import PersonRef
from storage.models import AbsenceRow
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World
from tests.support import START

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANNAS = PersonRef("anna@team.example", "Anna Berg", "U_AGENT1")


def person(email: str) -> Person:
    found = ROSTER.by_email(email)
    assert found is not None
    return found


def set_away(
    world: World, until: timedelta, actor: Actor = ANNA, who: str = "anna@team.example", start: timedelta | None = None
) -> str:
    now = world.clock.now()
    with world.begin() as session:
        ctx = present(session, world.ctx)
        begins = now + start if start is not None else None
        return absences.set_away(session, person(who), now + until, actor, ctx, start=begins)


def back(world: World, actor: Actor = ANNA, who: str = "anna@team.example") -> str:
    with world.begin() as session:
        ctx = present(session, world.ctx)
        known = ctx.roster.by_email(who)
        assert known is not None
        return absences.back(session, known, actor, ctx)


def is_away(world: World, who: str = "anna@team.example", at: datetime | None = None) -> bool:
    with world.database.read() as session:
        return not present(session, world.ctx).roster.available(who, at or world.clock.now())


def test_away_from_now_until_the_end_that_was_said(world: World) -> None:
    assert set_away(world, DAY) == "You are away until Sun 22 Nov 03:14."
    assert is_away(world)
    assert is_away(world, at=START + DAY - timedelta(microseconds=1))
    assert not is_away(world, at=START + DAY)
    (row,) = world.audited("absence.set")
    assert (row.actor, row.target) == ("anna@team.example", "anna@team.example")


def test_new_cases_go_to_somebody_else_meanwhile(world: World) -> None:
    book = replace(
        BOOK, rules=(BOOK.rules[0].model_copy(update={"source": ("*",), "owner": "person:ben@team.example"}),)
    )
    world.ctx = replace(world.ctx, book=book)
    set_away(world, DAY, BEN, "ben@team.example")
    case = world.case(world.open())
    assert case.owner == "anna@team.example"
    assert "Ben Okoro is away until 22 Nov 03:14" in case.owner_why


def test_what_follows_is_said_with_it(world: World) -> None:
    people = ("anna@team.example", "ben@team.example")
    nights = Rotation("nights", people, "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
    alone = replace(nights, name="alone", people=people[:1])
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(nights, alone)))
    world.open()
    said = set_away(world, DAY)
    assert "On duty in nights: Ben Okoro stands in." in said
    assert "On duty in alone: nobody is left to stand in." in said
    assert said.endswith(
        "Still with Anna Berg: 1 open case. What is open still after 07:14 goes to whom its rule names."
    )
    assert set_away(world, HOUR).endswith("Still with Anna Berg: 1 open case."), "back before anybody else gets it"


def test_a_newer_word_replaces_what_it_overlaps_and_nothing_else(world: World) -> None:
    set_away(world, 2 * DAY)
    set_away(world, 9 * DAY, start=7 * DAY)
    set_away(world, HOUR)
    assert not is_away(world, at=START + HOUR)
    assert is_away(world, at=START + 8 * DAY)
    _, _, last = world.audited("absence.set")
    assert last.before is not None
    assert [one["until"] for one in last.before["absences"]] == [(START + 2 * DAY).isoformat()]


def test_an_absence_may_be_said_ahead(world: World) -> None:
    assert set_away(world, 2 * DAY, start=DAY) == "You are away from Sun 22 Nov 03:14 until Mon 23 Nov 03:14."
    assert not is_away(world)
    assert is_away(world, at=START + DAY)


def test_back_ends_it_now_and_ahead(world: World) -> None:
    set_away(world, DAY)
    set_away(world, 9 * DAY, start=7 * DAY)
    world.clock.move(HOUR)
    assert back(world) == "You are back: not away any more from now on."
    assert not is_away(world)
    assert not is_away(world, at=START + 8 * DAY)
    (row,) = world.audited("absence.ended")
    assert row.before is not None
    assert len(row.before["absences"]) == 2
    with pytest.raises(Refused, match="Anna Berg is not away"):
        back(world)


def test_what_the_settings_say_is_changed_there(world: World) -> None:
    with pytest.raises(Refused, match="away until Tue 24 Nov 09:00 by the settings"):
        back(world, LEA, "cara@team.example")
    set_away(world, 9 * DAY, LEA, "cara@team.example")
    assert "the settings still say that Cara Diaz is away until Tue 24 Nov 09:00" in back(
        world, LEA, "cara@team.example"
    )
    assert is_away(world, "cara@team.example")


def test_of_others_only_a_lead_may_say_it(world: World) -> None:
    with pytest.raises(Refused, match="A lead may say that somebody else is away; you are agent"):
        set_away(world, DAY, ANNA, "ben@team.example")
    assert set_away(world, DAY, LEA, "ben@team.example").startswith("Ben Okoro is away until")
    with pytest.raises(Refused, match="A lead may say that somebody else is back"):
        back(world, ANNA, "ben@team.example")
    assert back(world, BEN, "ben@team.example").startswith("You are back")


@pytest.mark.parametrize(("until", "why"), [(timedelta(0), "after it begins"), (timedelta(days=367), "after a year")])
def test_an_absence_has_an_end_within_a_year(world: World, until: timedelta, why: str) -> None:
    with pytest.raises(Refused, match=why):
        set_away(world, until)
    assert world.audited("absence.set") == []


def test_who_is_away_is_listed_with_who_said_so(world: World) -> None:
    set_away(world, DAY, LEA)
    set_away(world, 9 * DAY, BEN, "ben@team.example", start=7 * DAY)
    with world.database.read() as session:
        now = absences.away_lines(session, world.ctx)
        later = absences.away_lines(session, world.ctx, ahead=True)
    lea = PersonRef("lea@team.example", "Lea Lind", "U_LEAD1")
    cara = PersonRef("cara@team.example", "Cara Diaz", "U_AGENT3")
    assert now == [
        AwayLine(ANNAS, START, START + DAY, lea),
        AwayLine(cara, START - DAY, datetime(2026, 11, 24, 8, tzinfo=UTC)),
    ]
    assert [(line.person.name, line.ahead) for line in later] == [
        ("Anna Berg", False),
        ("Cara Diaz", False),
        ("Ben Okoro", True),
    ]


STEPS = st.lists(
    st.tuples(st.sampled_from(["away", "back", "wait"]), st.integers(0, 60), st.integers(1, 90)), min_size=1, max_size=9
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_last_word_about_a_time_is_what_counts(world: World, steps: list[tuple[str, int, int]]) -> None:
    """Rows against a plain list of hours: the newest absence replaces what it overlaps, back empties the future."""
    with world.begin() as session:
        session.execute(delete(AbsenceRow))
    base = world.clock.now()
    spans: list[tuple[int, int]] = []
    hour = 0
    for what, first, length in steps:
        if what == "wait":
            world.clock.move(first * HOUR)
            hour += first
        elif what == "away":
            set_away(world, (first + length) * HOUR, start=first * HOUR)
            begin, end = hour + first, hour + first + length
            spans = [(a, b) for a, b in spans if a >= end or b <= begin] + [(begin, end)]
        elif any(b > hour for _, b in spans):
            back(world)
            spans = [(a, b) for a, b in spans if b <= hour]
        with world.database.read() as session:
            roster = present(session, world.ctx).roster
        for ahead in range(0, 160, 7):
            at = hour + ahead
            assert roster.available("anna@team.example", base + at * HOUR) != any(
                a <= at < b for a, b in spans if b > hour
            )
    with world.database.read() as session:
        assert all(row.until > row.start for row in session.scalars(select(AbsenceRow)))
