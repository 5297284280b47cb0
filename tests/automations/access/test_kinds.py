"""Whole runs through the engine: somebody comes, leaves, is suspended at once, and comes back."""

from typing import Any

import pytest
from sqlalchemy import select

from automations.access import kinds
from automations.domain import Actor, IdempotencyKey, Priority, Role, TicketDraft
from automations.errors import Refused
from automations.plan import StepState
from automations.runs.advance import Runner
from automations.runs.approve import approve, review
from automations.runs.ask import ask
from automations.runs.card import run_card
from automations.runs.rows import found, steps_of
from automations.runs.undo import undo
from storage.engine import Database
from storage.models import Notification
from tests.automations.access.access_world import ANNA, BEN, BEN_DESK, NORA, AccessWorld
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEA", "Lea Lind", "lea@team.example", Role.LEAD)
SAM = Actor("U_SAM", "Sam Reyes", "sam@team.example", Role.LEAD)


class Played:
    """One world with a runner; every run is asked for, confirmed and carried out at once."""

    def __init__(self, world: AccessWorld) -> None:
        self.world = world
        doors = world.doors
        brought = kinds.kinds(doors), kinds.actions(doors)
        self.runner = Runner(world.database, *brought, world.slack, lambda _automation: world.ctx)

    def play(self, kind: str, subject: str, **options: Any) -> int:
        with self.world.database.begin() as session:
            run_id = ask(session, kind, subject, options, LEA, self.world.ctx).id
        return self.carry_out(run_id)

    def carry_out(self, run_id: int) -> int:
        self.runner.plan(run_id)
        with self.world.database.begin() as session:
            run = found(session, run_id)
            if run.state == "proposed":
                approve(session, run_id, run.digest, SAM, self.world.ctx)
        while self.runner.advance(run_id) is not None:
            pass
        return run_id

    def state(self, run_id: int) -> str:
        with self.world.database.read() as session:
            return found(session, run_id).state

    def states(self, run_id: int) -> dict[str, str]:
        with self.world.database.read() as session:
            return {row.kind: row.state for row in steps_of(session, run_id)}

    def welcomed(self) -> list[tuple[str, str]]:
        with self.world.database.read() as session:
            rows = session.scalars(select(Notification).where(Notification.kind == kinds.WELCOME))
            return [(row.channel, row.data["name"]) for row in rows]


@pytest.fixture
def played(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Played:
    return Played(AccessWorld.on(database, clock, jobs))


def test_an_onboarding_is_done_only_when_the_person_has_accepted_and_signed_in(played: Played) -> None:
    world = played.world
    run_id = played.play("provision", NORA, role="agent", name="Nora", slack="U_NORA")
    assert played.state(run_id) == "running"
    states = played.states(run_id)
    assert [states[kind] for kind in ("desk.account", "desk.role", "desk.group")] == ["verified"] * 3
    assert states["invitation.accepted"] == states["desk.signed_in"] == "waiting"
    assert played.welcomed() == []
    world.access.reactivate(NORA)
    world.access._change(NORA, last_seen=world.clock.now())
    world.slack.groups["S1"].add("U_NORA")
    with world.database.read() as session:
        waiting = [row.number for row in steps_of(session, run_id) if row.state == StepState.WAITING]
    for number in waiting:
        played.runner.look(run_id, number, stated_by=LEA.email or "")
    assert played.runner.advance(run_id) is None
    assert (played.state(run_id), played.welcomed()) == ("done", [("U_NORA", "Nora")])


def test_a_leaver_is_out_of_everything_and_what_only_people_can_do_waits_for_them(played: Played) -> None:
    world = played.world
    world.access.add(BEN_DESK, "agent", "active", "Support", t1="script")
    world.desk.create(TicketDraft("T", "B", Priority.NORMAL, "Support", BEN_DESK), key=IdempotencyKey("t"))
    world.inside.owned, world.inside.on_duty = {BEN: ["CASE-1"]}, {BEN}
    run_id = played.play("offboard", BEN)
    states = played.states(run_id)
    assert {kind: state for kind, state in states.items() if state != "verified"} == {
        "desk.sessions": "stated", "slack.account": "waiting", "identity.account": "waiting", "hand.task": "waiting",
    }  # fmt: skip
    assert world.access.agent(BEN_DESK) is None
    assert [ticket.assignee for ticket in world.desk.assigned(ANNA)] == [ANNA]
    assert (world.inside.blocks, world.inside.owned) == ({BEN, BEN_DESK}, {ANNA: ["CASE-1"]})
    assert world.inside.keys == [f"run/{run_id}/1"]


def test_suspend_now_cuts_access_and_its_undo_gives_it_back(played: Played) -> None:
    world = played.world
    world.access.add(BEN_DESK, "agent", "active", "Support", t1="script")
    run_id = played.play("suspend", BEN, reason="Lost laptop", approved_by=LEA.email)
    assert played.state(run_id) == "done"
    assert world.access.accounts[BEN_DESK].agent.state == "suspended"
    assert BEN in world.inside.blocks
    with world.database.begin() as session:
        card = run_card(session, run_id, world.ctx)
        assert (card.needed, card.review, card.reviewed_by) == (1, "wanted", None)
        with pytest.raises(Refused, match="a second person has to look at it"):
            review(session, run_id, LEA, world.ctx)
        review(session, run_id, SAM, world.ctx)
        assert run_card(session, run_id, world.ctx).review == "done"
    with world.database.begin() as session:
        undo(session, run_id, LEA, world.ctx)
    played.carry_out(run_id + 1)
    assert (played.state(run_id + 1), played.state(run_id)) == ("done", "rolled_back")
    assert (world.access.accounts[BEN_DESK].agent.state, world.inside.blocks) == ("active", set())
    assert world.access.accounts[BEN_DESK].tokens == {}, "a revoked token cannot be brought back"


def test_what_cannot_be_planned_is_refused_in_words(played: Played) -> None:
    run_id = played.play("provision", NORA, role="boss")
    with played.world.database.read() as session:
        run = found(session, run_id)
    assert (run.state, "There is no role 'boss'. Known: Agent, Lead, Admin" in run.words) == ("refused", True)
