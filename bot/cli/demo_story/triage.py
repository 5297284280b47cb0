"""A customer's ticket stands in the wrong queue: its words say where it belongs, a person applies it with one click."""

from collections.abc import Iterator

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Json, Stage, expect, values

TRIAGE = "C_TRIAGE"
INES = "U_AGENT1"
SEEN_S = 60.0
"""How long the desk may take to be read, with all tickets of a first reading before, on a busy machine."""


def _play(stage: Stage) -> Iterator[str]:
    stage.show(user=INES, channel=TRIAGE)
    subject = f"Wrong VAT on invoice {stage.run}"
    told = stage.act("demo/customer", subject=subject, words="Please correct the VAT on our last invoice.",
                     customer="Tandem Cycles", tier="starter")  # fmt: skip
    ticket = str(told["ticket"])
    line, day = stage.until(lambda: _line(stage, subject), "the decision about the ticket", wait_s=SEEN_S)
    shown = str(line)
    for words in ("Billing", "money", f"#{ticket}"):
        expect(words in shown, f"the decision does not say {words!r}")
    stage.show(channel=TRIAGE, message=day, thread=day)
    yield f"Ticket #{ticket} came into Support: the rule “money” proposes Billing, and shows why"
    stage.pause()
    queue = stage.act("demo/ticket", ticket=ticket)["queue"]
    expect(queue == "Support", f"the ticket is in {queue} already, and nobody has agreed")
    value = next(one for one in values(line) if one.endswith(":apply"))
    stage.act("click", user=INES, channel=TRIAGE, ts=line["ts"], action_id="triage.apply", value=value)
    stage.until(
        lambda: stage.act("demo/ticket", ticket=ticket)["queue"] == "Billing", "the queue Billing", wait_s=SEEN_S
    )
    stage.until(lambda: _undo(stage, subject), "the decision, applied and read back", wait_s=SEEN_S)
    stage.show(ticket=ticket)
    yield "Ines applied it: the desk has it in Billing, read back, and Undo is at hand"


def _line(stage: Stage, subject: str) -> tuple[Json, str] | None:
    """The decision's line in the thread of its day, and that thread."""
    for day in reversed(stage.messages(channel=TRIAGE)):
        for line in stage.thread(day["ts"], TRIAGE):
            if subject in str(line):
                return line, day["ts"]
    return None


def _undo(stage: Stage, subject: str) -> bool:
    found = _line(stage, subject)
    return found is not None and any(value.endswith(":undo") for value in values(found[0]))


SCENE = Scene(
    id="triage",
    title="Where does it belong?",
    what="A ticket comes in with words that one of the team's rules knows; an agent applies what is proposed.",
    look="The rules in order with what each found, the arithmetic of the priority, Apply, and Undo afterwards.",
    play=_play,
)
