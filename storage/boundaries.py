"""The places where a crash must do no harm, by name, so that a test can kill the process at exactly one of them.

`HANDOFF_CRASH_AT=slack.posted` kills the process the first time that boundary is reached, `slack.posted:3` the third
time. Without the variable `reach` is one comparison. The variable is read once, when this module is imported.
"""

import os
import signal
from typing import Final, Literal, get_args

Boundary = Literal[
    "ingest.before_commit",  # the event is checked, nothing is stored
    "ingest.committed",  # stored, the sender has no answer yet
    "case.opened",  # inside the transaction that opens the case
    "group.opened",  # inside the transaction that opens a case too many, and with it the group
    "job.enqueued",  # inside the transaction that asks for the work
    "ticket.creating",  # "a create has left" is committed, the desk was not called
    "ticket.created",  # the desk has the ticket, we have not stored its id
    "ticket.stored",  # the id is committed
    "ticket.updating",  # "the ticket may differ from now on" is committed, the desk was not called
    "ticket.updated",  # the desk has the change, we have not stored that
    "ticket.read_back",  # the desk was read, the finding is not stored
    "ticket.verified",  # the finding is committed
    "mirror.followed",  # inside the transaction in which a case follows what somebody did in the desk
    "feed.followed",  # the case followed, the place up to which the desk was read is not stored
    "slack.sending",  # "a call has left" is committed, Slack was not called
    "slack.posted",  # Slack has the message, we have not stored its ts
    "slack.updated",  # Slack has the newer text, we have not stored that
    "slack.stored",  # the delivery is committed
    "upload.named",  # the file's id is committed, its bytes were not sent
    "upload.sent",  # Slack has the bytes and shows them to nobody
    "upload.sharing",  # "the call that shows it has left" is committed, Slack was not called
    "upload.shared",  # Slack shows the file, we have not stored that
    "click.before_commit",  # the click took effect in a transaction that is not committed
    "click.committed",  # committed, Slack has no ack yet
    "undo.taken",  # inside the transaction that takes an act back
    "hold.lapsed",  # inside the transaction after which the desk may hear of a closing
    "run.planned",  # the plan is made, nothing of it is stored
    "run.proposed",  # the plan is committed, nobody has seen it
    "step.begun",  # "a step was begun" is committed, nothing outside was asked
    "step.called",  # the outside has made it true, nothing was read back
    "step.made",  # it was read back, the finding is not stored
    "step.ended",  # the finding is committed
    "run.rested",  # how the run ended is committed
    "customer.begun",  # "a change of a customer was begun" is committed, the desk was not called
    "customer.written",  # the desk has the change, it was not read back
    "customer.read_back",  # it was read back, the finding is not stored
    "customer.ended",  # the finding is committed
    "mirror.taken",  # inside the transaction that keeps tickets of the desk and moves the place it was read to
    "mirror.kept",  # that is committed, the next tickets are not read
    "sla.taken",  # inside the transaction that makes clocks anew and moves the place of their walk
    "sla.told",  # inside the transaction that notes that a clock's coming due was told
    "triage.decided",  # inside the transaction that keeps a decision with its job and its message
    "triage.settled",  # inside the transaction that keeps what became of a decision
    "escalation.fired",  # inside the transaction that opens an escalation and calls somebody
    "escalation.joined",  # inside the transaction in which one more reason joins an escalation
    "report.counted",  # the numbers are counted, nothing of them is stored
    "report.made",  # inside the transaction that keeps the report with its message and its files
    "stuck.put",  # inside the transaction that hands work to a person
    "stuck.retried",  # inside the transaction in which a person has it tried again
    "job.again",  # the next try is committed, the engine does not know that this one is over
    "job.finished",  # the work is at rest, the engine does not know it yet
]

BOUNDARIES: Final[tuple[Boundary, ...]] = get_args(Boundary)
"""All of them, in the order in which a failure meets them; the fault tests go through this list."""

VARIABLE: Final = "HANDOFF_CRASH_AT"


class _Trap:
    """Where to die, and how many more times to pass before that."""

    def __init__(self, wanted: str) -> None:
        name, _, times = wanted.partition(":")
        if name and (name not in BOUNDARIES or not (times or "1").isdecimal() or times == "0"):
            raise ValueError(
                f"{VARIABLE}={wanted!r} names no boundary; allowed, also with :2, :3, …: {', '.join(BOUNDARIES)}"
            )
        self.name = name
        self.left = int(times or "1")

    def spring(self) -> None:
        """Count one passage; at the last one, die as a power cut would: no clean-up, no exit handlers."""
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


_trap: Final = _Trap(os.environ.get(VARIABLE, ""))


def reach(boundary: Boundary) -> None:
    """Say that the work has come to `boundary`. Does nothing unless a test asked for a crash right here."""
    if boundary == _trap.name:
        _trap.spring()
