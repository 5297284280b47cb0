"""What people do: each act once, told to whoever came second, one audit row, and nobody called for their own."""

from datetime import timedelta

import pytest

from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.escalation.acts import escalate_ticket
from automations.escalation.moves import Outcome
from storage.models import EscalationFiring
from tests.automations.escalation.world import ANNA, BEN, LEA, EscalationWorld
from tests.automations.failure_tickets.world import STRANGER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BENS, LEAS = "ben@team.example", "lea@team.example"


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """A keyword has escalated ticket 1, which nobody has; Ben was called."""
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    world.ticket("1", "cancel")
    world.sweep()
    assert [one["email"] for one in world.row().called] == [BENS]
    return world


def verdicts(world: EscalationWorld) -> list[tuple[str, str]]:
    return [(one.verdict, one.verdict_by) for one in world.firings()]


def by_hand(world: EscalationWorld, number: str, actor: Actor, reason: str = "the customer rang") -> Outcome:
    with world.begin() as session:
        return escalate_ticket(session, "builtin", number, actor, reason, world.ctx)


def test_a_claim_stops_the_chain_and_the_second_is_told_who_was_first_and_when(world: EscalationWorld) -> None:
    assert world.act("claim", 1, ANNA).text == "ESC-1 is yours. The chain stops."
    before = world.audit_rows()
    assert world.act("claim", 1, ANNA).text == "You have claimed ESC-1 at 09:00. Nothing was changed."
    assert world.act("claim", 1, BEN).text == "Anna Berg has claimed ESC-1 at 09:00. Nothing was changed."
    assert world.audit_rows() == before
    row = world.row()
    assert (row.state, row.claimed_by, row.next_at) == ("claimed", "anna@team.example", None)
    (audited,) = world.audited("escalation.claimed")
    assert (audited.actor, audited.target, audited.after["claimed_by"] if audited.after else "") == (
        "anna@team.example", "ESC-1", "anna@team.example",
    )  # fmt: skip
    world.go(timedelta(hours=3), step=timedelta(minutes=30))
    assert world.calls() == []


def test_a_release_begins_the_chain_again_without_the_one_who_gave_it_back(world: EscalationWorld) -> None:
    world.act("claim", 1, BEN)
    with pytest.raises(Refused, match="only they or a lead release it"):
        world.act("release", 1, ANNA)
    assert world.act("release", 1, BEN).changed
    row = world.row()
    assert (row.state, row.claimed_by, row.stale_at) == ("open", None, None)
    assert world.calls() == [LEAS]
    assert not world.act("release", 1, BEN).changed


def test_a_person_it_is_brought_before_is_called_and_has_a_wait(world: EscalationWorld) -> None:
    done = world.act("reassign", 1, "anna@team.example", LEA)
    assert (done.changed, done.text) == (True, "ESC-1 is with Anna Berg now.")
    assert world.lines()[-1] == ("Lea Lind has brought this before Anna Berg.", "anna@team.example")
    assert world.row().owner == "anna@team.example"
    assert world.card().next_at == world.now + timedelta(minutes=15)
    again = world.act("reassign", 1, "anna@team.example", LEA)
    assert (again.changed, len(world.audited("escalation.reassigned"))) == (False, 1)
    world.go(timedelta(minutes=15))
    assert world.calls()[-1] == BENS
    with pytest.raises(Refused, match="Cara Diaz is away until 24 Nov 09:00"):
        world.act("reassign", 1, "cara@team.example", LEA)
    with pytest.raises(Refused, match="none of the team"):
        world.act("reassign", 1, "nobody@team.example", LEA)
    assert world.act("reassign", 1, BENS, BEN).text == "ESC-1 is yours. The chain stops."


