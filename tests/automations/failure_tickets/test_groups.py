"""The life of a group: whom it calls, where its cases are shown, when it ends and comes back, what its card says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.desks import Capability
from automations.errors import NotFound
from automations.failure_tickets import closing, escalate, life, opening
from automations.failure_tickets.card import case_card, open_cases
from automations.failure_tickets.detail import case_detail
from automations.failure_tickets.group_card import group_card, group_page
from automations.failure_tickets.plan import route
from tests.automations.failure_tickets.groups_world import burst, groups, lines, messages, posted
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World, an_event


def owned_by(world: World, number: int, owner: str) -> None:
    """Open a case of the outage for somebody."""
    event = an_event(dedup_key=f"burst-{number}")
    routing = replace(route(event, world.ctx.book, world.ctx.roster, {}, world.clock.now()), owner=owner)
    with world.begin() as session:
        opening.open_case(session, event, routing, None, world.ctx)


def resolve(world: World, *numbers: int) -> None:
    for number in numbers:
        with world.begin() as session:
            closing.resolve(session, number, ANNA, "Restarted it.", world.ctx)


def an_hour_later(world: World) -> list[int]:
    """Nobody claimed them in time: the clock brings them before the lead."""
    world.clock.move(timedelta(hours=1))
    with world.database.read() as session:
        overdue = escalate.due(session, world.ctx)
    for number in overdue:
        with world.begin() as session:
            escalate.escalate_overdue(session, number, world.ctx)
    return overdue


def test_a_new_owner_is_called_by_the_first_post_and_a_later_one_by_a_line(world: World) -> None:
    burst(world, 6)
    owned_by(world, 6, "ben@team.example")
    (group,) = groups(world)
    called = [(one["email"], one["by"]) for one in group.called]
    assert called == [("anna@team.example", "message"), ("ben@team.example", "group")]
    assert lines(world) == []
    posted(world, "group/1")
    for number in (7, 8, 9):
        owned_by(world, number, "lea@team.example" if number < 9 else "ben@team.example")
    (line,) = lines(world)
    assert (line.data["mention"], line.parent_key) == ("lea@team.example", "group/1")
    assert line.data["text"] == "gave cases of this group to Lea Lind, first CASE-8"
    everyone = [one["email"].partition("@")[0] for one in groups(world)[0].called]
    assert everyone == ["anna", "ben", "lea"]


def test_the_first_post_calls_nobody_who_has_claimed_meanwhile(world: World) -> None:
    burst(world, 6)
    owned_by(world, 6, "ben@team.example")
    with world.database.read() as session:
        card = group_card(session, 1, world.ctx)
    owners = [(one.person.name, one.cases, one.called) for one in card.owners]
    assert owners == [("Anna Berg", 6, False), ("Ben Okoro", 1, True)]
    with world.begin() as session:
        life.claim(session, 7, BEN, world.ctx)
    with world.database.read() as session:
        assert not any(one.called for one in group_card(session, 1, world.ctx).owners)


def test_it_ends_with_its_last_case_and_comes_back_with_the_first(world: World) -> None:
    burst(world, 7)
    resolve(world, *range(1, 7))
    assert groups(world)[0].closed_at is None
    resolve(world, 7)
    (group,) = groups(world)
    assert (group.open_key, group.closed_at) == (None, world.clock.now())
    assert [row.after for row in world.audited("group.closed")] == [{"cases": 7}]
    with world.begin() as session:
        closing.reopen(session, 7, ANNA, world.ctx)
    (group,) = groups(world)
    assert group.open_key is not None
    assert group.closed_at is None
    assert len(world.audited("group.reopened")) == 1
    assert world.notification("case/7") is None


def test_a_case_whose_group_cannot_come_back_gets_a_message_of_its_own(world: World) -> None:
    burst(world, 7)
    resolve(world, *range(1, 8))
    burst(world, 6, start=10)
    old, new = groups(world)
    with world.begin() as session:
        closing.reopen(session, 7, ANNA, world.ctx)
    assert groups(world)[0].closed_at == old.closed_at
    assert new.open_key is not None
    own = world.notification("case/7")
    assert own is not None
    assert own.kind == "case.card"


def test_links_of_a_case_without_a_message_lead_to_the_groups(world: World) -> None:
    burst(world, 7)
    posted(world, "group/1")
    posted(world, "case/1")
    with world.database.read() as session:
        assert case_card(session, 7, world.ctx).permalink == "https://chat.example/group/1"
        first = case_card(session, 1, world.ctx)
        rows = {row.id: row.permalink for row in open_cases(session, world.ctx)}
        slack = case_detail(session, 7, world.ctx)["slack"]
    assert (first.permalink, first.group_id) == ("https://chat.example/case/1", 1)
    assert first.group_permalink == "https://chat.example/group/1"
    assert (rows[1], rows[7]) == ("https://chat.example/case/1", "https://chat.example/group/1")
    assert slack["permalink"] == "https://chat.example/group/1"


def test_the_card_counts_states_tiers_and_tickets(world: World) -> None:
    burst(world, 5)
    burst(world, 1, start=5, customer={"id": "a", "name": "A", "tier": "Business"})
    burst(world, 1, start=6, customer=None)
    with world.begin() as session:
        life.claim(session, 6, BEN, world.ctx)
    resolve(world, 1)
    with world.database.read() as session:
        card = group_card(session, 1, world.ctx)
    assert (card.total, card.open, card.claimed, card.resolved, card.verified) == (7, 5, 1, 1, 0)
    assert card.tiers == (("enterprise", 5), ("business", 1), ("unknown", 1))
    assert card.ticket is None
    assert not card.all_verified
    assert card.last_line is not None
    assert card.first[0].id != 1, "those not closed come first"


def test_pages_hold_ten_each_and_one_after_the_last_is_the_last(world: World) -> None:
    burst(world, 23)
    with world.database.read() as session:
        pages = [group_page(session, 1, number, world.ctx) for number in (0, 1, 2, 3, 99)]
        with pytest.raises(NotFound, match="GROUP-2"):
            group_page(session, 2, 1, world.ctx)
    assert [(one.page, one.pages, one.total, len(one.rows)) for one in pages] == [
        (1, 3, 23, 10), (1, 3, 23, 10), (2, 3, 23, 10), (3, 3, 23, 3), (3, 3, 23, 3),
    ]  # fmt: skip
    seen = [row.id for one in pages[1:4] for row in one.rows]
    assert sorted(seen) == list(range(1, 24))


def test_a_desk_without_parents_gets_a_note_in_each_ticket(world: World) -> None:
    burst(world, 7)
    notes = {number: [one for one in world.entries(number) if one.verb == "grouped"] for number in range(1, 8)}
    assert all(len(found) == 1 and found[0].to_desk and "GROUP-1" in found[0].text for found in notes.values())
    assert world.jobs.of("group.sync") == []


def test_a_desk_with_parents_gets_none(world: World) -> None:
    world.ctx = replace(world.ctx, desk_can=frozenset({Capability.PARENTS}))
    burst(world, 7)
    assert not any(one.verb == "grouped" for number in range(1, 8) for one in world.entries(number))
    assert [job.args for job in world.jobs.of("group.sync")] == [{"group_id": 1}]


def test_an_outage_nobody_claims_is_brought_before_the_lead_once(world: World) -> None:
    burst(world, 12)
    overdue = an_hour_later(world)
    assert len(overdue) == 12
    own = [key for key in (f"case/{number}/escalation/1" for number in range(1, 13)) if world.notification(key)]
    together = world.notification("group/1/escalation")
    assert together is not None
    assert own == []
    assert together.data["mention"] == LEA.email
    assert len(messages(world)) == 6


def test_whoever_escalates_a_case_of_an_outage_gets_a_post_of_its_own(world: World) -> None:
    """The group's post stays what it is, and the lead is called for the case too."""
    burst(world, 12)
    with world.begin() as session:
        life.claim(session, 12, BEN, world.ctx)
    an_hour_later(world)
    with world.begin() as session:
        life.escalate(session, 12, BEN, "The customer threatens to leave", world.ctx)
    together, own = world.notification("group/1/escalation"), world.notification("case/12/escalation/1")
    assert together is not None
    assert own is not None
    assert (together.kind, together.data["group_id"]) == ("group.escalation", 1)
    assert (own.kind, own.data["case_id"], own.data["mention"]) == ("case.escalation", 12, LEA.email)
