"""The contract of following a desk, as far as it declares `changes`, `events`, `history`, `parents` and so on.

Beside `desk` an adapter's test module gives the fixture `people`, colleagues at work in that desk itself, and may give
`later`, which lets the time pass after which the desk tells what happened.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import pytest

from automations.desks import Capability
from automations.domain import (
    IdempotencyKey,
    Priority,
    TicketChange,
    TicketEvent,
    TicketField,
    TicketStatus,
)
from automations.errors import Rejected
from automations.ports import HelpDesk, ToldTogether, ToldWhole
from tests.automations.adapters.able import needs
from tests.automations.adapters.contract import DRAFT, KEY, key

BEN = "ben@team.example"
CAUSE = TicketField("root_cause", "Root cause", ("ledger", "network"))
ANOTHER = IdempotencyKey("handoff-another")


class AtWork(Protocol):
    """People in the desk. `by` is the e-mail address of one of AGENTS."""

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None: ...
    def note(self, ticket: str, text: str, *, by: str) -> None: ...
    def reply(self, ticket: str, text: str, *, by: str) -> None: ...
    def customer_replies(self, ticket: str, text: str) -> None: ...
    def merge(self, ticket: str, into: str, *, by: str) -> None: ...
    def delete(self, ticket: str, *, by: str) -> None: ...


def told(desk: HelpDesk, ticket: str, after: str | None = None) -> list[TicketEvent]:
    return list(desk.events(ticket, after=after))


class FollowedDeskContract:
    """What every desk promises that can be followed. Its `required_fields` are CAUSE, if it has any."""

    @pytest.fixture
    def later(self) -> Callable[[], None]:
        """A desk tells at once, unless its adapter's tests know better."""
        return lambda: None

    def test_changes_are_told_from_now_on_each_ticket_once(
        self, desk: HelpDesk, people: AtWork, later: Callable[[], None]
    ) -> None:
        needs(desk, Capability.CHANGES)
        first = desk.create(DRAFT, key=KEY).id
        later()
        begin = desk.changed(None)
        assert begin.tickets == ()
        assert desk.changed(begin.cursor).tickets == ()
        later()
        second = desk.create(DRAFT, key=ANOTHER).id
        people.note(first, "I am looking", by=BEN)
        people.note(second, "I am looking", by=BEN)
        people.change(first, TicketChange(status=TicketStatus.PENDING), by=BEN)
        later()
        page = desk.changed(begin.cursor)
        assert (set(page.tickets), len(page.tickets), page.more) == ({first, second}, 2, False)
        assert desk.changed(page.cursor).tickets == ()
        assert set(desk.changed(begin.cursor).tickets) == {first, second}, "the place is ours to keep"

    def test_pages_come_to_an_end_and_leave_nothing_out(
        self, desk: HelpDesk, people: AtWork, later: Callable[[], None]
    ) -> None:
        needs(desk, Capability.CHANGES)
        cursor = desk.changed(None).cursor
        made = [desk.create(DRAFT, key=IdempotencyKey(f"handoff-{n}")).id for n in range(3)]
        for number in range(520):
            people.note(made[number % 2], "again", by=BEN)
        people.note(made[2], "last", by=BEN)
        later()
        seen: set[str] = set()
        for _ in range(10):
            page = desk.changed(cursor)
            seen |= set(page.tickets)
            cursor = page.cursor
            if not page.more:
                break
        assert seen == set(made)
        assert desk.changed(cursor).tickets == ()

    def test_what_is_shown_together_is_what_is_read_alone(self, desk: HelpDesk, later: Callable[[], None]) -> None:
        """Who asked and for which customer too, so that whoever keeps tickets need not ask for each of them."""
        ticket = desk.create(DRAFT, key=KEY).id
        later()
        alone, events = desk.get(ticket), told(desk, ticket)
        if isinstance(desk, ToldWhole):
            shown, happened = desk.whole(ticket)
            assert (replace(shown, requester=alone.requester), list(happened)) == (alone, events)
        if isinstance(desk, ToldTogether):
            assert desk.events_of([ticket]) == {ticket: tuple(replace(event, body="") for event in events)}
        needs(desk, Capability.CHANGES)
        cursor, more = "", True
        while more:
            page = desk.changed(cursor)
            cursor, more = page.cursor, page.more
            for shown in page.shown:
                if shown.id == ticket:
                    assert replace(shown, tags=()) == replace(alone, tags=())

    def test_what_we_do_is_told_as_ours_and_what_people_do_as_theirs(self, desk: HelpDesk, people: AtWork) -> None:
        needs(desk, Capability.HISTORY, Capability.PRIORITIES)
        ticket = desk.create(DRAFT, key=KEY).id
        desk.note(ticket, "Ben claimed this case", author=BEN, key=key("n1"))
        desk.update(ticket, TicketChange(priority=Priority.LOW), key=key("v1"))
        desk.update(ticket, TicketChange(priority=Priority.HIGH), key=key("v1"))
        assert {event.ours for event in told(desk, ticket)} == {True}
        last = told(desk, ticket)[-1]
        people.change(ticket, TicketChange(priority=Priority.URGENT), by=BEN)
        (theirs,) = told(desk, ticket, last.id)
        assert (theirs.ours, theirs.kind, theirs.author, theirs.author_email) == (False, "change", "Ben Okoro", BEN)
        assert theirs.changes == (("priority", "high", "urgent"),)

    def test_a_change_names_each_field_with_our_words(self, desk: HelpDesk, people: AtWork) -> None:
        needs(desk, Capability.HISTORY, Capability.PRIORITIES, Capability.GROUPS, Capability.ON_HOLD)
        ticket = desk.create(DRAFT, key=KEY).id
        last = told(desk, ticket)[-1]
        people.change(ticket, TicketChange(TicketStatus.ON_HOLD, Priority.LOW, BEN, "Billing"), by=BEN)
        people.change(ticket, TicketChange(assignee=""), by=BEN)
        changes = {change for event in told(desk, ticket, last.id) for change in event.changes}
        assert changes == {
            ("status", "open", "on_hold"),
            ("priority", "high", "low"),
            ("assignee", "anna@team.example", BEN),
            ("group", "Support", "Billing"),
            ("assignee", BEN, ""),
        }
        assert desk.get(ticket).assignee is None

    def test_what_is_said_is_told_by_kind_in_order(self, desk: HelpDesk, people: AtWork) -> None:
        needs(desk, Capability.EVENTS)
        ticket = desk.create(DRAFT, key=KEY).id
        before = told(desk, ticket)  # nothing where the first text is no message
        people.note(ticket, "internal words", by=BEN)
        people.reply(ticket, "public words", by=BEN)
        people.customer_replies(ticket, "customer's words")
        heard = told(desk, ticket, before[-1].id if before else None)
        assert [event.kind for event in heard] == ["internal", "public", "customer"]
        assert [event.body for event in heard] == ["internal words", "public words", "customer's words"]
        assert [event.author_email for event in heard] == [BEN, BEN, None]
        assert told(desk, ticket, heard[1].id) == heard[2:]

    def test_a_customers_answer_opens_a_solved_ticket(self, desk: HelpDesk, people: AtWork) -> None:
        ticket = desk.create(DRAFT, key=KEY).id
        fields = (("root_cause", "ledger"),) if Capability.FIELDS in desk.capabilities else ()
        done = TicketChange(status=TicketStatus.SOLVED, fields=fields)
        desk.update(ticket, done, key=key("v1"))
        people.customer_replies(ticket, "it is not")
        assert desk.get(ticket).status is TicketStatus.OPEN
        if Capability.HISTORY in desk.capabilities:
            assert any(("status", "solved", "open") in event.changes for event in told(desk, ticket))

    def test_a_ticket_stands_under_its_parent_and_leaves_it(self, desk: HelpDesk) -> None:
        needs(desk, Capability.PARENTS)
        parent, child = desk.create(DRAFT, key=KEY).id, desk.create(DRAFT, key=ANOTHER).id
        desk.update(child, TicketChange(parent=parent), key=key("v1"))
        assert (desk.get(child).parent, desk.get(parent).parent) == (parent, None)
        desk.update(child, TicketChange(parent=""), key=key("v2"))
        assert desk.get(child).parent is None

    def test_a_merged_ticket_is_closed_and_says_where_it_went(self, desk: HelpDesk, people: AtWork) -> None:
        needs(desk, Capability.MERGES)
        ticket, into = desk.create(DRAFT, key=KEY).id, desk.create(DRAFT, key=ANOTHER).id
        people.merge(ticket, into, by=BEN)
        read = desk.get(ticket)
        assert (read.status, read.merged_into, desk.get(into).merged_into) == (TicketStatus.CLOSED, into, None)
        if Capability.HISTORY in desk.capabilities:
            last = told(desk, ticket)[-1]
            assert (last.kind, last.author_email, last.ours) == ("merged", BEN, False)
            assert ("merged_into", "", into) in last.changes
        with pytest.raises(Rejected) as refused:
            desk.update(ticket, TicketChange(status=TicketStatus.OPEN), key=key("v1"))
        assert refused.value.code == "merged"

    def test_a_deleted_ticket_is_gone_and_told_of(
        self, desk: HelpDesk, people: AtWork, later: Callable[[], None]
    ) -> None:
        ticket = desk.create(DRAFT, key=KEY).id
        later()
        cursor = desk.changed(None).cursor if Capability.CHANGES in desk.capabilities else None
        people.delete(ticket, by=BEN)
        later()
        for call in (
            lambda: desk.get(ticket),
            lambda: desk.update(ticket, TicketChange(status=TicketStatus.PENDING), key=key("v1")),
            lambda: desk.note(ticket, "hello", author=None, key=key("n1")),
        ):
            with pytest.raises(Rejected) as refused:
                call()
            assert refused.value.code == "no_ticket"
        assert "deleted" in str(refused.value)
        if Capability.DELETIONS in desk.capabilities:
            assert desk.changed(cursor).tickets == (ticket,)
        if Capability.HISTORY in desk.capabilities:
            assert (told(desk, ticket)[-1].kind, told(desk, ticket)[-1].author_email) == ("deleted", BEN)

    def test_a_required_field_is_asked_for_by_its_label(self, desk: HelpDesk) -> None:
        needs(desk, Capability.FIELDS)
        assert list(desk.required_fields()) == [CAUSE]
        ticket = desk.create(DRAFT, key=KEY).id
        with pytest.raises(Rejected, match="Root cause") as refused:
            desk.update(ticket, TicketChange(status=TicketStatus.SOLVED), key=key("v1"))
        assert refused.value.code == "fields_missing"
        assert desk.get(ticket).status is TicketStatus.OPEN
        filled = TicketChange(status=TicketStatus.SOLVED, fields=(("root_cause", "network"),))
        desk.update(ticket, filled, key=key("v1"))
        read = desk.get(ticket)
        assert (read.status, read.fields) == (TicketStatus.SOLVED, (("root_cause", "network"),))
