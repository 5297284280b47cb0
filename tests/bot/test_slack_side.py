"""The Slack half comes up when Slack does, says what is missing, and is closed for good."""

import threading
from collections.abc import Callable, Iterator

import pytest

from automations.domain import Role
from automations.errors import ConfigError
from bot.gateway import SlackGateway
from bot.live import Live
from bot.slack_side import SlackKeys, SlackSide
from bot.views.texts import Look
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.bot_room import ask, until
from tests.bot.live_terms import terms_of
from tests.bot.slack_room import slack_room
from tests.bot.workspace.room import Room
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Make = Callable[..., SlackSide]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def make(room: Room, database: Database) -> Iterator[Make]:
    """Make a Slack half: `make(base_url=…, bot_token=…, app_token=…)`."""
    made: list[SlackSide] = []
    world = World.on(database, FakeClock(), RecordingJobs())

    def side(
        base_url: str = room.server.base_url,
        bot_token: str = "xoxb-demo-handoff",
        app_token: str | None = "xapp-demo-handoff",
    ) -> SlackSide:
        keys = SlackKeys(base_url, bot_token, app_token=app_token, signing_secret=None if app_token else "s")
        gateway = SlackGateway(bot_token, base_url=base_url, timeout_s=2)
        roles = {Role.AGENT: ("S_AGENTS",), Role.LEAD: (), Role.ADMIN: ()}
        made.append(SlackSide(database, Live(terms_of(world.ctx, Look(zone="UTC"), roles)), gateway, keys))
        return made[-1]

    yield side
    for one in made:
        one.close()


def test_over_socket_mode_it_is_there_once_connected(make: Make, room: Room) -> None:
    side = make()
    assert side.problem == "Slack has not been reached yet"
    side.connect()
    assert side.problem == ""
    assert room.server.runtime.sockets.count == 2
    side.close()
    assert side.problem == "stopped"
    until(lambda: room.server.runtime.sockets.count, lambda count: count == 0)
    side.keep()
    assert room.server.runtime.sockets.count == 0


def test_over_http_knowing_who_we_are_is_enough(make: Make, room: Room) -> None:
    side = make(app_token=None)
    side.connect()
    assert side.problem == ""
    assert room.server.runtime.sockets.count == 0


def test_a_slack_that_is_away_is_no_error(make: Make) -> None:
    side = make(base_url="http://127.0.0.1:9/api/")
    side.connect()
    side.keep()
    assert "Slack" in side.problem


@pytest.mark.parametrize(
    ("tokens", "variable"),
    [
        ({"bot_token": "xoxb-wrong"}, "HANDOFF_SLACK__BOT_TOKEN"),
        ({"app_token": "xapp-wrong"}, "HANDOFF_SLACK__APP_TOKEN"),
    ],
)
def test_a_refused_token_ends_a_start_and_only_shows_later(make: Make, tokens: dict[str, str], variable: str) -> None:
    side = make(**tokens)
    with pytest.raises(ConfigError, match=variable):
        side.connect()
    side.keep()
    assert variable in side.problem
    assert "wrong" not in side.problem


def test_a_slack_that_breaks_down_after_the_start_shows(make: Make, room: Room) -> None:
    side = make()
    side.connect()
    ask(f"{room.server.url}/_control/faults", {"method": "auth.test", "kind": "error", "error": "token_revoked"})
    side._gateway._identity._kept.clear()
    with pytest.raises(Exception, match="token_revoked"):
        side._gateway.auth_test()
    assert side.problem
    side._gateway.auth_test()
    assert side.problem == ""


def test_a_close_during_a_connect_leaves_nothing_open(make: Make, room: Room) -> None:
    ask(f"{room.server.url}/_control/faults", {"method": "auth.test", "kind": "latency", "seconds": 0.3})
    side = make()
    connecting = threading.Thread(target=side.keep)
    connecting.start()
    until(lambda: side._lock.locked(), bool)
    side.close()
    connecting.join(5)
    side.keep()
    until(lambda: room.server.runtime.sockets.count, lambda count: count == 0)


@pytest.mark.usefixtures("database_url")
def test_keys_do_not_print() -> None:
    keys = SlackKeys("https://slack.com/api/", "xoxb-secret", "xapp-secret", "signing-secret")
    assert "secret" not in repr(keys)
