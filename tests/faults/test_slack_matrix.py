"""Forty ways in which Slack fails a message: each comes once, or waits for a person with a reason.

All cells begin at once, each in a channel of its own, so that the whole takes as long as its longest wait. The waits
that Slack asks for, and our own time-outs, are short here; `HANDOFF_SLACK_WAITS=full` asks for 1 to 120 s and keeps
the product's own time-outs.

What others show of the same: signed HTTP with retry headers, replays and duplicates in `test_slack_http`; the order of
what waits, a revoked token, a claim that comes too late in `test_slack_faults`; every word of Slack in
`tests/bot/test_slack_errors`; what is found by looking back in `tests/bot/delivery`.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import func, select

from automations.domain import parse_case_ref
from storage.models import AuditEntry, InboxRow, Notification, StuckItem
from tests.faults import team
from tests.faults.checks import check_whole
from tests.faults.conftest import emptied
from tests.faults.live import Live, living
from tests.faults.room import Desk, Json, Room, Slack, failure, new_port, until
from tests.figures.told import tell
from tests.serving import Process

pytestmark = pytest.mark.faults

FULL = os.environ.get("HANDOFF_SLACK_WAITS") == "full"
WAITS_S = (1, 2, 5, 10, 30, 60, 120) if FULL else (1, 2, 3, 4, 5, 6, 7)
TIMEOUT_S, LATE_S = (10, 20) if FULL else (2, 3)
"""How long our call waits for an answer, and how long after that what it did may still show up."""
PATIENCE_S = 300 if FULL else 90
POST, UPDATE = "chat.postMessage", "chat.update"

End = Literal["there", "elsewhere", "queue"]


@dataclass(frozen=True)
class Cell:
    """One failure of one call. `end`: shown in its channel, shown in the fallback channel, or a person's to decide."""

    name: str
    method: str
    kind: str
    order: Json = field(default_factory=dict)
    times: int = 1
    wait_s: float = 0
    end: End = "there"


def refused(code: str, end: End = "there", kind: str = "error") -> Cell:
    """`ok: false` with a word of Slack's; what is a person's to decide is refused until somebody has decided."""
    return Cell(f"{POST}: {code}", POST, kind, {"error": code}, times=99 if end == "queue" else 1, end=end)


def spoiled(kind: str, method: str = POST, **order: object) -> Cell:
    """A call that gets no answer, or none of Slack's."""
    return Cell(f"{method}: {kind}", method, kind, order)


def limited(name: str, method: str = POST, *, retry_after: object, wait_s: float, times: int = 1) -> Cell:
    """A 429 with this header, and how long it asks us to wait."""
    return Cell(f"{method}: 429, {name}", method, "rate_limited", {"retry_after": retry_after}, times, wait_s)


LATE: Json = {"seconds": TIMEOUT_S + 1}

CELLS = (
    *(limited(f"Retry-After {n} of {len(WAITS_S)}", retry_after=s, wait_s=s) for n, s in enumerate(WAITS_S, 1)),
    limited("three times", retry_after=2, wait_s=2, times=3),
    limited("no Retry-After", retry_after=None, wait_s=1),
    limited("a Retry-After that is no number", retry_after="soon", wait_s=1),
    spoiled("http_500"),
    spoiled("http_503"),
    spoiled("hang", **LATE),
    spoiled("latency", **LATE),
    spoiled("reset"),
    spoiled("drop_reply"),
    refused("channel_not_found", "elsewhere"),
    refused("is_archived", "elsewhere"),
    refused("not_in_channel", "elsewhere"),
    refused("restricted_action", "elsewhere"),
    refused("invalid_blocks", "queue"),
    refused("msg_too_long", "queue"),
    refused("account_inactive"),
    refused("token_revoked"),
    refused("missing_scope"),
    refused("ratelimited"),
    refused("message_limit_exceeded"),
    refused("service_unavailable"),
    refused("internal_error"),
    refused("fatal_error", kind="error_after"),
    limited("Retry-After 3", UPDATE, retry_after=3, wait_s=3),
    spoiled("http_500", UPDATE),
    spoiled("http_503", UPDATE),
    spoiled("hang", UPDATE, **LATE),
    spoiled("reset", UPDATE),
    spoiled("drop_reply", UPDATE),
)
INCOMING = ("a click, three times", "an event, three times", "a command, three times", "an event with retry headers")
LANES = len(CELLS) + len(INCOMING)


