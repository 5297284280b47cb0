"""What a case has to follow, as laws: what is ours is nobody's edit, what somebody set last is followed once."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis.strategies import booleans, lists, sampled_from, tuples

from automations.domain import TicketEvent
from automations.failure_tickets.mirror_plan import Author, FieldMove, Line, make_plan, with_sent

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
VALUES = sampled_from(["low", "normal", "high", "urgent"])


def event(number: int, before: str, after: str, *, ours: bool, field: str = "priority") -> TicketEvent:
    name, email = ("bot", None) if ours else ("Mara", "mara@desk.example")
    return TicketEvent(str(number), AT, "change", name, email, ours, changes=((field, before, after),))


def history(start: str, steps: list[tuple[str, bool]]) -> list[TicketEvent]:
    """Changes one after the other, without those that change nothing."""
    made: list[TicketEvent] = []
    for value, ours in steps:
        if value != start:
            made.append(event(len(made) + 1, start, value, ours=ours))
            start = value
    return made


def plan(want: str, shown: str, ours: Any, events: list[TicketEvent], *, told: bool = True) -> tuple[FieldMove, ...]:
    return make_plan({"priority": want}, {"priority": shown}, ours, events, told=told).fields


@given(base=VALUES, want=VALUES, steps=lists(tuples(VALUES, booleans()), max_size=6))
def test_what_somebody_set_last_is_followed_and_nothing_else(
    base: str, want: str, steps: list[tuple[str, bool]]
) -> None:
    events = history(base, steps)
    theirs = [one for one in events if not one.ours]
    shown = events[-1].changes[0][2] if events else base
    moves = plan(want, shown, {"priority": [base]}, events)
    last = theirs[-1].changes[0][2] if theirs else want
    assert [move.value for move in moves] == ([] if last == want else [last])
    assert all(move.by == Author("Mara", "mara@desk.example") for move in moves)


@given(base=VALUES, want=VALUES, sent=lists(VALUES, max_size=3), arrived=booleans())
def test_a_lost_answer_is_nobodys_edit(base: str, want: str, sent: list[str], arrived: bool) -> None:
    ours: Any = {"priority": [base]}
    for value in sent:
        ours = with_sent(ours, {"priority": value})
    shown = sent[-1] if sent and arrived else base
    for told in (True, False):
        assert plan(want, shown, ours, [], told=told) == ()


@given(base=VALUES, want=VALUES, shown=VALUES)
def test_a_desk_without_events_is_read_by_its_values(base: str, want: str, shown: str) -> None:
    moves = plan(want, shown, {"priority": [base]}, [], told=False)
    assert [move.value for move in moves] == ([shown] if shown not in (base, want) else [])
    assert all(move.by == Author() for move in moves)
    assert plan(want, shown, None, [], told=False) == ()


@given(base=VALUES, want=VALUES, set_to=VALUES)
def test_a_conflict_is_a_change_on_both_sides(base: str, want: str, set_to: str) -> None:
    moves = plan(want, set_to, {"priority": [base]}, history(base, [(set_to, False)]))
    assert [move.conflict for move in moves] == ([want != base] if set_to not in (base, want) else [])


def test_a_status_that_only_waits_is_a_line_and_a_closing_comes_last() -> None:
    want = {"assignee": "a@x.example", "status": "open"}
    shown = {"assignee": "b@x.example", "status": "solved"}
    events = [event(1, "open", "solved", ours=False, field="status"),
              event(2, "a@x.example", "b@x.example", ours=False, field="assignee")]  # fmt: skip
    made = make_plan(want, shown, None, events, told=True)
    assert [move.field for move in made.fields] == ["assignee", "status"]
    assert made.heard == "2"
    waits = make_plan(want, want, None, [event(3, "open", "pending", ours=False, field="status")], told=True)
    assert (waits.fields, waits.lines) == ((), (Line("status", "pending", Author("Mara", "mara@desk.example")),))
    back = [
        event(3, "open", "pending", ours=False, field="status"),
        event(4, "pending", "open", ours=False, field="status"),
    ]
    assert make_plan({"status": "solved"}, {"status": "open"}, None, back, told=True).empty
