"""Stuck work of whoever is gone goes to who is there; both hear of it, and it is a finding of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.errors import Refused, Unavailable
from automations.people import Person, Roster
from bot.slack_errors import TargetGone
from bot.slack_types import SlackUser
from bot.stuck_owners import JOB, StuckOwners
from storage import stuck
from storage.engine import Database
from storage.models import Notification, StuckItem
from tests.automations.failure_tickets.world import ROSTER, World
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANNAS, BENS, LEAS = "anna@team.example", "ben@team.example", "lea@team.example"
SLACK = {person.email: person.slack for person in ROSTER.people}


class Profiles:
    """Slack's profiles, some of them deactivated, unknown, or not to be had."""

    def __init__(self) -> None:
        self.deleted: set[str | None] = set()
        self.unknown: set[str | None] = set()
        self.away = False

    def __call__(self, user: str) -> SlackUser:
        if self.away:
            raise Unavailable("Slack cannot be reached", system="slack")
        if user in self.unknown:
            raise TargetGone("Slack knows nobody by that id", system="slack", code="user_not_found")
        return SlackUser(
            id=user, name=user, email=None, team_id="T", is_bot=False, deleted=user in self.deleted,
            is_restricted=False, is_ultra_restricted=False, is_stranger=False,
        )  # fmt: skip


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def profiles() -> Profiles:
    return Profiles()


@pytest.fixture
def owners(world: World, profiles: Profiles) -> StuckOwners:
    return StuckOwners(world.database, lambda: world.ctx, profiles)


def put(world: World, number: int, owner: str) -> int:
    with world.begin() as session:
        return stuck.add(
            session, job="ticket.sync", key=f"ticket/{number}", args={"n": number}, target=f"CASE-{number}",
            owner=owner, reason="no", attempts=1, at=world.clock.now(),
        ).id  # fmt: skip


def owner_of(world: World, number: int) -> str:
    with world.database.read() as session:
        return session.get_one(StuckItem, number).owner


def told(world: World) -> dict[str, str]:
    with world.database.read() as session:
        rows = session.query(Notification).where(Notification.kind == "stuck.line")
        return {row.channel: row.data["text"] for row in rows}


def without(world: World, email: str, *, blocked: bool = False) -> None:
    people = [one for one in ROSTER.people if one.email != email]
    if blocked:
        people.append(replace(next(one for one in ROSTER.people if one.email == email), blocked=True))
    world.ctx = replace(world.ctx, roster=Roster(tuple(people)))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("left", "is not under [[people]]"),
        ("blocked", "has no access to Handoff any more"),
        ("deleted", "is deactivated in Slack"),
        ("unknown", "is not known to Slack"),
    ],
)
def test_what_somebody_owns_who_is_gone_goes_to_the_default_owner(
    world: World, owners: StuckOwners, profiles: Profiles, how: str, why: str
) -> None:
    numbers = [put(world, 1, BENS), put(world, 2, BENS)]
    assert owners.ask() == 0
    if how in ("left", "blocked"):
        without(world, BENS, blocked=how == "blocked")
    else:
        getattr(profiles, how).add(SLACK[BENS])
    assert [owners.ask(), owners.ask()] == [1, 1]
    (job,) = world.jobs.of(JOB)
    spec = owners.spec()
    with pytest.raises(Refused, match="2 pieces of stuck work went to Anna Berg") as finding:
        spec.advance(job.args)
    assert why in str(finding.value)
    assert [owner_of(world, one) for one in numbers] == [ANNAS, ANNAS]
    with world.database.read() as session:
        assert spec.owner_of(session, job.args) == ANNAS, "the finding is the new owner's"
    rows = world.audited("stuck.owner_gone")
    assert [(row.before, row.after) for row in rows] == [({"owner": BENS}, {"owner": ANNAS, "why": why})] * 2
    heard = told(world)
    assert set(heard) == {SLACK[ANNAS], SLACK[LEAS]}, "the new owner and the lead"
    assert all("2 pieces of stuck work went to Anna Berg" in text for text in heard.values())
    assert spec.advance(job.args) is None, "nothing of theirs is left: the finding can go"
    assert owners.ask() == 0
    put(world, 3, BENS)
    world.clock.move(timedelta(minutes=5))
    assert owners.ask() == 1, "work that comes to them anew is found anew"
    assert len(world.jobs.of(JOB)) == 2


def test_the_lead_gets_it_where_the_default_owner_is_gone_too(
    world: World, owners: StuckOwners, profiles: Profiles
) -> None:
    number = put(world, 1, ANNAS)
    profiles.deleted.add(SLACK[ANNAS])
    with pytest.raises(Refused, match="went to Lea"):
        owners.spec().advance({"owner": ANNAS})
    assert owner_of(world, number) == LEAS
    profiles.deleted.add(SLACK[LEAS])
    with pytest.raises(Refused, match="Name somebody who is there"):
        owners.spec().advance({"owner": LEAS})
    assert owner_of(world, number) == LEAS


def test_a_slack_that_is_away_says_nothing_about_anybody(world: World, owners: StuckOwners, profiles: Profiles) -> None:
    number = put(world, 1, BENS)
    profiles.deleted.add(SLACK[BENS])
    profiles.away = True
    assert owners.ask() == 0
    assert owners.spec().advance({"owner": BENS}) is None
    assert owner_of(world, number) == BENS


def test_somebody_without_slack_is_there(world: World, owners: StuckOwners) -> None:
    world.ctx = replace(world.ctx, roster=Roster((*ROSTER.people, Person("Kim", "kim@team.example"))))
    put(world, 1, "kim@team.example")
    assert owners.ask() == 0
