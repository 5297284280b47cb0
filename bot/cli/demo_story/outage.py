"""One outage hits forty customers: one group message, a ticket for each, and every owner called once."""

from collections import Counter
from collections.abc import Iterator

from bot.cli.demo_failures import failure
from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import FAILURES, Json, Stage, expect

CUSTOMERS = 40
SINGLY = 5
"""How many cases the sample team's settings let open before they become a group."""
TICKETS_S = 120.0
TIERS = ("enterprise", "business", "standard")


def _event(stage: Stage, number: int) -> Json:
    customer = {"id": f"acct_{100 + number}", "name": f"Customer {number}", "tier": TIERS[number % len(TIERS)]}
    return failure(
        f"{stage.run}-outage-{number}",
        job="card-payment",
        source="payment-gateway",
        summary="Card payments fail: the gateway does not answer",
        customer=customer,
    )


def _group(stage: Stage) -> Json | None:
    """The message that tells of all of them."""
    found = [one for one in stage.messages("Card payments fail") if f"{CUSTOMERS} " in one["text"]]
    expect(len(found) <= 1, f"there are {len(found)} group messages")
    return found[0] if found else None


def _play(stage: Stage) -> Iterator[str]:
    called = Counter(stage.pings())
    before = {one["ts"] for one in stage.messages()}
    results = stage.report(*(_event(stage, number) for number in range(1, CUSTOMERS + 1)))
    cases = sorted({str(one["case_id"]) for one in results}, key=lambda ref: int(ref.rpartition("-")[2]))
    expect(len(cases) == CUSTOMERS, f"there are {len(cases)} cases")
    group = stage.until(lambda: _group(stage), f"one message for {CUSTOMERS} customers", wait_s=30.0)
    stage.show(user="U_LEAD1", channel=FAILURES, message=group["ts"])
    posted = [one for one in stage.messages() if one["ts"] not in before]
    expect(len(posted) <= SINGLY + 1, f"there are {len(posted)} new messages")
    yield f"{CUSTOMERS} customers hit within a minute: one group message, and {len(posted) - 1} before it was a group"
    tickets = {stage.verified(case, wait_s=TICKETS_S)["ticket"]["id"] for case in cases}
    expect(len(tickets) == CUSTOMERS, f"there are {len(tickets)} tickets")
    stage.show(ticket=stage.case(cases[0])["ticket"]["id"])
    yield f"{CUSTOMERS} tickets, one for each customer, all read back"
    often = max((Counter(stage.pings()) - called).values(), default=0)
    expect(often <= 1, f"somebody was mentioned {often} times")
    yield "Nobody was mentioned more than once"


SCENE = Scene(
    id="outage",
    title="40 customers hit",
    what="The payment gateway fails for forty customers within a minute.",
    look="One message for all of them, with a list behind it; in the desk a ticket for each.",
    play=_play,
)