def test_a_snooze_sleeps_and_comes_back_once_to_who_snoozed_it(world: EscalationWorld) -> None:
    with pytest.raises(Refused, match="more than 7 days away"):
        world.act("snooze", 1, world.now + timedelta(days=8), BEN)
    with pytest.raises(Refused, match="past already"):
        world.act("snooze", 1, world.now, BEN)
    until = world.now + timedelta(hours=2)
    assert world.act("snooze", 1, until, BEN).text == "ESC-1 is snoozed until 11:00. Whoever acts on it wakes it."
    assert not world.act("snooze", 1, until, BEN).changed
    world.go(timedelta(hours=1, minutes=55), step=timedelta(hours=1))
    assert (world.calls(), world.card().next_at) == ([], None)
    world.go(timedelta(minutes=15))
    assert world.calls() == [BENS]
    assert world.lines()[-1][0] == "This is back: Ben Okoro had let it sleep until 11:00."
    world.go(timedelta(minutes=15))
    assert world.calls() == [BENS, LEAS]


def test_an_end_says_who_and_when_and_judges_what_had_fired(world: EscalationWorld) -> None:
    assert world.act("resolve", 1, ANNA, "called them back").text == "ESC-1 is resolved."
    assert verdicts(world) == [("right", "outcome")]
    for name, args in (("claim", (BEN,)), ("resolve", (BEN, "")), ("snooze", (world.now + timedelta(hours=1), BEN))):
        with pytest.raises(Refused, match=r"Anna Berg resolved ESC-1 at 09:00: called them back\. Nothing was changed"):
            world.act(name, 1, *args)
    assert world.act("too_late", 1, BEN, "").text == "Noted: ESC-1 was come too late. Thank you."
    assert verdicts(world) == [("too_late", BENS)]
    second = world.act("not_needed", 1, ANNA, "")
    assert second.text == "Ben Okoro judged ESC-1 at 09:00. Nothing was changed."
    assert (world.row().ending, world.card().verdict) == ("handled", "too_late")


def test_not_needed_ends_it_with_or_without_a_reason_and_a_double_click_is_one(world: EscalationWorld) -> None:
    assert world.act("not_needed", 1, BEN, "they only asked").changed
    row = world.row()
    assert (row.state, row.ending, row.close_note, row.closed_by) == ("closed", "not_needed", "they only asked", BENS)
    assert verdicts(world) == [("not_needed", BENS)]
    assert world.act("not_needed", 1, BEN, "").text == "You said so at 09:00. Nothing was changed."
    world.go(timedelta(hours=2), step=timedelta(minutes=30))
    assert (world.calls(), len(world.audited("escalation.not_needed"))) == ([], 1)


def test_only_the_team_acts_and_only_on_what_is_there(world: EscalationWorld) -> None:
    with pytest.raises(Refused, match="not in Handoff's list of people"):
        world.act("claim", 1, STRANGER)
    with pytest.raises(NotFound, match="There is no ESC-9"):
        world.act("claim", 9, ANNA)


def test_a_person_who_escalates_raises_what_is_open_and_says_what_no_rule_saw(world: EscalationWorld) -> None:
    world.clock.move(timedelta(minutes=1))
    assert by_hand(world, "1", ANNA).text == "#1 was escalated already and goes on in its chain: ESC-1."
    assert (world.row().reason, world.calls()) == ("person", [LEAS])
    again = by_hand(world, "1", ANNA)
    assert again.text == "You escalated #1 at 09:01 already: ESC-1. Nothing was changed."
    world.act("claim", 1, LEA)
    told = by_hand(world, "1", BEN, "they rang again").text
    assert told == "#1 was escalated already, and Lea Lind has claimed it: ESC-1."
    assert world.lines()[-1] == ("Ben Okoro escalates this: they rang again", LEAS)
    world.ticket("2", "hello", requester="b@b.example")
    assert by_hand(world, "2", BEN).changed
    assert [one.verdict for one in world.firings()] == ["", "", "", "missed"]
    assert world.card(2).opened_by is not None
    assert [one["email"] for one in world.row(2).called] == [LEAS], "Ben knows of it, so the lead comes first"


def test_a_person_hears_why_a_ticket_is_not_escalated(world: EscalationWorld) -> None:
    world.ticket("2", "hello", status="solved")
    for number, reason, words in (("2", "why", "is solved"), ("1", "  ", "in a few words"), ("9", "why", "not known")):
        with pytest.raises((Refused, NotFound), match=words):
            by_hand(world, number, ANNA, reason)
    with world.database.read() as session:
        assert session.query(EscalationFiring).count() == 1
