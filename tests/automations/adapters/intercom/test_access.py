"""What can be seen of Intercom's teammates by lists, and what is refused."""

import pytest

from automations.adapters.intercom.access import IntercomAccess
from automations.domain import IdempotencyKey
from automations.errors import Rejected
from tests.automations.adapters.access import ANNA
from tests.automations.adapters.intercom.world import access_on
from tests.desks.contract import HeldToContract
from tests.desks.intercom import Intercom
from tests.support import FakeClock


@pytest.fixture
def fake(clock: FakeClock) -> Intercom:
    return Intercom(clock)


@pytest.fixture
def access(fake: Intercom, clock: FakeClock) -> IntercomAccess:
    return access_on(HeldToContract(fake, "intercom"), clock)


def test_everybody_is_read_by_two_calls(access: IntercomAccess, fake: Intercom) -> None:
    for number in range(247):
        fake.seed_admin(f"Agent {number}", f"agent{number}@team.example", str(880000000 + number))
    fake.admins["880000246"]["team_ids"] = [5017691, 5017690]
    told = {one.agent.email: one for one in access.everybody()}
    last = told["agent246@team.example"]
    assert (len(told), last.groups, last.tokens) == (250, ("Billing", "Support"), None)
    assert [one.request.url.path for one in fake.exchanges] == ["/teams", "/admins"]


def test_invitations_and_seats_are_left_to_people(access: IntercomAccess, fake: Intercom) -> None:
    for call in (access.seats, lambda: access.invite_again(ANNA, key=IdempotencyKey("k"))):
        with pytest.raises(Rejected, match="in Intercom under Settings") as refused:
            call()
        assert refused.value.code == "cannot"
    assert fake.exchanges == []
