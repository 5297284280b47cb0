"""Somebody who leaves, inside Handoff itself: blocked, off duty, without cases, and named by no setting any more."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from automations.access.context import AccessContext
from automations.access.rules import AccessRules
from automations.domain import IdempotencyKey, Mode, Role
from automations.duty import Rotation
from automations.errors import Refused
from automations.failure_tickets import covers, life
from automations.failure_tickets.present import present
from bot.inside import InsideHandoff
from bot.live import Terms
from bot.views.texts import Look
from storage.engine import Database
from tests.automations.failure_tickets.world import BOOK, LEA, World
from tests.blocked import a_run
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs

ANNAS, BENS, LEAS = "anna@team.example", "ben@team.example", "lea@team.example"
BENS_DESK = "b.okoro@desk.example"
GROUPS = {"S_LEADS": {"U_AGENT2"}}
ROLES: Any = {Role.AGENT: ("U_AGENT1",), Role.LEAD: ("S_LEADS",), Role.ADMIN: ()}


class Within:
    """One world, and what access asks of it."""

    def __init__(self, world: World) -> None:
        rotation = Rotation("first", (BENS, LEAS), "Mon 09:00", "Europe/Oslo", date(2026, 11, 16))
        world.ctx = replace(world.ctx, book=replace(BOOK, rules=(), rotations=(rotation,)))
        self.world = world
        self.inside = InsideHandoff(world.database, self.terms, self.runs, lambda group: GROUPS[group])
        with world.begin() as session:
            self.key = IdempotencyKey(f"run/{a_run(session, world.clock.now()).id}/1")

    def terms(self) -> Terms:
        return terms_of(self.world.ctx, Look("Europe/Oslo"), ROLES)

    def runs(self) -> AccessContext:
        ctx = self.world.ctx
        return AccessContext(
            roster=ctx.roster, zone=ctx.zone, jobs=ctx.jobs, clock=ctx.clock, redactor=ctx.redactor,
            automation="access", mode=Mode.ASK, channel="C_ACCESS", owner=LEAS, rules=AccessRules(),
            desk_system="builtin", desk_title="Desk",
        )  # fmt: skip

    def block(self, email: str = BENS, *also: str) -> None:
        self.inside.block(email, also, key=self.key)


@pytest.fixture
def within(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Within:
    return Within(World.on(database, clock, jobs))


def test_a_block_counts_for_every_address_and_is_taken_back(within: Within) -> None:
    assert not within.inside.blocked(BENS)
    within.block(BENS, BENS_DESK)
    within.block(BENS, BENS_DESK)
    assert within.inside.blocked(BENS.upper())
    assert within.inside.blocked(BENS_DESK)
    assert len(within.world.audited("access.blocked")) == 1
    within.inside.unblock(BENS, [BENS_DESK], key=within.key)
    assert not within.inside.blocked(BENS)
    assert not within.inside.blocked(BENS_DESK)


def test_what_somebody_may_do_is_read_from_the_settings_and_slacks_groups(within: Within) -> None:
    assert [within.inside.role(email) for email in (ANNAS, BENS, LEAS, "gus@elsewhere.example")] == [
        Role.AGENT, Role.LEAD, None, None,
    ]  # fmt: skip


def test_their_turn_passes_on_by_the_block_and_their_covers_are_ended(within: Within) -> None:
    world = within.world
    with world.begin() as session:
        now = present(session, world.ctx)
        ben = now.roster.by_email(BENS)
        assert ben is not None
        until = world.clock.now() + timedelta(days=9)
        covers.cover(session, now.book.rotations[0], ben, LEA, now, start=until - timedelta(hours=1), until=until)
    assert within.inside.duties(BENS) == ("first",)
    within.block()
    assert within.inside.duties(BENS) == ("first",), "the cover still stands"
    within.inside.end_duties(BENS, key=within.key)
    assert within.inside.duties(BENS) == ()
    assert within.inside.duties(LEAS) == ("first",)
    within.inside.end_duties(BENS, key=within.key)
    assert len(world.audited("duty.cover_ended")) == 1


def test_open_cases_go_to_the_successor_with_the_lines_of_any_other_reassignment(within: Within) -> None:
    world = within.world
    first, second = world.open(dedup_key="one"), world.open(dedup_key="two")
    assert within.inside.cases(ANNAS) == 2
    within.block(ANNAS)
    within.inside.hand_over(ANNAS, LEAS, key=within.key)
    assert (within.inside.cases(ANNAS), within.inside.cases(LEAS)) == (0, 2)
    for number in (first, second):
        assert world.entries(number)[-1].text == "reassigned this case from Anna Berg to Lea Lind"
    assert {row.actor for row in world.audited("case.reassigned")} == {"handoff"}
    within.inside.hand_over(ANNAS, LEAS, key=within.key)
    assert len(world.audited("case.reassigned")) == 2


def test_without_a_successor_the_rules_choose(within: Within) -> None:
    world = within.world
    number = world.open()
    with world.begin() as session:
        life.reassign(session, number, LEA, BENS, world.ctx)
    within.block()
    within.inside.hand_over(BENS, "", key=within.key)
    case = world.case(number)
    assert (case.owner, case.owner_why) == (
        ANNAS, "Ben Okoro has no access any more; default owner: no rule names an owner",
    )  # fmt: skip


def test_the_default_owner_needs_somebody_to_follow_and_that_is_said(within: Within) -> None:
    within.world.open()
    within.block(ANNAS)
    with pytest.raises(Refused, match=r"Nobody else has CASE-1 by its rule. Reassign it by hand, or change"):
        within.inside.hand_over(ANNAS, "", key=within.key)


def test_settings_that_name_somebody_are_those_in_force(within: Within) -> None:
    assert within.inside.named_in(ANNAS) == ("failure_tickets.default_owner",)
    assert within.inside.named_in(LEAS) == ()
