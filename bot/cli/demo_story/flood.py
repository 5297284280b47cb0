"""Two hundred more failures of the same job: the same message counts them, and nobody is called again."""

from collections import Counter
from collections.abc import Iterator

from bot.cli.demo_story.failing_job import attempt, main_case
from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage, expect

MORE = 200


def _play(stage: Stage) -> Iterator[str]:
    case = main_case(stage)
    before = stage.verified(case)
    message = stage.show_case(case, ticket=before["ticket"]["id"])
    called = Counter(stage.pings())
    events = [attempt(stage, 5, id=f"{stage.run}-more-{number}") for number in range(MORE)]
    results = stage.report(*events)
    expect({one["case_id"] for one in results} == {case}, "some of the failures opened cases of their own")
    yield f"{MORE} more failures arrived: all joined {case}"
    count = before["count"] + MORE
    shown = stage.message_when(case, str(count))
    expect(shown["ts"] == message["ts"], "there is another message")
    yield f"Still one message, and it counts {count}"
    after = stage.verified(case)
    expect(after["ticket"]["id"] == before["ticket"]["id"], "there is another ticket")
    yield f"Still one ticket, #{after['ticket']['id']}"
    expect(Counter(stage.pings()) == called, "somebody was mentioned again")
    yield "Nobody was mentioned again"


SCENE = Scene(
    id="flood",
    title="200 more",
    what="The same job fails 200 times more within a second.",
    look="The message stays where it is and counts; no second ticket, no ping.",
    play=_play,
)
