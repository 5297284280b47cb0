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
        require(desk, Capability.KEYS, Capability.SESSIONS)
    assert str(refused.value) == (
        "The built-in desk cannot sign an agent out everywhere. Personal links end by themselves after 12 hours, "
        "and at once for who is suspended. Nothing was changed."
    )
