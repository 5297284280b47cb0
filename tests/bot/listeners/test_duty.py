"""`/support on-duty`, `away`, `back`, `pause`, `resume`: what people type, what becomes of it, what they are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from automations.duty import Rotation
from automations.people import Person, Roster
from storage.models import AbsenceRow, DutyCover, Pause
from tests.automations.failure_tickets.world import BOOK, ROSTER, World
from tests.bot.listeners.people import Slack, command
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANNAS, BENS, LEAS = "anna@team.example", "ben@team.example", "lea@team.example"
NIGHTS = Rotation("nights", (ANNAS, BENS, LEAS), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
DAYS = replace(NIGHTS, name="days", people=(BENS, ANNAS))


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    """A team with one rotation; it is Anna's shift until nine."""
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(NIGHTS,)))
    made = Slack(world)
    yield made
    made.close()


def said(slack: Slack, user: str, text: str) -> str:
    """Type a command and read the whole private answer."""
    before = len(slack.told())
    slack.command(user, text)
    ((_, _, message),) = slack.told()[before:]
    check(message)
    return f"{message['text']}\n{message['blocks']}"


def absences(world: World) -> list[tuple[str, str]]:
    with world.database.read() as session:
        rows = session.scalars(select(AbsenceRow).where(AbsenceRow.ended_at.is_(None)).order_by(AbsenceRow.id))
        return [(row.email, row.set_by) for row in rows]


def covers(world: World) -> list[tuple[str, str, str]]:
    with world.database.read() as session:
        rows = session.scalars(select(DutyCover).where(DutyCover.ended_at.is_(None)).order_by(DutyCover.id))
        return [(row.rotation, row.email, row.kind) for row in rows]


def test_on_duty_shows_who_has_it(slack: Slack) -> None:
    shown = said(slack, "U_AGENT2", "on-duty")
    assert shown.startswith("On duty: nights: Anna Berg\n")
    assert "then Ben Okoro" in shown


def test_somebody_takes_the_duty_and_gives_it_back(slack: Slack, world: World) -> None:
    answer = said(slack, "U_AGENT2", "on-duty cover")
    assert "Ben Okoro has the duty nights until 09:00, in place of Anna Berg." in answer
    assert "Take it back: /support on-duty end-cover nights" in answer
    assert covers(world) == [("nights", BENS, "cover")]
    assert "in place of Anna Berg" in said(slack, "U_AGENT1", "on-duty")
    assert "is ended" in said(slack, "U_AGENT2", "on-duty end\u2013cover nights")
    assert covers(world) == []


def test_a_lead_gives_the_duty_to_somebody_until_a_time(slack: Slack, world: World) -> None:
    assert "until 05:00" in said(slack, "U_LEAD1", "on-duty cover nights <@U_AGENT2|ben> until 05:00")
    assert "A lead may give somebody else the duty" in said(slack, "U_AGENT1", "on-duty cover @ben until 05:00")
    assert covers(world) == [("nights", BENS, "cover")]
    assert [row.target for row in world.audited("click.refused")] == ["handoff"]


def test_two_people_swap(slack: Slack, world: World) -> None:
    assert "Swapped in nights: Lea Lind has the duty" in said(slack, "U_AGENT2", "on-duty swap with <@U_LEAD1|lea>")
    assert covers(world) == [("nights", LEAS, "swap"), ("nights", BENS, "swap")]
    assert "With whom?" in said(slack, "U_AGENT2", "on-duty swap")


def test_of_several_rotations_one_is_named(slack: Slack, world: World) -> None:
    slack.deps = replace(slack.deps, ctx=replace(world.ctx, book=replace(BOOK, rotations=(NIGHTS, DAYS))))
    assert "Which rotation? There are nights, days." in said(slack, "U_AGENT2", "on-duty cover")
    assert "the duty days until" in said(slack, "U_AGENT1", "on-duty cover DAYS")


def test_without_a_rotation_it_says_where_to_add_one(slack: Slack, world: World) -> None:
    slack.deps = replace(slack.deps, ctx=replace(world.ctx, book=BOOK))
    assert "[[rotations]]" in said(slack, "U_AGENT2", "on-duty")
    assert "[[rotations]]" in said(slack, "U_AGENT2", "on-duty cover")


@pytest.mark.parametrize("text", ["away until Fri 09:00", "away me until 27 Nov 09:00", "AWAY for 6d"])
def test_somebody_is_away_by_their_own_word(slack: Slack, world: World, text: str) -> None:
    answer = said(slack, "U_AGENT1", text)
    assert "You are away until Fri 27 Nov" in answer
    assert "On duty in nights: Ben Okoro stands in. Still with Anna Berg: 1 open case." in answer
    assert "Take it back: /support back" in answer
    assert absences(world) == [(ANNAS, ANNAS)]
    assert "You are back" in said(slack, "U_AGENT1", "back")
    assert absences(world) == []


def test_away_until_the_end_of_the_shift_is_of_whom_it_is_said(slack: Slack, world: World) -> None:
    assert "Anna Berg is away until 09:00." in said(slack, "U_LEAD1", "away Anna until end of shift")
    assert absences(world) == [(ANNAS, LEAS)]
    assert "cannot read “end of shift”" in said(slack, "U_LEAD1", "away until end of shift")


