"""The opening: a job fails four times and is recorded; the fifth failure gives a message and a ticket."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.cli.demo_failures import Event, invoice_sync, others
from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage, expect


def attempt(stage: Stage, number: int, **changes: object) -> Event:
    """A report of the job that tries five times; its key is the story's own, so that no other failure joins it."""
    event = invoice_sync(f"story{stage.run}", attempt=number, last=number == 5, now=datetime.now(UTC))
    return {**event, "dedup_key": f"invoice-sync:{stage.run}", **changes}


def main_case(stage: Stage) -> str:
    """The case of the job that gave up, opened here if its scene was skipped."""
    if not stage.main_case:
        stage.main_case = stage.report(attempt(stage, 5))[0]["case_id"]
    return stage.main_case


def _play(stage: Stage) -> Iterator[str]:
    for number in range(1, 5):
        status = stage.report(attempt(stage, number))[0]["status"]
        expect(status == "recorded", f"attempt {number} was {status}")
        stage.pause()
    expect(not stage.messages(f"invoice-sync:{stage.run}"), "there is a message for a job that still retries")
    yield "Four failed attempts: recorded, no message, no ticket"
    case = main_case(stage)
    stage.until(lambda: stage.message(case), f"the message of {case}")
    yield f"The fifth: one message, {case}"
    found = stage.verified(case)
    stage.show_case(case, user="U_AGENT1", ticket=found["ticket"]["id"])
    owner = f"owner {found['owner_name']}, {found['priority']}"
    yield f"One ticket, #{found['ticket']['id']}, read back from the desk; {owner}"
    if stage.pace_s:
        for event in others(f"story{stage.run}", datetime.now(UTC)):
            stage.pause()
            stage.report(event)


SCENE = Scene(
    id="failing-job",
    title="A job fails five times",
    what="A worker retries four times, then gives up.",
    look="Nothing happens until the fifth failure; then one message in the chat and one ticket in the desk.",
    play=_play,
)
