"""Covers and swaps: who has the duty in place of whose turn it is, told to the channel, taken back, audited."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import Actor
from automations.duty import Rotation, on_duty
from automations.errors import Refused
from automations.failure_tickets import absences, covers
from automations.failure_tickets.present import present
from automations.failure_tickets.team_types import CoverLine, DutyLine
from automations.people import Person
from automations.words import PersonRef
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World
from tests.support import START

ANNAS, BENS, LEAS, CARAS = "anna@team.example", "ben@team.example", "lea@team.example", "cara@team.example"
NIGHTS = Rotation("nights", (ANNAS, BENS, LEAS), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 11, 21, 8, tzinfo=UTC)  # when Anna's first shift ends, and Ben's begins
ANNA_REF = PersonRef(ANNAS, "Anna Berg", "U_AGENT1")
BEN_REF = PersonRef(BENS, "Ben Okoro", "U_AGENT2")


@pytest.fixture
def world(world: World) -> World:
    """A team with one rotation, whose first shift is Anna's until nine."""
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(NIGHTS,)))
    return world


def person(email: str) -> Person:
    found = ROSTER.by_email(email)
    assert found is not None
    return found


def cover(world: World, who: str, actor: Actor, until: datetime | None = None, start: datetime | None = None) -> str:
    with world.begin() as session:
        ctx = present(session, world.ctx)
        return covers.cover(session, NIGHTS, person(who), actor, ctx, until=until, start=start)


def swap(world: World, one: str, other: str, actor: Actor) -> str:
    with world.begin() as session:
        return covers.swap(session, NIGHTS, person(one), person(other), actor, present(session, world.ctx))


def end(world: World, actor: Actor) -> str:
    with world.begin() as session:
        return covers.end_cover(session, NIGHTS, actor, present(session, world.ctx))


def has_it(world: World, at: datetime) -> str | None:
    with world.database.read() as session:
        ctx = present(session, world.ctx)
    rotation = ctx.book.rotation("nights")
    assert rotation is not None
    return on_duty(rotation, ctx.roster, at)


def test_a_cover_lasts_until_the_hand_over_if_nothing_else_is_said(world: World) -> None:
    assert cover(world, BENS, BEN) == "Ben Okoro has the duty nights until 09:00, in place of Anna Berg."
    assert has_it(world, START) == BENS
    assert has_it(world, NINE + DAY) == LEAS
    (row,) = world.audited("duty.covered")
    assert (row.actor, row.target) == (BENS, "nights")
    assert row.after == {"who": BENS, "kind": "cover", "from": START.isoformat(), "until": NINE.isoformat()}


def test_who_covers_gets_the_cases(world: World) -> None:
    rule = BOOK.rules[0].model_copy(update={"source": ("*",), "owner": "rotation:nights"})
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, rules=(rule,)))
    cover(world, BENS, BEN, until=START + HOUR)
    case = world.case(world.open())
    assert case.owner == BENS
    world.clock.move(HOUR)
    assert world.case(world.open(dedup_key="later")).owner == ANNAS


def test_a_cover_may_begin_later(world: World) -> None:
    said = cover(world, LEAS, LEA, start=NINE + HOUR, until=NINE + 2 * HOUR)
    assert said == "Lea Lind has the duty nights from 10:00 until 11:00, in place of Ben Okoro."
    assert [has_it(world, NINE + n * HOUR) for n in range(4)] == [BENS, LEAS, BENS, BENS]


def test_giving_the_duty_to_somebody_else_needs_a_lead_and_tells_them(world: World) -> None:
    with pytest.raises(Refused, match="A lead may give somebody else the duty"):
        cover(world, BENS, ANNA)
    cover(world, BENS, LEA)
    line = world.notification("cover/1")
    assert line is not None
    assert line.data["mention"] == BENS
    assert line.data["text"].endswith("Settled by Lea Lind.")
    cover(world, BENS, BEN)
    own = world.notification("cover/2")
    assert own is not None
    assert own.data["mention"] is None


def test_outside_working_hours_nobody_is_called_by_it(world: World) -> None:
    hours = WorkingHours(frozenset(range(5)), NINE.time(), START.time().replace(hour=16), "UTC")
    world.ctx = replace(world.ctx, hours=hours)
    cover(world, BENS, LEA)
    line = world.notification("cover/1")
    assert line is not None
    assert line.data["mention"] is None


def test_who_is_away_then_cannot_have_the_duty(world: World) -> None:
    with pytest.raises(Refused, match="Cara Diaz is away until 24 Nov 09:00, so cannot have the duty from 03:14"):
        cover(world, CARAS, LEA)
    assert cover(world, CARAS, LEA, start=NINE + 3 * DAY).startswith(
        "Cara Diaz has the duty nights from Tue 24 Nov 09:00"
    )


@pytest.mark.parametrize(("until", "why"), [(START, "after it begins"), (START + 367 * DAY, "after a year")])
def test_a_cover_has_an_end_within_a_year(world: World, until: datetime, why: str) -> None:
    with pytest.raises(Refused, match=why):
        cover(world, BENS, BEN, until=until)


