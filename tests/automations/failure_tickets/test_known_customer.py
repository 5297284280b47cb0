"""A case goes by the tier that is kept of its customer, and says tier and status with their age."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from automations.domain import Mode, Priority
from automations.failure_tickets.card import case_card, case_detail
from automations.failure_tickets.draft import write_draft
from automations.failure_tickets.rules import Rule
from storage import modes
from storage.models import FailureEventRow, KnownCustomer, Notification
from tests.automations.customers.kept import conflict, customer, keep, source
from tests.automations.failure_tickets.world import BOOK, World
from tests.support import START

SIX_HOURS = timedelta(hours=6)
AGE = "(crm as of 20 Nov 21:14, 6 h ago)"


def standing(world: World, case: int) -> str:
    with world.database.read() as session:
        return case_card(session, case, world.ctx).standing


def tier_points(world: World, case: int) -> list[list[object]]:
    return [one for one in world.case(case).priority_why if one[0].startswith("tier")]


def test_without_customers_nothing_is_said_and_the_events_word_counts(world: World) -> None:
    case = world.open()
    assert standing(world, case) == ""
    assert (world.case(case).customer_tier, tier_points(world, case)) == ("enterprise", [["tier enterprise", 2]])
    with world.database.read() as session:
        assert case_detail(session, case, world.ctx)["customer"]["standing"] is None
        draft = write_draft(session, world.case(case), "handoff-1", "anna@team.example", world.ctx, can=frozenset())
    assert "Customer: Acme GmbH, acct_42, enterprise" in draft.body
    assert "Tier and status" not in draft.body


def test_a_new_case_goes_by_the_tier_that_is_kept(world: World) -> None:
    keep(world.database, customer(tier="business"), source("crm", START - SIX_HOURS))
    case = world.open()
    assert (world.case(case).customer_tier, tier_points(world, case)) == ("business", [["tier business", 1]])
    assert standing(world, case) == f"business, active {AGE}"
    with world.database.read() as session:
        assert case_detail(session, case, world.ctx)["customer"]["standing"] == f"business, active {AGE}"
        draft = write_draft(session, world.case(case), "handoff-1", "anna@team.example", world.ctx, can=frozenset())
        assert session.scalars(select(FailureEventRow.body)).one()["customer"]["tier"] == "Enterprise"
    assert f"Customer: Acme GmbH, acct_42, business\nTier and status: business, active {AGE}" in draft.body
    assert draft.customer is not None
    assert (draft.customer.id, draft.customer.tier) == ("acct_42", "business")


def test_a_rule_for_a_tier_and_the_shadow_go_by_it_too(world: World) -> None:
    keep(world.database, customer(tier="business"), source("crm", START - SIX_HOURS))
    rules = (Rule(name="big", tier="business", queue="Big"), *BOOK.rules)
    world.ctx = replace(world.ctx, book=replace(BOOK, rules=rules))
    assert world.case(world.open()).queue == "Big"
    with world.begin() as session:
        modes.set_mode(session, "failure_tickets", Mode.SHADOW.value, by="lea@team.example", at=START)
    world.fail(dedup_key="another")
    with world.database.read() as session:
        shown = session.scalars(select(Notification).where(Notification.kind == "case.shadow")).one()
    assert "tier business 1" in shown.data["priority_why"]


def test_an_old_case_keeps_its_tier_and_says_so(world: World) -> None:
    keep(world.database, customer(tier="business"), source("crm", START - SIX_HOURS), conflict("acct_42", "tier"))
    case = world.open()
    with world.begin() as session:
        session.execute(update(KnownCustomer).values(tier="enterprise", status="suspended"))
    told = f"enterprise, suspended {AGE}; open conflict on its tier; this case goes by business"
    assert standing(world, case) == told
    assert world.case(case).priority == Priority.URGENT


def test_where_nobody_keeps_the_customer_the_tier_is_the_events_word(world: World) -> None:
    keep(world.database, customer("acct_7"), source("crm", START - SIX_HOURS))
    assert standing(world, world.open()) == "enterprise, the event's word: acct_42 is not known as a customer"
    bare = {"id": "acct_42", "name": "Acme GmbH"}
    untold = world.open(customer=bare, dedup_key="untold")
    assert standing(world, untold) == "acct_42 is not known as a customer"
    assert standing(world, world.open(customer=None, dedup_key="nobody")) == ""


def test_where_the_tier_is_not_kept_the_events_word_counts(world: World) -> None:
    keep(world.database, customer(tier=""), source("crm", START - SIX_HOURS))
    case = world.open()
    assert tier_points(world, case) == [["tier enterprise", 2]]
    assert standing(world, case) == f"tier not kept, active {AGE}; enterprise is the event's word"


def test_a_customer_known_to_have_no_tier_has_none(world: World) -> None:
    keep(world.database, customer(tier="", base={"tier": ""}), source("crm", START - SIX_HOURS))
    case = world.open()
    assert tier_points(world, case) == []
    assert standing(world, case) == f"no tier, active {AGE}"
