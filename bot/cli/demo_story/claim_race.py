"""Two people press Claim at once; then the ticket is solved in the desk, and Slack follows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage, expect

CLAIMERS = {"U_AGENT2": "ravi.nair@example.com", "U_AGENT3": "june.adler@example.com"}
FOLLOWS_S = 60.0
"""How long work done in the desk may take to be seen in Slack, as the desk is looked at every few seconds."""


def _play(stage: Stage) -> Iterator[str]:
    case = stage.open_case("payout-run")
    ticket = stage.verified(case)["ticket"]["id"]
    stage.show_case(case, user="U_AGENT2", ticket=ticket, phone=True)
    stage.pause()
    with ThreadPoolExecutor(2) as people:
        list(people.map(lambda user: stage.click(user, case, "case.claim"), CLAIMERS))
    found = stage.case_when(case, lambda one: one["status"] == "claimed", "the claim")
    holder = next(user for user, email in CLAIMERS.items() if email == found["claimed_by"])
    other = next(user for user in CLAIMERS if user != holder)
    name = found["owner_name"]
    stage.message_when(case, f"claimed by {name}")
    yield f"Two pressed Claim at once: {name} has it"
    told = stage.until(lambda: stage.private(other, name, case), "the private answer to the second")
    stage.show(user=other)
    stage.pause()
    yield f"The other was told alone: {told['text']}"
    stage.case_when(case, lambda one: one["ticket"]["seen"].get("assignee") == found["claimed_by"], "the assignee")
    yield f"The ticket's assignee is {name} too"
    stage.show(user=holder, phone=False, ticket=ticket)
    stage.pause()
    stage.act("demo/work", user=holder, ticket=ticket, status="solved")
    done = stage.case_when(case, lambda one: one["status"] == "resolved", "the end of the case", wait_s=FOLLOWS_S)
    stage.message_when(case, "✅ Resolved")
    expect(done["closed_by"] == found["claimed_by"], f"it was closed by {done['closed_by']}")
    yield f"{name} solved the ticket in the desk: the message in Slack is green and names {name}"


SCENE = Scene(
    id="claim-race",
    title="Two people, one case",
    what="Two agents press Claim at the same moment, one of them on a phone; then the ticket is solved in the desk.",
    look="One has it, the other is told who was first; the message follows what is done in the desk.",
    play=_play,
)