def test_a_swap_is_two_covers_of_each_others_next_shift(world: World) -> None:
    said = swap(world, BENS, LEAS, BEN)
    assert said == (
        "Swapped in nights: Lea Lind has the duty from 09:00 until Sun 22 Nov 09:00, "
        "and Ben Okoro from Sun 22 Nov 09:00 until Mon 23 Nov 09:00."
    )
    assert [has_it(world, NINE + n * DAY) for n in range(4)] == [LEAS, BENS, ANNAS, BENS]
    line = world.notification("cover/1")
    assert line is not None
    assert line.data["mention"] == LEAS
    (row,) = world.audited("duty.swapped")
    assert row.after is not None
    assert [one["who"] for one in row.after["shifts"]] == [LEAS, BENS]


def test_a_swap_that_a_lead_settles_calls_both(world: World) -> None:
    swap(world, ANNAS, BENS, LEA)
    told = [world.notification(f"cover/{number}") for number in (1, 2)]
    assert sorted(str(line.data["mention"]) for line in told if line) == [ANNAS, BENS]


def test_the_next_shift_of_who_has_it_now_is_a_later_one(world: World) -> None:
    swap(world, ANNAS, BENS, ANNA)
    assert has_it(world, START) == ANNAS
    assert [has_it(world, NINE + n * DAY) for n in range(4)] == [ANNAS, LEAS, BENS, BENS]


@pytest.mark.parametrize(
    ("one", "other", "actor", "why"),
    [
        (BENS, BENS, BEN, "needs two people"),
        (BENS, CARAS, BEN, "Cara Diaz takes no turns in nights"),
        (BENS, LEAS, ANNA, "A lead may swap the shifts of others"),
    ],
)
def test_an_impossible_swap_is_refused(world: World, one: str, other: str, actor: Actor, why: str) -> None:
    with pytest.raises(Refused, match=why):
        swap(world, one, other, actor)
    assert world.audited("duty.swapped") == []


def test_a_swap_with_somebody_away_then_is_refused(world: World) -> None:
    with world.begin() as session:
        absences.set_away(session, person(LEAS), NINE + HOUR, LEA, world.ctx)
    with pytest.raises(Refused, match="Lea Lind is away until 21 Nov 10:00"):
        swap(world, BENS, LEAS, BEN)


def test_what_counts_now_is_ended_first_and_what_is_to_come_next(world: World) -> None:
    cover(world, BENS, BEN)
    swap(world, BENS, LEAS, BEN)
    assert end(world, BEN) == "The cover of nights by Ben Okoro is ended; turns are as in the rotation again."
    assert [has_it(world, START), has_it(world, NINE)] == [ANNAS, LEAS]
    assert end(world, LEA).startswith("The cover of nights by Lea Lind and Ben Okoro is ended")
    assert [has_it(world, NINE + n * DAY) for n in range(3)] == [BENS, LEAS, ANNAS]
    assert len(world.audited("duty.cover_ended")) == 2
    with pytest.raises(Refused, match="Nobody covers nights"):
        end(world, BEN)


def test_a_cover_is_ended_by_those_it_concerns_or_a_lead(world: World) -> None:
    cover(world, BENS, BEN)
    with pytest.raises(Refused, match="A lead may end what others settled"):
        end(world, ANNA)
    assert has_it(world, START) == BENS
    end(world, LEA)
    swap(world, ANNAS, BENS, ANNA)
    assert "Ben Okoro" in end(world, BEN)


def test_each_rotation_says_who_has_it_who_comes_and_what_is_covered(world: World) -> None:
    gone = Rotation("days", (CARAS,), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
    later = replace(NIGHTS, name="later", first=date(2026, 12, 1))
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(NIGHTS, gone, later)))
    cover(world, BENS, BEN, until=START + HOUR)
    cover(world, LEAS, LEA, start=NINE + HOUR, until=NINE + 2 * HOUR)
    with world.database.read() as session:
        first, second, third = covers.duty_lines(session, present(session, world.ctx))
    lea = PersonRef(LEAS, "Lea Lind", "U_LEAD1")
    coming = (CoverLine(lea, NINE + HOUR, NINE + 2 * HOUR, "cover"),)
    assert first == DutyLine("nights", BEN_REF, START + HOUR, True, ANNA_REF, ANNA_REF, coming)
    assert (second.rotation, second.person, second.begun) == ("days", None, True)
    assert (third.person, third.begun, third.until) == (None, False, datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert third.then == ANNA_REF


def test_who_has_the_duty_anyway_is_told_so(world: World) -> None:
    with pytest.raises(Refused, match="Anna Berg has the duty nights already, until 09:00"):
        cover(world, ANNAS, ANNA)
    assert cover(world, ANNAS, ANNA, until=NINE + HOUR) == "Anna Berg has the duty nights until 10:00."
    assert has_it(world, NINE) == ANNAS
