"""A block: one row for each address, audited with the run's, and what they said yes to counts no more."""

from typing import Any

from sqlalchemy import select

from automations.access import blocks
from automations.domain import Actor, Role
from automations.runs.approve import approve
from automations.runs.ask import ask
from storage.engine import Database
from storage.models import AccessBlock, AuditEntry, Run, RunApproval
from tests.automations.access.access_world import BEN, BEN_DESK, AccessWorld
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEA", "Lea Lind", "lea@team.example", Role.LEAD)
BEN_LEAD = Actor("U_BEN", "Ben Okoro", BEN, Role.LEAD)


def proposed(world: AccessWorld, subject: str, needed: int = 2) -> int:
    """A run that waits to be confirmed."""
    with world.database.begin() as session:
        run = ask(session, "provision", subject, {}, LEA, world.ctx)
        values: dict[str, Any] = {"state": "proposed", "digest": "d", "needed": needed}
        for name, value in values.items():
            setattr(run, name, value)
        return run.id


def test_a_block_is_set_once_and_lifted_once(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    world = AccessWorld.on(database, clock, jobs)
    run_id = proposed(world, BEN)
    for _ in range(2):
        with database.begin() as session:
            blocks.block(session, "Ben@team.example", [BEN_DESK], run_id, world.ctx)
    with database.read() as session:
        assert blocks.blocked(session) == {BEN, BEN_DESK}
        assert {row.run_id for row in session.scalars(select(AccessBlock))} == {run_id}
        written = session.scalars(select(AuditEntry).where(AuditEntry.action == "access.blocked")).all()
        assert [(entry.target, entry.after) for entry in written] == [
            (BEN, {"addresses": [BEN_DESK, BEN], "approvals_withdrawn": []})
        ]
        assert written[0].correlation_id == session.get_one(Run, run_id).correlation_id
    for _ in range(2):
        with database.begin() as session:
            blocks.lift(session, BEN, [BEN_DESK], run_id, world.ctx)
    with database.read() as session:
        assert blocks.blocked(session) == frozenset()
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "access.unblocked")).all()) == 1
    with database.begin() as session:
        blocks.block(session, BEN, [], run_id, world.ctx)
    with database.read() as session:
        assert blocks.blocked(session) == {BEN}, "a person who came back may leave again"


def test_what_a_blocked_person_said_yes_to_and_is_not_decided_counts_no_more(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    world = AccessWorld.on(database, clock, jobs)
    open_run, decided, other = (proposed(world, subject) for subject in ("a@x.example", "b@x.example", BEN))
    with database.begin() as session:
        approve(session, open_run, "d", BEN_LEAD, world.ctx)
        approve(session, decided, "d", BEN_LEAD, world.ctx)
        session.get_one(Run, decided).state = "done"
    with database.begin() as session:
        blocks.block(session, BEN, [], other, world.ctx)
    with database.read() as session:
        withdrawn = {row.run_id: row.withdrawn_at is not None for row in session.scalars(select(RunApproval))}
        assert withdrawn == {open_run: True, decided: False}
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "access.blocked")).all()
        assert entry.after == {"addresses": [BEN], "approvals_withdrawn": [f"RUN-{open_run}"]}
