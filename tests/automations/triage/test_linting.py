"""Rules that do nothing or too much are named; over the last 30 days of tickets, or over a list of examples."""

from datetime import timedelta

from automations.domain import Mode
from automations.triage.inputs import Inputs
from automations.triage.linting import lint, recent
from automations.triage.rules import Intent, TriageRule, TriageRules
from tests.automations.triage.stage import Stage

RULES = TriageRules(
    intents=(Intent(name="billing", queue="Billing"),),
    rules=(
        TriageRule(name="invoices", keywords=("invoice",), intent="billing"),
        TriageRule(name="paid invoices", keywords=("paid invoice",), intent="billing"),
        TriageRule(name="chat", channel=("chat",), intent="billing"),
    ),
    swallow_share=0.5,
)


def test_acceptance_15_a_rule_without_effect_or_that_swallows_is_named(stage: Stage) -> None:
    """A rule with no effect on the last 30 days is named, and one that swallows more than its share."""
    stage.into(Mode.SHADOW, RULES)
    stage.desk.opened("old", "I was told to chat", channel="chat")
    stage.watch()
    stage.clock.move(timedelta(days=31))
    for number in range(12):
        stage.desk.opened(str(number), "a paid invoice" if number < 8 else "hello there")
    stage.watch()
    with stage.database.read() as session:
        named = recent(session, stage.ctx)
        assert recent(session, stage.ctx, fewest=13) == (), "of few tickets nobody can tell"
    assert [one.partition(":")[0] for one in named] == [
        "The rule invoices decided 67% of 12 tickets of the last 30 days, more than the 50% that one rule may.",
        "The rule paid invoices had no effect on 12 tickets of the last 30 days",
        "The rule chat had no effect",
    ]
    assert named[1].endswith(": it matched 8 times, each time after an earlier rule: invoices (8).")
    assert named[2].endswith(": it matched none of 12 tickets of the last 30 days.")
    stage.clock.move(timedelta(days=1))
    stage.desk.opened("next", "hello")
    stage.watch()
    day = stage.notification("triage/day/2026-12-23")
    assert day is not None
    assert [one.partition(":")[0] for one in day.data["lint"]] == [
        "The rule invoices decided 62% of 13 tickets of the last 30 days, more than the 50% that one rule may.",
        "The rule paid invoices had no effect on 13 tickets of the last 30 days",
        "The rule chat had no effect",
    ], "the message of a day says so from its first decision on"


def test_rules_that_do_their_part_are_not_named() -> None:
    examples = [Inputs(opening="an invoice"), Inputs(opening="hello", channel="chat"), Inputs(opening="hm")]
    fine = RULES.model_copy(update={"rules": (RULES.rules[0], RULES.rules[2])})
    assert lint(examples, fine, "of the file") == ()
    assert lint([], RULES, "of the file") == (), "no tickets say nothing"
    assert lint([Inputs(opening="an invoice")] * 9, fine.model_copy(update={"rules": fine.rules[:1]}), "here") == ()
    only = lint([Inputs(opening="hm")], fine, "of the file")
    assert only[0] == "The rule invoices had no effect: it matched none of 1 ticket of the file."
