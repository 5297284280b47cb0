"""All scenes, in order. A new scene goes before the last card."""

from bot.cli.demo_story import (
    claim_race,
    connect,
    customers,
    desk_away,
    escalation,
    failing_job,
    flood,
    outage,
    power_cut,
    records,
    report,
    triage,
    wrong_click,
)
from bot.cli.demo_story.scene import Scene

SCENES: tuple[Scene, ...] = (
    failing_job.SCENE,
    flood.SCENE,
    outage.SCENE,
    claim_race.SCENE,
    desk_away.SCENE,
    power_cut.SCENE,
    wrong_click.SCENE,
    triage.SCENE,
    escalation.SCENE,
    customers.SCENE,
    report.SCENE,
    records.SCENE,
    connect.SCENE,
)
