"""A wrong Resolve is taken back; a token that came with a failure is nowhere to be read."""

from collections.abc import Iterator
from uuid import uuid4

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import FAILURES, Json, Stage, expect

UNDO = "case.undo"
INES = "ines.holt@example.com"


def _undo(stage: Stage) -> Iterator[str]:
    case = stage.open_case("dunning-run")
    ticket = stage.verified(case)["ticket"]["id"]
    stage.show_case(case, user="U_AGENT1", ticket=ticket)
    stage.click("U_AGENT1", case, "case.claim")
    stage.case_when(case, lambda one: one["claimed_by"] == INES, "the claim")
    claimed = stage.until(lambda: stage.private("U_AGENT1", UNDO, case), "the private Undo of the claim")
    stage.click("U_AGENT1", case, "case.resolve")
    stage.submit("U_AGENT1", case, note="Wrong case, sorry.")
    stage.case_when(case, lambda one: one["status"] == "resolved", "the end of the case")
    expect(_seen(stage.case(case)) != "solved", "the desk was told at once")
    yield "Ines resolved the wrong case; the desk has not been told yet"
    stage.pause()
    offer = stage.until(lambda: _other(stage.private("U_AGENT1", UNDO, case), claimed), "the private Undo")
    stage.act("click", user="U_AGENT1", channel=FAILURES, ts=offer["ts"], action_id=UNDO)
    found = stage.case_when(case, lambda one: one["status"] == "claimed", "the case as it was before")
    expect(found["claimed_by"] == INES, "it is not hers any more")
    expect(_seen(stage.verified(case)) == "open", "the ticket is not open any more")
    stage.message_when(case, "claimed by Ines Holt")
    yield "Undo, offered to her alone: claimed by her as before, and the ticket never moved"


def _seen(case: Json) -> str:
    """The ticket's status as the desk showed it last; nothing while it is being read."""
    return str((case["ticket"]["seen"] or {}).get("status", ""))


def _other(message: Json | None, than: Json) -> Json | None:
    return message if message is not None and message["ts"] != than["ts"] else None


def _mask(stage: Stage) -> Iterator[str]:
    token = f"xoxb-{uuid4().int % 10**12}-{uuid4().hex[:24]}"
    case = stage.open_case("refund-run", details=f"The worker was started with SLACK_TOKEN={token} and stopped.")
    found = stage.verified(case)
    ticket = found["ticket"]["id"]
    message = stage.show_case(case, user="U_AGENT1", ticket=ticket)
    read = {
        "chat": str([message, *stage.thread(message["ts"])]),
        "desk": stage.act("demo/ticket", ticket=ticket)["text"],
        "log": str(found),
    }
    for place, text in read.items():
        expect(token not in text, f"the token can be read in the {place}")
    expect("The worker was started with" in read["desk"], "the desk does not show the details at all")
    yield "A failure came with a token in it: masked in the chat, the desk and the log"
    files = stage.act("demo/search", words=token)["files"]
    expect(not files, f"the token was kept in {', '.join(files)}")
    yield "It is in no file that Handoff keeps"


def _play(stage: Stage) -> Iterator[str]:
    yield from _undo(stage)
    yield from _mask(stage)


SCENE = Scene(
    id="wrong-click",
    title="A wrong click, and a token",
    what="Somebody resolves the wrong case and takes it back; then a failure arrives that carries a secret.",
    look="Undo is offered to its author alone; of the secret only a mask is left, in the chat and in the ticket.",
    play=_play,
)
