"""Personal links: signed, for their time, for one use of their kind, with one key per database."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.builtin.access import BuiltinAccess
from automations.domain import IdempotencyKey
from bot.desk_door import DeskDoor, desk_door
from storage.engine import Database
from tests.blocked import set_block
from tests.support import FakeClock

ANNA = "anna@team.example"


def anybody(_email: str) -> bool:
    return True


def test_a_link_gives_its_person_for_twelve_hours(clock: FakeClock) -> None:
    door = DeskDoor(b"key", clock.now, anybody)
    link = door.link("Anna@team.example")
    cookie = door.cookie(link)
    assert cookie is not None
    assert door.person(cookie) == ANNA
    assert door.person(link) is None, "a link is no cookie"
    assert door.cookie(cookie) is None, "a cookie is no link"
    clock.move(timedelta(hours=12))
    assert door.cookie(link) is None
    assert door.person(cookie) is None


def test_another_key_opens_nothing(clock: FakeClock) -> None:
    mine, yours = DeskDoor(b"mine", clock.now, anybody), DeskDoor(b"yours", clock.now, anybody)
    assert yours.cookie(mine.link(ANNA)) is None
    cookie = mine.cookie(mine.link(ANNA)) or ""
    assert mine.is_form(cookie, mine.form(cookie))
    assert not mine.is_form(cookie, yours.form(cookie))


@given(st.text(max_size=60), st.data())
def test_nothing_but_what_was_signed_opens(garbage: str, data: st.DataObject) -> None:
    door = DeskDoor(b"key", FakeClock().now, anybody)
    assert door.person(garbage) is None
    sealed = door.link(ANNA)
    at = data.draw(st.integers(0, len(sealed) - 1))
    sign = data.draw(st.sampled_from("abcXYZ019.-_é"))
    changed = sealed[:at] + sign + sealed[at + 1 :]
    assert changed == sealed or door.cookie(changed) is None


def test_all_replicas_share_the_key_of_the_database(database: Database, clock: FakeClock) -> None:
    BuiltinAccess(database).invite(ANNA, "Anna Berg", "agent", key=IdempotencyKey("anna"))
    first, second = desk_door(database, clock.now), desk_door(database, clock.now)
    assert second.cookie(first.link(ANNA)) is not None


def test_nothing_opens_any_more_for_who_is_suspended_or_removed(database: Database, clock: FakeClock) -> None:
    access, door = BuiltinAccess(database), desk_door(database, clock.now)
    access.invite(ANNA, "Anna Berg", "agent", key=IdempotencyKey("anna"))
    link = door.link(ANNA)
    cookie = door.cookie(link)
    assert cookie is not None
    access.suspend(ANNA)
    assert (door.cookie(link), door.person(cookie)) == (None, None)
    access.reactivate(ANNA)
    assert door.person(cookie) == ANNA
    access.remove(ANNA)
    assert (door.cookie(link), door.person(cookie)) == (None, None)


def test_nothing_opens_any_more_for_who_is_blocked(database: Database, clock: FakeClock) -> None:
    """However good the link or the cookie was, and though they are an active agent still."""
    BuiltinAccess(database).invite(ANNA, "Anna Berg", "agent", key=IdempotencyKey("anna"))
    door = desk_door(database, clock.now)
    link = door.link(ANNA)
    cookie = door.cookie(link)
    assert cookie is not None
    with database.begin() as session:
        set_block(session, ANNA, clock.now())
    assert door.person(cookie) is None
    assert door.cookie(link) is None
