"""Following what a command asked for, until the message and the ticket show it."""

import threading
import time
from dataclasses import dataclass

from sqlalchemy import select

from automations.domain import case_ref
from automations.failure_tickets.journal import card_key
from bot.cli.options import Opened
from bot.cli.output import note, say
from bot.engine import bot_running
from storage.models import CaseTicket, Notification, StuckItem

LOOK_EVERY_S = 0.2
PARTIAL = 3

NOBODY = "No bot is running: Slack message and ticket follow when `handoff serve` runs again."


@dataclass(frozen=True, slots=True)
class Standing:
    """How far message and ticket are. `settled`: nothing more will come by itself; `done`: both show the case."""

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
        message = session.get(Notification, card_key(case_id))
        ticket = session.get(CaseTicket, case_id)
        target = case_ref(case_id)
        stuck = session.scalars(
            select(StuckItem).where(StuckItem.target == target, StuckItem.state == "open").order_by(StuckItem.id)
        ).first()
    shown = message is None or message.delivered_version >= message.version
    verified = ticket is not None and ticket.state == "verified" and ticket.verified_version >= ticket.wanted_version
    lines = ["Slack shows it." if shown else "Slack does not show it yet."]
    if verified and ticket is not None:
        lines.append(f"Ticket {ticket.ticket_id} is verified in {ticket.system}.")
    else:
        missing = f": {ticket.missing}" if ticket is not None and ticket.missing else ""
        lines.append(f"The ticket is not verified yet{missing}.")
    if stuck is not None and not (shown and verified):
        lines.append(f"It is stuck: {stuck.reason} (`handoff stuck retry {stuck.id}`)")
    return Standing("\n".join(lines), settled=(shown and verified) or stuck is not None, done=shown and verified)
