"""What a group of changes would do to open tickets, said before anybody approves it, and held to what then happens."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from automations.customer_context import open_tickets
from automations.customer_context.context import NO_EFFECTS, Effects
from automations.customer_context.values import Change, ChangeKind, Group
from automations.domain import Mode
from automations.triage.deciding import decide
from automations.triage.rules import Score
from bot.customer_effects import OpenTicketEffects
from storage.engine import Database
from storage.models import MirrorTicket
from tests.automations.customers.kept import counted, customer, keep
from tests.automations.escalation.world import EscalationWorld
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import RULES, triage_of

MINUTE = timedelta(minutes=1)


class Ahead(EscalationWorld):
    """A desk with triage over it, and looks ahead."""

    def effects(self, group: Group, *, triage: Mode = Mode.ASK) -> Effects:
        with self.database.read() as session:
            looked = OpenTicketEffects(lambda: self.triage(triage), lambda: self.ctx)
            return looked(session, group)

    def triage(self, chosen: Mode = Mode.ASK) -> Any:
        rules = RULES.model_copy(update={"score": Score(tiers={"enterprise": 3}), "set_priority": "always"})
        return triage_of(self.team.ctx, chosen, rules)


@pytest.fixture
def ahead(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ahead:
    made = Ahead.on(database, clock, jobs)
    assert isinstance(made, Ahead)
    made.rules(contacts=None)
    keep(made.database, customer("acct_42", "acme.example", tier="pro", desk_id="d1"))
    return made


def change(account: str = "acct_42", after: str = "enterprise", **more: Any) -> Change:
    told = {"name": "Acme", "desk_id": "d1", "field": "tier", "before": "pro", "after": after}
    return Change(account=account, **(told | more))


def group(*changes: Change, kind: ChangeKind = ChangeKind.CHANGED, field: str = "tier") -> Group:
    return Group(kind, field, "pro", "enterprise", changes or (change(),), "digest")


def waits(ahead: Ahead, number: str) -> None:
    """A customer waits for triage to decide about it."""
    with ahead.begin() as session:
        mine = update(MirrorTicket).where(MirrorTicket.ticket_id == number)
        session.execute(mine.values(waiting_since=ahead.now, priority="low"))


def test_no_tickets_no_effects(ahead: Ahead) -> None:
    assert ahead.effects(group()) == NO_EFFECTS
    ahead.ticket("1", tier="pro", status="solved")
    assert ahead.effects(group()) == NO_EFFECTS


@pytest.mark.parametrize(
    ("kind", "field", "tickets"),
    [
        (ChangeKind.SUSPENDED, "status", 1),
        (ChangeKind.RESUMED, "status", 1),
        (ChangeKind.CHANGED, "status", 1),
        (ChangeKind.CHANGED, "name", 0),
        (ChangeKind.LINKED, "", 0),
    ],
)
def test_what_moves_no_clock_only_counts_its_tickets(ahead: Ahead, kind: ChangeKind, field: str, tickets: int) -> None:
    ahead.ticket("1", tier="pro")
    assert ahead.effects(group(change(field=field), kind=kind, field=field)) == Effects(tickets=tickets)


def test_priority_promise_and_escalation_of_open_tickets(ahead: Ahead) -> None:
    ahead.ticket("1", "It is down", tier="pro")
    waits(ahead, "1")
    ahead.ticket("2", tier="pro", customer="", requester="x@mail.acme.example", opened_by="agent")
    ahead.ticket("3", tier="enterprise")
    ahead.ticket("4", tier="pro", customer="acct_7", requester="x@other.example")
    ahead.clock.move(45 * MINUTE)
    assert ahead.effects(group()) == Effects(
        tickets=3,
        priorities=1,
        clocks=2,
        escalations=1,
        samples=(
            (
                "#1",
                "https://desk.example/1",
                "priority high → urgent; SLA all → enterprise; first reply is overdue at once",
            ),
            ("#2", "https://desk.example/2", "SLA all → enterprise"),
        ),
    )
    off = ahead.effects(group(), triage=Mode.SHADOW)
    assert (off.priorities, off.clocks, off.escalations) == (0, 2, 1)


def test_what_is_off_does_nothing(ahead: Ahead) -> None:
    ahead.ticket("1", tier="pro")
    ahead.clock.move(45 * MINUTE)
    ahead.mode(Mode.SHADOW)
    assert ahead.effects(group()).escalations == 0
    ahead.promise_nothing()
    assert ahead.effects(group(), triage=Mode.OFF) == Effects(tickets=1)


def test_a_tier_that_escalates_starts_an_escalation_once(ahead: Ahead) -> None:
    ahead.promise_nothing()
    ahead.rules(contacts=None, tiers=("enterprise",), keywords=("cancel",))
    ahead.ticket("1", tier="pro")
    ahead.ticket("2", "cancel", tier="pro")
    ahead.sweep()
    seen = ahead.effects(group())
    assert (seen.tickets, seen.escalations) == (2, 1), "one is escalated already"
    assert seen.samples == (("#1", "https://desk.example/1", "tier enterprise escalates"),)


def test_a_customer_who_is_only_planned_is_found_by_domain(ahead: Ahead) -> None:
    ahead.ticket("1", customer="", requester="x@new.example")
    values = (("domains", "more.example, new.example"), ("name", "New"), ("tier", "enterprise"))
    planned = change("acct_9", after="", desk_id=None, field="", values=values)
    assert ahead.effects(group(planned, kind=ChangeKind.ADDED, field="")).clocks == 1
    bare = replace(planned, values=values[:2])
    assert ahead.effects(group(bare, kind=ChangeKind.ADDED, field="")) == NO_EFFECTS


def test_what_is_said_ahead_is_what_happens(ahead: Ahead) -> None:
    """Open tickets follow: triage decides and escalation starts exactly where it was said."""
    for number in range(6):
        ahead.ticket(str(number), "It is down", tier="pro", requester=f"c{number}@acme.example")
        waits(ahead, str(number))
        ahead.clock.move(10 * MINUTE)
    ahead.change("5", status="pending")  # its clocks stand still, and triage has nothing to do
    ahead.sweep()
    triage, first = ahead.triage(), dict[str, str]()
    for number in range(6):
        with ahead.begin() as session:
            if (made := decide(session, str(number), triage, None)) is not None:
                first[made.ticket_id] = made.priority
    assert len(first) == 5
    said = ahead.effects(group())
    before = len(ahead.rows())
    with ahead.begin() as session:
        retiered = open_tickets.retier(session, "acct_42", "d1", "enterprise", ahead.now)
    assert retiered == said.tickets == 6
    otherwise = 0
    for number in range(6):
        with ahead.begin() as session:
            made = decide(session, str(number), triage, None)
            otherwise += made is not None and made.priority != first[str(number)]
    assert otherwise == said.priorities == 5
    ahead.sweep()
    assert len(ahead.rows()) - before == said.escalations > 0


def test_many_customers_cost_a_few_queries(ahead: Ahead) -> None:
    for number in range(60):
        ahead.ticket(str(number), tier="pro", customer=f"d{number + 100}", requester=f"x@c{number}.example")
        waits(ahead, str(number))
    keep(ahead.database, *(customer(f"a{n}", f"c{n}.example", tier="pro", desk_id=f"d{n + 100}") for n in range(400)))
    ahead.clock.move(45 * MINUTE)
    changes = (change(f"a{n}", desk_id=f"d{n + 100}") for n in range(400))
    looked = OpenTicketEffects(ahead.triage, lambda: ahead.ctx)
    with ahead.database.read() as session, counted(session) as sent:
        seen = looked(session, group(*changes))
    assert (seen.tickets, seen.clocks, seen.escalations) == (60, 60, 60)
    assert len(sent) <= 25
