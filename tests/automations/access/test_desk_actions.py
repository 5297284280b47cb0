"""Each step at the desk: true after it was made, made once however often, and back where it was after its undo."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from automations.access import kinds, steps
from automations.access.desk_tickets import open_tickets
from automations.access.steps import Kind
from automations.adapters.builtin.access import BuiltinAccess
from automations.desks import Capability
from automations.domain import DeskAgent, IdempotencyKey, Priority, Ticket, TicketChange, TicketDraft, TicketStatus
from automations.errors import Refused, Rejected
from automations.plan import Step
from storage.engine import Database
from tests.automations.access.access_world import ANNA, BEN_DESK, EVERYTHING, NORA, AccessWorld
from tests.support import FakeClock, RecordingJobs

KEY = IdempotencyKey("run/7/3")


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> AccessWorld:
    made = AccessWorld.on(database, clock, jobs)
    made.access.add(BEN_DESK, "agent", "active", "Support", t1="script")
    return made


@pytest.fixture(params=["built in", "in memory"])
def each(request: pytest.FixtureRequest, world: AccessWorld) -> AccessWorld:
    """The same over the built-in desk's own agents, and over a desk that can everything."""
    if request.param == "built in":
        world.door = BuiltinAccess(world.database)
    return world


def look(world: AccessWorld, step: Step) -> str | None:
    return kinds.actions(world.doors)[step.kind].look(step)


def make(world: AccessWorld, step: Step, value: str | None = None) -> None:
    kinds.actions(world.doors)[step.kind].make(step, step.after if value is None else value, key=KEY)


def a_ticket(world: AccessWorld, number: int, *, group: str = "Support", to: str = BEN_DESK) -> str:
    draft = TicketDraft(f"Ticket {number}", "It broke.", Priority.NORMAL, group, to)
    return world.desk.create(draft, key=IdempotencyKey(f"t/{number}")).id


STEPS = [
    steps.account(EVERYTHING, NORA, "Nora Lund", "agent", steps.NONE),
    steps.group(EVERYTHING, BEN_DESK, "Billing", steps.OUT, steps.IN),
    steps.group(EVERYTHING, BEN_DESK, "Support", steps.IN, steps.OUT),
    steps.suspend(EVERYTHING, BEN_DESK, "active"),
    steps.seat(EVERYTHING, BEN_DESK, "Ben Okoro", "agent"),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.kind} {step.after}")
def test_a_step_is_looked_at_made_true_once_and_taken_back(each: AccessWorld, step: Step) -> None:
    assert look(each, step) == step.before
    make(each, step)
    assert look(each, step) == step.after
    calls = list(each.access.calls)
    make(each, step)
    assert look(each, step) == step.after
    assert each.access.calls == calls, "true already is success, and nothing is done"
    assert step.undo
    make(each, step, step.before)
    assert look(each, step) == step.before


def test_a_role_is_given_and_given_back(world: AccessWorld) -> None:
    step = steps.role(EVERYTHING, BEN_DESK, "agent", "lead")
    make(world, step)
    assert look(world, step) == "lead"
    make(world, step, step.before)
    assert look(world, step) == "agent"
    assert look(world, steps.role(EVERYTHING, NORA, steps.NONE, "lead")) == steps.NONE


def test_somebody_suspended_comes_back_as_they_were(world: AccessWorld) -> None:
    world.access.suspend(BEN_DESK)
    step = steps.account(EVERYTHING, BEN_DESK, "Ben", "agent", steps.SUSPENDED)
    assert look(world, step) == steps.SUSPENDED
    make(world, step)
    assert (look(world, step), world.access.accounts[BEN_DESK].agent.state) == (steps.THERE, "active")
    make(world, step, steps.SUSPENDED)
    assert look(world, step) == steps.SUSPENDED


def test_a_token_is_revoked_and_whose_agent_is_gone_cannot_be_read(world: AccessWorld) -> None:
    (step,) = steps.tokens(EVERYTHING, BEN_DESK, world.access.tokens(BEN_DESK))
    assert look(world, step) == steps.ALIVE
    make(world, step)
    make(world, step)
    assert look(world, step) == steps.REVOKED
    assert world.access.calls == ["revoke t1"]
    world.access.remove(BEN_DESK)
    with pytest.raises(Rejected, match="no agent"):
        look(world, step)


def test_sessions_are_ended_and_never_read(world: AccessWorld) -> None:
    step = steps.sessions(EVERYTHING, BEN_DESK)
    make(world, step)
    assert not world.access.accounts[BEN_DESK].signed_in
    assert look(world, step) is None


def test_an_invitation_counts_as_delivered_and_waits_until_it_is_accepted(world: AccessWorld) -> None:
    account = steps.account(EVERYTHING, NORA, "Nora Lund", "lead", steps.NONE)
    accepted = Step(Kind.ACCEPTED, NORA, steps.NOT_YET, steps.ACCEPTED, "", waits=True)
    signed_in = Step(Kind.SIGNED_IN, NORA, steps.NOT_YET, steps.SIGNED_IN, "", waits=True)
    assert (look(world, accepted), look(world, signed_in)) == (steps.NOT_YET, steps.NOT_YET)
    make(world, account)
    assert (look(world, account), look(world, accepted)) == (steps.THERE, steps.NOT_YET)
    assert look(world, steps.role(EVERYTHING, NORA, steps.NONE, "lead")) == "lead"
    make(world, accepted)
    make(world, Step(Kind.RESEND, NORA, "", "sent", ""))
    assert world.access.calls[-2:] == ["invite again", "invite again"]
    world.access.reactivate(NORA)
    assert (look(world, accepted), look(world, signed_in)) == (steps.ACCEPTED, steps.NOT_YET)
    world.access.accounts[NORA].agent = DeskAgent("9", "Nora", NORA, "lead", "active", world.clock.now())
    assert look(world, signed_in) == steps.SIGNED_IN
    with pytest.raises(Refused, match="Only the person can sign in"):
        make(world, signed_in)


