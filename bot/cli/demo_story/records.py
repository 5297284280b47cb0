"""The audit log is whole; in a copy of it, one changed row is named."""

from collections.abc import Iterator

from bot.cli.demo_story.failing_job import main_case
from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage, expect


def _play(stage: Stage) -> Iterator[str]:
    stage.verified(main_case(stage))
    found = stage.act("demo/audit")
    expect(found["whole"], f"the log is not whole: {found['problem']}")
    yield f"`handoff audit verify`: {found['checked']} rows are right"
    changed = stage.act("demo/audit", tamper=True)
    expect(not changed["whole"], "the changed row was not found")
    expect(changed["first_bad_row"] == changed["changed"], f"row {changed['first_bad_row']} was named")
    yield f"In a copy, row {changed['changed']} was given to somebody else: {changed['problem']}"


SCENE = Scene(
    id="records",
    title="Who did what, provably",
    what="The audit log is checked; then one row is changed in a copy of it.",
    look="The log is whole, and the changed row is named.",
    play=_play,
)
