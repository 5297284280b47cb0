"""The desk is switched off: the message stays amber. On again: one ticket, read back."""

from collections.abc import Iterator

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Stage, expect

BACK_S = 60.0
"""How long a desk that came back may wait for the next try."""


def _play(stage: Stage) -> Iterator[str]:
    stage.act("demo/desk", on=False)
    try:
        case = stage.open_case("ledger-export")
        message = stage.show_case(case, user="U_AGENT1")
        expect("verified in" not in str(message), "the message says that the desk was read back")
        expect("✅" not in str(message), "the message is green")
        yield f"The desk does not answer: {case} has its message all the same, amber"
        stage.pause()
        stage.click("U_AGENT1", case, "case.claim")
        stage.message_when(case, "claimed by Ines Holt")
        found = stage.case(case)
        expect(not (found["ticket"] and found["ticket"]["verified"]), "the ticket counts as read back")
        yield "Ines claimed it meanwhile; still not verified"
        stage.pause()
    finally:
        stage.act("demo/desk", on=True)
    found = stage.verified(case, wait_s=BACK_S)
    stage.show(ticket=found["ticket"]["id"])
    stage.message_when(case, "verified in the built-in desk")
    made = [one["action"] for one in found["audit"] if one["action"] == "ticket.create" and one["outcome"] == "done"]
    expect(len(made) == 1, f"the ticket was made {len(made)} times")
    expect(found["ticket"]["seen"]["assignee"] == "ines.holt@example.com", "the ticket is not hers")
    yield f"The desk is back: one ticket, #{found['ticket']['id']}, hers, verified"


SCENE = Scene(
    id="desk-away",
    title="The desk is switched off",
    what="The help desk stops answering, a failure comes in and is claimed, then the desk comes back.",
    look="Amber and never green while the desk is away; one ticket afterwards.",
    play=_play,
)
