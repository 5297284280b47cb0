"""Whose access was taken away: they are nobody's candidate for anything, and what was theirs finds somebody else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from automations.domain import HANDOFF
from automations.duty import Cover, Group, Rotation, least_loaded, on_duty
from automations.errors import Refused
from automations.failure_tickets import covers, life, manual, owners
from automations.failure_tickets.present import present
from automations.failure_tickets.rules import Rule
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.world import BEN, BOOK, LEA, World
from tests.blocked import set_block

ANNAS, BENS, LEAS = "anna@team.example", "ben@team.example", "lea@team.example"


def block(world: World, email: str) -> None:
    with world.begin() as session:
        set_block(session, email, world.clock.now())


@pytest.fixture
def world(world: World) -> World:
    world.ctx = replace(
        world.ctx,
        book=replace(
            BOOK,
            rules=(Rule(name="all", owner="person:ben@team.example"),),
            groups=(Group("all", (BENS, LEAS)),),
            rotations=(Rotation("first", (BENS, LEAS), "Mon 09:00", "Europe/Oslo", date(2026, 11, 16)),),
        ),
    )
    return world


def test_a_block_shows_in_the_next_transaction_and_ends_with_it(world: World) -> None:
    block(world, BENS)
    with world.begin() as session:
        roster = present(session, world.ctx).roster
    now = world.clock.now()
    assert [one.email for one in roster.people if one.blocked] == [BENS]
    assert (roster.blocked("BEN@team.example"), roster.blocked("gus@elsewhere.example")) == (True, False)
    assert not roster.available(BENS, now)
    assert roster.by_email(BENS) is not None, "cards still know the name"
    rotation, group = world.ctx.book.rotations[0], world.ctx.book.groups[0]
    assert on_duty(rotation, roster, now) == LEAS
    covered = replace(rotation, covers=(Cover(BENS, now, now + timedelta(hours=1)),))
    assert on_duty(covered, roster, now) == LEAS
    assert least_loaded(group, roster, {}, now) == LEAS


def test_no_new_case_goes_to_somebody_blocked_and_the_reason_is_said(world: World) -> None:
    block(world, BENS)
    with world.begin() as session:
        world.ctx = present(session, world.ctx)
    case = world.case(world.open())
    assert (case.owner, case.owner_why) == (ANNAS, "default owner: Ben Okoro has no access any more")


def test_nobody_can_give_them_anything(world: World) -> None:
    number = world.open()
    block(world, LEAS)
    with world.begin() as session:
        now = present(session, world.ctx)
        lea = now.roster.by_email(LEAS)
        assert lea is not None
        with pytest.raises(Refused, match="Lea Lind has no access to Handoff any more"):
            life.reassign(session, number, HANDOFF, LEAS, now)
        with pytest.raises(Refused, match="Lea Lind has no access any more, so cannot have the duty"):
            covers.cover(session, now.book.rotations[0], lea, LEA, now)
        with pytest.raises(Refused, match="Lea Lind has no access to Handoff any more"):
            manual._available(LEAS, now)


def test_they_can_do_nothing_to_a_case(world: World) -> None:
    number = world.open()
    block(world, BENS)
    with world.begin() as session:
        world.ctx = present(session, world.ctx)
    with pytest.raises(Refused, match="Ben Okoro has no access to Handoff any more, so nothing was changed"):
        do(world, life.claim, number, BEN)
    assert world.case(number).status == "open"


def test_their_open_cases_move_at_once_to_whom_the_rule_names(world: World) -> None:
    number = world.open()
    do(world, life.claim, number, BEN)
    block(world, BENS)
    with world.begin() as session:
        now = present(session, world.ctx)
        assert [args["case_id"] for _, args in owners.due(session, now)] == [number]
        assert owners.move(session, {"case_id": number}, now)
    case = world.case(number)
    assert (case.owner, case.claimed_by) == (ANNAS, None)
    assert world.notification(f"away/{BENS}/left") is None, "who has left is told nothing"


def test_a_default_owner_who_is_blocked_is_said_once(world: World) -> None:
    number = world.open()
    do(world, life.reassign, number, LEA, ANNAS)
    block(world, ANNAS)
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, rules=()))
    for _ in range(2):
        with world.begin() as session:
            now = present(session, world.ctx)
            for _, args in owners.due(session, now):
                owners.move(session, args, now)
        world.clock.move(timedelta(days=1))
    kept = [one.text for one in world.entries(number) if one.verb == owners.KEPT]
    assert (world.case(number).owner, len(kept)) == (ANNAS, 1)
    assert "Anna Berg has no access any more" in kept[0]


def test_covers_of_somebody_who_leaves_end_in_every_rotation_and_swaps_as_a_whole(world: World) -> None:
    with world.begin() as session:
        now = present(session, world.ctx)
        ben, lea = now.roster.by_email(BENS), now.roster.by_email(LEAS)
        assert ben is not None
        assert lea is not None
        rotation = now.book.rotations[0]
        covers.swap(session, rotation, ben, lea, LEA, now)
        covers.cover(session, rotation, lea, LEA, now, until=world.clock.now() + timedelta(hours=1))
    with world.begin() as session:
        covers.end_all_of(session, BENS, HANDOFF, present(session, world.ctx))
        left = present(session, world.ctx).book.rotations[0].covers
        assert [one.email for one in left] == [LEAS]
        covers.end_all_of(session, BENS, HANDOFF, present(session, world.ctx))
    assert len(world.audited("duty.cover_ended")) == 1