@pytest.mark.parametrize(
    "who",
    [
        "<@U_AGENT2|ben>",
        "<@U_AGENT2>",
        "@ben",
        "Ben",
        "@Ben Okoro",
        "ben@team.example",
        "<mailto:ben@team.example|ben@team.example>",
    ],
)
def test_a_lead_says_that_somebody_is_away_however_named(slack: Slack, world: World, who: str) -> None:
    answer = said(slack, "U_LEAD1", f"away {who} until tomorrow 09:00")
    assert "Ben Okoro is away until Sun 22 Nov 09:00." in answer
    assert "Take it back: /support back ben@team.example" in answer
    assert absences(world) == [(BENS, LEAS)]
    assert "Ben Okoro is back" in said(slack, "U_LEAD1", f"back {who}")


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("<@U_GUEST|gus>", "Guests of this workspace"),
        ("<@U_BOT|robot>", "Apps and bots"),
        ("<@U_STRANGER>", "other organizations"),
        ("<@U_MEMBER|mo>", "mo is not in Handoff's list of people"),
        ("<@U_NOWHERE>", "Slack cannot tell"),
        ("<@U_AGENT1> <@U_AGENT2>", "one person at a time"),
        ("@zoe", "nobody called “@zoe”. Known: Anna Berg, Ben Okoro, Lea Lind, Cara Diaz"),
    ],
)
def test_who_is_none_of_the_team_is_refused_in_words(slack: Slack, world: World, who: str, why: str) -> None:
    answer = said(slack, "U_LEAD1", f"away {who} until tomorrow")
    assert why in answer
    assert absences(world) == []
    assert len(world.audited("click.refused")) == 1


def test_a_name_that_several_bear_is_refused_with_the_candidates(slack: Slack, world: World) -> None:
    another = Person("Ben Ash", "ben.ash@team.example")
    slack.deps = replace(slack.deps, ctx=replace(world.ctx, roster=Roster((*ROSTER.people, another))))
    answer = said(slack, "U_LEAD1", "away Ben until tomorrow")
    assert "“Ben” may be Ben Okoro (ben@team.example), Ben Ash (ben.ash@team.example)" in answer
    assert "Ben Ash is away" in said(slack, "U_LEAD1", "away ben ash until tomorrow")


def test_away_alone_shows_who_is(slack: Slack) -> None:
    assert said(slack, "U_AGENT1", "away").startswith("Away: Cara Diaz")


def test_away_without_an_end_asks_for_one(slack: Slack, world: World) -> None:
    assert "Until when?" in said(slack, "U_AGENT1", "away @anna")
    assert "cannot read “soonish”" in said(slack, "U_AGENT1", "away until soonish")
    assert absences(world) == []


def test_a_lead_pauses_and_resumes(slack: Slack, world: World) -> None:
    answer = said(slack, "U_LEAD1", "pause \u201cinvoicer\u201d until 09:00 because we\u2019re moving the ledger")
    assert "The source invoicer is paused until 09:00: we're moving the ledger." in answer
    assert "End it early: /support resume invoicer" in answer
    assert world.fail().status == "recorded"
    assert "invoicer" in said(slack, "U_LEAD1", "pause")
    status = said(slack, "U_AGENT1", "status")
    assert "1 paused" in status
    assert "by Lea Lind: we're moving the ledger" in status
    assert "1 event was only recorded meanwhile" in said(slack, "U_LEAD1", "resume invoicer")
    assert said(slack, "U_LEAD1", "resume").startswith("Nothing is paused.")


def test_pausing_is_for_leads(slack: Slack, world: World) -> None:
    assert "needs the role lead" in said(slack, "U_AGENT1", "pause invoicer until 09:00 because of it")
    assert "needs the role lead" in said(slack, "U_AGENT1", "resume invoicer")
    assert len(world.audited("click.refused")) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pause invoicer", "lacks until when and a reason"),
        ("pause invocier until 09:00 because x", "Known: failure_tickets, invoicer"),
        ("pause invoicer until never because x", "cannot read “never”"),
        ("on-duty take", "do not know “take”"),
    ],
)
def test_what_was_not_understood_changes_nothing(slack: Slack, world: World, text: str, why: str) -> None:
    assert why in said(slack, "U_LEAD1", text)
    with world.database.read() as session:
        assert session.scalars(select(Pause)).all() == []


def test_a_second_delivery_of_a_command_does_nothing(slack: Slack, world: World) -> None:
    body = command("U_AGENT1", "away until tomorrow")
    slack.dispatch(body)
    slack.dispatch(body)
    assert len(slack.told()) == 1
    assert len(world.audited("absence.set")) == 1


def test_status_shows_who_is_away_and_who_covers(slack: Slack) -> None:
    said(slack, "U_AGENT2", "on-duty cover until 05:00")
    status = said(slack, "U_AGENT1", "status")
    assert "in place of Anna Berg" in status
    assert "Cara Diaz" in status
