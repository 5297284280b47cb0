import pytest

from automations.adapters.builtin.desk import BuiltinDesk
from automations.desks import ABILITY, Capability, require
from automations.errors import Refused
from storage.engine import Database
from tests.support import FakeClock


def test_every_capability_reads_on_after_cannot() -> None:
    assert ABILITY.keys() == frozenset(Capability)
    assert len(set(ABILITY.values())) == len(ABILITY)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_desk_cannot_is_said_before_anything_is_changed(database: Database, clock: FakeClock) -> None:
    desk = BuiltinDesk(database, clock, "https://bot.example")
    require(desk, Capability.KEYS, Capability.CHANGES)
    with pytest.raises(Refused) as refused:
        require(desk, Capability.KEYS, Capability.TOKENS)
    assert str(refused.value) == (
        "The built-in desk cannot list and revoke an agent's tokens. "
        "It gives no tokens, only personal links that end after 12 hours. Nothing was changed."
    )
