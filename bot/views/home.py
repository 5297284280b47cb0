"""The Home tab of one person."""

from collections.abc import Sequence
from datetime import datetime

from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.team_types import DutyLine, StatusSummary
from bot.views import Block, Home
from bot.views.blocks import bullets, context, divider, header, home, rich, saying, section, words
from bot.views.lists import case_line
from bot.views.status import counted, on_duty
from bot.views.texts import Look, moment_mrkdwn

HOME_CASES = 20
"""Cases on the Home tab."""


def home_view(
    mine: Sequence[CaseRow], status: StatusSummary, duty: Sequence[DutyLine], now: datetime, look: Look
) -> Home:
    """Show a person's open cases (the first of `mine`), who is on duty, and the counts."""
    own = [case_line(row, look) for row in mine[:HOME_CASES]]
    more: list[Block] = [context(f"And more: `/{look.prefix} mine`")] if len(mine) > HOME_CASES else []
    body = bullets(own) if own else section(words("Nothing is waiting for you."))
    return home(
        header("Your open cases"), rich(body), *more, divider(),
        header("How things stand"), rich(*counted(status, look), *on_duty(duty, look)),
        context(f"As of {moment_mrkdwn(now, look)} · made anew each time you open this tab"),
    )  # fmt: skip


def home_closed(why: str) -> Home:
    """Tell somebody without a role why there is nothing here."""
    return home(header("Handoff"), saying(why))
