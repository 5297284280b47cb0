"""What is special about agents in Zendesk: roles of the plan, seats, sessions, tokens, and a limit for each user."""

import json
from datetime import timedelta
from typing import Any

import pytest

from automations.adapters.zendesk.access import ZendeskAccess
from automations.domain import IdempotencyKey
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.access import ANNA, BEN, KEY, NEW
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.opened import asked
from tests.desks.budget import Budget
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import FakeZendesk
from tests.desks.zendesk_account import OWNER, iso
from tests.support import FakeClock

USERS = "/api/v2/users/"
HOUR = timedelta(hours=1)


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.fixture
def access(fake: FakeZendesk, clock: FakeClock) -> ZendeskAccess:
    return opened.access(HeldToContract(fake, "zendesk"), clock)


def sent(fake: FakeZendesk) -> list[dict[str, Any]]:
    return [json.loads(one.content)["user"] for one in asked(fake, "PUT", USERS)]


def test_roles_are_those_of_the_account(access: ZendeskAccess, fake: FakeZendesk) -> None:
    assert list(access.roles()) == ["agent", "admin", "Advisor"]
    fake.custom_roles = None
    assert list(access.roles()) == ["agent", "admin"]
    with pytest.raises(Rejected, match="no role 'Advisor', but agent, admin") as refused:
        access.set_role(BEN, "Advisor")
    assert refused.value.code == "no_role"


def test_a_custom_role_is_given_and_taken(access: ZendeskAccess, fake: FakeZendesk) -> None:
    for role in ("Advisor", "agent", "Advisor", "admin"):
        access.set_role(BEN, role)
        found = access.agent(BEN)
        assert found is not None
        assert found.role == role
    assert sent(fake) == [
        {"role": "agent", "custom_role_id": 88},
        {"role": "agent", "custom_role_id": None},
        {"role": "agent", "custom_role_id": 88},
        {"role": "admin"},
    ]


def test_what_is_true_already_is_not_sent(access: ZendeskAccess, fake: FakeZendesk) -> None:
    access.set_role(BEN, "agent")
    access.reactivate(BEN)
    access.leave(BEN, "Billing")
    access.join(BEN, "Support")
    access.remove("nobody@team.example")
    assert [one.request.method for one in fake.exchanges if one.request.method != "GET"] == ["POST"], "the token"


def test_a_role_that_did_not_come_is_told(fake: FakeZendesk, clock: FakeClock) -> None:
    """A call that answers 200 and leaves an end user, as it happens with custom roles."""
    user = {"id": 5, "name": "Cora Diaz", "email": NEW, "role": "end-user"}
    access = opened.access(Faulty(fake, [Fault("create_or_update", reply=(201, {"user": user}))]), clock)
    with pytest.raises(Rejected, match=r"shows cora@team\.example as end-user, not Advisor") as refused:
        access.invite(NEW, "Cora Diaz", "Advisor", key=KEY)
    assert refused.value.code == "not_taken"
    ben = fake.users[fake.user_id(BEN)] | {"role": "end-user"}
    access = opened.access(Faulty(fake, [Fault("PUT ", reply=(200, {"user": ben}))]), clock)
    with pytest.raises(Rejected, match="as end-user, not admin"):
        access.set_role(BEN, "admin")


def test_without_a_seat_nobody_is_invited(access: ZendeskAccess, fake: FakeZendesk) -> None:
    fake.seats = 3
    with pytest.raises(Rejected, match="maximum number of agents") as refused:
        access.invite(NEW, "Cora Diaz", "agent", key=KEY)
    assert refused.value.code == "no_seat"
    assert access.agent(NEW) is None
    access.remove(BEN)
    access.invite(NEW, "Cora Diaz", "agent", key=KEY)
    assert access.agent(NEW) is not None


def test_who_comes_back_is_made_an_agent_again(access: ZendeskAccess, fake: FakeZendesk) -> None:
    number = fake.user_id(BEN)
    access.remove(BEN)
    access.invite(BEN, "Ben Okoro", "agent", key=KEY)
    found = access.agent(BEN)
    assert found is not None
    assert (found.id, found.state) == (str(number), "active")


def test_an_invitation_that_got_no_answer_is_made_once(fake: FakeZendesk, clock: FakeClock) -> None:
    line = Faulty(fake, [Fault("create_or_update", "timeout_after")])
    access = opened.access(line, clock)
    with pytest.raises(Exception, match="did not answer"):
        access.invite(NEW, "Cora Diaz", "Advisor", key=KEY)
    access.invite(NEW, "Cora Diaz", "Advisor", key=KEY)
    assert [user["email"] for user in fake.users.values()].count(NEW) == 1
    assert len(asked(fake, "POST", f"{USERS}create_or_update")) == 1


def test_what_the_desk_forbids_is_told_in_its_words(access: ZendeskAccess, fake: FakeZendesk) -> None:
    with pytest.raises(Rejected, match="the account owner must be an admin"):
        access.suspend("handoff@team.example")
    assert fake.users[OWNER]["suspended"] is False


