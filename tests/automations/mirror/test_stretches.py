"""The stretches of a ticket's life: no gap from its creation to now, whatever is told of it and in what order."""

from datetime import datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.domain import Priority, Ticket, TicketEvent, TicketStatus
from automations.mirror.stretches import Life, Stretch, life
from tests.automations.mirror.histories import History, at, changed, event, histories, ticket
from tests.support import START


def lived(shown: Ticket, *events: TicketEvent, known: tuple[Stretch, ...] = (), whole: bool = True) -> Life:
    found = life(shown, events, known, whole=whole)
    hold(found, shown)
    return found


def hold(found: Life, shown: Ticket) -> None:
    """The laws that every life keeps."""
    stretches = found.stretches
    assert (stretches[0].from_at, stretches[0].before) == (shown.created_at, "")
    for one, other in pairwise(stretches):
        assert one.until_at == other.from_at > one.from_at, "no gap, no overlap, none empty"
        assert other.before == one.values.status
        assert other.values != one.values, "collapsed"
    last = stretches[-1]
    assert last.until_at is None
    assert last.values == (
        shown.status.value,
        shown.priority.value if shown.priority else "",
        shown.group or "",
        shown.assignee or "",
        shown.merged_into is not None,
    )
    for ended_at, ends in ((found.solved_at, {"solved"}), (found.closed_at, {"closed"})):
        if last.values.status in ends:
            assert ended_at is not None
        if last.values.status not in {"solved", "closed"}:
            assert ended_at is None


def statuses(found: Life) -> list[tuple[str, datetime]]:
    return [(one.values.status, one.from_at) for one in found.stretches]


@given(histories())
def test_a_history_told_in_order_is_lived_from_its_first_values_to_now(history: History) -> None:
    found = lived(history.ticket, *history.events)
    values = found.stretches[0].values
    first = history.first
    assert (values.status, values.priority, values.group_name, values.assignee) == (
        first["status"], first["priority"], first["group"], first["assignee"]
    )  # fmt: skip
    assert {one.from_at for one in found.stretches[1:]} <= {one.at for one in history.events if one.changes}


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_delivery_is_no_matter(history: History, random: Random) -> None:
    moments: dict[datetime, list[TicketEvent]] = {}
    for one in history.events:
        moments.setdefault(one.at, []).append(one)
    groups = list(moments.values())
    random.shuffle(groups)
    mixed = [one for group in groups for one in group]
    assert life(history.ticket, mixed, whole=True) == life(history.ticket, history.events, whole=True)


@given(histories(), st.data())
def test_what_is_left_untold_is_put_right_at_the_end(history: History, data: st.DataObject) -> None:
    told = [one for one in history.events if data.draw(st.booleans())]
    found = lived(history.ticket, *told)
    again = lived(history.ticket, *told, known=found.stretches)
    assert again == found, "a second look at the same finds the same"


@given(histories(), st.data())
def test_looks_at_a_desk_without_history_add_up(history: History, data: st.DataObject) -> None:
    """Each look shows the ticket at some time; what was found before stays, and the last is what it is now."""
    known: tuple[Stretch, ...] = ()
    for priority in data.draw(st.lists(st.sampled_from(list(Priority)), max_size=4)):
        shown = ticket(priority=priority, updated_at=known[-1].from_at if known else at(1))
        before = known
        known = lived(shown, known=known, whole=False).stretches
        assert known[: len(before) - 1] == before[:-1]
    found = lived(history.ticket, known=known, whole=False)
    assert lived(history.ticket, known=found.stretches, whole=False) == found


def test_a_ticket_begins_as_what_it_was_before_its_first_change() -> None:
    shown = ticket(status=TicketStatus.PENDING, priority=Priority.URGENT)
    found = lived(shown, changed(10, "priority", "low", "urgent"), changed(20, "status", "open", "pending"))
    assert [(one.values.status, one.values.priority) for one in found.stretches] == [
        ("open", "low"), ("open", "urgent"), ("pending", "urgent"),
    ]  # fmt: skip
    assert [one.before for one in found.stretches] == ["", "open", "open"]


def test_a_reopened_ticket_is_neither_solved_nor_closed() -> None:
    events = (
        changed(10, "status", "open", "solved"),
        changed(20, "status", "solved", "closed"),
        changed(30, "status", "closed", "open"),
    )
    found = lived(ticket(), *events)
    assert statuses(found) == [("open", START), ("solved", at(10)), ("closed", at(20)), ("open", at(30))]
    again = lived(ticket(status=TicketStatus.SOLVED), *events, changed(40, "status", "open", "solved"))
    assert (again.solved_at, again.closed_at) == (at(40), None)


