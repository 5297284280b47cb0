"""The bot is killed while it works, and started again: nothing is lost, nothing is there twice."""

from collections.abc import Iterator
from functools import partial

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import FAILURES, Stage, expect

AGAIN_S = 60.0
"""How long a new bot may take to finish what the one before had begun."""
JOBS = ("statement-mail", "tax-report", "price-list")


def _play(stage: Stage) -> Iterator[str]:
    cases = [stage.open_case(job) for job in JOBS]
    pid = stage.act("demo/kill")["pid"]
    yield f"{len(cases)} failures were taken in, and the bot was killed at once (process {pid})"
    stage.show(user="U_AGENT1", channel=FAILURES)
    stage.pause()
    stage.act("demo/start")
    tickets = [stage.verified(case, wait_s=AGAIN_S)["ticket"]["id"] for case in cases]
    stage.show_case(cases[-1], ticket=tickets[-1])
    yield f"Started again: tickets {', '.join(f'#{ticket}' for ticket in tickets)}, each read back"
    for case, ticket in zip(cases, tickets, strict=True):
        stage.until(partial(stage.message, case), f"the message of {case}", wait_s=AGAIN_S)
        again = stage.act("demo/tickets", words=f"[{case}]")["tickets"]
        expect(again == [str(ticket)], f"{case} has the tickets {again}")
    expect(len(set(tickets)) == len(cases), "two cases share a ticket")
    yield "One message and one ticket each: nothing doubled, nothing lost"


SCENE = Scene(
    id="power-cut",
    title="The bot is killed",
    what="Failures come in, the bot is killed in the middle of its work and started again.",
    look="The chat and the desk stay; each failure ends up with one message and one ticket.",
    play=_play,
)