def test_somebody_is_signed_out(access: ZendeskAccess, fake: FakeZendesk) -> None:
    number = fake.user_id(BEN)
    fake.sessions = {number: 2, fake.user_id(ANNA): 1}
    access.sign_out(BEN)
    access.sign_out(BEN)
    assert fake.sessions == {number: 0, fake.user_id(ANNA): 1}


def seed_token(fake: FakeZendesk, email: str, text: str, lives: timedelta = HOUR, **given: Any) -> str:
    more = {"client_id": 77, "scopes": ["read"], "used_at": "2026-11-20T08:00:00Z"}
    row = {"id": fake.next_id(), "user_id": fake.user_id(email), "ends": fake.clock.now() + lives, **more, **given}
    fake.tokens[text] = row
    return str(row["id"])


def test_tokens_of_one_agent_are_listed_and_revoked(access: ZendeskAccess, fake: FakeZendesk) -> None:
    mine = [seed_token(fake, BEN, f"bens-secret-token-{number:03}") for number in range(120)]
    annas = seed_token(fake, ANNA, "annas-secret-token")
    found = list(access.tokens(BEN))
    assert [one.id for one in found] == mine
    assert (found[0].name, found[0].last_used is not None) == ("OAuth client 77 (read)", True)
    assert "secret" not in repr(found)
    for token in (mine[0], mine[0], annas):
        access.revoke_token(BEN, token)
    assert [one.id for one in access.tokens(BEN)] == mine[1:]
    assert [one.id for one in access.tokens(ANNA)] == [annas], "somebody else's is left alone"


def test_one_users_limit_stalls_nobody_else(fake: FakeZendesk, clock: FakeClock) -> None:
    """5 updates a minute for one user: whoever asked waits, and the desk's pause for all stays unset."""
    budget = Budget()
    access = opened.access(fake, clock, budget)
    for _ in range(2):
        access.suspend(BEN)
        access.reactivate(BEN)
    access.suspend(BEN)
    with pytest.raises(Unavailable, match="asks for a pause") as refused:
        access.reactivate(BEN)
    assert (refused.value.retry_after_s, budget.paused) == (60.0, [])
    access.suspend(ANNA)
    assert fake.users[fake.user_id(ANNA)]["suspended"] is True


def test_agents_are_read_across_pages(access: ZendeskAccess, fake: FakeZendesk) -> None:
    for number in range(230):
        fake.seed_user(f"Agent {number}", f"agent{number}@team.example")
    assert len({agent.email for agent in access.agents()}) == 233
    last = access.agent("agent229@team.example")
    assert last is not None
    access.invite("agent229@team.example", "Agent 229", "admin", key=IdempotencyKey("k"))
    assert access.agent("agent229@team.example") == last, "who is there already keeps their role"


def test_a_token_that_ended_is_not_told_unless_it_can_be_renewed(access: ZendeskAccess, fake: FakeZendesk) -> None:
    past, later = -HOUR, fake.clock.now() + HOUR
    seed_token(fake, BEN, "ended-token", past)
    seed_token(
        fake, BEN, "ended-with-its-renewal", past, refresh_token="x", refresh_token_expires_at=iso(later - 2 * HOUR)
    )
    renewed = seed_token(fake, BEN, "renewed-token", past, refresh_token="x", refresh_token_expires_at=iso(later))
    endless = seed_token(fake, BEN, "renewed-for-ever", past, refresh_token="x", refresh_token_expires_at=None)
    assert [one.id for one in access.tokens(BEN)] == [renewed, endless]
    shown = {one.agent.email: one for one in access.everybody()}[BEN]
    assert shown.tokens == tuple(access.tokens(BEN))


def test_everybody_is_read_by_pages(access: ZendeskAccess, fake: FakeZendesk) -> None:
    """250 agents, 496 places in groups and 248 tokens: 3 + 5 + 3 pages, groups, roles, and a token of our own."""
    groups = list(fake.groups)
    for number in range(247):
        user = fake.seed_user(f"Agent {number}", f"agent{number}@team.example")
        for group in groups:
            fake.memberships[fake.next_id()] = (user, group)
        seed_token(fake, f"agent{number}@team.example", f"token-of-agent-{number}")
    told = {one.agent.email: one for one in access.everybody()}
    last = told["agent246@team.example"]
    assert (len(told), last.groups) == (250, ("Billing", "Support"))
    assert last.tokens is not None
    assert [one.name for one in last.tokens] == ["OAuth client 77 (read)"]
    assert len(fake.exchanges) == 3 + 5 + 3 + 1 + 1 + 1


def test_who_never_proved_an_address_but_signed_in_is_active(access: ZendeskAccess, fake: FakeZendesk) -> None:
    """By the company's sign-on nobody uses the mailed link."""
    access.invite(NEW, "Cora Diaz", "agent", key=KEY)
    fake.signs_in(NEW)
    found = access.agent(NEW)
    assert found is not None
    assert (found.state, found.last_seen) == ("active", fake.clock.now())


def test_what_the_reference_does_not_have_is_refused(access: ZendeskAccess, fake: FakeZendesk) -> None:
    for call in (access.seats, lambda: access.invite_again(BEN, key=KEY)):
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.code == "cannot"
    assert fake.exchanges == []
