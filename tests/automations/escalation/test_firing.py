"""What fires opens one escalation, joins it, or is kept in shadow; once, and not for what is over or was before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from automations.domain import Mode
from automations.escalation.acts import escalate_ticket
from automations.escalation.shadow import shadow_day
from tests.automations.escalation.world import ANNA, EscalationWorld

WORDS = ("cancel", "legal*")


def test_a_keyword_opens_one_escalation_with_rule_version_inputs_and_evidence(world: EscalationWorld) -> None:
    world.rules(keywords=WORDS)
    world.ticket("1", "If this goes on we will cancel our contract.", tier="enterprise", assignee="anna@team.example")
    swept = world.sweep()
    assert (swept.fired, swept.late, swept.gathered) == (1, 0, False)
    (firing,) = world.firings()
    assert (firing.reason, firing.rule, firing.escalation_id) == ("keyword", "keywords", 1)
    assert firing.rule_version == world.ctx.rules.version(world.card().firings[0].reason)
    assert firing.inputs["keywords"] == ["cancel"]
    assert firing.evidence == ["“cancel”", "“If this goes on we will cancel our contract.”"]
    card = world.card()
    assert (card.firings[0].said, card.ref, card.customer, card.tier) == (
        "Keyword: “cancel”", "#1", "Acme GmbH", "enterprise",
    )  # fmt: skip
    assert [one.text for one in card.messages] == ["If this goes on we will cancel our contract."]
    assert [(one.person.name, one.step) for one in card.called] == [("Anna Berg", "owner")]
    assert [one.name for one in card.call] == ["Anna Berg"]
    assert (card.waiting_for, card.next_at) == ("group", world.now + timedelta(minutes=15))
    assert world.sweep().fired == 0
    assert len(world.rows()) == 1


def test_more_firings_join_and_the_most_pressing_leads_without_another_mention(world: EscalationWorld) -> None:
    world.rules(keywords=WORDS, sentiment=-0.4)
    world.ticket("1", "We want to cancel.")
    world.sweep()
    world.clock.move(timedelta(minutes=1))
    world.say("1", "customer", "This is terrible and awful. Let me speak to a human please!")
    before = world.notification("escalation/1")
    assert before is not None
    world.sweep()
    row, after = world.row(), world.notification("escalation/1")
    assert after is not None
    assert [one.reason for one in world.firings()] == ["keyword", "asks_human", "sentiment"]
    assert (row.reason, len(world.rows()), after.version > before.version) == ("asks_human", 1, True)
    assert world.lines() == []
    assert [one.reason for one in world.card().firings] == ["asks_human", "keyword", "sentiment"]


def test_a_breach_after_a_warning_calls_the_next_at_once(world: EscalationWorld) -> None:
    world.ticket("1", "Hello", tier="enterprise", assignee="anna@team.example")
    world.go(timedelta(minutes=23), step=timedelta(minutes=1))
    assert (world.row().reason, world.calls()) == ("sla_warning", [])
    world.go(timedelta(minutes=7), step=timedelta(seconds=15))
    row = world.row()
    assert (row.reason, world.calls()) == ("sla_breach", ["ben@team.example"])
    first = world.card().firings[0]
    assert first.said == "SLA breached: first reply was due 09:30 (enterprise: 30 min, working hours)"
    assert (first.due_at, first.fired_at) == (world.now, world.now)


def test_a_solved_ticket_never_fires_and_a_reopened_one_may(world: EscalationWorld) -> None:
    world.rules(keywords=WORDS)
    world.ticket("1", "cancel it", status="solved")
    assert world.sweep().fired == 0
    world.clock.move(timedelta(hours=1))
    world.change("1", status="open")
    world.say("1", "customer", "I said: cancel!")
    assert world.sweep().fired == 1


def test_what_was_said_before_it_was_switched_on_fires_nothing(world: EscalationWorld) -> None:
    world.mode(Mode.OFF)
    world.rules(keywords=WORDS, tiers=("enterprise",))
    world.sweep()
    world.clock.move(timedelta(hours=1))
    world.ticket("1", "cancel", tier="enterprise")
    world.clock.move(timedelta(hours=2))
    world.mode(Mode.AUTO)
    world.sweep()
    world.clock.move(timedelta(minutes=5))
    world.change("1", priority="high")
    world.say("1", "agent", author="anna@team.example")
    world.sweep()
    assert world.firings() == []
    said = [one for one in world.audited() if one.action.startswith("escalation.switched")]
    assert [one.action for one in said] == [
        "escalation.switched_on", "escalation.switched_off", "escalation.switched_on",
    ]  # fmt: skip
    told = world.notification(f"escalation/on/builtin/{said[-1].at.isoformat()}")
    assert told is not None
    assert told.data["text"] == ("Escalation is on since 12:00. Messages and deadlines from before do not escalate.")
    world.say("1", "customer", "now cancel")
    assert world.sweep().fired == 1


def test_sweeps_at_the_same_moment_fire_and_call_once(world: EscalationWorld) -> None:
    world.promise_nothing()
    world.rules(keywords=WORDS)
    for number in ("1", "2", "3"):
        world.ticket(number, "cancel", requester=f"{number}@c.example")
    with ThreadPoolExecutor(3) as pool:
        assert sum(one.fired for one in pool.map(lambda _: world.sweep(), range(3))) == 3
        world.clock.move(timedelta(minutes=15))
        assert sum(one.called for one in pool.map(lambda _: world.sweep(), range(3))) == 3
    assert [world.calls(number) for number in (1, 2, 3)] == [["lea@team.example"]] * 3


def test_shadow_keeps_firings_calls_nobody_and_tells_them_in_one_message_a_day(world: EscalationWorld) -> None:
    world.rules(keywords=WORDS)
    world.mode(Mode.SHADOW)
    world.ticket("1", "cancel")
    world.ticket("2", "legal action")
    swept = world.sweep()
    assert (swept.fired, swept.called, world.rows()) == (2, 0, [])
    assert [(one.mode, one.escalation_id) for one in world.firings()] == [("shadow", None)] * 2
    post = world.notification("escalation/shadow/2026-11-23")
    assert post is not None
    with world.database.read() as session:
        day = shadow_day(session, post.data, world.ctx)
    assert (day.total, [one[0] for one in day.fired]) == (2, ["#1", "#2"])
    assert day.fired[0][3] == "Keyword: “cancel”"
    world.mode(Mode.AUTO)
    assert world.sweep().fired == 0


def test_a_ticket_of_nobody_begins_with_the_group_and_the_opener_of_an_escalation_is_not_called(
    world: EscalationWorld,
) -> None:
    world.rules(keywords=WORDS)
    world.ticket("1", "cancel")
    world.ticket("2", "Hello", assignee="anna@team.example")
    world.sweep()
    assert [one["step"] for one in world.row(1).called] == ["group"]
    with world.begin() as session:
        done = escalate_ticket(session, "builtin", "2", ANNA, "the customer rang", world.ctx)
    assert (done.changed, done.text) == (True, "#2 was brought before the chain: ESC-2.")
    assert [one["email"] for one in world.row(2).called] == ["ben@team.example"]
