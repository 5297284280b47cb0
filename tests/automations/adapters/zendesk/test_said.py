"""What is said on tickets in Zendesk: notes and replies once each, whoever is in between, and in order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from automations.adapters.zendesk.desk import ZendeskDesk
from automations.domain import (
    Actor,
    Priority,
    TicketChange,
)
from automations.errors import OutcomeUnknown, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.opened import asked
from tests.desks.contract import HeldToContract
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock

ANNA, BEN = "anna@team.example", "ben@team.example"
CONFIRMED = Actor("U1", "Anna Berg", ANNA)
TICKETS = "/api/v2/tickets"


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.fixture
def desk(fake: FakeZendesk, clock: FakeClock) -> ZendeskDesk:
    return opened.desk(HeldToContract(fake, "zendesk"), clock)


def words(fake: FakeZendesk, ticket: str = "1") -> list[str]:
    return [one["html_body"] for one in fake.comments[int(ticket)]]


def test_a_note_bears_the_name_of_who_it_is_written_for(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    fake.users[fake.user_id(ANNA)]["suspended"] = True
    desk.create(replace(DRAFT, assignee=BEN), key=KEY)
    for number, author in enumerate((BEN, ANNA, "gone@team.example")):
        desk.note("1", "claimed", author=author, key=key(f"n{number}"))
    first, *noted = desk.events("1", after=None)
    assert [(one.author, one.body) for one in noted] == [
        ("Ben Okoro", "claimed"),
        ("Handoff", "Anna Berg (by Handoff): claimed"),
        ("Handoff", "gone@team.example (by Handoff): claimed"),
    ]
    assert (first.kind, first.ours, {one.ours for one in noted}) == ("internal", True, {True})


@dataclass
class Meanwhile(httpx.BaseTransport):
    """Lets something happen in the desk just before the next write of a ticket arrives."""

    desk: httpx.BaseTransport
    happens: Callable[[], object] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and self.happens is not None:
            happens, self.happens = self.happens, None
            happens()
        return self.desk.handle_request(request)


def test_a_change_of_somebody_else_in_between_is_not_written_over(fake: FakeZendesk, clock: FakeClock) -> None:
    line = Meanwhile(HeldToContract(fake, "zendesk"))
    desk = opened.desk(line, clock)
    desk.create(DRAFT, key=KEY)

    def bens() -> None:
        clock.move(timedelta(seconds=1))
        fake.change("1", TicketChange(priority=Priority.URGENT), by=BEN)

    line.happens = bens
    with pytest.raises(Unavailable, match="try again: UpdateConflict"):
        desk.update("1", TicketChange(priority=Priority.LOW), key=key("v1"))
    assert desk.get("1").priority is Priority.URGENT
    desk.update("1", TicketChange(priority=Priority.LOW), key=key("v1"))
    assert desk.get("1").priority is Priority.LOW


def test_a_note_that_arrives_after_we_gave_it_up_is_not_written_twice(fake: FakeZendesk, clock: FakeClock) -> None:
    """It was still under way when the second try read the comments; the lock refuses the second one."""
    line = Meanwhile(fake)
    desk = opened.desk(line, clock)
    desk.create(DRAFT, key=KEY)
    late: list[httpx.Request] = []

    class Slow(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT" and not late:
                late.append(request)
                raise httpx.ReadTimeout("timed out", request=request)
            return line.handle_request(request)

    slow = opened.desk(Slow(), clock)
    with pytest.raises(OutcomeUnknown):
        slow.note("1", "claimed", author=None, key=key("n1"))
    clock.move(timedelta(seconds=30))
    line.happens = lambda: fake.handle_request(late[0])
    with pytest.raises(Unavailable):
        slow.note("1", "claimed", author=None, key=key("n1"))
    slow.note("1", "claimed", author=None, key=key("n1"))
    assert len([one for one in words(fake) if "claimed" in one]) == 1


def test_a_reply_is_sent_once_under_the_name_of_who_confirmed_it(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    desk.create(DRAFT, key=KEY)
    for _ in range(2):
        desk.reply("1", "It is **fixed**.\n\n<b>raw</b>", confirmed_by=CONFIRMED, key=key("r1"))
    fake.reply("1", "Thanks, Anna", by=ANNA)
    _first, ours, theirs = desk.events("1", after=None)
    assert (ours.kind, ours.author, ours.ours, theirs.ours) == ("public", "Anna Berg", True, False)
    assert "ref handoff" not in "".join(words(fake)[1:])
    assert "It is <strong>fixed</strong>" in words(fake)[1]
    assert desk.get("1").tags == DRAFT.tags
    desk.reply("1", "And again", confirmed_by=replace(CONFIRMED, email=None), key=key("r2"))
    assert [one.author for one in desk.events("1", after=theirs.id)] == ["Handoff"]


def test_another_programs_reply_is_not_ours(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    desk.create(DRAFT, key=KEY)
    desk.reply("1", "ours", confirmed_by=CONFIRMED, key=key("r1"))
    fake.comments[1].append(fake.comments[1][-1] | {"id": fake.next_id(), "html_body": "<p>somebody's</p>"})
    assert [one.ours for one in desk.events("1", after=None)] == [True, True, False]


def test_what_is_new_is_read_from_the_end(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    desk.create(DRAFT, key=KEY)
    for number in range(250):
        clock.move(timedelta(seconds=1))
        fake.note("1", f"line {number}", by=BEN)
    whole = list(desk.events("1", after=None))
    assert [one.body for one in whole[1:]] == [f"line {number}" for number in range(250)]
    before = len(asked(fake, "GET", f"{TICKETS}/1/comments"))
    assert [one.body for one in desk.events("1", after=whole[-3].id)] == ["line 248", "line 249"]
    assert len(asked(fake, "GET", f"{TICKETS}/1/comments")) == before + 1
    gone = fake.comments[1].pop(-3)
    assert [one.body for one in desk.events("1", after=str(gone["id"]))] == ["line 248", "line 249"]


def test_what_shares_a_second_is_told_once_and_in_order(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    desk.create(DRAFT, key=KEY)
    after = None
    heard: list[str] = []
    for number in range(6):
        fake.note("1", f"line {number}", by=BEN)
        told = list(desk.events("1", after=after))
        heard, after = [*heard, *(one.body for one in told)], told[-1].id
    assert heard[1:] == [f"line {number}" for number in range(6)]
    assert [one.body for one in desk.events("1", after=None)] == heard