def test_solved_once_more_and_closed_again_at_one_moment_is_no_stretch_but_the_last_time_it_was_solved() -> None:
    both = event(30, "change", ("status", "closed", "solved"), ("status", "solved", "closed"))
    shown = ticket(status=TicketStatus.CLOSED)
    found = lived(shown, changed(10, "status", "open", "solved"), changed(20, "status", "solved", "closed"), both)
    assert statuses(found) == [("open", START), ("solved", at(10)), ("closed", at(20))]
    assert (found.solved_at, found.closed_at) == (at(30), at(30))


def test_what_changes_at_one_moment_is_one_change() -> None:
    shown = ticket(status=TicketStatus.PENDING, group="Billing", assignee="anna@team.example")
    moved = [changed(5, "status", "open", "pending"), changed(5, "group", "Support", "Billing")]
    found = lived(shown, *moved, changed(5, "assignee", "", "Anna@team.example"))
    assert [one.from_at for one in found.stretches] == [START, at(5)]


def test_a_change_at_the_moment_of_creation_is_what_the_ticket_began_with() -> None:
    found = lived(ticket(status=TicketStatus.SOLVED), changed(0, "status", "open", "solved"))
    assert statuses(found) == [("solved", START)]
    assert found.solved_at == START
    early = lived(ticket(), changed(-5, "group", "Billing", "Support"))
    assert len(early.stretches) == 1, "a clock that is behind makes nothing older than the ticket"


@pytest.mark.parametrize("closing", [True, False])
def test_a_merge_closes_a_ticket_where_it_happened(closing: bool) -> None:
    """The built-in desk tells the closing, Request Tracker only where the ticket went."""
    moved = [("merged_into", "", "9")] + ([("status", "pending", "closed")] if closing else [])
    shown = ticket(status=TicketStatus.CLOSED, merged_into="9")
    found = lived(shown, changed(10, "status", "open", "pending"), event(20, "merged", *moved))
    assert statuses(found) == [("open", START), ("pending", at(10)), ("closed", at(20))]
    assert [one.values.merged for one in found.stretches] == [False, False, True]
    assert (found.solved_at, found.closed_at) == (None, at(20))


def test_a_ticket_that_ended_without_a_word_ended_when_it_changed_last() -> None:
    found = lived(ticket(status=TicketStatus.SOLVED))
    assert statuses(found) == [("open", START), ("solved", at(60))]
    assert found.solved_at == at(60)
    later = ticket(status=TicketStatus.SOLVED, updated_at=at(900))
    assert lived(later, known=found.stretches).solved_at == at(60), "a note later on does not move it"
    told = lived(later, changed(30, "status", "open", "solved"), known=found.stretches)
    assert told.solved_at == at(30), "what is told later of the past counts"


def test_without_history_a_change_is_when_the_look_that_found_it_says() -> None:
    first = lived(ticket(updated_at=at(5)), whole=False)
    assert statuses(first) == [("open", START)]
    solved = ticket(status=TicketStatus.SOLVED, updated_at=at(50))
    second = lived(solved, known=first.stretches, whole=False)
    assert statuses(second) == [("open", START), ("solved", at(50))]
    third = lived(ticket(updated_at=at(70)), known=second.stretches, whole=False)
    assert statuses(third) == [("open", START), ("solved", at(50)), ("open", at(70))]
    assert third.solved_at is None
    told = lived(ticket(updated_at=at(80)), changed(75, "status", "open", "open"), known=third.stretches, whole=False)
    assert statuses(told) == statuses(third), "what such a desk does tell is added"


def test_words_that_are_none_of_ours_are_no_values() -> None:
    moved = event(10, "change", ("priority", "Blocker", "normal"), ("status", "odd", "odder"), ("severity", "1", "2"))
    found = lived(ticket(), moved)
    assert [one.values.priority for one in found.stretches] == ["", "normal"]
    assert statuses(found)[0] == ("open", START)


def test_a_desk_that_tells_no_creation_begins_with_the_first_thing_told() -> None:
    shown = ticket(created_at=None)
    assert life(shown, [event(10, "customer")], whole=False).stretches[0].from_at == at(10)
    assert life(shown, [], whole=False).stretches[0].from_at == at(60)
