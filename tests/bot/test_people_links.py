"""Links between accounts: they take effect at once, are never given to two people, and are written down."""

from dataclasses import replace

import pytest

from automations.domain import Role
from automations.errors import NotFound, Refused
from automations.failure_tickets import life
from automations.failure_tickets.present import present
from bot import people_links
from storage.engine import Database
from storage.models import DeskFact
from tests.automations.failure_tickets.world import ANNA, World
from tests.bot.listeners.people import PEOPLE, Person, Slack
from tests.support import START, FakeClock, RecordingJobs

ANNAS = "anna@team.example"


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.open()
    return made


def linked(world: World, email: str = ANNAS, slack: str | None = None, desk: str | None = None) -> str:
    with world.begin() as session:
        return people_links.link(session, email, world.ctx, slack=slack, desk=desk, by="os:lea")


def agents(world: World, **states: str) -> None:
    value = {"agents": {name.replace("_at_", "@").replace("_", "."): state for name, state in states.items()}}
    with world.begin() as session:
        session.add(DeskFact(system="builtin", name="agents", value=value, read_at=START))


def test_a_link_is_believed_at_once_and_written_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEOPLE, "U_NEW", Person("anna b", "private@home.example"))
    words = linked(world, slack="U_NEW", desk="A.Berg@desk.example")
    assert words == "Anna Berg (anna@team.example) is U_NEW in Slack and a.berg@desk.example in the desk."
    slack = Slack(world)
    slack.deps = replace(slack.deps, permissions=slack.permissions.under(roles={Role.AGENT: ("U_NEW",)}))
    slack.click("U_NEW", "case.claim")
    slack.close()
    assert world.case(1).claimed_by == ANNAS
    (row,) = world.audited("people.linked")
    assert (row.actor, row.target) == ("os:lea", ANNAS)
    assert row.after == {"slack": "U_NEW", "desk": "a.berg@desk.example"}


def test_one_half_of_a_link_leaves_the_other(world: World) -> None:
    linked(world, slack="U_NEW")
    assert "U_NEW in Slack and x@desk.example in the desk" in linked(world, desk="x@desk.example")


def test_an_account_is_not_given_to_two_people(world: World) -> None:
    with pytest.raises(Refused, match="U_AGENT2"):
        linked(world, slack="U_AGENT2")
    with pytest.raises(Refused, match="desk agent"):
        linked(world, desk="lea@team.example")
    with pytest.raises(NotFound, match=r"Known: anna@team\.example"):
        linked(world, "nobody@team.example", slack="U_NEW")
    with world.database.read() as session:
        assert present(session, world.ctx).roster == world.ctx.roster
    assert world.audited("people.linked") == []


def test_a_link_that_is_cleared_leaves_what_the_settings_say(world: World) -> None:
    linked(world, slack="U_NEW")
    with world.begin() as session:
        people_links.clear(session, ANNAS, world.ctx, by="os:lea")
    with world.database.read() as session:
        assert present(session, world.ctx).roster == world.ctx.roster
    assert len(world.audited("people.unlinked")) == 1
    with pytest.raises(Refused, match="no link"), world.begin() as session:
        people_links.clear(session, ANNAS, world.ctx, by="os:lea")


@pytest.mark.parametrize(
    ("states", "words"),
    [({"ben_at_team_example": "active"}, "no agent"), ({"anna_at_team_example": "suspended"}, "is suspended")],
)
def test_without_an_active_agent_a_click_changes_nothing_and_says_why(
    world: World, states: dict[str, str], words: str
) -> None:
    agents(world, **states)
    rows = world.audit_rows()
    with pytest.raises(Refused, match=words) as told, world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    assert "handoff people link anna@team.example --desk" in str(told.value)
    assert (world.case(1).claimed_by, world.audit_rows()) == (None, rows)


def test_while_the_agents_are_not_known_nobody_is_kept_from_work(world: World) -> None:
    with world.begin() as session:
        assert life.claim(session, 1, ANNA, world.ctx).changed


def test_a_link_to_an_active_agent_lets_the_person_work(world: World) -> None:
    agents(world, a_berg_at_desk_example="active")
    linked(world, desk="a.berg@desk.example")
    with world.begin() as session:
        assert life.claim(session, 1, ANNA, present(session, world.ctx)).changed