@dataclass
class Played:
    """The bot with which all cells were begun, and the case of each."""

    live: Live
    cases: dict[str, str]
    lanes: dict[str, str]
    ended: list[str] = field(default_factory=list)

    def note(self, name: str) -> Notification:
        """What we know of a cell's message."""
        with self.live.database.read() as session:
            found = session.get(Notification, f"case/{parse_case_ref(self.cases[name])}")
        assert found is not None
        return found

    def shown(self, name: str) -> bool:
        """Whether Slack shows the newest state, as far as we know."""
        row = self.note(name)
        return row.state == "delivered" and row.delivered_version == row.version

    def calls(self, cell: Cell) -> list[Json]:
        """Every call of the cell's method about its message, oldest first, wherever it went."""
        key = f"case/{parse_case_ref(self.cases[cell.name])}"
        calls = self.live.room.slack.calls(cell.method)
        return [call for call in calls if call["arguments"]["metadata"]["event_payload"]["key"] == key]


@pytest.fixture(scope="module")
def played(desk_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Every failure is ordered, then every case reported at once."""
    folder = tmp_path_factory.mktemp("slack-matrix")
    (folder / "slack").mkdir()
    with Process("tests.faults.slack_process", ["--data", str(folder / "slack"), "--lanes", str(LANES)]) as process:
        slack = Slack(process.url, team.channels(LANES))
        room = Room(slack, Desk(desk_url), team.write_settings(folder / "handoff.toml", LANES), folder, new_port())
        env = {
            "HANDOFF_SLACK__FALLBACK_CHANNEL": team.ESCALATIONS,
            "FAULTS_SLACK_TIMEOUT_S": str(TIMEOUT_S),
            "FAULTS_SLACK_LATE_S": str(LATE_S),
            "FAULTS_DISABLED_PAUSE_S": "2",
        }
        with emptied(room), living(room, f"sqlite:///{folder / 'handoff.db'}", **env) as live:
            yield _begun(live)


def _begun(live: Live) -> Played:
    names = [*(cell.name for cell in CELLS), *INCOMING]
    lanes = {name: team.channel(n, LANES) for n, name in enumerate(names)}
    for cell in CELLS:
        if cell.method == POST:
            _order(live, cell, lanes[cell.name])
    events = [failure(f"cell-{n}", key=f"cell-{n}", source=team.source(n, LANES)) for n in range(len(names))]
    results = live.sender.send(events)
    played = Played(live, {name: result["case_id"] for name, result in zip(names, results, strict=True)}, lanes)
    for cell in CELLS:
        if cell.method == UPDATE:
            until(partial(_at_rest, played, cell.name), f"the message of {cell.name}")
            _order(live, cell, lanes[cell.name])
            assert live.claim(played.cases[cell.name], "U_AGENT1")["acked"]
    return played


def _order(live: Live, cell: Cell, channel: str) -> None:
    live.room.slack.fault(method=cell.method, kind=cell.kind, times=cell.times, channel=channel, **cell.order)


def _at_rest(played: Played, name: str) -> bool:
    """Whether nothing will change the message any more by itself: its ticket is verified, and it says so."""
    case = played.live.case(played.cases[name])
    return bool(case["ticket"]["verified"] and case["slack"] and case["slack"]["up_to_date"])


def test_there_are_forty_cells() -> None:
    names = [*(cell.name for cell in CELLS), *INCOMING]
    assert len(set(names)) == len(names) == 40
    words = {cell.order["error"] for cell in CELLS if "error" in cell.order}
    assert len(words) >= 12


@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_a_message_comes_once_or_waits_for_a_person(played: Played, cell: Cell) -> None:
    """Whatever the cell did to it, and no sooner than Slack asked."""
    live, case = played.live, played.cases[cell.name]
    if cell.end == "queue":
        _waits_for_a_person(played, cell)
    until(lambda: played.shown(cell.name), "the newest state in Slack", PATIENCE_S)
    ((channel, message),) = live.messages(case)
    row = played.note(cell.name)
    assert (row.posted_channel, row.ts) == (channel, message["ts"])
    assert channel == (team.ESCALATIONS if cell.end == "elsewhere" else played.lanes[cell.name])
    assert [item for item in live.stuck() if item.target == case] == []
    _failed_as_ordered(played, cell)
    if cell.method == UPDATE:
        assert "claimed by Ines Holt" in str(message["blocks"])
        until(lambda: live.thread(case), "the line in the thread", PATIENCE_S)
        assert len(live.thread(case)) == 1
    played.ended.append(cell.name)


def _waits_for_a_person(played: Played, cell: Cell) -> None:
    """It is in the failure queue with owner and reason, and a retry brings it."""
    live, case = played.live, played.cases[cell.name]

    def mine() -> list[StuckItem]:
        return [item for item in live.stuck() if item.target == case]

    until(mine, "an item in the failure queue", PATIENCE_S)
    item, *_ = mine()
    assert cell.order["error"] in item.reason
    assert item.owner == live.case(case)["owner"]
    assert live.messages(case) == []
    live.room.slack.fault(forgive=played.lanes[cell.name])
    live.retry(item)


def _failed_as_ordered(played: Played, cell: Cell) -> None:
    """The calls met the failure, and none came before the wait that Slack asked for was over."""
    calls = played.calls(cell)
    met = [n for n, call in enumerate(calls) if call["outcome"].partition(" ")[0] == cell.kind or _was_late(cell, n)]
    assert len(met) >= (1 if cell.end == "queue" else cell.times), [call["outcome"] for call in calls]
    early = [n for n in met if n + 1 < len(calls) and _at(calls[n + 1]) - _at(calls[n]) < cell.wait_s]
    assert early == [], "a repeat came before Retry-After"


def _was_late(cell: Cell, number: int) -> bool:
    """An answer that came too late looks like any other to the workspace; it was the first."""
    return cell.kind == "latency" and number == 0


def _at(call: Json) -> float:
    return datetime.fromisoformat(call["at"]).timestamp()


def _claims(played: Played, name: str) -> int:
    mine = select(func.count()).where(AuditEntry.action == "case.claimed", AuditEntry.target == played.cases[name])
    with played.live.database.read() as session:
        return session.scalar(mine) or 0


def _rows(played: Played) -> int:
    with played.live.database.read() as session:
        return session.scalar(select(func.count(InboxRow.id))) or 0


def _three_clicks(played: Played, name: str) -> None:
    played.live.room.slack.fault(deliver="duplicate", times=1, copies=3)
    assert played.live.claim(played.cases[name], "U_AGENT1")["acked"]


def _react(played: Played, name: str) -> None:
    channel, message = played.live.message(played.cases[name])
    played.live.room.slack.act("react", user="U_AGENT1", channel=channel, ts=message["ts"], name="eyes")


def _three_events(played: Played, name: str) -> None:
    played.live.room.slack.fault(deliver="duplicate", times=1, copies=3)
    _react(played, name)


def _never_acknowledged(played: Played, name: str) -> None:
    """Three deliveries that say which they are, since none was acknowledged in time."""
    played.live.room.slack.fault(retry_delays=[0.5, 0.5])
    played.live.room.slack.fault(ack_seconds=0.001)
    _react(played, name)
    until(
        lambda: "never acknowledged" in str(played.live.room.slack.read("status")["notices"]),
        "three deliveries without an acknowledgement",
    )
    played.live.room.slack.fault(ack_seconds=3.0)
    played.live.room.slack.fault(retry_delays=[0, 60, 300])


CLAIMS: dict[str, Callable[[Played, str], None]] = {
    "a click, three times": _three_clicks,
    "an event, three times": _three_events,
    "an event with retry headers": _never_acknowledged,
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_comes_more_than_once_has_one_effect(played: Played, name: str) -> None:
    """One row in the inbox, one claim, one line in the thread."""
    until(lambda: _at_rest(played, name), "the message at rest", PATIENCE_S)
    before = _rows(played)
    CLAIMS[name](played, name)
    until(lambda: _claims(played, name), "the claim")
    until(lambda: played.shown(name) and played.live.thread(played.cases[name]), "the claim in Slack")
    assert (_claims(played, name), _rows(played), len(played.live.thread(played.cases[name]))) == (1, before + 1, 1)
    played.ended.append(name)


def test_a_command_that_comes_three_times_is_answered_once(played: Played) -> None:
    slack, name = played.live.room.slack, "a command, three times"
    before = _rows(played)
    slack.fault(deliver="duplicate", times=1, copies=3)
    asked = slack.act("command", user="U_LEAD2", channel=team.ESCALATIONS, command="/support", text="status")
    assert asked["acked"]
    until(lambda: slack.read("ephemerals", user="U_LEAD2")["messages"], "an answer")
    played.live.settled(PATIENCE_S)
    assert (len(slack.read("ephemerals", user="U_LEAD2")["messages"]), _rows(played)) == (1, before + 1)
    played.ended.append(name)


def test_all_of_it_is_whole(played: Played) -> None:
    """After all cells: each event once, one ticket and one message per case, the audit chain unbroken."""
    live = played.live
    live.settled(PATIENCE_S)
    check_whole(live.database, live.room, live.sender.results.values(), cases=LANES)
    assert "Traceback" not in Path(live.room.log).read_text("utf-8")
    waits = f"Retry-After {WAITS_S[0]} to {WAITS_S[-1]} s"
    tell("8", f"{len(played.ended)} of {LANES} cells: once, or in the failure queue; no call before {waits} was over")
