"""A bad line to a real Request Tracker: what each fault comes to, and that no ticket is ever made twice."""

from collections import Counter
from dataclasses import replace
from itertools import cycle, islice

import pytest

from automations.adapters.request_tracker.access import RequestTrackerAccess
from automations.adapters.request_tracker.desk import RequestTrackerDesk
from automations.domain import IdempotencyKey, Ticket, TicketChange, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.followed import told
from tests.automations.adapters.request_tracker.watched import Watched
from tests.desks.fake import Fault, Faulty, Reply
from tests.desks.request_tracker import MARKS, NoBudget, RequestTracker

pytestmark = [*MARKS, pytest.mark.usefixtures("quiet")]

AMBIGUOUS = 200
CREATE, SAY, PUT = r"POST .*/ticket$", r"POST .*/comment$", r"PUT .*/ticket/\d+$"


class Paused(NoBudget):
    """A budget that notes for how long we were asked to rest."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def pause(self, name: str, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def line(wire: Watched) -> Faulty:
    return Faulty(wire)


@pytest.fixture
def budget() -> Paused:
    return Paused()


@pytest.fixture
def desk(tracker: RequestTracker, line: Faulty, budget: Paused) -> RequestTrackerDesk:
    return RequestTrackerDesk(replace(tracker.line(), budget=budget), line)


def said(status: int, message: str, **headers: str) -> Reply:
    return status, {"message": message}, {name.replace("_", "-"): value for name, value in headers.items()}


REPLIES: dict[str, tuple[Reply, type[AdapterError], type[AdapterError]]] = {
    "401": (said(401, "Unauthorized"), Rejected, Rejected),
    "403": (said(403, "Forbidden"), Rejected, Rejected),
    "404": (said(404, "Not Found"), Rejected, Rejected),
    "409": (said(409, "Resource already exists; use PUT to update"), Unavailable, Unavailable),
    "412": (said(412, "Precondition Failed"), Unavailable, Unavailable),
    "415": (said(415, "Unsupported Media Type"), Rejected, Rejected),
    "422": (said(422, "no"), Rejected, Rejected),
    "429": (said(429, "slow down"), Unavailable, Unavailable),
    "429 with a pause": (said(429, "slow down", Retry_After="7"), Unavailable, Unavailable),
    "500": (said(500, "Internal Server Error"), Unavailable, OutcomeUnknown),
    "503": ((503, b"<html>busy</html>"), Unavailable, OutcomeUnknown),
    "503 with a pause": ((503, b"<html>busy</html>", {"Retry-After": "7"}), Unavailable, Unavailable),
    "302": ((302, None, {"Location": "https://sso.example"}), Rejected, Rejected),
}
"""What an answer in the server's place comes to: for a reading, for a write."""

LINES: dict[str, tuple[type[AdapterError], type[AdapterError]]] = {
    "refused": (Unavailable, Unavailable),
    "reset": (Unavailable, OutcomeUnknown),
    "timeout": (Unavailable, OutcomeUnknown),
    "html": (Unavailable, OutcomeUnknown),
    "reset_after": (Unavailable, OutcomeUnknown),
    "timeout_after": (Unavailable, OutcomeUnknown),
    "html_after": (Unavailable, OutcomeUnknown),
    "cut": (Unavailable, OutcomeUnknown),
}
"""What a fault of the line comes to: for a reading, for a write."""


def driven(desk: RequestTrackerDesk, name: IdempotencyKey) -> tuple[Ticket, list[type[AdapterError]]]:
    """Make a ticket as the core does: what is unknown is looked up, and made again only if it is not there."""
    met: list[type[AdapterError]] = []
    unknown = False
    while True:
        try:
            if unknown and (found := desk.find(name)) is not None:
                return found, met
            unknown = False
            return desk.create(DRAFT, key=name), met
        except Rejected:
            raise
        except AdapterError as exc:
            met.append(type(exc))
            unknown = unknown or isinstance(exc, OutcomeUnknown)


def only_one(desk: RequestTrackerDesk, tracker: RequestTracker, name: IdempotencyKey) -> None:
    """There is one ticket of this key, and it says what it should once."""
    with tracker.client("root") as root:
        found = root.get("/tickets", params={"query": f"'CF.{{Handoff key}}' = '{name}'"}).json()["items"]
    assert len(found) == 1
    assert [event.body for event in told(desk, found[0]["id"])] == [DRAFT.body]


@pytest.mark.parametrize("cell", REPLIES)
def test_each_answer_of_a_reading_and_of_a_write(
    cell: str, desk: RequestTrackerDesk, tracker: RequestTracker, line: Faulty, budget: Paused
) -> None:
    reply, reading, writing = REPLIES[cell]
    line.faults = [Fault("GET .*/tickets", reply=reply)]
    with pytest.raises(reading):
        desk.find(KEY)
    line.faults = [Fault(CREATE, reply=reply)]
    if writing is Rejected:
        with pytest.raises(Rejected) as refused:
            desk.create(DRAFT, key=KEY)
        assert len(str(refused.value)) > 15
        assert desk.find(KEY) is None
        return
    _, met = driven(desk, KEY)
    assert met == [writing]
    only_one(desk, tracker, KEY)
    assert budget.pauses == ([7.0, 7.0] if "pause" in cell else [])


