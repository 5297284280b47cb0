"""Forged requests at every door: none is let in, none is a fault of ours, all are written down, no body is logged."""

import io
import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.bot.http_world import problem
from tests.doors.forgeries import Forgery, forgeries
from tests.doors.room import DOORS, MARK, SIGNED, Doors, rows
from tests.figures.told import tell

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MUTATED = int(os.environ.get("HANDOFF_FORGERIES", "200"))
"""Mutated requests in all; 10,000 for the figure."""


def refused(doors: Doors, path: str, forged: Forgery) -> None:
    """Send it; it is 401, and the answer repeats nothing of it."""
    answer = doors.send(path, forged.body, forged.headers)
    assert answer.status_code == 401, (forged.name, answer.status_code)
    told = problem(answer, 401)
    assert MARK not in answer.text
    assert set(told) == {"type", "title", "status", "detail"}


@one_kind
@pytest.mark.parametrize("name", DOORS)
def test_a_good_request_is_let_in(doors: Doors, name: str) -> None:
    """Else the others would show nothing."""
    assert doors.knock(DOORS[name]).status_code in (200, 202)
    assert doors.turned_away() == 0


@one_kind
@pytest.mark.parametrize("name", DOORS)
def test_every_forged_shape_is_refused_and_written_down(doors: Doors, lines: io.StringIO, name: str) -> None:
    door = DOORS[name]
    body = door.body()
    forged = forgeries(door, body, doors.now)
    before = rows(doors.port.world.database, "audit_entry", "audit_head")
    for one in forged:
        refused(doors, door.path, one)
    assert rows(doors.port.world.database, "audit_entry", "audit_head") == before
    assert doors.turned_away() == len(forged)
    written = lines.getvalue()
    assert MARK not in written
    assert "Traceback" not in written
    assert len(doors.port.world.audited("door.refused")) <= 12, "few rows, however many attempts"
    tell(
        "14",
        f"{name}: {len(forged)} forged shapes, 0 let in, 0 answered 5xx, {len(forged)} written down, 0 bodies logged",
    )


def test_there_are_sixty_shapes_or_more_for_each_way_in() -> None:
    counts = {name: len({one.name for one in forgeries(DOORS[name], DOORS[name].body(), 1.8e9)}) for name in DOORS}
    assert min(counts.values()) >= 60, counts


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, list[tuple[str, int, str, str]]]:
    """A door, and one to three changes: where (a header's name or the body), at which place, what, with which sign."""
    name = draw(st.sampled_from(SIGNED))
    door = DOORS[name]
    where = st.sampled_from([door.proof, *([door.stamp] if door.stamp else []), "body"])
    sign = st.characters(max_codepoint=0x2FFF)
    one = st.tuples(where, st.integers(0, 400), st.sampled_from(["put", "drop", "change", "double", "case"]), sign)
    return name, draw(st.lists(one, min_size=1, max_size=3))


def changed(text: str, place: int, what: str, sign: str) -> str:
    """The text with one change at a place, counted around it."""
    at = place % (len(text) + 1)
    head, here, tail = text[:at], text[at : at + 1], text[at + 1 :]
    return {
        "put": head + sign + here + tail,
        "drop": head + tail,
        "change": head + sign + tail,
        "double": head + here + here + tail,
        "case": head + here.swapcase() + tail,
    }[what]


@one_kind
@pytest.mark.timeout(600)
def test_no_mutated_request_is_let_in(doors: Doors, lines: io.StringIO) -> None:
    """Headers and bodies changed at random places; what is still the same request is left out."""
    bodies = {name: DOORS[name].body() for name in SIGNED}
    before = rows(doors.port.world.database, "audit_entry", "audit_head")
    sent = []

    @settings(max_examples=MUTATED, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(mutations())
    def send(drawn: tuple[str, list[tuple[str, int, str, str]]]) -> None:
        name, changes = drawn
        door, body = DOORS[name], bodies[name]
        good = door.headers(body, doors.now)
        headers, text = dict(good), body.decode()
        for where, place, what, sign in changes:
            if where == "body":
                text = changed(text, place, what, sign)
            else:
                headers[where] = changed(headers[where], place, what, sign)
        assume((list(headers.items()), text) != (good, body.decode()))
        refused(doors, door.path, Forgery(repr(drawn), text.encode("utf-8", "surrogatepass"), list(headers.items())))
        sent.append(name)

    send()
    assert rows(doors.port.world.database, "audit_entry", "audit_head") == before
    assert doors.turned_away() == len(sent)
    assert MARK not in lines.getvalue()
    tell(
        "14", f"{len(sent)} mutated by hypothesis over {len(SIGNED)} doors: 0 let in, 0 answered 5xx, all written down"
    )
