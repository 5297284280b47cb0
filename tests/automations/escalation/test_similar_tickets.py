"""Solved tickets that read alike stand on the card as links; nothing is merged, and the index is kept for a while."""

from datetime import timedelta

import pytest

from automations.escalation.similar_tickets import JOB, KEEP, SolvedTickets, find_similar
from tests.automations.escalation.world import EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_what_was_solved_and_reads_alike_is_shown(world: EscalationWorld) -> None:
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    texts = (
        "The invoice export to the ledger fails with error 502 every night",
        "Please add another seat for our new colleague",
        "How do I change the language of the dashboard",
    )
    for number, text in enumerate(texts, start=1):
        world.ticket(str(number), text)
        world.change(str(number), status="solved")
    world.ticket("9", "The export of invoices to the ledger fails with 502 again. We will cancel!")
    world.sweep()
    (job,) = world.team.jobs.of(JOB)
    solved = SolvedTickets()
    number = int(job.args["escalation_id"])
    assert find_similar(world.database, solved, number, world.ctx) >= 1
    first = world.card(number).similar[0]
    assert (first.ticket_id, first.url) == ("1", "https://desk.example/1")
    assert {"502", "ledger"} & set(first.words)
    world.ticket("4", texts[0])
    world.change("4", status="solved")
    find_similar(world.database, solved, number, world.ctx)
    assert "4" not in [one.ticket_id for one in world.card(number).similar], "the index is an hour old at most"
    world.clock.move(KEEP + timedelta(seconds=1))
    find_similar(world.database, solved, number, world.ctx)
    assert "4" in [one.ticket_id for one in world.card(number).similar]
