"""Following what a command asked for, until the message and the ticket show it."""

import threading
import time
from dataclasses import dataclass

from sqlalchemy import select

from automations.domain import case_ref
from automations.failure_tickets.placing import place
from bot.cli.options import Opened
from bot.cli.output import note, say
from bot.cli.times import in_zone
from bot.engine import bot_running
from storage.models import Case, CaseTicket, Notification, StuckItem

LOOK_EVERY_S = 0.2
PARTIAL = 3

NOBODY = "No bot is running: Slack message and ticket follow when `handoff serve` runs again."


@dataclass(frozen=True, slots=True)
class Standing:
    """How far message and ticket are. `settled`: nothing more will come soon; `done`: both show the case, or will."""

    words: str
    settled: bool
    done: bool


def follow(here: Opened, case_id: int, wait_s: float) -> int:
    """Wait until message and ticket show the case's present state; the command's exit code.

    0 where they do, or where no bot is running or nobody wants to wait; 3 where they do not within `wait_s` seconds.
    """
    if not bot_running(here.database):
        note(NOBODY)
        return 0
    if not wait_s:
        return 0
    deadline, pause = time.monotonic() + wait_s, threading.Event()
    while not (now := standing(here, case_id)).settled and time.monotonic() < deadline:
        pause.wait(LOOK_EVERY_S)
    say(now.words)
    return 0 if now.done else PARTIAL


def standing(here: Opened, case_id: int) -> Standing:
    """Look at message and ticket once."""
    with here.database.read() as session:
        held = session.scalar(select(Case.hold_until).where(Case.id == case_id))
        message = session.get(Notification, place(session, session.get_one(Case, case_id)).key)
        ticket = session.get(CaseTicket, case_id)
        target = case_ref(case_id)
        stuck = session.scalars(
            select(StuckItem).where(StuckItem.target == target, StuckItem.state == "open").order_by(StuckItem.id)
        ).first()
    shown = message is None or message.delivered_version >= message.version
    verified = ticket is not None and ticket.state == "verified" and ticket.verified_version >= ticket.wanted_version
    lines = ["Slack shows it." if shown else "Slack does not show it yet."]
    if held is not None:
        at = in_zone(held, here.settings.team.zone)
        lines.append(f"The desk follows at {at}: until then it can be taken back in Slack.")
    elif verified and ticket is not None:
        lines.append(f"Ticket {ticket.ticket_id} is verified in {ticket.system}.")
    else:
        missing = f": {ticket.missing}" if ticket is not None and ticket.missing else ""
        lines.append(f"The ticket is not verified yet{missing}.")
    through = shown and (verified or held is not None)
    if stuck is not None and not through:
        lines.append(f"It is stuck: {stuck.reason} (`handoff stuck retry {stuck.id}`)")
    return Standing("\n".join(lines), settled=through or stuck is not None, done=through)
