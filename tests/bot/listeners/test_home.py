"""The Home tab: working buttons, made anew after a click, and following by itself what happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from automations.errors import Unavailable
from automations.failure_tickets import life
from bot.listeners.home import AT_ONCE, KEEP, Homes
from storage import stuck
from storage.models import HomeView
from tests.automations.failure_tickets.world import ANNA, World
from tests.blocked import a_run
from tests.bot.listeners.people import PEOPLE, Slack, click
from tests.bot.listeners.test_stuck import put
from tests.bot.views.checks import check
from tests.support import START

OPENED = {"type": "app_home_opened", "tab": "home", "channel": "D1"}


def in_home(user: str, action: str, value: str) -> dict[str, Any]:
    """A press of a button in the Home tab, which has no channel and no address to answer to."""
    body = click(user, action, value)
    for key in ("channel", "response_url"):
        del body[key]
    body["container"] = {"type": "view", "view_id": "V1"}
    body["view"] = {"id": "V1", "type": "home", "private_metadata": ""}
    return body


@pytest.fixture
def homes() -> Homes:
    return Homes()


def shown(slack: Slack, user: str = "U_AGENT1") -> Any:
    return [view for kind, to, view in slack.told() if (kind, to) == ("publish_home", user)][-1]


def test_it_shows_what_waits_with_buttons_that_work(slack: Slack, world: World) -> None:
    number = put(world)
    slack.event({**OPENED, "user": "U_AGENT1"})
    made = shown(slack)
    check(made)
    text = str(made)
    assert all(word in text for word in ("Waiting for you", "CASE-1", "case.claim", "stuck.retry", "How things stand"))

    slack.dispatch(in_home("U_AGENT1", "case.claim", "case:1:claim"))
    assert world.case(1).claimed_by == "anna@team.example"
    assert "case.resolve" in str(shown(slack)), "the tab was made anew"
    slack.dispatch(in_home("U_AGENT1", "stuck.retry", f"stuck:{number}:retry"))
    assert "stuck.retry" not in str(shown(slack))


def test_it_counts_stuck_work_of_which_the_list_says_more(slack: Slack, world: World) -> None:
    with world.begin() as session:
        run_id = a_run(session, START, subject="kim@team.example").id
        stuck.add(
            session, job="run.plan", key="plan/1", args={"run_id": run_id}, target="RUN-1", owner="lea@team.example",
            reason="the desk refuses", attempts=3, at=START,
        )  # fmt: skip
    for user, more in (("U_AGENT1", False), ("U_LEAD1", True)):
        slack.event({**OPENED, "user": user})
        text = str(shown(slack, user))
        assert ("RUN-1" in text or "more stuck" in text) == more, user


def test_it_follows_what_others_do_and_is_published_only_then(slack: Slack, world: World, homes: Homes) -> None:
    slack.event({**OPENED, "user": "U_AGENT1"})
    published: list[str] = []
    assert homes.follow(slack.deps, lambda user, _view: published.append(user)) == 0
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    assert homes.follow(slack.deps, lambda user, _view: published.append(user)) == 1
    assert homes.follow(slack.deps, lambda user, _view: published.append(user)) == 0
    assert Homes().follow(slack.deps, lambda user, _view: published.append(user)) == 0, "another process sees it is so"
    assert published == ["U_AGENT1"]


def test_a_slack_that_is_away_is_asked_again(slack: Slack, world: World, homes: Homes) -> None:
    slack.event({**OPENED, "user": "U_AGENT1"})
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)

    def away(_user: str, _view: object) -> None:
        raise Unavailable("Slack does not answer", system="slack")

    published: list[str] = []
    assert homes.follow(slack.deps, away) == 0
    assert homes.follow(slack.deps, lambda user, _view: published.append(user)) == 1
    assert published == ["U_AGENT1"]


def test_a_slack_that_does_not_say_who_somebody_is_leaves_the_tab_and_is_asked_again(
    slack: Slack, world: World, homes: Homes
) -> None:
    slack.event({**OPENED, "user": "U_AGENT1"})
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)

    def silent() -> None:
        raise Unavailable("Slack does not answer", system="slack")

    views: list[Any] = []
    slack.directory.before = silent
    assert homes.follow(slack.deps, lambda _user, view: views.append(view)) == 0
    slack.directory.before = lambda: None
    assert homes.follow(slack.deps, lambda _user, view: views.append(view)) == 1
    assert "CASE-1" in str(views)


def test_each_tab_is_looked_at_however_many_are_open(slack: Slack, world: World, homes: Homes) -> None:
    users = [user for user in PEOPLE if user != "U_AGENT1"]
    for user in (*users, "U_AGENT1"):
        slack.event({**OPENED, "user": user})
    with world.begin() as session:
        kept = session.get_one(HomeView, "U_AGENT1")
        for number in range(AT_ONCE):
            session.add(
                HomeView(user=f"U_OLD{number}", team=kept.team, digest="", opened_at=kept.opened_at, shown_at=START)
            )
    published: list[str] = []
    for _ in range(3):
        homes.follow(slack.deps, lambda user, _view: published.append(user))
    before = len(published)
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    homes.follow(slack.deps, lambda user, _view: published.append(user))
    assert "U_AGENT1" in published[before:]


def test_a_tab_opened_long_ago_is_left(slack: Slack, world: World, homes: Homes) -> None:
    slack.event({**OPENED, "user": "U_AGENT1"})
    world.clock.move(KEEP + timedelta(seconds=1))
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    assert homes.follow(slack.deps, lambda *_: None) == 0


def test_whoever_lost_the_role_sees_no_cases_any_more(slack: Slack, world: World, homes: Homes) -> None:
    slack.event({**OPENED, "user": "U_AGENT1"})
    with world.begin() as session:
        session.get_one(HomeView, "U_AGENT1").user = "U_GUEST"
        life.claim(session, 1, ANNA, world.ctx)
    views: list[Any] = []
    homes.follow(slack.deps, lambda _user, view: views.append(view))
    assert "CASE-1" not in str(views)
    assert "Guests" in str(views)


def test_slack_is_asked_who_somebody_is_outside_of_any_transaction(
    slack: Slack, world: World, homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.event({**OPENED, "user": "U_AGENT1"})
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    read, reading, asked = world.database.read, [0], []

    @contextmanager
    def counted() -> Iterator[Session]:
        with read() as session:
            reading[0] += 1
            yield session
            reading[0] -= 1

    monkeypatch.setattr(type(world.database), "read", lambda _self: counted())
    slack.directory.before = lambda: asked.append(reading[0])
    slack.dispatch(in_home("U_AGENT1", "case.resolve", "case:1:resolve"))
    homes.follow(slack.deps, lambda *_: None)
    assert len(asked) >= 2
    assert set(asked) == {0}


def test_many_cases_fit_and_the_rest_is_named(slack: Slack, world: World) -> None:
    for number in range(30):
        world.open(dedup_key=f"k{number}", summary="x" * 1000, source=f"s{number}")
    for number in range(12):
        put(world, key=f"ticket/{number}/9")
    slack.event({**OPENED, "user": "U_AGENT1"})
    made = shown(slack)
    check(made)
    assert "And 15 more: `/support mine`" in str(made)
    assert "And 4 more stuck: `/support-stuck`" in str(made)
