"""A promise runs out and a customer threatens to cancel: both are brought before a person, who says who has it."""

from collections.abc import Iterator

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Json, Stage, expect, values

ESCALATIONS = "C_ESCALATIONS"
INES = "U_AGENT1"
PROMISED_MINUTES = 30
"""Within these the settings promise customers of tier premium a first reply."""
TOLD_S = 90.0
"""A deadline is told within a minute; a busy machine has some time on top."""


def _play(stage: Stage) -> Iterator[str]:
    stage.show(user=INES, channel=ESCALATIONS)
    on = "word that escalation is on, before which nothing escalates"
    stage.until(lambda: stage.messages("Escalation is on", ESCALATIONS), on, wait_s=TOLD_S)
    subject = f"Second site {stage.run}"
    late = stage.act("demo/customer", subject=subject, words="How do we add a second site?", customer="Nordlys Energi",
                     tier="premium", minutes=PROMISED_MINUTES - 0.1)  # fmt: skip
    message = stage.until(lambda: _message(stage, f"#{late['ticket']}"), "the SLA escalation", wait_s=TOLD_S)
    expect("SLA breached" in str(message), "the reason is not in the message")
    stage.show(channel=ESCALATIONS, message=message["ts"])
    yield f"#{late['ticket']} had no reply within {PROMISED_MINUTES} minutes: escalated, with the promise and the words"
    stage.pause()
    stage.act("demo/customer", ticket=late["ticket"], words="Then please cancel our contract.")
    stage.until(lambda: "Keyword" in str(_message(stage, f"#{late['ticket']}")), "the second reason", wait_s=TOLD_S)
    yield "The customer writes “cancel”: the same message has a second reason, and nobody is called twice for it"
    stage.pause()
    value = next(one for one in values(message) if ":claim:" in one)
    stage.act("click", user=INES, channel=ESCALATIONS, ts=message["ts"], action_id="escalation.claim", value=value)
    stage.until(lambda: _claimed(stage, f"#{late['ticket']}"), "the claim in the message", wait_s=TOLD_S)
    stage.until(lambda: stage.thread(message["ts"], ESCALATIONS), "a line in its thread")
    yield "Ines claimed it: the chain stops, and its thread says so"


def _claimed(stage: Stage, ref: str) -> bool:
    return any(":release:" in value for value in values(_message(stage, ref)))


def _message(stage: Stage, ref: str) -> Json | None:
    """The escalation's own message, if it is there."""
    found = [one for one in stage.messages(channel=ESCALATIONS) if ref in str(one) and "escalation:" in str(one)]
    expect(len(found) <= 1, f"there are {len(found)} messages for {ref}")
    return found[0] if found else None


SCENE = Scene(
    id="escalation",
    title="A promise runs out",
    what="Nobody answers a premium customer within half an hour, and then they write that they want to cancel.",
    look="One message with both reasons, the customer's words and the chain of people; Claim stops it.",
    play=_play,
)
