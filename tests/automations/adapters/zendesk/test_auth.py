"""Signing in as an OAuth client: one token for all calls, renewed in time, and once when refused; the old way."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest

from automations.adapters.zendesk.auth import API_TOKENS_END, LEGACY_WARNING, LIFETIME_S
from automations.adapters.zendesk.connect import Credential
from automations.adapters.zendesk.desk import ZendeskDesk
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY
from tests.automations.adapters.zendesk import opened
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import FakeZendesk
from tests.desks.zendesk_account import API_TOKEN, OWNER, SECRETS
from tests.support import FakeClock


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


def statuses(fake: FakeZendesk) -> list[int]:
    return [one.response.status_code for one in fake.exchanges]


def as_who(fake: FakeZendesk, clock: FakeClock, credential: Credential) -> ZendeskDesk:
    return ZendeskDesk(opened.line(fake, clock, credential), opened.REQUESTER, clock.now)


def test_a_token_is_asked_for_when_it_is_needed_and_serves_every_call(fake: FakeZendesk, clock: FakeClock) -> None:
    desk = opened.desk(HeldToContract(fake, "zendesk"), clock)
    assert fake.fetched == []
    desk.create(DRAFT, key=KEY)
    list(desk.agents())
    assert fake.fetched == ["token-1"]
    (asked,) = opened.asked(fake, "POST", "/oauth/tokens")
    assert "Authorization" not in asked.headers


def test_a_token_is_renewed_before_it_ends(fake: FakeZendesk, clock: FakeClock) -> None:
    desk = opened.desk(fake, clock)
    desk.create(DRAFT, key=KEY)
    clock.move(timedelta(seconds=LIFETIME_S - 61))
    desk.get("1")
    assert len(fake.fetched) == 1
    clock.move(timedelta(seconds=2))
    desk.get("1")
    assert len(fake.fetched) == 2
    assert 401 not in statuses(fake)


def test_a_token_lives_as_long_as_the_desk_says(fake: FakeZendesk, clock: FakeClock) -> None:
    fake.lifetime_s = 400
    desk = opened.desk(fake, clock)
    desk.create(DRAFT, key=KEY)
    clock.move(timedelta(seconds=341))
    desk.get("1")
    assert (len(fake.fetched), 401 in statuses(fake)) == (2, False)


def test_a_token_revoked_in_mid_run_is_renewed_once_and_the_write_is_done_once(
    fake: FakeZendesk, clock: FakeClock
) -> None:
    desk = opened.desk(HeldToContract(fake, "zendesk"), clock)
    desk.groups()
    list(desk.agents())
    fake.tokens.clear()
    made = desk.create(DRAFT, key=KEY)
    assert (made.key, len(fake.tickets), len(fake.fetched)) == (KEY, 1, 2)
    assert statuses(fake).count(401) == 1


def test_a_new_token_that_is_refused_too_ends_it(fake: FakeZendesk, clock: FakeClock) -> None:
    error = {"error": "invalid_token", "error_description": "The access token provided is expired"}
    line = Faulty(fake, [Fault("GET /api/v2/users/me", times=9, reply=(401, error))])
    with pytest.raises(Rejected, match=r"check desk\.token.*expired") as refused:
        opened.desk(line, clock).me()
    assert (refused.value.code, len(fake.fetched), len(line.met)) == ("unauthorized", 2, 2)


def test_another_refusal_than_an_invalid_token_renews_nothing(fake: FakeZendesk, clock: FakeClock) -> None:
    line = Faulty(fake, [Fault("users/me", times=9, reply=(401, {"error": "Couldn't authenticate you"}))])
    with pytest.raises(Rejected, match="Couldn't authenticate you"):
        opened.desk(line, clock).me()
    assert (len(fake.fetched), len(line.met)) == (1, 1)


def test_a_wrong_secret_is_told_without_it(fake: FakeZendesk, clock: FakeClock) -> None:
    wrong = Credential("wrong-secret-0123", "handoff")
    with pytest.raises(Rejected, match=r"check desk\.token") as refused:
        as_who(fake, clock, wrong).create(DRAFT, key=KEY)
    assert refused.value.code == "unauthorized"
    assert "wrong-secret" not in str(refused.value)
    assert fake.tickets == {}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST /oauth/tokens", "timeout"),
        Fault("POST /oauth/tokens", "timeout_after"),
        Fault("POST /oauth/tokens", "reset"),
        Fault("POST /oauth/tokens", "html"),
        Fault("POST /oauth/tokens", reply=(503, None)),
        Fault("POST /oauth/tokens", reply=(429, b"slow down", {"Retry-After": "7"})),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.reply[0]}",
)
def test_a_write_whose_token_did_not_come_was_not_sent(fault: Fault, fake: FakeZendesk, clock: FakeClock) -> None:
    """Unavailable and not unknown: nobody has to look whether it was done."""
    desk = opened.desk(Faulty(fake, [fault]), clock)
    fault.times = 1
    with pytest.raises(Unavailable):
        desk.create(DRAFT, key=KEY)
    assert desk.create(DRAFT, key=KEY).id == "1"


@dataclass
class Gate(httpx.BaseTransport):
    """Holds the answer with a token back until somebody else asks for one too, or a while has passed.

    `stale`: requests with this token are let through when `together` of them have come.
    """

    desk: httpx.BaseTransport
    entered: int = 0
    stale: str = ""
    together: threading.Barrier = field(default_factory=lambda: threading.Barrier(6))
    another: threading.Event = field(default_factory=threading.Event)
    line: threading.Lock = field(default_factory=threading.Lock)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/tokens":
            self.entered += 1
            if self.entered > 1:
                self.another.set()
            self.another.wait(0.3)
        elif request.headers["Authorization"] == self.stale:
            self.together.wait(10)
        with self.line:
            return self.desk.handle_request(request)


def together(times: int, act: Any) -> list[Any]:
    ready = threading.Barrier(times)

    def one(_number: int) -> Any:
        ready.wait(10)
        return act()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_one_thread_fetches_and_the_others_take_what_it_got(fake: FakeZendesk, clock: FakeClock) -> None:
    gate = Gate(fake)
    desk = opened.desk(gate, clock)
    ticket = str(fake.seed_ticket(subject="there")["id"])
    assert {read.subject for read in together(6, lambda: desk.get(ticket))} == {"there"}
    assert gate.entered == 1
    fake.tokens.clear()
    gate.entered, gate.stale = 0, "Bearer token-1"
    gate.another.clear()
    assert {read.subject for read in together(6, lambda: desk.get(ticket))} == {"there"}
    assert gate.entered == 1, "those that were refused meanwhile take the new one"


def test_each_process_asks_for_its_own_and_voids_no_others(fake: FakeZendesk, clock: FakeClock) -> None:
    fake.seed_ticket(subject="there")
    first, second = opened.desk(fake, clock), opened.desk(fake, clock)
    for desk in (first, second, first):
        assert desk.get("1").subject == "there"
    assert (len(fake.fetched), 401 in statuses(fake)) == (2, False)


def test_each_credential_asks_for_its_own_scope(fake: FakeZendesk, clock: FakeClock) -> None:
    opened.desk(fake, clock).me()
    opened.access(fake, clock).agent("anna@team.example")
    scopes = [token["scopes"] for token in fake.tokens.values()]
    assert scopes == [["read", "tickets:write", "organizations:write"], ["read", "write"]]


def test_the_ordinary_credential_may_not_change_agents(fake: FakeZendesk, clock: FakeClock) -> None:
    line = opened.line(fake, clock, Credential(SECRETS["handoff"], "handoff"))
    user = fake.user_id("ben@team.example")
    with pytest.raises(Rejected, match="has no right to this"):
        line.write("PUT", f"/api/v2/users/{user}", {"user": {"suspended": True}})
    assert fake.users[user]["suspended"] is False


def test_an_api_token_still_works_and_says_when_it_will_not(fake: FakeZendesk, clock: FakeClock) -> None:
    legacy = Credential(API_TOKEN, email="handoff@team.example")
    assert as_who(fake, clock, legacy).me().id == str(OWNER)
    assert fake.fetched == []
    assert f"{API_TOKENS_END}" in LEGACY_WARNING
    with pytest.raises(Rejected, match="Couldn't authenticate you"):
        as_who(fake, clock, Credential("no-such-token", email="handoff@team.example")).me()
    assert len(fake.exchanges) == 2