@pytest.mark.parametrize("cell", LINES)
def test_each_fault_of_the_line(cell: str, desk: RequestTrackerDesk, tracker: RequestTracker, line: Faulty) -> None:
    reading, writing = LINES[cell]
    line.faults = [Fault("GET .*/tickets", cell)]
    with pytest.raises(reading):
        desk.find(KEY)
    line.faults = [Fault(CREATE, cell), Fault(SAY, cell)]
    _, met = driven(desk, KEY)
    assert met == [writing, writing]
    assert line.met == [cell] * 3
    only_one(desk, tracker, KEY)


@pytest.mark.parametrize("cell", LINES)
def test_a_note_and_a_change_are_made_once(cell: str, desk: RequestTrackerDesk, line: Faulty) -> None:
    ticket = desk.create(DRAFT, key=KEY).id
    line.faults = [Fault(SAY, cell), Fault(PUT, cell)]
    for _ in range(2):
        try:
            desk.note(ticket, "once", author=None, key=key("n1"))
        except (OutcomeUnknown, Unavailable):
            continue
    for _ in range(2):
        try:
            desk.update(ticket, TicketChange(status=TicketStatus.PENDING), key=key("v1"))
        except (OutcomeUnknown, Unavailable):
            continue
    assert line.met == [cell, cell]
    heard = told(desk, ticket)
    assert [event.body for event in heard if event.kind == "internal"] == [DRAFT.body, "once"]
    assert [event.changes for event in heard if event.changes] == [(("status", "open", "pending"),)]


@pytest.mark.slow
def test_no_ambiguous_create_makes_a_second_ticket(
    desk: RequestTrackerDesk, tracker: RequestTracker, line: Faulty
) -> None:
    cells = cycle([(on, kind) for kind in LINES for on in (CREATE, SAY)])
    names = [IdempotencyKey(f"ambiguous-{number}") for number in range(AMBIGUOUS)]
    for name, (on, kind) in zip(names, islice(cells, AMBIGUOUS), strict=True):
        line.faults = [Fault(on, kind)]
        driven(desk, name)
    assert len(line.met) == AMBIGUOUS
    with tracker.client("root") as root:
        pages = [root.get("/tickets", params={
            "query": "'CF.{Handoff key}' LIKE 'ambiguous-'", "fields": "CustomFields", "per_page": 100, "page": page,
        }).json() for page in (1, 2, 3)]  # fmt: skip
        tickets = [item for page in pages for item in page["items"]]
        comments = [root.get("/transactions", params={
            "query": f"ObjectType = 'RT::Ticket' AND Type = 'Comment' AND id > 0 AND ObjectId = {item['id']}",
        }).json()["count"] for item in tickets[:: 10]]  # fmt: skip
    found = Counter(
        field["values"][0] for one in tickets for field in one["CustomFields"] if field["name"] == "Handoff key"
    )
    assert found == Counter(names)
    assert set(comments) == {1}


def test_a_token_that_ends_in_mid_run_is_said_so(tracker: RequestTracker, budget: Paused) -> None:
    """Tokens there end only when somebody revokes them, so nothing is renewed: a person has to make a new one."""
    token = tracker.run("token", "handoff", "to be revoked").strip()
    desk = RequestTrackerDesk(replace(tracker.line(), token=token, budget=budget))
    desk.create(DRAFT, key=KEY)
    number = [row.split("\t")[0] for row in tracker.run("tokens", "handoff").splitlines() if "to be revoked" in row][-1]
    tracker.run("revoke", number)
    with pytest.raises(Rejected, match=r"check desk\.token") as refused:
        desk.find(KEY)
    assert refused.value.code == "unauthorized"


def test_an_answer_lost_by_access_is_repeated_safely(tracker: RequestTracker, line: Faulty) -> None:
    access = RequestTrackerAccess(tracker.line("handoff-admin"), line)
    email = "dora.ambiguous@team.example"
    line.faults = [Fault("POST .*/user$", "timeout_after"), Fault("PUT .*/groups$", "reset_after")]
    for _ in range(2):
        try:
            access.invite(email, "Dora", "Privileged", key=KEY)
            access.join(email, "Billing")
        except OutcomeUnknown:
            continue
    access.join(email, "Billing")
    assert line.met == ["timeout_after", "reset_after"]
    assert list(access.memberships(email)) == ["Billing"]
    assert [agent.email for agent in access.agents()].count(email) == 1
    access.remove(email)
