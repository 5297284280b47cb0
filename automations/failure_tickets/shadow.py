"""What the automation does while it may not act: off it only records, in shadow it also says what it would have done.

A mode set by command wins over the one in the settings. In shadow there is one message per kind of failure, which is
changed when the failure comes again; no case, no ticket, nobody is mentioned.
"""

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.failure_tickets import pauses
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.plan import Routing
from automations.posting import put_and_deliver
from automations.words import who
from storage import audit, modes, notifications

NAME = "failure_tickets"
POST = "case.shadow"


def mode(session: Session, ctx: Context) -> Mode:
    """The mode in force: off while paused, and for a word in the database that is no mode: in doubt nothing is done."""
    return Mode.OFF if pauses.automation_paused(session, ctx) else unpaused_mode(session, ctx)


def unpaused_mode(session: Session, ctx: Context) -> Mode:
    """The mode that was set, whether or not the automation is paused now."""
    set_by_command = modes.mode_of(session, NAME)
    if set_by_command is None:
        return ctx.mode
    return Mode(set_by_command) if set_by_command in set(Mode) else Mode.OFF


def say(session: Session, event: FailureEvent, routing: Routing, more: int, ctx: Context) -> None:
    """Post, or bring up to date, what would have been opened for this failure. `more` events are told by this call."""
    key = f"shadow/{event.case_key}"
    audit.hold(session)
    before = notifications.get(session, key)
    now = ctx.clock.now()
    data = {
        "summary": event.summary,
        "source": event.source,
        "owner": routing.owner,
        "owner_why": routing.owner_why,
        "queue": routing.queue,
        "rule": routing.rule,
        "priority": routing.assessment.priority.value,
        "priority_why": routing.assessment.in_words,
        "count": more + (int(before.data["count"]) if before else 0),
    }
    if before is None:
        audit.append(
            session,
            at=now,
            actor=HANDOFF.id,
            action="case.would_open",
            target=key,
            outcome="shadow",
            correlation_id=key,
            after={"owner": who(routing.owner, ctx), "priority": data["priority"], "queue": routing.queue},
        )
    put_and_deliver(session, ctx, key=key, kind=POST, channel=routing.channel, data=data, at=now)
