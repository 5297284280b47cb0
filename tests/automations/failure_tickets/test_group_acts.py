"""Acts on all cases of a group: one line in the thread, history and audit for each, Undo for all, and large groups."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from automations.errors import NotFound, Refused
from automations.failure_tickets import group_acts, life
from storage.models import Case, CaseEntry, Notification
from tests.automations.failure_tickets.groups_world import burst, groups, lines
from tests.automations.failure_tickets.world import ANNA, BEN, World
from tests.support import FakeClock


def statuses(world: World) -> Counter[str]:
    with world.database.read() as session:
        return Counter(session.scalars(select(Case.status)))


def history(world: World, verb: str) -> list[str]:
    with world.database.read() as session:
        return list(session.scalars(select(CaseEntry.text).where(CaseEntry.verb == verb)))


def claim_all(world: World) -> group_acts.Many:
    with world.begin() as session:
        return group_acts.claim_all(session, 1, BEN, world.ctx)


def test_claim_all_takes_what_is_free_and_says_who_has_the_rest(world: World) -> None:
    burst(world, 12)
    with world.begin() as session:
        life.claim(session, 3, ANNA, world.ctx)
    done = claim_all(world)
    assert done.changed
    assert done.text == "11 cases are yours. Claimed before: Anna Berg has 1."
    assert statuses(world) == {"claimed": 12}
    assert world.case(3).claimed_by == "anna@team.example"
    (line,) = lines(world)
    assert (line.data["text"], line.data["actor"]) == ("claimed 11 cases", "ben@team.example")
    assert len(world.audited("case.claimed")) == 12
    assert [row.after for row in world.audited("group.claimed_all")] == [{"cases": 11, "left": 0}]
    with world.database.read() as session:
        threads = session.scalars(select(Notification.key).where(Notification.kind == "case.entry")).all()
    assert len(threads) == 1, "but for the one that was claimed by itself"
    again = claim_all(world)
    assert not again.changed
    assert again.text.startswith("There is nothing to claim")


def test_resolve_all_closes_with_one_note_and_the_group_ends(world: World) -> None:
    burst(world, 8)
    with world.begin() as session, pytest.raises(Refused, match="Please say in a sentence"):
        group_acts.resolve_all(session, 1, BEN, " ", {}, world.ctx)
    with world.begin() as session:
        done = group_acts.resolve_all(session, 1, BEN, "The ledger is back.", {}, world.ctx)
    assert done.text == "8 cases are closed."
    assert statuses(world) == {"resolved": 8}
    assert [one.data["text"] for one in lines(world)] == ["resolved 8 cases: The ledger is back."]
    assert history(world, "resolved") == ["resolved this case: The ledger is back."] * 8
    assert groups(world)[0].closed_at is not None


def test_undo_takes_back_all_but_what_others_touched_since(world: World) -> None:
    burst(world, 8)
    done = claim_all(world)
    with world.begin() as session:
        life.reassign(session, 2, ANNA, "lea@team.example", world.ctx)
    with world.begin() as session, pytest.raises(Refused, match="Only Ben Okoro"):
        group_acts.take_back_all(session, 1, done.line, ANNA, world.ctx)
    with world.begin() as session:
        back = group_acts.take_back_all(session, 1, done.line, BEN, world.ctx)
    assert back.text == "Taken back for 7 cases."
    assert statuses(world) == {"open": 8}
    assert world.case(2).owner == "lea@team.example"
    assert [one.data["text"] for one in lines(world)][-1] == "took back what was done to 7 cases"
    with world.begin() as session:
        assert not group_acts.take_back_all(session, 1, done.line, BEN, world.ctx).changed


def test_undo_of_resolve_all_opens_the_group_again(world: World) -> None:
    burst(world, 8)
    with world.begin() as session:
        done = group_acts.resolve_all(session, 1, BEN, "Wrong.", {}, world.ctx)
    with world.begin() as session:
        group_acts.take_back_all(session, 1, done.line, BEN, world.ctx)
    assert statuses(world) == {"open": 8}
    assert groups(world)[0].closed_at is None


def test_after_a_minute_it_is_too_late(world: World) -> None:
    burst(world, 7)
    done = claim_all(world)
    assert done.until == world.clock.now() + timedelta(seconds=60)
    world.clock.move(timedelta(seconds=60))
    with world.begin() as session:
        assert not group_acts.take_back_all(session, 1, done.line, BEN, world.ctx).changed
    assert statuses(world) == {"claimed": 7}


def test_a_large_group_is_done_in_batches_and_told_in_one_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_acts, "BATCH", 4)
    burst(world, 11)
    done = claim_all(world)
    assert done.text == "4 cases are yours. The other 7 follow within a minute."
    (job,) = world.jobs.of("group.act")
    with world.begin() as session, pytest.raises(Refused, match="still being done"):
        group_acts.take_back_all(session, 1, done.line, BEN, world.ctx)
    rounds = 0
    more = True
    while more:
        world.clock.move(timedelta(seconds=1))
        with world.begin() as session:
            more = group_acts.go_on(session, str(job.args["key"]), world.ctx)
        rounds += 1
    assert rounds == 2
    assert statuses(world) == {"claimed": 11}
    (line,) = lines(world)
    assert line.data["text"] == "claimed 11 cases"
    with world.begin() as session:
        assert not group_acts.go_on(session, str(job.args["key"]), world.ctx)
        assert group_acts.take_back_all(session, 1, done.line, BEN, world.ctx).text.startswith("Taken back for")


def test_no_group_and_no_act_are_told(world: World) -> None:
    with world.begin() as session, pytest.raises(NotFound, match="GROUP-7"):
        group_acts.claim_all(session, 7, BEN, world.ctx)
    burst(world, 6)
    with world.begin() as session, pytest.raises(NotFound):
        group_acts.take_back_all(session, 1, 1, BEN, world.ctx)


@dataclass
class Ticking:
    """A clock as it really is: no two looks tell the same time."""

    clock: FakeClock

    def now(self) -> datetime:
        return self.clock.move(timedelta(microseconds=7))


def test_undo_for_all_works_while_time_passes(world: World) -> None:
    """The offers of one act on many are found again, although each case was moved at a moment of its own."""
    burst(world, 9)
    world.ctx = replace(world.ctx, clock=Ticking(world.clock))
    claimed = claim_all(world)
    with world.begin() as session:
        assert group_acts.take_back_all(session, 1, claimed.line, BEN, world.ctx).text == "Taken back for 9 cases."
    with world.begin() as session:
        done = group_acts.resolve_all(session, 1, BEN, "The ledger is back.", {}, world.ctx)
    with world.begin() as session:
        assert group_acts.take_back_all(session, 1, done.line, BEN, world.ctx).text == "Taken back for 9 cases."
    assert statuses(world) == {"open": 9}
