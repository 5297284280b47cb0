"""kill -9 in the day around cases: a burst, work in the desk, an act taken back, a closing held. Then a restart.

People go on where the kill stopped them: who sees that nothing has happened tries again.
"""

import signal
import time
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from automations.domain import parse_case_ref
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseGroup, CaseTicket
from tests.faults.checks import check_whole, settled
from tests.faults.room import PAUSE, Json, Room, Sender, failure, until
from tests.faults.test_kill import DAY, EITHER, ROUNDS

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(400)]

SETTINGS = {
    "HANDOFF_FAILURE_TICKETS__BURST_OVER": "1",
    "HANDOFF_DESK__LOOK_EVERY": "1s",
}
UNDO_S, LONG_UNDO_S = 4, 15
"""How long an act can be taken back; long where that outlives a bot. A closing is held as long."""
BURST = 4
"""Cases that open together in lane 0; the other three have lanes of their own."""
CLAIMER, CLOSER = "U_AGENT1", "U_AGENT2"
IN_THE_DESK = "tomas.berg@example.com"
PATIENCE_S = 120.0
AGAIN = ("group.opened", "mirror.followed", "undo.taken", "hold.lapsed")
"""Inside a transaction: what the kill rolled back is tried again."""


@dataclass(frozen=True)
class Day:
    """What senders and people do; each step goes on until it is seen to be done, whatever happens to the bot."""

    database: Database
    room: Room
    sender: Sender
    undo_s: int

    def play(self) -> None:
        burst = [failure(f"burst-{n}", key=f"burst-{n}", lane=0) for n in range(BURST)]
        results = self.sender.send([*burst, *(failure(f"e{lane}", key=f"e{lane}", lane=lane) for lane in (1, 2, 3))])
        named = {str(result["event_id"]): parse_case_ref(str(result["case_id"])) for result in results}
        taken_back, edited, closed = (named[f"e{lane}"] for lane in (1, 2, 3))
        ticket = until(lambda: self.verified(edited), "a ticket that was read back", PATIENCE_S)
        self.close(closed)
        self.room.desk.act("change", ticket, IN_THE_DESK, change={"assignee": IN_THE_DESK})
        self.claim_and_take_back(taken_back)
        until(lambda: self.case(edited).owner == IN_THE_DESK, "the owner whom the desk names", PATIENCE_S)
        until(lambda: self.case(closed).hold_until is None, "the end of the hold", PATIENCE_S)

    def close(self, case: int) -> None:
        def closes() -> bool:
            if self.case(case).status == "resolved":
                return True
            views = self.room.slack.read("views", user=CLOSER)["views"]
            if views:
                values = {"note": "The provider is back."}
                self.room.slack.act("submit", user=CLOSER, view_id=views[-1]["id"], values=values)
            else:
                self.click(CLOSER, case, "resolve")
            return False

        until(closes, "a closed case", PATIENCE_S)

    def claim_and_take_back(self, case: int) -> None:
        """A private offer may have died with the bot, or be too old by now: then the claim is released instead."""

        def claims() -> bool:
            return self.case(case).claimed_by is not None or self.click(CLAIMER, case, "claim")

        until(claims, "a claim that was answered", PATIENCE_S)
        until(lambda: self.case(case).claimed_by is not None, "a claimed case", PATIENCE_S)
        offered_until = time.monotonic() + self.undo_s

        def takes_back() -> bool:
            if self.case(case).claimed_by is None:
                return True
            offers = [one for one in self.room.slack.read("ephemerals", user=CLAIMER)["messages"] if _undo(one)]
            if time.monotonic() > offered_until:
                self.click(CLAIMER, case, "release")
            elif offers:
                last = offers[-1]
                self.room.slack.click(CLAIMER, last["channel"], last["ts"], "case.undo")
            return False

        until(takes_back, "a claim taken back", PATIENCE_S)

    def click(self, user: str, case: int, verb: str) -> bool:
        """Press a button of the case's message, or choose it from its menu. True if the bot answered."""
        for channel, message in self.room.slack.everywhere():
            if message["metadata"]["event_payload"]["key"] == f"case/{case}":
                body: dict[str, Any] = {"action_id": f"case.{verb}"}
                if f"'action_id': 'case.{verb}'" not in str(message):
                    body = {"action_id": "case.more", "value": f"case:{case}:{verb}"}
                answer = self.room.slack.act("click", user=user, channel=channel, ts=message["ts"], **body)
                PAUSE.wait(0.2)
                return bool(answer.get("acked"))
        return False

    def case(self, case: int) -> Case:
        with self.database.read() as session:
            return session.get_one(Case, case)

    def verified(self, case: int) -> str | None:
        """The number of its ticket once that was read back."""
        with self.database.read() as session:
            ticket = session.get_one(CaseTicket, case)
            return ticket.ticket_id if ticket.state == "verified" else None


def _undo(message: Json) -> bool:
    return "case.undo" in str(message["blocks"])


@pytest.mark.parametrize("passage", range(1, ROUNDS + 1))
@pytest.mark.parametrize("boundary", DAY)
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_in_the_day_around_cases(database: Database, room: Room, boundary: str, passage: int) -> None:
    """What was rolled back comes again, so there round n kills n bots one after the other."""
    undo_s = LONG_UNDO_S if boundary == "undo.taken" else UNDO_S
    settings = SETTINGS | {"HANDOFF_FAILURE_TICKETS__UNDO_FOR": f"{undo_s}s"}
    day = Day(database, room, room.sender(), undo_s)
    with room.threads(1) as people:
        played = people.submit(day.play)
        for _ in range(passage if boundary in AGAIN else 1):
            with room.bot(database.url, crash_at=boundary, env=settings) as bot:
                assert bot.wait(90) == -signal.SIGKILL
        with room.bot(database.url, env=settings):
            played.result()
            settled(database)
    check_whole(database, room, day.sender.results.values(), cases=BURST + 3)
    with database.read() as session:
        done = dict(session.execute(select(AuditEntry.action, func.count()).group_by(AuditEntry.action)).all())
        (group,) = session.scalars(select(CaseGroup)).all()
        assert session.scalar(select(func.count()).where(Case.group_id == group.id)) == BURST
    assert [done.get(action) for action in ("group.opened", "case.resolved", "case.claimed")] == [1, 1, 1]
    assert done.get("case.undone", 0) + done.get("case.released", 0) == 1
    assert boundary != "undo.taken" or done.get("case.undone") == 1, "it was to be done at the second try"
    tickets = {ticket["key"]: ticket for ticket in room.desk.tickets()}
    with database.read() as session:
        shown = {one.case_id: tickets[one.key] for one in session.scalars(select(CaseTicket))}
        for case in session.scalars(select(Case)):
            assert shown[case.id]["assignee"] == case.owner
            assert shown[case.id]["status"] == ("solved" if case.status == "resolved" else "open")
    assert sum(case["assignee"] == IN_THE_DESK for case in shown.values()) == 1