def test_who_is_gone_counts_as_suspended_and_is_in_no_group(world: AccessWorld) -> None:
    world.access.remove(BEN_DESK)
    assert look(world, steps.suspend(EVERYTHING, BEN_DESK, "active")) == steps.SUSPENDED
    assert look(world, steps.group(EVERYTHING, BEN_DESK, "Support", steps.IN, steps.OUT)) == steps.OUT
    assert look(world, steps.seat(EVERYTHING, BEN_DESK, "Ben", "agent")) == steps.NONE


@pytest.mark.parametrize("step", [*STEPS, steps.sessions(EVERYTHING, BEN_DESK)], ids=lambda step: str(step.kind))
def test_what_the_desk_cannot_is_refused_in_words_and_not_tried(world: AccessWorld, step: Step) -> None:
    said = dict.fromkeys(Capability, "Do it there by hand.")
    world.access.capabilities, world.access.by_hand = frozenset(), said
    with pytest.raises(Refused, match=r"Desk cannot .* Do it there by hand. Nothing was changed."):
        make(world, step)
    assert world.access.calls == []


@pytest.mark.parametrize("step", [*STEPS, steps.sessions(EVERYTHING, BEN_DESK)], ids=lambda step: str(step.kind))
def test_without_the_credential_agents_are_still_read_and_nothing_is_done(world: AccessWorld, step: Step) -> None:
    alone = kinds.actions(replace(world.doors, access=None))
    if step.kind not in (Kind.GROUP, Kind.SESSIONS):
        assert alone[step.kind].look(step) == step.before
    with pytest.raises(Refused, match="There is no administrative credential"):
        alone[step.kind].make(step, step.after, key=KEY)


class Lagging:
    """The built-in desk with a search that still lists what has changed since."""

    def __init__(self, world: AccessWorld, listed: list[str]) -> None:
        self._desk, self._listed = world.desk, listed
        self.refused: set[str] = set()
        self.updated: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def assigned(self, email: str) -> Iterator[Ticket]:
        return iter([self._desk.get(one) for one in self._listed if one.isdecimal()])

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        if ticket in self.refused:
            raise Rejected("required fields are empty", system="builtin", code="fields_missing")
        self.updated.append(f"{ticket} {key}")
        self._desk.update(ticket, change, key=key)


def test_open_tickets_are_handed_over_each_read_alone(world: AccessWorld) -> None:
    numbers = [a_ticket(world, one) for one in range(3)]
    others = a_ticket(world, 9, to=ANNA)
    world.desk.update(numbers[1], TicketChange(status=TicketStatus.SOLVED), key=IdempotencyKey("s"))
    desk: Any = Lagging(world, [*numbers, others])
    world.desk = desk
    step = steps.tickets(EVERYTHING, BEN_DESK, ANNA, "Anna Berg", 2)
    assert look(world, step) == steps.OPEN
    make(world, step)
    assert desk.updated == [f"{numbers[0]} run/7/3/{numbers[0]}", f"{numbers[2]} run/7/3/{numbers[2]}"]
    assert look(world, step) == steps.NONE, "the list still names them"
    make(world, step)
    assert len(desk.updated) == 2
    assert [world.desk.get(one).assignee for one in (*numbers, others)] == [ANNA, BEN_DESK, ANNA, ANNA]


def test_one_ticket_that_is_refused_stops_none_of_the_others_and_is_named(world: AccessWorld) -> None:
    numbers = [a_ticket(world, one) for one in range(3)]
    desk: Any = Lagging(world, numbers)
    desk.refused, world.desk = {numbers[0]}, desk
    step = steps.tickets(EVERYTHING, BEN_DESK, ANNA, "Anna Berg", 3)
    with pytest.raises(Rejected, match=rf"1 of 3 tickets could not be handed over \(#{numbers[0]}\): required fields"):
        make(world, step)
    assert (look(world, step), len(desk.updated)) == (steps.OPEN, 2)
    desk.refused = set()
    make(world, step)
    assert (look(world, step), len(desk.updated)) == (steps.NONE, 3)


def test_a_ticket_that_is_gone_by_now_is_passed_over(world: AccessWorld) -> None:
    number = a_ticket(world, 1)
    listed = list(world.desk.assigned(BEN_DESK))
    world.desk.work.delete(number, by=ANNA)
    desk: Any = Lagging(world, [])
    desk.assigned = lambda email: iter(listed)
    assert list(open_tickets(desk, BEN_DESK)) == []


def test_nobody_to_take_them_is_refused(world: AccessWorld) -> None:
    a_ticket(world, 1)
    step = steps.tickets(EVERYTHING, BEN_DESK, "", "", 1)
    with pytest.raises(Refused, match="Nobody is named to take the open tickets"):
        make(world, step)


def test_a_group_is_left_after_its_tickets_are_handed_over(world: AccessWorld) -> None:
    """And only its own: the rest belongs to the step that hands everything over."""
    inside, outside = a_ticket(world, 1), a_ticket(world, 2, group="Billing")
    step = steps.group(EVERYTHING, BEN_DESK, "Support", steps.IN, steps.OUT, to=ANNA)
    make(world, step)
    assert look(world, step) == steps.OUT
    assert [world.desk.get(one).assignee for one in (inside, outside)] == [ANNA, BEN_DESK]
