"""What the card and the lists say, from rows alone."""

from datetime import timedelta

import pytest

from automations.escalation.card import clocks_about_to_run_out, escalation_rows, my_escalations
from automations.failure_tickets import life
from tests.automations.customers.kept import customer, keep
from tests.automations.escalation.world import ANNA, BEN, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANNAS, BENS = "anna@team.example", "ben@team.example"


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """Ticket 1 was with Ben, is with Anna, was reopened once and was escalated before; it escalates again."""
    world.rules(keywords=("cancel",), contacts=None)
    world.ticket("1", "cancel", assignee="b.okoro@desk.example", tier="enterprise")
    world.sweep()
    world.act("not_needed", 1, BEN, "")
    world.clock.move(timedelta(minutes=5))
    world.say("1", "agent", author=ANNAS)
    world.change("1", status="solved", assignee=ANNAS)
    world.sweep()
    world.clock.move(timedelta(minutes=5))
    world.change("1", status="open")
    world.say("1", "customer", "It is back. I will cancel!")
    world.ticket("2", "Another thing", assignee=ANNAS)
    world.sweep()
    return world


def test_the_card_says_what_whoever_takes_it_asks_next(world: EscalationWorld) -> None:
    card = world.card(2)
    assert card.account == (
        ("Requester", "kim@acme.example"), ("Channel", "email"), ("Open tickets", "2"), ("Contacts in 1 d", "3"),
    )  # fmt: skip
    assert card.tried == (
        "1 reply (Anna Berg 1), the last at 09:05",
        "was with Ben Okoro",
        "was reopened 1 time",
        "was escalated before: ESC-1 at 09:00 (not needed)",
    )
    assert [(one.kind, one.state) for one in card.clocks] == [
        ("first_reply", "met"), ("next_reply", "running"), ("resolution", "running"),
    ]  # fmt: skip
    assert [one.text for one in card.messages] == ["cancel", "It is back. I will cancel!"]
    assert (card.state, card.waiting_for, card.stale, card.unheard, card.verdict) == ("open", "group", False, False, "")
    assert world.card(1).verdict == "not_needed"


def test_lists_name_what_is_whose_and_which_clocks_run_out(world: EscalationWorld) -> None:
    with world.database.read() as session:
        mine = my_escalations(session, "Anna@team.example", world.ctx)
        assert [(one.id, one.ref, one.said) for one in mine] == [(2, "#1", "Keyword: “cancel”")]
        assert my_escalations(session, BENS, world.ctx) == ()
        assert [one.id for one in escalation_rows(session, world.ctx)] == [2]
        assert [one.id for one in escalation_rows(session, world.ctx, ended=True)] == [2, 1]
        clocks = clocks_about_to_run_out(session, world.ctx, email=ANNAS, limit=3)
        assert clocks_about_to_run_out(session, world.ctx, email=BENS) == ()
    due = [one.due_at for one in clocks if one.due_at is not None]
    assert (len(due), due) == (3, sorted(due))
    world.act("claim", 2, BEN)
    with world.database.read() as session:
        assert my_escalations(session, ANNA.email or "", world.ctx) == ()
        assert [one.id for one in my_escalations(session, BENS, world.ctx)] == [2]


def test_the_card_says_tier_and_status_as_they_are_kept(world: EscalationWorld) -> None:
    assert (world.card(2).standing, world.card(2).unclear) == ("", ""), "no customers are kept"
    keep(world.database, customer("a1", "acme.example", "two.example"), customer("a2", "two.example"))
    card = world.card(2)
    assert (card.tier, card.unclear) == ("enterprise", "")
    assert card.standing == "enterprise, active (age not known)"
    for domain, words in (("mail", "no customer"), ("two", "2 customers: a1, a2")):
        world.change("1", requester=f"kim@{domain}.example")
        card = world.card(2)
        assert (card.standing, card.unclear) == ("", f"{domain}.example belongs to {words}")


def test_an_escalated_case_says_it_of_its_account(world: EscalationWorld) -> None:
    case = world.team.open()
    with world.begin() as session:
        life.escalate(session, case, BEN, "the customer rang", world.team.ctx)
    world.sweep()
    (row,) = (one for one in world.rows() if one.subject == "case")
    keep(world.database, customer(tier="business"))
    assert world.card(row.id).standing == "business, active (age not known); this case goes by enterprise"
