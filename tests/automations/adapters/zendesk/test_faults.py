"""What comes of each fault: done, retried, the failure queue, or unknown and then looked up. Never a second ticket."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from automations.adapters.zendesk.desk import ZendeskDesk
from automations.domain import IdempotencyKey, Priority, TicketChange
from automations.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.zendesk import opened
from tests.desks.budget import Budget
from tests.desks.fake import Fault, Faulty, Reply
from tests.support import FakeClock

BEN = "ben@team.example"
ENDED = {"error": "invalid_token", "error_description": "The access token provided is expired"}
FORBIDDEN = {"error": {"title": "Forbidden", "message": "You do not have access to this page."}}
OUTDATED = {"error": "UpdateConflict", "description": "Safe Update prevented the update"}
INVALID = {
    "error": "RecordInvalid",
    "description": "Record validation errors",
    "details": {"subject": [{"description": "Subject: is too long", "error": "TooLong"}]},
}

DONE, RETRIED, FAILED, UNKNOWN = "done", "retried", "failure queue", "unknown"
ENDS: Final[dict[type[AdapterError], str]] = {Unavailable: RETRIED, Rejected: FAILED, OutcomeUnknown: UNKNOWN}

REPLIES: dict[str, tuple[Reply, str, str]] = {
    "401 refused": ((401, {"error": "Couldn't authenticate you"}), FAILED, FAILED),
    "401 token ended in mid-run": ((401, ENDED), DONE, DONE),
    "403": ((403, FORBIDDEN), FAILED, FAILED),
    "404": ((404, {"error": "RecordNotFound", "description": "Not found"}), FAILED, FAILED),
    "409": ((409, OUTDATED), RETRIED, RETRIED),
    "422": ((422, INVALID), FAILED, FAILED),
    "429 with Retry-After": ((429, b"Number of allowed API requests", {"Retry-After": "17"}), RETRIED, RETRIED),
    "429 without": ((429, {"error": "APIRateLimitExceeded", "description": "slow down"}), RETRIED, RETRIED),
    "500": ((500, b"<html>oops</html>"), RETRIED, UNKNOWN),
    "503 with Retry-After": ((503, None, {"Retry-After": "30"}), RETRIED, RETRIED),
    "503 without": ((503, b"maintenance"), RETRIED, UNKNOWN),
    "moved": ((301, None, {"Location": "https://other.example"}), FAILED, FAILED),
    "another shape": ((200, {"ticket": {"id": "x"}}), RETRIED, UNKNOWN),
}
LINES: dict[str, tuple[str, str, str]] = {
    "no connection": ("refused", RETRIED, RETRIED),
    "reset": ("reset", RETRIED, UNKNOWN),
    "time-out before commit": ("timeout", RETRIED, UNKNOWN),
    "time-out after commit": ("timeout_after", RETRIED, UNKNOWN),
    "reset after commit": ("reset_after", RETRIED, UNKNOWN),
    "cut body": ("cut", RETRIED, UNKNOWN),
    "HTML body": ("html", RETRIED, UNKNOWN),
    "HTML body after commit": ("html_after", RETRIED, UNKNOWN),
}
FAULTS: Final[dict[str, tuple[Fault, str, str]]] = {
    **{name: (Fault("", reply=reply), read, write) for name, (reply, read, write) in REPLIES.items()},
    **{name: (Fault("", kind), read, write) for name, (kind, read, write) in LINES.items()},
}

Act = Callable[[ZendeskDesk], object]
ACTS: dict[str, tuple[str, bool, Act]] = {
    "get": ("GET /api/v2/tickets/1$", False, lambda desk: desk.get("1")),
    "find": ("GET /api/v2/tickets$", False, lambda desk: desk.find(KEY)),
    "events": ("GET .*/comments", False, lambda desk: list(desk.events("1", after=None))),
    "changed": ("GET .*/incremental", False, lambda desk: desk.changed("")),
    "create": ("POST /api/v2/tickets", True, lambda desk: desk.create(DRAFT, key=key("second"))),
    "update": ("PUT ", True, lambda desk: desk.update("1", TicketChange(priority=Priority.LOW), key=key("v1"))),
    "note": ("PUT ", True, lambda desk: desk.note("1", "claimed", author=BEN, key=key("n1"))),
}
PROVEN_BY_STATUS = ("update", "note")
"""Their answer is not read: 200 is the whole of it, and the core reads the ticket back."""


def ended(act: Act, desk: ZendeskDesk) -> tuple[str, AdapterError | None]:
    try:
        act(desk)
    except AdapterError as exc:
        return ENDS[type(exc)], exc
    return DONE, None


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_ends_as_it_should_and_is_got_over(fault: str, act: str, clock: FakeClock) -> None:
    fake, budget = opened.zendesk(clock), Budget()
    opened.desk(fake, clock).create(DRAFT, key=KEY)
    clock.move(timedelta(seconds=61))
    on, writes, do = ACTS[act]
    form, read_end, write_end = FAULTS[fault]
    line = Faulty(fake, [Fault(on, form.kind, 1, form.reply)])
    desk = opened.desk(line, clock, budget)
    expected = write_end if writes else read_end
    if fault == "another shape" and act in PROVEN_BY_STATUS:
        expected = DONE
    end, error = ended(do, desk)
    assert (end, line.met) == (expected, [form.kind])
    assert error is None or (error.system == "zendesk" and len(str(error)) > 15)
    if fault == "429 with Retry-After":
        assert isinstance(error, Unavailable)
        assert error.retry_after_s == 17
        apart = act in ("changed", "update", "note")
        assert budget.paused == ([] if apart else [17.0])
    if end in (RETRIED, UNKNOWN):  # the job comes again
        clock.move(timedelta(seconds=61))
        assert ended(do, desk)[0] == DONE
    if end != FAILED and act == "create":
        assert len(fake.tickets) == 2
    if end != FAILED and act == "note":
        assert len([one for one in fake.comments[1] if "claimed" in one["html_body"]]) == (fault != "another shape")
    if end != FAILED and act == "update" and fault != "another shape":
        assert desk.get("1").priority is Priority.LOW


def test_the_desks_own_words_and_its_request_id_are_kept(clock: FakeClock) -> None:
    fake = opened.zendesk(clock)
    refused = (422, INVALID, {"X-Request-Id": "zd-abc"})
    desk = opened.desk(Faulty(fake, [Fault("POST /api/v2/tickets", reply=refused)]), clock)
    with pytest.raises(Rejected) as told:
        desk.create(DRAFT, key=KEY)
    assert "Subject: is too long (HTTP 422, POST /api/v2/tickets, request zd-abc)" in str(told.value)
    assert told.value.code == "RecordInvalid"


LOST = ("timeout_after", "reset_after", "cut", "html_after", "timeout", "reset")


def test_200_creates_whose_answer_was_lost_make_200_tickets(clock: FakeClock) -> None:
    """As the core does it: unknown, wait as long as it may be under way, look by our key, make it only if it is not."""
    fake = opened.zendesk(clock)
    line = Faulty(fake)
    desk = opened.desk(line, clock)
    unknown = 0
    for number in range(200):
        mine = IdempotencyKey(f"handoff-{number:016x}")
        line.faults = [Fault("POST /api/v2/tickets", LOST[number % len(LOST)])]
        found = None
        while found is None:
            try:
                found = desk.find(mine, since=clock.now()) or desk.create(DRAFT, key=mine)
            except OutcomeUnknown as exc:
                unknown += 1
                clock.move(timedelta(seconds=exc.settle_s or 0))
        assert found.key == mine
    assert unknown == 200
    keys = [ticket["external_id"] for ticket in fake.tickets.values()]
    assert (len(keys), len(set(keys))) == (200, 200)


def test_a_create_that_arrives_after_it_was_given_up_makes_no_second_ticket(clock: FakeClock) -> None:
    """It was under way longer than we waited: the key of the second try is the first one's, and so is its answer."""
    fake = opened.zendesk(clock)
    first = opened.desk(fake, clock)
    not_listed = Fault("GET /api/v2/tickets$", reply=(200, {"tickets": []}))
    second = opened.desk(Faulty(fake, [not_listed]), clock)
    made = first.create(DRAFT, key=KEY)
    assert second.create(DRAFT, key=KEY).id == made.id
    assert len(fake.tickets) == 1


def test_a_list_that_does_not_end_is_refused(clock: FakeClock) -> None:
    fake = opened.zendesk(clock)
    for meta in ({"has_more": True, "after_cursor": "same"}, {"has_more": True, "after_cursor": None}):
        line = Faulty(fake, [Fault("GET /api/v2/groups", times=9, reply=(200, {"groups": [], "meta": meta}))])
        with pytest.raises(Unavailable, match="its list does not end"):
            list(opened.desk(line, clock).groups())
        assert len(line.met) <= 2
