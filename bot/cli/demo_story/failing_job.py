"""The opening: a job fails four times and is recorded; the fifth failure gives a message and a ticket."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.cli.demo_failures import invoice_sync
from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage, expect


def main_case(stage: Stage) -> str:
    """The case of the job that gave up, opened if a scene before was skipped."""
    if not stage.main_case:
        event = invoice_sync(f"story{stage.run}", attempt=5, last=True, now=datetime.now(UTC))
        stage.main_case = stage.report(event)[0]["case_id"]
    return stage.main_case


def _play(stage: Stage) -> Iterator[str]:
    now = datetime.now(UTC)
    run = f"story{stage.run}"
    for attempt in range(1, 5):
        status = stage.report(invoice_sync(run, attempt=attempt, last=False, now=now))[0]["status"]
        expect(status == "recorded", f"attempt {attempt} was {status}")
    yield "Four failed attempts: recorded, no message, no ticket"
    case = main_case(stage)
    message = stage.until(lambda: stage.message(case), f"the message of {case}")
    yield f"The fifth: one message, {case}"
    found = stage.case_when(case, lambda one: one["ticket"] and one["ticket"]["verified"], "the ticket, read back")
    stage.show(channel="C_FAILURES", ticket=found["ticket"]["id"], message=message["ts"])
    yield f"One ticket, #{found['ticket']['id']}, read back from the desk; owner {found['owner_name']}"


SCENE = Scene(
    id="failing-job",
    title="A job fails five times",
    what="Its worker retries four times, then gives up.",
    look="Nothing happens until the fifth failure; then one message on the left, one ticket on the right.",
    play=_play,
)
